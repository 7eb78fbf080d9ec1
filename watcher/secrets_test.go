package watcher

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/secrettest"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

// echo is a platform that repeats whatever keys and secrets it has heard or given out, wherever an answer has room.
type echo struct {
	under http.RoundTripper
	hunt  *secrettest.Hunt

	mu    sync.Mutex // guards what follows
	heard []string
	calls map[string]int // by operation
}

func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	e.hear(r.Header.Get(sage.DefaultProfile().Key.Header))
	if r.Body != nil && r.Method == http.MethodPatch {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
		e.hearAll(body)
	}
	if resp := e.refuse(r); resp != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return resp, nil
	}
	resp, err := e.under.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return e.repeat(r, resp)
}

func (e *echo) hear(value string) {
	if len(value) < 8 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Contains(e.heard, value) {
		e.hunt.Add("number "+strconv.Itoa(len(e.heard)), value)
		e.heard = append(e.heard, value)
	}
}

// hearAll hears of the keys and secrets in an object.
func (e *echo) hearAll(body []byte) {
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		for name, value := range object {
			if text, ok := value.(string); ok && name != "expires" {
				e.hear(text)
			}
		}
	}
}

// all is everything that was heard, in one line and in the forms that programs make of it.
func (e *echo) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	newest := e.heard[max(0, len(e.heard)-6):]
	return strings.Join(newest, " ") + fmt.Sprintf(" %x", newest)
}

// turn counts the calls of an operation.
func (e *echo) turn(operation string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls[operation]++
	return e.calls[operation]
}

// refuse answers some calls with an error that says all.
func (e *echo) refuse(r *http.Request) *http.Response {
	say := func(status, code int) *http.Response {
		return answerWith(r, status, fmt.Sprintf(`{"code":%d,"message":%q,"limit":%q}`, code, "not now: "+e.all(), e.all()), "Retry-After", "2", "WWW-Authenticate", "Bearer "+e.all())
	}
	operation := ""
	switch {
	case isCreate(r):
		operation = "create"
	case isSend(r):
		operation = "send"
	case r.Method == http.MethodPatch:
		operation = "rotate"
	case isTrack(r):
		operation = "track"
	}
	switch n := e.turn(operation); {
	case operation == "create" && n == 1:
		return say(http.StatusLocked, 2405)
	case operation == "send" && n == 1:
		return say(http.StatusInternalServerError, 0)
	case operation == "send" && n == 5:
		return say(http.StatusBadRequest, 2430)
	case operation == "rotate" && n == 1:
		return say(http.StatusServiceUnavailable, 0)
	case operation == "track" && n == 3:
		return answerWith(r, http.StatusTemporaryRedirect, "", "Location", "https://"+strings.Fields(e.all())[0]+".example/"+e.all())
	case operation == "track" && n == 6:
		return answerWith(r, http.StatusBadGateway, "<html>"+e.all()+"</html>", "Content-Type", "text/html")
	}
	return nil
}

// repeat weaves what was heard into an answer.
func (e *echo) repeat(r *http.Request, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	switch {
	case r.Method == http.MethodPatch:
		e.hearAll(body)
	case resp.StatusCode == http.StatusOK && strings.Contains(r.URL.Path, "result"):
		body = fmt.Appendf(nil, `[{"id": "W-1", "status": "accepted"}, {"id": %q, "status": %s}]`, e.all(), strings.Fields(e.all())[0]) // no quotation marks
	case resp.StatusCode == http.StatusOK && strings.HasSuffix(r.URL.Path, "/latest"):
		resp.Header.Set("ETag", strconv.Quote(e.all()))
	case resp.StatusCode == http.StatusOK && isTrack(r):
		body = e.track(body)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// track adds to a file's state all that it could have, and to a word that is not final too.
func (e *echo) track(body []byte) []byte {
	var state map[string]any
	if json.Unmarshal(body, &state) != nil || state["status"] == nil {
		return body
	}
	state["message"], state["progress"] = e.all(), e.all()
	if word := fmt.Sprint(state["status"]); word == "validating" || word == "processing" {
		state["status"] = word + " for " + e.all()
	}
	changed, err := json.Marshal(state)
	if err != nil {
		return body
	}
	return changed
}

func TestWhatThePlatformEchoesStandsNowhereThatIsKeptOrShown(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		hunt := secrettest.New(nil)
		e := &echo{under: r.options.Transport, hunt: hunt, calls: map[string]int{}}
		for _, item := range []vault.Item{vault.Secret, vault.InitialKey, vault.CurrentKey} {
			e.hear(must(r.options.Vault.Get(t.Context(), "connectionacmeltd", item))(t).Reveal())
		}
		r.options.Transport = e
		if err := r.platform.Publish(acme, "products", []byte(`[{"id": 1, "name": `+e.all()+`}]`)); err != nil {
			t.Log("the sandbox does not take a broken list:", err)
		}
		r.start()
		listening, deaf := context.WithCancel(t.Context())
		defer deaf()
		events, err := r.Events(listening)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		var listener sync.WaitGroup
		listener.Go(func() {
			for event := range events {
				told = append(told, fmt.Sprintf("%+v", event))
			}
		})
		for i := range 8 {
			if i == 3 || i == 6 {
				if err := r.platform.ExpireKey(acme, "ecommerce"); err != nil {
					t.Fatal(err)
				}
			}
			if i == 4 {
				if err := r.platform.EndNext("failed"); err != nil {
					t.Fatal(err)
				}
			}
			r.drop(acme, fmt.Sprintf("Outbox/orders/o%d.json", i), orders(100*i+1, 2))
			r.pass(10 * time.Minute)
		}
		r.drain()
		r.expect("o7.json", journal.Accepted)
		shown := r.shown()
		r.stop()
		deaf()
		listener.Wait()
		if hunt.Len() < 4 || e.calls["rotate"] < 2 || e.calls["track"] < 8 {
			t.Fatalf("%d secrets and the calls %v: too little has happened", hunt.Len(), e.calls)
		}
		hunt.Check(t, "the log", r.log.Bytes())
		hunt.Check(t, "what is shown", shown)
		hunt.Check(t, "the events", []byte(strings.Join(told, "\n")))
		hunt.Folder(t, r.home, nil)
		hunt.Folder(t, filepath.Join(r.desk, acme), func(path string) bool { return strings.HasPrefix(path, "Inbox/") }) // as it came
	})
}

// shown is what a window, a command or a pop-up gets to see.
func (r *rig) shown() []byte {
	r.t.Helper()
	ctx := r.t.Context()
	overview := must(r.Overview(ctx))(r.t)
	connections := must(r.Connections(ctx))(r.t)
	page := must(r.Transfers(ctx, Query{Limit: 100}))(r.t)
	lists := must(r.Lists(ctx, acme))(r.t)
	settings := must(r.Settings(ctx))(r.t)
	renewals := must(r.Renewals(ctx, connections[0].ID))(r.t)
	all := []any{overview, connections, page, lists, settings, renewals}
	for _, transfer := range page.Transfers {
		detail := must(r.Transfer(ctx, transfer.ID))(r.t)
		detail.Outcomes = nil // what the file in the Inbox says, which is the platform's
		all = append(all, detail)
	}
	data, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		r.t.Fatal(err)
	}
	return append(data, fmt.Sprintf("%+v", all)...)
}

package terminal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/secrettest"
)

// parrot stands before a platform and puts what it heard of keys and secrets into every answer that has room for it. A key
// whose own answer was lost is nothing that the client could know again: only what the client has sent is repeated.
type parrot struct {
	heard *witness
	calls atomic.Int64
}

// all is what was heard, in one text.
func (p *parrot) all() string {
	text := strings.Join(slices.Sorted(maps.Keys(p.heard.secrets())), " ")
	return text + fmt.Sprintf(" %x", text)
}

// listen hears what a call brings.
func (p *parrot) listen(r *http.Request) {
	p.heard.note(r.Header.Get("apikey"), "a key")
	if r.Method != http.MethodPatch && !strings.HasSuffix(r.URL.Path, "/passcodes") {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.heard.learn(body)
}

func (p *parrot) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.listen(r)
		n := p.calls.Add(1)
		isTrack := r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "/latest") && !strings.Contains(r.URL.Path, "result")
		switch said := fmt.Sprintf(`{"code":%%d,"message":%q}`, "no: "+p.all()); {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/files") && n%7 == 0:
			http.Error(w, fmt.Sprintf(said, 2405), http.StatusLocked)
			return
		case r.Method == http.MethodPut && n%5 == 0:
			http.Error(w, fmt.Sprintf(said, 5000), http.StatusInternalServerError)
			return
		case isTrack && n%6 == 0:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprintf(w, "<html>%s</html>", p.all())
			return
		}
		kept := &keptAnswer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		body := kept.body.Bytes()
		switch {
		case kept.status == http.StatusOK && strings.Contains(r.URL.Path, "result"):
			body = fmt.Appendf(nil, `[{"id":%q,"status":%s}]`, p.all(), p.all()) // no quotation marks
		case kept.status == http.StatusOK && strings.HasSuffix(r.URL.Path, "/latest"):
			kept.header.Set("ETag", strconv.Quote(p.all()))
		case kept.status == http.StatusOK && isTrack:
			var state map[string]any
			if json.Unmarshal(body, &state) == nil && state["status"] != nil {
				state["progress"], state["message"] = p.all(), p.all()
				if word := state["status"]; word == "validating" || word == "processing" {
					state["status"] = fmt.Sprint(word, " ", p.all())
				}
				body, _ = json.Marshal(state)
			}
		}
		for name, values := range kept.header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body))) // so that what follows stands behind the answer, not in a chunk of it
		w.WriteHeader(kept.status)
		_, _ = w.Write(body)
		if n%4 == 0 { // what nobody asked for, on a connection that is kept open
			answer := http.NewResponseController(w)
			_ = answer.Flush() // an answer that its reader has left is of no use to the test either way
			if conn, rw, err := answer.Hijack(); err == nil {
				_, _ = io.WriteString(rw, "HTTP/1.1 200 OK\r\napikey: "+p.all()+"\r\n\r\n")
				_ = rw.Flush()
				_ = conn.Close()
			}
		}
	})
}

// keptAnswer is an answer that can still be changed.
type keptAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keptAnswer) Header() http.Header         { return k.header }
func (k *keptAnswer) WriteHeader(status int)      { k.status = status }
func (k *keptAnswer) Write(p []byte) (int, error) { return k.body.Write(p) }

func TestAPlatformThatEchoesSecretsGetsThemNowhere(t *testing.T) {
	parrot := &parrot{heard: newWitness()}
	p := newPlatformBehind(t, sandbox.Options{}, parrot.before)
	c := newComputer(t)
	profile := filepath.Join(t.TempDir(), "profile.json")
	if err := os.WriteFile(profile, []byte(`{"trackFirst":"10ms","pollInterval":"2s"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	company := c.pasted(p, "--profile", profile)
	agent := c.start("run", "--json", "--verbose") // every exchange with the platform is in the log
	if running := object[struct{ Running bool }](agent); !running.Running {
		t.Fatal("the agent does not say that it runs")
	}
	appears(t, filepath.Join(company, "Outbox", "orders"))
	for i := range 4 {
		if i == 2 {
			if err := p.ExpireKey("Acme Ltd", "ecommerce"); err != nil {
				t.Fatal(err)
			}
		}
		name := fmt.Sprintf("orders-%d", i)
		drop(t, company, name+".json", order("W-"+name))
		appears(t, filepath.Join(company, "Inbox", "results", name+".result.json"))
	}
	drop(t, company, "broken.json", `[{"id": `)
	c.must("rotate", "Acme Ltd")
	bundle := filepath.Join(c.home, "bundle.zip")
	var shown []string
	for _, ask := range [][]string{
		{"status", "--json"}, {"status"}, {"history", "--json"}, {"history", "--csv"}, {"support", "--out", bundle}, {"version", "--json"},
	} {
		shown = append(shown, c.must(ask...)...)
	}
	doctor, _ := c.do("doctor", "--json") // it may well find something
	shown = append(shown, doctor...)

	hunt := c.left.hunt()
	if hunt.Len() < 4 {
		t.Fatalf("%d secrets were heard: too little has happened", hunt.Len())
	}
	hunt.Check(t, "what commands show", []byte(strings.Join(shown, "\n")))
	hunt.Folder(t, c.home, nil) // while the agent runs, with the journal's log as it is
	for _, folder := range []string{"Outbox", "Sent", "Failed"} {
		if entries, err := os.ReadDir(filepath.Join(company, folder)); err == nil && len(entries) > 0 {
			hunt.Folder(t, filepath.Join(company, folder), nil)
		}
	}
	for _, what := range []string{"cmdline", "environ"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", agent.cmd.Process.Pid, what))
		if err != nil {
			t.Fatal(err)
		}
		hunt.Check(t, "the agent's "+what, data)
	}
	crashes(t, agent, hunt.Check)
}

// crashes ends the agent as a crash does: with the stacks of all goroutines, secrets in the midst of being used.
func crashes(t *testing.T, agent *process, check func(testing.TB, string, []byte)) {
	t.Helper()
	if err := agent.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if status := agent.end(); status != 2 {
		t.Errorf("it ended with %d", status)
	}
	trace := agent.errs.String()
	if !strings.Contains(trace, "goroutine ") {
		t.Fatalf("there is no trace: %s", trace)
	}
	check(t, "the crash's trace", []byte(trace))
}

func TestAPanicWithASecretAtHandShowsNone(t *testing.T) {
	if os.Getenv("POSTROOM_PANICS") != "" {
		panicWithSecrets(os.Getenv("POSTROOM_PANICS"))
		return
	}
	for _, how := range []string{"value", "error", "struct", "index", "nested"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAPanicWithASecretAtHandShowsNone$")
		cmd.Env = append(os.Environ(), "POSTROOM_PANICS="+how, "GOTRACEBACK=all")
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("panic")) {
			t.Fatalf("%s: it did not panic: %v\n%s", how, err, out)
		}
		panicHunt().Check(t, "the trace of a panic with a "+how, out)
	}
}

// panicSecret is what is at hand when the program panics.
const panicSecret = "pAnIc-7hQ2wX9zL4vB1nM6"

func panicHunt() *secrettest.Hunt {
	return secrettest.New(map[string]string{"the secret": panicSecret})
}

// panicWithSecrets panics in one of the ways in which a program does, with a secret in values, arguments and locals.
func panicWithSecrets(how string) {
	secret := sage.NewSecret(panicSecret)
	set := sage.KeySet{Initial: secret, Current: secret, Secret: secret}
	switch how {
	case "value":
		panic(secret)
	case "error":
		panic(fmt.Errorf("storing %v, %+v, %#v, %q, %x of %+v: %w", secret, secret, secret, secret, secret, set, &sage.Error{Op: "rotateKey"}))
	case "struct":
		panic(set)
	case "index":
		indexed([]sage.Secret{secret}, secret.Reveal(), len(how))
	default:
		defer func() { panic(fmt.Sprint("while ending: ", set, recover())) }()
		panic(any(map[string]sage.Secret{"key": secret}))
	}
}

//go:noinline
func indexed(secrets []sage.Secret, revealed string, n int) int {
	return len(secrets[n].Reveal()) + len(revealed)
}

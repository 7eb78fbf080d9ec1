package sage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"postroom/sage/secrettest"
)

// What the platform shares with us in these tests, and must not get us to repeat.
const (
	hostileInitial  = "iNiT-7fQ2xLw9ZrT4vB8nM1"
	hostileCurrent  = "cUrR-5kJ8sHd3GpY6wE0aQ2"
	hostilePrevious = "pReV-2mN4bVc7XzL9kJ6hG3"
	hostileSecret   = "sEcR-8tR5eWq1YuI3oP7lK4"
	hostilePending  = "pEnD-1zX6cVb0NmA4sDf9G5"
	hostileDomain   = "ecommerce"
)

func shared() map[string]string {
	return map[string]string{
		"the initial key": hostileInitial, "the current key": hostileCurrent, "the previous key": hostilePrevious,
		"the secret": hostileSecret, "the pending secret": hostilePending,
	}
}

// echoes puts what is shared in the place of the names that a body has for it.
var echoes = strings.NewReplacer("{current}", hostileCurrent, "{initial}", hostileInitial, "{previous}", hostilePrevious,
	"{secret}", hostileSecret, "{pending}", hostilePending)

// hostileCall is one call of each kind. What it gives is all that the engine gets of an answer.
type hostileCall struct {
	name  string
	knows []string // of what is shared, by those who make the call; nil: all of it
	make  func(context.Context, *hostileWorld) (any, error)
}

// hunt looks for what the call knows of.
func (c hostileCall) hunt() *secrettest.Hunt {
	known := shared()
	if c.knows != nil {
		maps.DeleteFunc(known, func(name, _ string) bool { return !slices.Contains(c.knows, name) })
	}
	return secrettest.New(known)
}

var hostileCalls = []hostileCall{
	{"register", []string{}, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.client.RegisterDeveloper(ctx, Registration{Name: "n", Email: "e@example.com", Application: Application{Name: "a", Domain: hostileDomain}})
	}},
	{"application", []string{}, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.client.RegisterApplication(ctx, NewID("developer-4711"), Application{Name: "a", Domain: hostileDomain})
	}},
	{"passcode", []string{"the secret"}, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.client.CreatePasscode(ctx, NewID("developer-4711"), NewID("application-0815"), NewSecret(hostileSecret))
	}},
	{"rotate", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		err := w.keys.Rotate(ctx)
		return RotatedKey{Key: w.store.now().Current}, err
	}},
	{"renew", nil, func(ctx context.Context, w *hostileWorld) (any, error) { return nil, w.keys.RenewSecret(ctx) }},
	{"create", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.session.Create(ctx, "orders", NewFile{Name: "orders.json", Size: 2, IdempotencyKey: "t-1"})
	}},
	{"send", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		return nil, w.session.Send(ctx, Created{Scope: "orders", FileID: "f", UploadURL: platform + "/upload/1"}, content("[]"))
	}},
	{"track", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.session.Track(ctx, platform+"/track/capability-55")
	}},
	{"latest", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		return w.session.Latest(ctx, "products", `"v1"`)
	}},
	{"download", nil, func(ctx context.Context, w *hostileWorld) (any, error) {
		n, err := w.session.Download(ctx, platform+"/download/1", io.Discard, 1<<16)
		return n, err
	}},
}

// hostileAnswer is what the platform says to whatever it is asked.
type hostileAnswer struct {
	status int
	header [][2]string
	body   string
}

func (a hostileAnswer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for _, h := range a.header {
		w.Header().Set(h[0], h[1])
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// hostileWorld is a connection to a hostile platform, and all that it leaves behind.
type hostileWorld struct {
	client  *Client
	session *Session
	keys    *Keys
	store   *memory

	mu   sync.Mutex // guards what was left behind
	left bytes.Buffer
}

func (w *hostileWorld) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.left.Write(p)
}

func newHostileWorld(t testing.TB, answer http.Handler) *hostileWorld {
	t.Helper()
	w := &hostileWorld{}
	fixed := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	client, err := New(Options{
		BaseURL: platform, Transport: inMemory{"platform.test": answer.ServeHTTP}, Now: func() time.Time { return fixed },
		Logger: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "took" || a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})),
		OnExchange: func(x Exchange) { x.Duration = 0; fmt.Fprintf(w, "%+v\n", x) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.store = &memory{set: KeySet{
		Initial: NewSecret(hostileInitial), Current: NewSecret(hostileCurrent), Previous: NewSecret(hostilePrevious),
		Secret: NewSecret(hostileSecret), Pending: NewSecret(hostilePending),
	}}
	w.client = client
	w.keys = NewKeys(client, w.store, KeysOptions{OnChange: func(e KeyEvent) { fmt.Fprintf(w, "%+v\n", e) }})
	w.session = client.Session(hostileDomain, w.keys)
	return w
}

// ask makes a call and gives all that came of it as text.
func (w *hostileWorld) ask(call hostileCall) (value any, left string, err error) {
	value, err = call.make(context.Background(), w)
	w.mu.Lock()
	defer w.mu.Unlock()
	shown := fmt.Sprintf("%+v", value)
	if tracking, ok := value.(Tracking); ok && tracking.Progress != nil {
		progress := *tracking.Progress
		tracking.Progress = nil
		shown = fmt.Sprintf("%+v %v", tracking, progress)
	}
	return value, fmt.Sprintf("%s\n%s\n%v\n", w.left.String(), shown, err), err
}

// mostError bounds what an error says, in bytes: a person reads it.
const mostError = 4 << 10

// judgeHostile holds what is true of every call, whatever the platform answers.
func judgeHostile(t *testing.T, call hostileCall, value any, err error) {
	t.Helper()
	if err != nil {
		text := err.Error()
		if len(text) > mostError || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("%s: an error of %d bytes that cannot be shown: %.200q", call.name, len(text), text)
		}
		retry, reason := Retryable(err)
		if again, why := Retryable(err); again != retry || why != reason || reason == "" || Do(err) == "" {
			t.Errorf("%s: what to do about %v is not decided", call.name, err)
		}
		if wait := RetryAfter(err); wait < 0 || wait > DefaultProfile().Limits.RetryAfter {
			t.Errorf("%s: to be asked again after %v", call.name, wait)
		}
		return
	}
	address := func(name, text string) {
		u, err := url.Parse(text)
		if err != nil || !u.IsAbs() || u.Scheme != "https" || len(text) > 2*mostAddress || u.Host == "" {
			t.Errorf("%s: %s is %.200q", call.name, name, text)
		}
	}
	switch v := value.(type) {
	case Registered:
		if v.RegistrationURL != "" {
			address("registrationUrl", v.RegistrationURL)
		} else if v.ApplicationID.IsZero() {
			t.Errorf("%s: neither an address nor an ID", call.name)
		}
	case Passcode:
		if v.Code == "" || len(v.Code) > mostPasscode || !utf8.ValidString(v.Code) || strings.ContainsFunc(v.Code, unicode.IsControl) || v.Left() < 0 {
			t.Errorf("%s: the passcode %q", call.name, v.Code)
		}
	case RotatedKey:
		if key := v.Key.Reveal(); key == "" || len(key) > mostKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%s: a key that no header carries", call.name)
		}
	case Created:
		if len(v.FileID) > mostID {
			t.Errorf("%s: an ID of %d bytes", call.name, len(v.FileID))
		}
		address("uploadUrl", v.UploadURL)
		address("trackingUrl", v.TrackingURL)
	case Tracking:
		if v.Status == "" || len([]rune(v.Status)) > mostMessage+1 || strings.ContainsFunc(v.Status, unicode.IsControl) {
			t.Errorf("%s: the word %.200q", call.name, v.Status)
		}
		if v.Progress != nil && (*v.Progress < 0 || *v.Progress > 100) {
			t.Errorf("%s: %v per cent", call.name, *v.Progress)
		}
		if v.ResultURL != "" {
			address("downloadResultUrl", v.ResultURL)
		}
		if v.Final == NotFinal && v.ResultURL != "" || v.Final != NotFinal && v.Phase != PhaseEnded {
			t.Errorf("%s: %+v does not agree with itself", call.name, v)
		}
	case Latest:
		if v.NotModified {
			return
		}
		address("downloadUrl", v.DownloadURL)
		if v.Size < -1 || len(v.FileID) > mostID || len(v.ETag) > mostID {
			t.Errorf("%s: %d bytes, an ID of %d", call.name, v.Size, len(v.FileID))
		}
	}
}

// hostileBodies are what each kind of body may look like that a platform, a proxy before it or an attacker sends.
var hostileBodies = []string{
	"", "{}", "[]", "null", "true", `"text"`, "42", "<html><body>key {current} expired</body></html>",
	`{"code":2100,"message":"key {current} expired"}`, `{"code":"2105","message":"secret {secret}, initial {initial}"}`,
	`{"error":{"code":2110,"message":"{previous} {pending}"}}`, `{"errors":[{"code":2000}]}`, `[{"code":2400}]`,
	`{"registrationUrl":"https://platform.test/register/1"}`, `{"registrationUrl":"javascript:alert(1)"}`,
	`{"registrationUrl":"https://127.0.0.1/x"}`, `{"applicationId":"app-1"}`, `{"registrationUrl":"https://{secret}.example/{initial}"}`,
	`{"passcode":"ABC-123","expires":900}`, `{"passcode":"{secret}","expires":"2026-11-24T10:15:00Z"}`, `{"passcode":"\u0007","expires":-1}`,
	`{"apikey":"a-new-key-0123456789"}`, `{"apiKey":"{current}"}`, `{"apikey":"with blank"}`, `{"apikey":1e400}`,
	`{"fileId":"f1","uploadUrl":"/u/1","trackingUrl":"/t/1"}`, `{"fileId":"{current}","uploadUrl":"/u","trackingUrl":"/t"}`,
	`{"fileId":"f","uploadUrl":"/u?key={current}","trackingUrl":"/t"}`, `{"fileId":"f","uploadUrl":"/u","trackingUrl":"https://{current}.example/t"}`,
	`{"fileId":"f","uploadUrl":"https://169.254.169.254/","trackingUrl":"/t"}`, `{"uploadUrl":"http://platform.test/u","trackingUrl":"/t"}`,
	`{"status":"accepted","progress":"100%","downloadResultUrl":"/r/1"}`, `{"status":"{current}"}`, `{"status":"processing","progress":101}`,
	`{"status":"failed","downloadResultUrl":"https://platform.test/r?apikey={current}"}`, `{"status":"accepted","downloadResultUrl":"https://10.0.0.1/{secret}"}`,
	`{"status":"accepted","downloadResultUrl":"https://{secret}.localhost/"}`, `{"Status":" Accep_ted ","progress":"NaN"}`,
	`{"fileId":"l1","timestamp":"2026-11-24T10:00:00Z","size":10,"downloadUrl":"/d/1"}`, `{"fileId":"{initial}","size":-5,"downloadUrl":"/d"}`,
	`{"downloadUrl":"https://storage.example/d?sig={secret}","size":1e300}`, `{"downloadUrl":"//evil.example/x"}`,
	strings.Repeat("[", 5000), strings.Repeat(`{"a":`, 5000), `{"code":2100` + strings.Repeat(" ", 4000), "\xef\xbb\xbf{\"code\":2430}", "\xff\xfe{\x00}\x00",
	`{"message":"` + strings.Repeat("x", 280) + ` {current} ` + strings.Repeat("y", 50) + `"}`,
	`{"message":"\u202e{current}\u0000\r\n\u001b[31m","code":2125}`, `{"code":2425,"limit":5000000}`, `{"message":"https://platform.test/track/capability-55"}`,
}

// hostileHeaders are what may stand around them.
var hostileHeaders = [][2]string{
	{"Content-Type", "application/json"},
	{"Content-Type", "text/html"},
	{"Content-Encoding", "gzip"},
	{"Content-Encoding", "{current}"},
	{"Location", "https://{current}.example/{secret}"},
	{"Location", "/elsewhere?key={current}"},
	{"Location", "http://{current}/"},
	{"Location", "%zz{current}"},
	{"Retry-After", "{current}"},
	{"Retry-After", "99999999999"},
	{"Date", "{secret}"},
	{"ETag", `"{current}"`},
	{"ETag", `"v2"`},
	{"WWW-Authenticate", "Bearer {current}"},
}

var hostileStatuses = []int{200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 408, 410, 413, 423, 425, 429, 500, 502, 503, 599}

// FuzzEveryBodyOfThePlatform has each call answered by anything, with what we share with the platform woven in.
func FuzzEveryBodyOfThePlatform(f *testing.F) {
	for i, body := range hostileBodies {
		f.Add(uint8(i), uint8(i), uint8(i), body)
		f.Add(uint8(i/2), uint8(0), uint8(0), body)
	}
	f.Fuzz(func(t *testing.T, which, status, header uint8, body string) {
		call := hostileCalls[int(which)%len(hostileCalls)]
		h := hostileHeaders[int(header)%len(hostileHeaders)]
		answer := hostileAnswer{
			status: hostileStatuses[int(status)%len(hostileStatuses)], header: [][2]string{{h[0], echoes.Replace(h[1])}}, body: echoes.Replace(body),
		}
		value, left, err := newHostileWorld(t, answer).ask(call)
		judgeHostile(t, call, value, err)
		call.hunt().Check(t, call.name+"'s traces", []byte(left))
		if _, again, _ := newHostileWorld(t, answer).ask(call); again != left {
			t.Errorf("%s: the same answer gives\n%s\nand then\n%s", call.name, left, again)
		}
	})
}

// TestNothingThePlatformEchoesIsKeptOrTold goes through every call, status, header and body.
func TestNothingThePlatformEchoesIsKeptOrTold(t *testing.T) {
	for _, call := range hostileCalls {
		hunt := call.hunt()
		for i, body := range hostileBodies {
			if !strings.Contains(body, "{") {
				continue
			}
			for j, status := range hostileStatuses {
				h := hostileHeaders[(i+j)%len(hostileHeaders)]
				value, left, err := newHostileWorld(t, hostileAnswer{status, [][2]string{{h[0], echoes.Replace(h[1])}}, echoes.Replace(body)}).ask(call)
				judgeHostile(t, call, value, err)
				hunt.Check(t, fmt.Sprintf("%s, %d, %s, %s", call.name, status, h, body), []byte(left))
			}
		}
	}
}

func TestAnEchoInAnotherFormIsStruckOutToo(t *testing.T) {
	hunt := secrettest.New(shared())
	for _, form := range forms(hostileCurrent) {
		for _, text := range []string{form, strings.ToUpper(form), "Basic " + form + "=="} {
			answer := hostileAnswer{http.StatusBadRequest, nil, fmt.Sprintf(`{"code":2000,"message":"the key %s is odd"}`, text)}
			_, left, err := newHostileWorld(t, answer).ask(hostileCalls[7])
			if e := wantError(t, err, ErrDomainInvalid); !strings.HasPrefix(e.Message, "the key") || !strings.HasSuffix(e.Message, "is odd") {
				t.Errorf("the message has become %q", e.Message)
			}
			hunt.Check(t, "the answer to "+form[:4]+"…", []byte(left))
		}
	}
}

func TestASecretCutByTheMessagesEndIsStruckOutBeforeItIsCut(t *testing.T) {
	for before := mostMessage - len(hostileCurrent); before <= mostMessage; before++ {
		body := fmt.Sprintf(`{"code":2000,"message":"%s%s"}`, strings.Repeat("x", before), hostileCurrent)
		_, _, err := newHostileWorld(t, hostileAnswer{http.StatusBadRequest, nil, body}).ask(hostileCalls[7])
		if e := wantError(t, err, ErrDomainInvalid); strings.Contains(e.Message, hostileCurrent[:3]) {
			t.Fatalf("after %d characters: %q", before, e.Message)
		}
	}
}

func TestAnAddressWithAKeyInItIsRefused(t *testing.T) {
	for _, name := range []string{"uploadUrl", "trackingUrl"} {
		for _, address := range []string{"/f?apikey=" + hostileCurrent, "/" + hostileSecret + "/f", "https://" + hostileInitial + ".example/"} {
			other := map[string]string{"uploadUrl": "trackingUrl", "trackingUrl": "uploadUrl"}[name]
			body := fmt.Sprintf(`{"fileId":"f","%s":"%s","%s":"/ok"}`, name, address, other)
			_, _, err := newHostileWorld(t, hostileAnswer{http.StatusCreated, nil, body}).ask(hostileCalls[5])
			if e := wantError(t, err, ErrUnsafeURL); Do(e) != ActionCorrect {
				t.Errorf("%s: %v", name, e)
			}
		}
	}
}

func TestAMillionLevelsAreAnErrorOfEveryCall(t *testing.T) {
	const levels = 1_000_000
	for _, body := range []string{strings.Repeat("[", levels), strings.Repeat(`{"error":`, levels), strings.Repeat("[", levels) + strings.Repeat("]", levels)} {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized} {
			for _, call := range hostileCalls {
				value, left, err := newHostileWorld(t, hostileAnswer{status, nil, body}).ask(call)
				silent := slices.Contains([]string{"renew", "send", "download"}, call.name) && status == http.StatusOK // no JSON is read
				if err == nil && !silent {
					t.Errorf("%s, %d: %v", call.name, status, value)
				}
				if judgeHostile(t, call, value, err); len(left) > 20_000 {
					t.Errorf("%s, %d: it leaves %d bytes", call.name, status, len(left))
				}
			}
		}
	}
	if _, err := LoadProfile(strings.NewReader(`{"//":` + strings.Repeat("[", maxProfile/2) + "}")); err == nil {
		t.Error("a profile of many levels is taken")
	}
}

func TestAnIDLongerThanAnyIsNotKept(t *testing.T) {
	long := strings.Repeat("x", mostID+1)
	for which, body := range map[int]string{
		5: `{"fileId":"` + long + `","uploadUrl":"/u","trackingUrl":"/t"}`, 8: `{"fileId":"` + long + `","downloadUrl":"/d"}`,
	} {
		_, _, err := newHostileWorld(t, hostileAnswer{http.StatusOK, nil, body}).ask(hostileCalls[which])
		wantError(t, err, ErrMalformed)
	}
	answer := hostileAnswer{http.StatusOK, [][2]string{{"ETag", `"` + long + `"`}}, `{"fileId":"f","downloadUrl":"/d"}`}
	value, _, err := newHostileWorld(t, answer).ask(hostileCalls[8])
	if latest, ok := value.(Latest); err != nil || !ok || latest.ETag != "" || latest.FileID != "f" {
		t.Errorf("%+v, %v", value, err)
	}
}

func TestMaskTakesTheConnectionsSecretsOut(t *testing.T) {
	w := newHostileWorld(t, hostileAnswer{http.StatusOK, nil, `{"status":"processing"}`})
	if got := w.keys.Mask("before " + hostileCurrent); got != "before "+hostileCurrent {
		t.Errorf("before the store was read: %q", got)
	}
	if _, _, err := w.ask(hostileCalls[7]); err != nil {
		t.Fatal(err)
	}
	for name, value := range shared() {
		if got := w.keys.Mask("a " + value + " b"); got != "a *** b" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := w.keys.Mask("nothing"); got != "nothing" {
		t.Errorf("%q", got)
	}
	w.keys.Forget()
	if got := w.keys.Mask(hostileCurrent); got != masked {
		t.Errorf("after a reconnection: %q", got)
	}
}

func TestKeysThatWereReplacedAreStruckOutForAWhile(t *testing.T) {
	n := 0
	w := newHostileWorld(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		says(http.StatusOK, fmt.Sprintf(`{"apikey":"a-rotated-key-of-number-%03d"}`, n))(w, r)
	}))
	for range 2 * mostShared {
		must(t, w.keys.Rotate(context.Background()))
	}
	newest := fmt.Sprintf("a-rotated-key-of-number-%03d", n)
	before := fmt.Sprintf("a-rotated-key-of-number-%03d", n-10)
	if got := w.keys.Mask(newest + " " + before + " " + hostileInitial + " " + hostileSecret); got != "*** *** *** ***" {
		t.Errorf("%q", got)
	}
	if len(w.keys.private()) != mostShared {
		t.Errorf("%d are remembered", len(w.keys.private()))
	}
}

func TestEveryCallIsAmongTheHostileOnes(t *testing.T) {
	var asked []string
	for _, call := range hostileCalls {
		handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.Method) })
		_, left, _ := newHostileWorld(t, handler).ask(call)
		if left == "" {
			t.Errorf("%s leaves no trace", call.name)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch} {
		if !slices.Contains(asked, method) {
			t.Errorf("no call is a %s: %v", method, asked)
		}
	}
}

package sage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

// inBubble runs a check in a bubble with a world of the changed profile.
func inBubble(t *testing.T, client, platform *sage.Profile, check func(t *testing.T, w *world), change ...func(*sandbox.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, client, platform, change...)
		defer w.close(t)
		check(t, w)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// atAnotherAddress shows that the client goes where the profile says, a path included.
func atAnotherAddress(t *testing.T, w *walker) {
	inBubble(t, w.changed, w.changed, func(t *testing.T, x *world) {
		must(t, x.through(t.Context()))
		for _, r := range x.requests {
			if !strings.HasPrefix(r.URL.String(), "http://127.0.0.1:2/broker/") {
				t.Errorf("went to %s", r.URL)
			}
		}
	}, func(o *sandbox.Options) { o.BaseURL = w.changed.BaseURL })
}

// takesAlso shows that the sandbox takes a key in the further header, and no longer in those of the default.
func takesAlso(t *testing.T, w *walker) {
	for header, c := range map[string]struct {
		scheme string
		works  bool
	}{"apikey": {"", true}, "X-Spare": {"Word", true}, "X-Api-Key": {"", false}, "Authorization": {"Bearer", false}} {
		client := load(t, under("key.header", header, "key.scheme", c.scheme))
		if err := goThrough(t, client, w.changed, nil); (err == nil) != c.works {
			t.Errorf("%s: %v, want it to work: %v", header, err, c.works)
		}
	}
}

// rotatesAhead shows that no call is refused over an expired key.
func rotatesAhead(t *testing.T, w *walker) {
	for _, c := range []struct {
		profile *sage.Profile
		refused bool
	}{{w.before, true}, {w.changed, false}} {
		inBubble(t, c.profile, c.profile, func(t *testing.T, x *world) {
			must(t, x.connect(t.Context()))
			must(t, x.session.Keys().Rotate(t.Context())) // from now on it knows when the key ends
			refused := false
			for range 12 {
				<-time.After(10 * time.Minute)
				_, err := x.session.Latest(t.Context(), "products", "")
				if !errors.Is(err, sage.ErrNothingThere) {
					t.Fatal(err)
				}
			}
			for _, e := range x.exchanges {
				refused = refused || e.Status == http.StatusUnauthorized
			}
			if refused != c.refused {
				t.Errorf("rotating %v ahead, refused: %v", c.profile.RotateAhead, refused)
			}
		}, func(o *sandbox.Options) { o.Limits.KeyTTL = time.Hour })
	}
}

// sent keeps the bodies that a client sends, and answers each with a status and a document.
type sent struct {
	status int
	answer string
	bodies []string
	last   *http.Request
}

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	text := ""
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		text = string(data)
	}
	s.bodies, s.last = append(s.bodies, text), r
	return &http.Response{
		StatusCode: s.status, Header: http.Header{}, ContentLength: int64(len(s.answer)),
		Body: io.NopCloser(strings.NewReader(s.answer)), Request: r,
	}, nil
}

// alone is a client with a transport of the test's, and a connected session.
func alone(t *testing.T, p *sage.Profile, transport http.RoundTripper) (*sage.Client, *sage.Session) {
	t.Helper()
	c, err := sage.New(sage.Options{BaseURL: walkBase, Profile: p, Transport: transport})
	must(t, err)
	key := sage.NewSecret("key-initial")
	store := &keyring{set: sage.KeySet{Initial: key, Current: key, Secret: sage.NewSecret("secret-one")}}
	return c, c.Session("ecommerce", sage.NewKeys(c, store, sage.KeysOptions{}))
}

// describes shows a description under its name. The sandbox has no use for it but to take it.
func describes(t *testing.T, w *walker) {
	must(t, goThrough(t, w.changed, w.changed, nil))
	s := &sent{status: 201, answer: `{"registrationUrl":"/r"}`}
	c, _ := alone(t, w.changed, s)
	_, err := c.RegisterDeveloper(t.Context(), sage.Registration{Application: sage.Application{Name: "Shop", Description: "Sells", Domain: "ecommerce"}})
	must(t, err)
	if !strings.Contains(s.bodies[0], `"about":"Sells"`) || strings.Contains(s.bodies[0], "description") {
		t.Errorf("sent %s", s.bodies[0])
	}
}

// tellsSize shows a size under its name: the sandbox refuses a file for the size that is announced, and notes one
// that is announced wrongly.
func tellsSize(t *testing.T, w *walker) {
	must(t, goThrough(t, w.changed, w.changed, nil))
	twoSteps := load(t, under("names.file.size", "bytes"))
	for _, c := range []struct {
		client, platform *sage.Profile
		refused          bool
	}{{twoSteps, twoSteps, true}, {sage.DefaultProfile(), twoSteps, false}, {twoSteps, sage.DefaultProfile(), false}} {
		inBubble(t, c.client, c.platform, func(t *testing.T, x *world) {
			must(t, x.connect(t.Context()))
			_, err := x.session.Create(t.Context(), "orders", sage.NewFile{Name: "o.json", Size: walkLimit + 1})
			if errors.Is(err, sage.ErrTooLarge) != c.refused {
				t.Errorf("%v, want it refused: %v", err, c.refused)
			}
		})
	}
}

// inStock connects for the domain that the case adds.
func inStock(t *testing.T, p *sage.Profile, check func(t *testing.T, x *world)) {
	t.Helper()
	inBubble(t, p, p, func(t *testing.T, x *world) {
		secret := sage.NewSecret("a secret")
		made, err := x.sandbox.Connect(sandbox.Setup{Domain: "stock", Secret: secret})
		must(t, err)
		x.keys.set = sage.KeySet{Initial: made.InitialKey, Current: made.InitialKey, Secret: secret}
		x.session = x.client.Session("stock", sage.NewKeys(x.client, x.keys, sage.KeysOptions{}))
		check(t, x)
	})
}

// endOf sends a file to the scope that the case adds and gives its end.
func endOf(t *testing.T, x *world, data []byte) sage.Tracking {
	t.Helper()
	created, err := x.session.Create(t.Context(), "counts", sage.NewFile{Name: "c.json", Size: int64(len(data))})
	must(t, err)
	must(t, x.session.Send(t.Context(), created, body(data)))
	<-time.After(20 * walkPace)
	tracking, err := x.session.Track(t.Context(), created.TrackingURL)
	must(t, err)
	return tracking
}

// takesScope shows a scope that the default profile does not know, one way and the other.
func takesScope(t *testing.T, w *walker) {
	inStock(t, w.changed, func(t *testing.T, x *world) {
		if end := endOf(t, x, sandbox.SampleProducts(1)); end.Final != sage.Accepted {
			t.Errorf("%+v", end)
		}
	})
	inStock(t, load(t, under("domains", stock("incoming", "product", ""))), func(t *testing.T, x *world) {
		must(t, x.sandbox.Publish("", "counts", sandbox.SampleProducts(1)))
		_, err := x.session.Latest(t.Context(), "counts", "")
		must(t, err)
		_, err = x.session.Create(t.Context(), "counts", sage.NewFile{Name: "c.json", Size: 2})
		if !errors.Is(err, sage.ErrKeyNotAllowed) {
			t.Errorf("%v", err)
		}
	})
	inBubble(t, w.changed, sage.DefaultProfile(), func(t *testing.T, x *world) {
		must(t, x.connect(t.Context()))
		_, err := x.client.Session("stock", x.session.Keys()).Create(t.Context(), "counts", sage.NewFile{Name: "c.json", Size: 2})
		if !errors.Is(err, sage.ErrDomainInvalid) {
			t.Errorf("%v", err)
		}
	})
}

// takesContract shows that files are held against the contract that the profile names.
func takesContract(t *testing.T, w *walker) {
	for _, c := range []struct {
		profile   *sage.Profile
		data      []byte
		customers bool
	}{{w.before, sandbox.SampleProducts(1), false}, {w.changed, sandbox.SampleCustomers(1), true}} {
		if got := c.profile.Domains["stock"].Scopes["counts"].Contract; (got == "customer") != c.customers {
			t.Errorf("the contract is %s", got)
		}
		inStock(t, c.profile, func(t *testing.T, x *world) {
			if end := endOf(t, x, c.data); end.Final != sage.Accepted {
				t.Errorf("%+v", end)
			}
		})
	}
}

// givesResult shows that there is a result where the profile names its contract.
func givesResult(t *testing.T, w *walker) {
	for _, c := range []struct {
		profile *sage.Profile
		result  bool
	}{{w.before, false}, {w.changed, true}} {
		inStock(t, c.profile, func(t *testing.T, x *world) {
			if end := endOf(t, x, sandbox.SampleOrders(1)); end.Final != sage.Accepted || (end.ResultURL != "") != c.result {
				t.Errorf("%+v, want a result: %v", end, c.result)
			}
		})
	}
}

func arrives(there func(*sage.Profile) bool) func(*testing.T, *walker) {
	return func(t *testing.T, w *walker) {
		if there(w.before) || !there(w.changed) {
			t.Error("the value does not arrive")
		}
	}
}

// transportFunc is a platform as a function.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// waiting is a body whose reads wait before each byte, or for ever.
type waiting struct {
	ctx  context.Context
	wait time.Duration
}

func (b waiting) Read(p []byte) (int, error) {
	select {
	case <-time.After(b.wait):
		p[0] = ' '
		return 1, nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (b waiting) Close() error { return nil }

func answering(wait time.Duration) transportFunc {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: waiting{r.Context(), wait}, Request: r}, nil
	}
}

func track(ctx context.Context, s *sage.Session) error { _, err := s.Track(ctx, "/t"); return err }

// silent never answers.
func silent(ctx context.Context, t *testing.T, p *sage.Profile) error {
	_, s := alone(t, p, transportFunc(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }))
	return track(ctx, s)
}

// halting begins an answer and stops.
func halting(ctx context.Context, t *testing.T, p *sage.Profile) error {
	_, s := alone(t, p, answering(24*time.Hour))
	return track(ctx, s)
}

// trickling answers without an end.
func trickling(ctx context.Context, t *testing.T, p *sage.Profile) error {
	_, s := alone(t, p, answering(time.Second))
	return track(ctx, s)
}

// tricklingList gives a list without an end.
func tricklingList(ctx context.Context, t *testing.T, p *sage.Profile) error {
	_, s := alone(t, p, answering(time.Second))
	_, err := s.Download(ctx, "/d", io.Discard, 0)
	return err
}

// endsSooner shows that a limit in time moves by as much as its field.
func endsSooner(call func(context.Context, *testing.T, *sage.Profile) error) func(*testing.T, *walker) {
	return func(t *testing.T, w *walker) {
		took := func(p *sage.Profile) (d time.Duration) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if err := call(t.Context(), t, p); !errors.Is(err, sage.ErrNetwork) {
					t.Errorf("%v", err)
				}
				d = time.Since(began)
			})
			return d
		}
		field := func(p *sage.Profile) time.Duration {
			d, err := time.ParseDuration(leaves(p)[w.field])
			must(t, err)
			return d
		}
		if got, want := took(w.changed)-took(w.before), field(w.changed)-field(w.before); got != want {
			t.Errorf("the limit moves by %v, want %v", got, want)
		}
	}
}

// bounds makes a call with the profile before and after.
func bounds(t *testing.T, w *walker, call func(p *sage.Profile) error, want error) {
	t.Helper()
	if err := call(w.before); errors.Is(err, want) {
		t.Errorf("before: %v", err)
	}
	if err := call(w.changed); !errors.Is(err, want) {
		t.Errorf("after: %v, want %v", err, want)
	}
}

func limitsAnswer(t *testing.T, w *walker) {
	bounds(t, w, func(p *sage.Profile) error {
		_, s := alone(t, p, &sent{status: 200, answer: `{"status":"validating","more":"0123456789"}`})
		return track(t.Context(), s)
	}, sage.ErrTooBig)
}

func limitsErrorBody(t *testing.T, w *walker) {
	call := func(p *sage.Profile) error {
		_, s := alone(t, p, &sent{status: 400, answer: `{"code":2415,"message":"no"}`})
		return track(t.Context(), s)
	}
	if err := call(w.before); !errors.Is(err, sage.ErrWrongState) {
		t.Errorf("%v", err)
	}
	if err := call(w.changed); errors.Is(err, sage.ErrWrongState) {
		t.Error("read past its limit")
	}
}

func limitsDownload(t *testing.T, w *walker) {
	bounds(t, w, func(p *sage.Profile) error {
		_, s := alone(t, p, &sent{status: 200, answer: strings.Repeat(" ", 101)})
		_, err := s.Download(t.Context(), "/d", io.Discard, 0)
		return err
	}, sage.ErrTooBig)
}

func limitsRedirects(t *testing.T, w *walker) {
	bounds(t, w, func(p *sage.Profile) error {
		hops := 0
		_, s := alone(t, p, transportFunc(func(r *http.Request) (*http.Response, error) {
			if hops++; hops <= 2 {
				return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"/on"}}, Body: http.NoBody, Request: r}, nil
			}
			return (&sent{status: 200, answer: `{"status":"x"}`}).RoundTrip(r)
		}))
		return track(t.Context(), s)
	}, sage.ErrRedirect)
}

func limitsRetryAfter(t *testing.T, w *walker) {
	for p, want := range map[*sage.Profile]time.Duration{w.before: 10 * time.Minute, w.changed: 40 * time.Second} {
		_, s := alone(t, p, transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"600"}}, Body: http.NoBody, Request: r}, nil
		}))
		if got := sage.RetryAfter(track(t.Context(), s)); got != want {
			t.Errorf("waits %v, want %v", got, want)
		}
	}
}

func asksFirst(t *testing.T, w *walker) {
	for p, want := range map[*sage.Profile]string{w.before: "", w.changed: "100-continue"} {
		platform := &sent{status: 200}
		_, s := alone(t, p, platform)
		must(t, s.Send(t.Context(), sage.Created{UploadURL: "/u"}, body(bytes.Repeat([]byte(" "), 1001))))
		if got := platform.last.Header.Get("Expect"); got != want {
			t.Errorf("Expect is %q, want %q", got, want)
		}
	}
}

// TestTheSandboxWritesWhatItsProfileSays holds that a document of the sandbox has the changed name and not the old.
func TestTheSandboxWritesWhatItsProfileSays(t *testing.T) {
	p := load(t, under("answers.key", []string{"access.token"}))
	inBubble(t, p, p, func(t *testing.T, x *world) {
		made, err := x.sandbox.Connect(sandbox.Setup{Secret: sage.NewSecret("a secret")})
		must(t, err)
		data, err := json.Marshal(map[string]string{"initialApikey": made.InitialKey.Reveal(), "secret": "a secret"})
		must(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, walkBase+"/api/apikey", bytes.NewReader(data))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		resp, err := x.sandbox.RoundTripper().RoundTrip(r)
		must(t, err)
		defer resp.Body.Close()
		var document struct {
			Access struct{ Token string }
			APIKey string
		}
		must(t, json.NewDecoder(resp.Body).Decode(&document))
		if document.Access.Token == "" || document.APIKey != "" {
			t.Errorf("%+v", document)
		}
	})
}

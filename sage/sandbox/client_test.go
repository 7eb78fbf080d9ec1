package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

// The client of package sage and the sandbox were written apart, from the same document. Here they meet.

// keyStore keeps keys in memory.
type keyStore struct {
	mu  sync.Mutex
	set sage.KeySet
}

func (k *keyStore) Load(context.Context) (sage.KeySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.set, nil
}

func (k *keyStore) SaveCurrent(_ context.Context, current, previous sage.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set.Current, k.set.Previous = current, previous
	return nil
}

func (k *keyStore) SaveSecret(_ context.Context, secret, pending sage.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set.Secret, k.set.Pending = secret, pending
	return nil
}

func client(t *testing.T, r *rig, p *sage.Profile) *sage.Client {
	t.Helper()
	c, err := sage.New(sage.Options{BaseURL: r.BaseURL(), Profile: p, Transport: r.RoundTripper()})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

func session(t *testing.T, r *rig, p *sage.Profile) *sage.Session {
	t.Helper()
	made, err := r.Connect(sandbox.Setup{})
	must(t, err)
	c := client(t, r, p)
	store := &keyStore{set: sage.KeySet{Initial: made.InitialKey, Current: made.InitialKey, Secret: made.Secret}}
	return c.Session("ecommerce", sage.NewKeys(c, store, sage.KeysOptions{}))
}

func bodyOf(content []byte) sage.Body {
	return sage.Body{Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

func TestTheClientGoesThroughTheOnboarding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		r := newRig(t, sandbox.Options{Callbacks: l})
		c := client(t, r, nil)
		made, err := c.RegisterDeveloper(t.Context(), sage.Registration{
			Name: "Robin", Email: "robin@example.com", Company: "Reed Software",
			Application: sage.Application{Name: "Postroom", Domain: "ecommerce", ApprovalURL: "https://app.example/a"},
		})
		must(t, err)
		must(t, r.SolveCaptcha(made.RegistrationURL))
		m := r.Mailbox()[0]
		secret := sage.GenerateSecret()
		passcode, err := c.CreatePasscode(t.Context(), sage.NewID(m.DeveloperID), sage.NewID(m.ApplicationID), secret)
		must(t, err)
		if left := time.Until(passcode.Expires); left != 15*time.Minute {
			t.Errorf("the passcode is good for %s", left)
		}
		must(t, r.Grant(passcode.Code, "Acme Ltd"))
		initial, err := r.InitialKey("Acme Ltd", "ecommerce")
		must(t, err)
		if call := l.one(t); !bytes.Contains([]byte(call.body), []byte(initial.Reveal())) {
			t.Error("the approvalUrl is told another key")
		}
		rotated, err := c.RotateKey(t.Context(), initial, secret)
		must(t, err)
		if rotated.Key.IsZero() || rotated.Key.Equal(initial) {
			t.Error("rotation gave no new key")
		}
		must(t, c.RenewSecret(t.Context(), initial, secret, sage.GenerateSecret()))
		r.polite()
	})
}

func TestTheClientSendsTracksAndFetches(t *testing.T) {
	overlays := map[string]string{
		"two steps":     `{}`,
		"one step":      `{"upload":"one-step"}`,
		"complete call": `{"operations":{"completeFile":{"path":"/api/files/{fileId}/complete"}}}`,
	}
	for name, overlay := range overlays {
		t.Run(name, func(t *testing.T) {
			p := profile(t, overlay)
			o := sandbox.Options{Profile: p}
			if p.Upload == sage.TwoStep {
				o.UploadBaseURL = "http://127.0.0.1:2"
			}
			r := newRig(t, o)
			s := session(t, r, p)
			must(t, r.ExpireKey("", "")) // the first call finds it out
			content := sandbox.SampleOrders(3)
			file := sage.NewFile{Name: "orders.json", Size: int64(len(content)), IdempotencyKey: "T-1"}
			var created sage.Created
			var err error
			if p.Upload == sage.OneStep {
				created, err = s.CreateAndSend(t.Context(), "orders", file, bodyOf(content))
				must(t, err)
			} else {
				created, err = s.Create(t.Context(), "orders", file)
				must(t, err)
				must(t, s.Send(t.Context(), created, bodyOf(content)))
			}
			tracked, err := s.Track(t.Context(), created.TrackingURL)
			must(t, err)
			if tracked.Status != "accepted" || tracked.ResultURL == "" {
				t.Fatalf("tracked %+v", tracked)
			}
			var result bytes.Buffer
			if _, err := s.Download(t.Context(), tracked.ResultURL, &result, 1<<20); err != nil || !bytes.Contains(result.Bytes(), []byte("A-1003")) {
				t.Errorf("result %s: %v", &result, err)
			}
			if f := r.Files(); len(f) != 1 || f[0].Records != 3 {
				t.Errorf("files %+v", f)
			}
			r.polite()
		})
	}
}

func TestTheClientSeesEveryKeyState(t *testing.T) {
	for name, x := range map[string]struct {
		set  func(*sandbox.Sandbox) error
		want error
	}{
		"revoked":     {func(s *sandbox.Sandbox) error { return s.RevokeKey("", "") }, sage.ErrKeyRevoked},
		"locked":      {func(s *sandbox.Sandbox) error { return s.LockKey("", "") }, sage.ErrKeyLocked},
		"locked hard": {func(s *sandbox.Sandbox) error { return s.LockKeyHard("", "") }, sage.ErrKeyLockedHard},
		"expired":     {func(s *sandbox.Sandbox) error { return s.ExpireKey("", "") }, sage.ErrNothingThere},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, sandbox.Options{})
			s := session(t, r, nil)
			must(t, x.set(r.Sandbox))
			if _, err := s.Latest(t.Context(), "products", ""); !errors.Is(err, x.want) {
				t.Errorf("latest: %v, want %v", err, x.want)
			}
			r.polite()
		})
	}
}

func TestTheClientRotatesOnceForManyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		s := session(t, r, nil)
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Wait: time.Second})
		must(t, r.ExpireKey("", ""))
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if _, err := s.Latest(t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
					t.Errorf("latest: %v", err)
				}
			})
		}
		calls.Wait()
		if got := r.Installations()[0].Connections[0].Rotations; got != 1 {
			t.Errorf("%d rotations", got)
		}
		r.polite()
	})
}

func TestTheClientFetchesAListOnce(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	s := session(t, r, nil)
	list := sandbox.SampleProducts(5)
	must(t, r.Publish("", "products", list))
	latest, err := s.Latest(t.Context(), "products", "")
	must(t, err)
	var got bytes.Buffer
	if _, err := s.Download(t.Context(), latest.DownloadURL, &got, 1<<20); err != nil || !bytes.Equal(got.Bytes(), list) {
		t.Errorf("list of %d bytes: %v", got.Len(), err)
	}
	if again, err := s.Latest(t.Context(), "products", latest.ETag); err != nil || !again.NotModified {
		t.Errorf("again %+v: %v", again, err)
	}
	r.polite()
}

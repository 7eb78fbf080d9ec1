package platform

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

func TestSecretsOnAForeignHostAreSeen(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		for _, set := range []func(h http.Header){
			func(h http.Header) { h.Set("apikey", r.given.InitialKey.Reveal()) },
			func(h http.Header) { h.Set("X-Trace", fmt.Sprintf("%x", r.given.Secret.Reveal())) },
		} {
			before := len(r.platform.Violations())
			req, _ := http.NewRequestWithContext(r.t.Context(), http.MethodGet, stranger+"/moved", nil)
			set(req.Header)
			resp, err := r.platform.Transport(r.process).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if len(r.platform.Violations()) == before {
				t.Error("a secret on a foreign host was not seen")
			}
		}
	})
}

func TestUnsafeAddressesAreSeen(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		for _, address := range []string{
			"http://platform.example/api", "https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/x", "https://2130706433/x", forger + "/list.json",
		} {
			before := len(r.platform.Violations())
			req, _ := http.NewRequestWithContext(r.t.Context(), http.MethodGet, address, nil)
			if resp, err := r.platform.Transport(r.process).RoundTrip(req); err == nil {
				_ = resp.Body.Close()
			}
			if len(r.platform.Violations()) != before+1 {
				t.Errorf("a call to %s was not seen", address)
			}
		}
	})
}

func TestARedirectAwayTakesNoKey(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		made := r.sent()
		r.platform.SetFaults(Faults{RedirectAway: 1})
		for range 20 {
			_, _ = r.session.Track(r.t.Context(), made.TrackingURL)
			_, _ = r.session.Latest(r.t.Context(), "products", "")
			_, _ = r.session.Create(r.t.Context(), "orders", sage.NewFile{Name: "x.json", Size: 1})
			_ = r.keys.Rotate(r.t.Context())
		}
		if r.gate.Counts()["net.elsewhere"] == 0 {
			t.Error("nothing was redirected")
		}
		r.polite()
	})
}

func TestANeedlessRotationIsSeen(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		if err := r.platform.ExpireKey("Acme Ltd", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := r.session.Latest(r.t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
			t.Fatal(err)
		}
		if r.platform.Rotations() != 1 {
			t.Fatalf("%d rotations", r.platform.Rotations())
		}
		r.platform.Pardon()
		if err := r.keys.Rotate(r.t.Context()); err != nil {
			t.Fatal(err)
		}
		r.polite()
		if err := r.keys.Rotate(r.t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(r.platform.Violations()) != 1 {
			t.Errorf("violations: %q", r.platform.Violations())
		}
	})
}

func TestAKeyWhoseAnswerWasLostMayBeReplacedWhateverElseWasAnswered(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		r.platform.Pardon()
		r.platform.SetFaults(Faults{ResetAfter: 1})
		if err := r.keys.Rotate(r.t.Context()); !errors.Is(err, sage.ErrNetwork) || r.platform.Rotations() != 1 {
			t.Fatalf("%v, %d rotations", err, r.platform.Rotations())
		}
		r.platform.SetFaults(nil)
		if err := r.keys.RenewSecret(r.t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.session.Latest(r.t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
			t.Fatal(err)
		}
		if r.platform.Rotations() != 2 {
			t.Errorf("%d rotations", r.platform.Rotations())
		}
		r.polite()
	})
}

func TestARotationIsMadeUpForWhateverTheKeyringLost(t *testing.T) {
	for _, lost := range []vault.Item{vault.PreviousKey, vault.CurrentKey, vault.KeyProof} {
		bubble(t, Options{Sandbox: sandbox.Options{Dialect: sandbox.Dialect{StrictOldKey: true}}}, func(r *rig) {
			r.platform.SetFaults(Faults{ResetAfter: 1})
			if err := r.keys.Rotate(r.t.Context()); !errors.Is(err, sage.ErrNetwork) || r.platform.Rotations() != 1 {
				r.t.Fatalf("%v, %d rotations", err, r.platform.Rotations())
			}
			r.platform.SetFaults(nil)
			r.keyring.Lose("c/" + string(lost))
			r.restart()
			if _, err := r.session.Latest(r.t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
				r.t.Errorf("without its %s: %v", lost, err)
			}
			if r.platform.Rotations() != 2 {
				r.t.Errorf("without its %s: %d rotations", lost, r.platform.Rotations())
			}
			r.polite()
		})
	}
}

func TestAKeyThatWasNeverStoredIsSeen(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		req, _ := http.NewRequestWithContext(r.t.Context(), http.MethodGet, BaseURL+"/api/domains/ecommerce/scopes/products/files/latest", nil)
		req.Header.Set("apikey", "never-stored-anywhere")
		resp, err := r.platform.Transport(r.process).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(r.platform.Violations()) != 1 {
			t.Errorf("violations: %q", r.platform.Violations())
		}
	})
}

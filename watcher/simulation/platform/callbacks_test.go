package platform

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

// desk serves the calls of the platform, as an engine does.
type desk struct {
	mu   sync.Mutex // guards what follows
	came []map[string]any
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var fields map[string]any
	_ = json.NewDecoder(r.Body).Decode(&fields)
	d.mu.Lock()
	d.came = append(d.came, fields)
	d.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) calls() []map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.came
}

// listening runs a test with a desk that waits for calls.
func listening(t *testing.T, f Faults, test func(r *rig, d *desk, stop func())) {
	t.Helper()
	bubble(t, Options{}, func(r *rig) {
		d := &desk{}
		l, err := r.platform.Listen(r.process)(r.t.Context(), "desk.example:8700")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: d} //nolint:gosec // nobody is slow here
		ended := make(chan struct{})
		go func() { defer close(ended); _ = server.Serve(l) }()
		stop := func() { _ = server.Close(); <-ended }
		defer stop()
		r.platform.SetFaults(f)
		test(r, d, stop)
	})
}

func publish(r *rig) {
	r.t.Helper()
	if err := r.platform.Publish("Acme Ltd", "products", sandbox.SampleProducts(1)); err != nil {
		r.t.Fatal(err)
	}
	time.Sleep(time.Hour)
	synctest.Wait()
}

func TestNotificationsGoWrongByTheirNames(t *testing.T) {
	for kind, want := range map[Kind]int{"": 1, CallLost: 0, CallLate: 2} {
		listening(t, Faults{kind: 1}, func(r *rig, d *desk, _ func()) {
			publish(r)
			if got := len(d.calls()); got != want && (kind != CallLate || got < 1) {
				t.Errorf("%q: %d calls came, want %d", kind, got, want)
			}
		})
	}
	listening(t, Faults{CallDoubled: 1}, func(r *rig, d *desk, _ func()) {
		publish(r)
		if len(d.calls()) < 2 {
			t.Errorf("a doubled call came %d times", len(d.calls()))
		}
	})
	listening(t, Faults{CallForged: 1}, func(r *rig, d *desk, _ func()) {
		publish(r)
		calls := d.calls()
		if len(calls) != 2 || calls[0]["downloadUrl"] != forger+"/list.json" || calls[1]["fileId"] == "forged" {
			t.Errorf("the calls were %v", calls)
		}
	})
}

func TestACallWaitsForSomebodyToListen(t *testing.T) {
	listening(t, nil, func(r *rig, d *desk, stop func()) {
		stop()
		if err := r.platform.Publish("Acme Ltd", "products", sandbox.SampleProducts(1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(d.calls()) != 0 {
			t.Error("a call came although nobody listens")
		}
		l, err := r.platform.Listen(r.process)(r.t.Context(), "desk.example:8700")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: d} //nolint:gosec // nobody is slow here
		ended := make(chan struct{})
		go func() { defer close(ended); _ = server.Serve(l) }()
		time.Sleep(time.Minute)
		if len(d.calls()) != 1 {
			t.Errorf("%d calls came", len(d.calls()))
		}
		_ = server.Close()
		<-ended
	})
}

func TestAnAddressIsHeldUntilItsProcessIsDead(t *testing.T) {
	listening(t, nil, func(r *rig, d *desk, _ func()) {
		other := r.gate.Process("another")
		if _, err := r.platform.Listen(other)(r.t.Context(), "desk.example:8700"); err == nil {
			t.Error("an address was bound twice")
		}
		r.process.Kill()
		publish(r)
		if len(d.calls()) != 0 {
			t.Error("a dead process was called")
		}
		if _, err := r.platform.Listen(other)(r.t.Context(), "desk.example:8700"); err != nil {
			t.Error(err)
		}
	})
}

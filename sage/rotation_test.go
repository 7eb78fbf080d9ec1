package sage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnExpiredKeyIsRotatedAndTheCallRepeatedOnce(t *testing.T) {
	m, store := newKeyMaker(), connected()
	var events []KeyEvent
	s := m.process(t, store, KeysOptions{OnChange: func(e KeyEvent) { events = append(events, e) }})
	m.expire()
	works(t, s)
	if patches, _ := m.counts(); patches != 1 {
		t.Errorf("%d PATCHes", patches)
	}
	if set := store.now(); set.Current.Reveal() != "key-1" || set.Previous.Reveal() != "key-initial" || set.Initial.Reveal() != "key-initial" {
		t.Errorf("stored: current %s, previous %s", set.Current.Reveal(), set.Previous.Reveal())
	}
	if len(events) != 1 || events[0].Kind != KeyRotated || events[0].Err != nil || s.Keys().State().RotatedAt.IsZero() {
		t.Errorf("%+v, %+v", events, s.Keys().State())
	}
}

func TestRotationKeepsTheInitialKey(t *testing.T) {
	m, store := newKeyMaker(), connected()
	s := m.process(t, store, KeysOptions{})
	for range 5 {
		m.expire()
		works(t, s)
	}
	if store.now().Initial.Reveal() != "key-initial" || len(m.bad) != 0 || store.now().Current.Reveal() != "key-5" {
		t.Errorf("%v", m.bad)
	}
}

func TestTheNewKeyIsStoredBeforeItIsUsed(t *testing.T) {
	m, store := newKeyMaker(), connected()
	var mu sync.Mutex
	var order []string
	note := func(what string) {
		mu.Lock()
		order = append(order, what)
		mu.Unlock()
	}
	store.fail = func(write string) error { note(write); return nil }
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		note(r.Method + " " + r.Header.Get("apikey"))
		m.ServeHTTP(w, r)
	})
	s := c.Session("ecommerce", NewKeys(c, store, KeysOptions{}))
	m.expire()
	works(t, s)
	want := []string{
		"GET key-initial",
		"current key-initial before key-initial", // a rotation is under way
		"PATCH ",
		"current key-1 before key-initial",
		"GET key-1",
	}
	if !slices.Equal(order, want) {
		t.Errorf("%q", order)
	}
}

func TestNoOtherRefusalRotates(t *testing.T) {
	for _, c := range []struct{ status, code int }{
		{401, 2105},
		{403, 2110},
		{401, 2115},
		{401, 2120},
		{401, 2125},
		{403, 2100},
		{400, 2100},
		{403, 0},
		{401, 2199},
		{401, 9999},
		{400, 2000},
		{404, 2410},
		{423, 2400},
		{500, 2100},
		{503, 0},
		{429, 0},
	} {
		var calls record
		store := connected()
		body := fmt.Sprintf(`{"code":%d}`, c.code)
		client := over(t, calls.of(says(c.status, body)))
		_, err := client.Session("ecommerce", NewKeys(client, store, KeysOptions{})).Track(t.Context(), "/t")
		if err == nil || len(calls.all()) != 1 || len(store.writes) != 0 {
			t.Errorf("%+v: %v, %d calls, wrote %q", c, err, len(calls.all()), store.writes)
		}
	}
}

func TestA401WithoutAReadableCodeRotates(t *testing.T) {
	for _, body := range []string{``, `<html>401</html>`, `{}`, `{"message":"expired"}`, `{"code":401}`, `{"code":`, `{"code":"token_expired"}`} {
		var calls record
		client := over(t, calls.of(inTurn(says(401, body), says(200, `{"apikey":"key-two"}`), says(200, `{"status":"x"}`))))
		works(t, session(client))
		if got := calls.all(); len(got) != 3 || got[1].method != "PATCH" || got[2].header.Get("apikey") != "key-two" {
			t.Errorf("%q: %+v", body, got)
		}
	}
}

func TestACallIsNotRepeatedTwice(t *testing.T) {
	var calls record
	client := over(t, calls.of(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			says(200, `{"apikey":"key-two"}`)(w, r)
			return
		}
		says(401, `{"code":2100}`)(w, r)
	}))
	_, err := session(client).Track(t.Context(), "/t")
	wantError(t, err, ErrKeyExpired)
	if len(calls.all()) != 3 {
		t.Errorf("%d calls", len(calls.all()))
	}
	if retry, _ := Retryable(err); !retry {
		t.Error("a new key that is expired at once ends the journey")
	}
}

func TestHoweverManyCallsExpireOnePatchGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store := newKeyMaker(), connected()
		m.latency = time.Second
		m.expire()
		s := m.process(t, store, KeysOptions{})
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				<-time.After(time.Duration(i) * 37 * time.Millisecond) // some come while it is under way, some after
				works(t, s)
			})
		}
		wg.Wait()
		if patches, _ := m.counts(); patches != 1 {
			t.Errorf("%d PATCHes", patches)
		}
	})
}

func TestOnePatchGoesOutForSeveralProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store, lock := newKeyMaker(), connected(), newProcessLock()
		m.latency = time.Second
		m.expire()
		var mu sync.Mutex
		kinds := map[KeyEventKind]int{}
		var wg sync.WaitGroup
		for range 4 {
			s := m.process(t, store, KeysOptions{Lock: lock.take, OnChange: func(e KeyEvent) {
				mu.Lock()
				kinds[e.Kind]++
				mu.Unlock()
			}})
			for range 3 {
				wg.Go(func() { works(t, s) })
			}
		}
		wg.Wait()
		if patches, _ := m.counts(); patches != 1 || kinds[KeyRotated] != 1 || kinds[KeyAdopted] != 3 {
			t.Errorf("%d PATCHes, %v", patches, kinds)
		}
	})
}

func TestACallWithAKeyThatAnotherProcessReplacedIsMadeAgain(t *testing.T) {
	for _, code := range []int{2100, 2105, 2115} {
		m, store, lock := newKeyMaker(), connected(), newProcessLock()
		m.deadCode = code
		agent, command := m.process(t, store, KeysOptions{Lock: lock.take}), m.process(t, store, KeysOptions{Lock: lock.take})
		works(t, agent)
		must(t, command.Keys().Rotate(t.Context()))
		works(t, agent) // its cached key is dead
		if patches, _ := m.counts(); patches != 1 {
			t.Errorf("%d: %d PATCHes", code, patches)
		}
	}
}

func TestACallDuringAnotherProcesssRotationWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store, lock := newKeyMaker(), connected(), newProcessLock()
		agent, command := m.process(t, store, KeysOptions{Lock: lock.take}), m.process(t, store, KeysOptions{Lock: lock.take})
		works(t, agent)
		// The platform has replaced the key, the command has not stored the new one yet.
		store.fail = func(write string) error {
			if strings.HasPrefix(write, "current key-1") {
				store.mu.Unlock()
				<-time.After(10 * time.Second)
				store.mu.Lock()
			}
			return nil
		}
		var wg sync.WaitGroup
		wg.Go(func() { must(t, command.Keys().Rotate(t.Context())) })
		<-time.After(time.Second)
		works(t, agent)
		wg.Wait()
		if patches, _ := m.counts(); patches != 1 {
			t.Errorf("%d PATCHes", patches)
		}
	})
}

func TestRotateNowIsOnePatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store := newKeyMaker(), connected()
		m.latency = time.Second
		s := m.process(t, store, KeysOptions{})
		must(t, s.Keys().Rotate(t.Context()))
		if patches, _ := m.counts(); patches != 1 || store.now().Current.Reveal() != "key-1" {
			t.Errorf("%d PATCHes", patches)
		}
		m.expire()
		var wg sync.WaitGroup
		wg.Go(func() { must(t, s.Keys().Rotate(t.Context())) })
		wg.Go(func() { must(t, s.Keys().Rotate(t.Context())) })
		wg.Go(func() { works(t, s) })
		wg.Wait()
		if patches, _ := m.counts(); patches != 2 {
			t.Errorf("%d PATCHes", patches)
		}
	})
}

func TestTheOthersGoOnWhenTheLeaderIsCalledOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store := newKeyMaker(), connected()
		m.latency = time.Second
		m.expire()
		s := m.process(t, store, KeysOptions{})
		ctx, callOff := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Track(ctx, "/t"); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
		wg.Go(func() {
			<-time.After(100 * time.Millisecond)
			works(t, s)
		})
		<-time.After(1500 * time.Millisecond) // in the midst of the leader's PATCH
		callOff()
		wg.Wait()
	})
}

// A call that began before the platform asked for a pause in rotations, and finds only then that its key has expired, does
// not ask for one before.
func TestAPauseInRotationsHoldsForCallsThatAreOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store := newKeyMaker(), connected()
		m.expire()
		busy := true
		c := over(t, func(w http.ResponseWriter, r *http.Request) {
			if busy && r.Method == http.MethodPatch {
				m.mu.Lock()
				m.patches++
				m.mu.Unlock()
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			m.ServeHTTP(w, r)
		})
		s := c.Session("ecommerce", NewKeys(c, store, KeysOptions{}))
		for _, left := range []time.Duration{30 * time.Second, 20 * time.Second} {
			if _, err := s.Latest(t.Context(), "products", ""); !errors.Is(err, ErrServer) || RetryAfter(err) != left {
				t.Errorf("%v, to be tried again after %v, want %v", err, RetryAfter(err), left)
			}
			time.Sleep(10 * time.Second)
		}
		if patches, _ := m.counts(); patches != 1 {
			t.Errorf("%d PATCHes", patches)
		}
		time.Sleep(10 * time.Second)
		busy = false
		works(t, s)
	})
}

func TestWhoWaitsForARotationCanBeCalledOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store := newKeyMaker(), connected()
		m.latency = time.Hour
		s := m.process(t, store, KeysOptions{})
		ctx, callOff := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = s.Keys().Rotate(ctx) })
		synctest.Wait()
		waiting, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := s.Keys().Rotate(waiting); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		callOff()
		wg.Wait()
	})
}

func TestAKeyThatCameIsStoredAlthoughTheCallWasCalledOff(t *testing.T) {
	m, store := newKeyMaker(), connected()
	ctx, callOff := context.WithCancel(t.Context())
	c := over(t, m.ServeHTTP, func(o *Options) {
		o.OnExchange = func(x Exchange) {
			if x.Op == "rotateKey" {
				callOff() // the answer's header is there
			}
		}
	})
	keys := NewKeys(c, store, KeysOptions{})
	_ = keys.Rotate(ctx)
	if got := store.now().Current.Reveal(); got != "key-1" {
		t.Errorf("stored is %s", got)
	}
}

func TestStoringDoesNotOutliveItsCallForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, callOff := context.WithCancel(t.Context())
		lasting, stop := outlive(ctx)
		defer stop()
		<-time.After(time.Minute)
		began := time.Now()
		callOff()
		<-lasting.Done()
		if took := time.Since(began); took != grace {
			t.Errorf("%v", took)
		}
	})
}

func TestRotatingAheadIsASwitch(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ahead, left time.Duration // left 0: end not known
		want        int
	}{{0, time.Minute, 0}, {10 * time.Minute, time.Hour, 0}, {10 * time.Minute, 5 * time.Minute, 1}, {10 * time.Minute, 10 * time.Minute, 1}, {10 * time.Minute, 0, 0}} {
		m := newKeyMaker()
		client := over(t, m.ServeHTTP, with(func(p *Profile) { p.RotateAhead = c.ahead }), func(o *Options) { o.Now = func() time.Time { return now } })
		opts := KeysOptions{}
		if c.left != 0 {
			opts.Expires = now.Add(c.left)
		}
		s := client.Session("ecommerce", NewKeys(client, connected(), opts))
		works(t, s)
		works(t, s)
		if patches, _ := m.counts(); patches != c.want {
			t.Errorf("%+v: %d PATCHes", c, patches)
		}
	}
}

func TestAFailureToRotateAheadDoesNotMatterYet(t *testing.T) {
	m := newKeyMaker()
	m.fault = func(op string) fault {
		if op == "rotate" {
			return serverFault
		}
		return noFault
	}
	client := over(t, m.ServeHTTP, with(func(p *Profile) { p.RotateAhead = time.Hour }))
	s := client.Session("ecommerce", NewKeys(client, connected(), KeysOptions{Expires: time.Now().Add(time.Minute)}))
	for range 3 {
		works(t, s)
	}
}

func TestForgettingReadsTheStoreAnew(t *testing.T) {
	m, store := newKeyMaker(), connected()
	s := m.process(t, store, KeysOptions{})
	works(t, s)
	store.set = KeySet{Initial: NewSecret("other"), Current: NewSecret("other"), Secret: NewSecret("s")} // connected anew
	m.initial, m.key, m.secret = "other", "other", "s"
	s.Keys().Forget()
	works(t, s)
	if patches, _ := m.counts(); patches != 0 {
		t.Errorf("%d PATCHes", patches)
	}
}

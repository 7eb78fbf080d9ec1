package sage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestARenewedSecretUnlocksAndIsKept(t *testing.T) {
	m, store := newKeyMaker(), connected()
	m.locked = true
	var events []KeyEvent
	s := m.process(t, store, KeysOptions{OnChange: func(e KeyEvent) { events = append(events, e) }})
	_, err := s.Track(t.Context(), "/t")
	wantError(t, err, ErrKeyLocked)
	must(t, s.Keys().RenewSecret(t.Context()))
	works(t, s)
	set := store.now()
	if set.Secret.Reveal() != m.secret || m.secret == "secret-one" || !set.Pending.IsZero() || set.unsure() || len(events) != 1 || events[0].Kind != KeySecretRenewed {
		t.Errorf("%+v", events)
	}
	if len(store.writes) != 2 || !strings.HasPrefix(store.writes[0], "secret secret-one pending ") || store.writes[1] != "secret "+m.secret+" pending " {
		t.Errorf("wrote %q", store.writes)
	}
	m.expire()
	works(t, s) // rotates with the new secret
}

func TestALostRenewalsAnswerIsSurvived(t *testing.T) {
	for _, lost := range []fault{lostBefore, lostAfter} {
		for _, next := range []string{"rotate", "renew", "expire"} {
			for _, restart := range []bool{false, true} {
				name := fmt.Sprintf("%d, %s, %v", lost, next, restart)
				m, store := newKeyMaker(), connected()
				once := true
				m.fault = func(op string) fault {
					if op == "renew" && once {
						once = false
						return lost
					}
					return noFault
				}
				s := m.process(t, store, KeysOptions{})
				err := s.Keys().RenewSecret(t.Context())
				wantError(t, err, ErrNetwork)
				if !s.Keys().State().Pending {
					t.Errorf("%s: nothing is pending", name)
				}
				if restart {
					s = m.process(t, store, KeysOptions{})
				}
				switch next {
				case "rotate":
					must(t, s.Keys().Rotate(t.Context()))
				case "renew":
					must(t, s.Keys().RenewSecret(t.Context()))
				case "expire":
					m.expire()
				}
				works(t, s)
				m.expire()
				works(t, s)
				set := store.now()
				if lost == lostAfter && (set.Secret.Reveal() != m.secret || !set.Pending.IsZero()) {
					t.Errorf("%s: the secret in force is not the stored one", name)
				}
				if set.Secret.Reveal() != m.secret && set.Pending.Reveal() != m.secret {
					t.Errorf("%s: the secret in force is kept nowhere", name)
				}
			}
		}
	}
}

func TestARenewalThatArrivesLateIsSurvived(t *testing.T) {
	m, store := newKeyMaker(), connected()
	m.fault = func(op string) fault {
		if op == "renew" {
			return lostBefore
		}
		return noFault
	}
	s := m.process(t, store, KeysOptions{})
	wantError(t, s.Keys().RenewSecret(t.Context()), ErrNetwork)
	m.expire()
	works(t, s)                             // with the old secret
	m.secret = store.now().Pending.Reveal() // only now the platform carries it out
	m.expire()
	works(t, s)
	if set := store.now(); set.Secret.Reveal() != m.secret || !set.Pending.IsZero() {
		t.Error("the secret in force is not the stored one")
	}
}

func TestARefusedRenewalLeavesNothingPending(t *testing.T) {
	m, store := newKeyMaker(), connected()
	m.secret = "another"
	s := m.process(t, store, KeysOptions{})
	wantError(t, s.Keys().RenewSecret(t.Context()), ErrKeyInvalid)
	if set := store.now(); !set.Pending.IsZero() || set.Secret.Reveal() != "secret-one" {
		t.Error("it is pending all the same")
	}
}

func TestALockedKeyWithALostRenewalUnlocks(t *testing.T) {
	m, store := newKeyMaker(), connected()
	lose := true
	m.fault = func(op string) fault {
		if op == "renew" && lose {
			lose = false
			return lostAfter
		}
		return noFault
	}
	s := m.process(t, store, KeysOptions{})
	wantError(t, s.Keys().RenewSecret(t.Context()), ErrNetwork)
	m.locked = true // and again, before anyone knows that the new secret is in force
	must(t, s.Keys().RenewSecret(t.Context()))
	works(t, s)
}

func TestAConnectionIsNotGivenUpWhileThePendingSecretIsUntried(t *testing.T) {
	for _, hindrance := range []http.HandlerFunc{says(http.StatusTooManyRequests, `{"code":429}`), says(http.StatusUnauthorized, "")} {
		for _, ask := range []func(*Session) error{
			func(s *Session) error { return s.Keys().Rotate(t.Context()) },
			func(s *Session) error { return s.Keys().RenewSecret(t.Context()) },
			func(s *Session) error { _, err := s.Track(t.Context(), "/t"); return err },
		} {
			m, store := newKeyMaker(), connected()
			store.set.Pending = NewSecret("secret-two")
			m.secret = "secret-two" // a renewal's answer was lost
			m.expire()
			hindered := false
			c := over(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if bytes.Contains(body, []byte(`"secret":"secret-two"`)) && !hindered {
					hindered = true
					hindrance(w, r)
					return
				}
				r.Body = io.NopCloser(bytes.NewReader(body))
				m.ServeHTTP(w, r)
			})
			s := c.Session("ecommerce", NewKeys(c, store, KeysOptions{}))
			if err := ask(s); err == nil || !hindered || errors.Is(err, ErrKeyInvalid) {
				t.Errorf("hindered: %v, and that is told as %v", hindered, err)
			}
			works(t, s)
			if store.now().Secret.Reveal() != "secret-two" {
				t.Error("the secret in force is not the stored one")
			}
		}
	}
}

func TestASecretIsNotGivenUpForAGuestNetworksPage(t *testing.T) {
	m, store := newKeyMaker(), connected()
	guest := true
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		if guest {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>Please log in</html>"))
			return
		}
		m.ServeHTTP(w, r)
	})
	s := c.Session("ecommerce", NewKeys(c, store, KeysOptions{}))
	wantError(t, s.Keys().RenewSecret(t.Context()), ErrMalformed)
	guest = false
	if store.now().Secret.Reveal() != "secret-one" {
		t.Error("the secret that is in force is gone")
	}
	m.expire()
	works(t, s)
}

func TestARenewalThatTheStoreRefusesIsNotSent(t *testing.T) {
	m, store := newKeyMaker(), connected()
	store.fail = func(string) error { return errors.New("full") }
	err := m.process(t, store, KeysOptions{}).Keys().RenewSecret(t.Context())
	wantError(t, err, ErrKeyStore)
	if _, renewals := m.counts(); renewals != 0 {
		t.Errorf("%d were sent", renewals)
	}
}

func TestRenewingAndRotatingDoNotMeet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, store, lock := newKeyMaker(), connected(), newProcessLock()
		m.latency = time.Second
		one, two := m.process(t, store, KeysOptions{Lock: lock.take}), m.process(t, store, KeysOptions{Lock: lock.take})
		var wg sync.WaitGroup
		for _, s := range []*Session{one, two} {
			wg.Go(func() { must(t, s.Keys().RenewSecret(t.Context())) })
			wg.Go(func() { must(t, s.Keys().Rotate(t.Context())) })
			wg.Go(func() { works(t, s) })
			wg.Go(func() { must(t, s.Keys().RenewSecret(t.Context())) })
		}
		wg.Wait()
		patches, renewals := m.counts()
		if patches > 2 || renewals > 2 || len(m.bad) != 0 || store.now().Secret.Reveal() != m.secret {
			t.Errorf("%d PATCHes, %d renewals, %v", patches, renewals, m.bad)
		}
	})
}

// TestNoInterleavingLosesTheWayToAKey lets several processes call, rotate, renew and be killed while answers are
// lost, calls never arrive and the store fails, and looks that the connection works once all that ends.
func TestNoInterleavingLosesTheWayToAKey(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			roll := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return random.IntN(n)
			}
			m, store, lock := newKeyMaker(), connected(), newProcessLock()
			m.latency = 10 * time.Millisecond
			m.deadCode = []int{2100, 2105, 2115}[roll(3)]
			m.fault = func(string) fault {
				return []fault{noFault, noFault, noFault, lostBefore, lostAfter, serverFault}[roll(6)]
			}
			store.fail = func(write string) error {
				switch {
				case roll(8) == 0:
					return errors.New("the store failed")
				case strings.HasPrefix(write, "current ") && roll(8) == 0:
					store.set.Current, store.set.Unproven = NewSecret("key-"), true // a part of it
					return errors.New("the store spoilt it")
				}
				return nil
			}
			var wg sync.WaitGroup
			for range 3 {
				s := m.process(t, store, KeysOptions{Lock: lock.take})
				for range 3 {
					wg.Go(func() {
						for range 6 {
							<-time.After(time.Duration(roll(50)) * time.Millisecond)
							switch roll(6) {
							case 0:
								_ = s.Keys().Rotate(t.Context())
							case 1:
								_ = s.Keys().RenewSecret(t.Context())
							case 2:
								m.expire()
							default:
								_, _ = s.Track(t.Context(), "/t")
							}
						}
					})
				}
			}
			wg.Wait()
			m.fault, store.fail = nil, nil
			s := m.process(t, store, KeysOptions{Lock: lock.take})
			works(t, s)
			m.expire()
			works(t, s)
			set := store.now()
			if len(m.bad) != 0 || set.Initial.Reveal() != "key-initial" || (set.Secret.Reveal() != m.secret && set.Pending.Reveal() != m.secret) {
				t.Errorf("seed %d: %v", seed, m.bad)
			}
		})
	}
}

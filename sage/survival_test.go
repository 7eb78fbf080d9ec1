package sage

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestALostRotationsAnswerIsSurvived(t *testing.T) {
	for _, deadCode := range []int{2100, 2105, 2115, 0} {
		for _, restart := range []bool{false, true} {
			m, store := newKeyMaker(), connected()
			m.deadCode = deadCode
			lose := lostAfter
			m.fault = func(op string) fault {
				if op == "rotate" {
					defer func() { lose = noFault }()
					return lose
				}
				return noFault
			}
			s := m.process(t, store, KeysOptions{})
			m.expire()
			_, err := s.Track(t.Context(), "/t")
			wantError(t, err, ErrNetwork)
			if retry, _ := Retryable(err); !retry || !s.Keys().State().Unsure {
				t.Errorf("%v, %+v", err, s.Keys().State())
			}
			if restart {
				s = m.process(t, store, KeysOptions{})
			}
			works(t, s)
			if set := store.now(); set.Current.Reveal() != "key-2" || set.unsure() || len(m.bad) != 0 {
				t.Errorf("dead keys are called %d, restart %v: stored %s, %v", deadCode, restart, set.Current.Reveal(), m.bad)
			}
		}
	}
}

func TestAKeyThatIsReplacedWhileItsFirstCallIsOnTheWayIsNoLastWord(t *testing.T) {
	store := connected()
	var keys *Keys
	var calls record
	client := over(t, calls.of(inTurn(
		says(401, `{"code":2100}`),
		says(200, `{"apikey":"key-two"}`),
		func(w http.ResponseWriter, r *http.Request) { // meanwhile somebody else's rotation is carried out and its answer lost
			if err := keys.Rotate(r.Context()); err == nil {
				t.Error("the answer was not lost")
			}
			says(401, `{"code":2105}`)(w, r)
		},
		says(502, ``),
		says(200, `{"apikey":"key-four"}`),
		says(200, `{"status":"x"}`),
	)))
	keys = NewKeys(client, store, KeysOptions{})
	works(t, client.Session("ecommerce", keys))
	if got := calls.all(); len(got) != 6 || got[5].header.Get("apikey") != "key-four" || store.now().Current.Reveal() != "key-four" {
		t.Errorf("%+v", got)
	}
}

func TestACrashAtEachWriteIsSurvived(t *testing.T) {
	errCrash := errors.New("the process was killed")
	for nth := range 3 {
		for _, torn := range []bool{false, true} { // between "previous" and "current"
			m, store := newKeyMaker(), connected()
			writes := 0
			store.fail = func(string) error {
				if writes++; writes != nth+1 {
					return nil
				}
				if torn {
					store.set.Previous = store.set.Current
				}
				return errCrash
			}
			s := m.process(t, store, KeysOptions{})
			m.expire()
			_, err := s.Track(t.Context(), "/t")
			if nth < 2 {
				wantError(t, err, ErrKeyStore)
				if !errors.Is(err, errCrash) {
					t.Errorf("%v", err)
				}
			}
			store.fail = nil
			works(t, m.process(t, store, KeysOptions{}))
			if patches, _ := m.counts(); nth == 0 && patches != 1 {
				t.Errorf("%d PATCHes although the first could not be noted", patches)
			}
		}
	}
}

func TestAKeyThatCannotBeStoredIsNotUsed(t *testing.T) {
	m, store := newKeyMaker(), connected()
	store.fail = func(write string) error {
		if strings.HasPrefix(write, "current key-1") {
			return errors.New("the keyring is locked")
		}
		return nil
	}
	var calls record
	c := over(t, calls.of(m.ServeHTTP))
	s := c.Session("ecommerce", NewKeys(c, store, KeysOptions{}))
	m.expire()
	_, err := s.Track(t.Context(), "/t")
	wantError(t, err, ErrKeyStore)
	for _, call := range calls.all() {
		if call.header.Get("apikey") == "key-1" {
			t.Error("it was used")
		}
	}
	works(t, s) // key-2 can be stored
}

func TestAKeyThatTheStoreSpoiltIsReplaced(t *testing.T) {
	m, store := newKeyMaker(), connected()
	store.fail = func(write string) error {
		if strings.HasPrefix(write, "current key-1") {
			store.set.Current = NewSecret("key-") // half of it was written
			return errors.New("input/output error")
		}
		return nil
	}
	s := m.process(t, store, KeysOptions{})
	m.expire()
	_, err := s.Track(t.Context(), "/t")
	wantError(t, err, ErrKeyStore)
	works(t, s)
}

func TestAKeyThatTheStoreSpoiltIsReplacedByALaterProcess(t *testing.T) {
	for _, deadCode := range []int{2100, 2105, 2115, 0} {
		m, store := newKeyMaker(), connected()
		m.deadCode = deadCode
		store.fail = func(write string) error {
			if strings.HasPrefix(write, "current key-1") {
				store.set.Current, store.set.Unproven = NewSecret("key-"), true // half of it was written
				return errors.New("the process was killed")
			}
			return nil
		}
		m.expire()
		_, err := m.process(t, store, KeysOptions{}).Track(t.Context(), "/t")
		wantError(t, err, ErrKeyStore)
		works(t, m.process(t, store, KeysOptions{}))
		patches, _ := m.counts()
		if set := store.now(); patches != 2 || set.Current.Reveal() != "key-2" || set.Initial.Reveal() != "key-initial" || set.unsure() {
			t.Errorf("refused keys are called %d: %d PATCHes, stored %s, unsure %v", deadCode, patches, set.Current.Reveal(), set.unsure())
		}
	}
}

func TestASpoiltKeyOfAnotherProcessIsNotAdopted(t *testing.T) {
	m, store := newKeyMaker(), connected()
	s := m.process(t, store, KeysOptions{})
	works(t, s)
	m.expire()
	store.set.Current, store.set.Previous, store.set.Unproven = NewSecret("key-"), store.set.Current, true
	works(t, s)
	if patches, _ := m.counts(); patches != 1 || store.now().Current.Reveal() != "key-1" {
		t.Errorf("%d PATCHes, stored %s", patches, store.now().Current.Reveal())
	}
}

func TestAnUnprovenKeyIsUsedAsLongAsItIsGood(t *testing.T) {
	m, store := newKeyMaker(), connected()
	store.set.Unproven = true // the proof of a newer key was stored, and that was all
	works(t, m.process(t, store, KeysOptions{}))
	if patches, _ := m.counts(); patches != 0 {
		t.Errorf("%d PATCHes", patches)
	}
	m.locked = true
	s := m.process(t, store, KeysOptions{})
	wantError(t, s.Keys().Rotate(t.Context()), ErrKeyLocked)
	if set := store.now(); !set.Unproven || set.Current.Reveal() != "key-initial" {
		t.Errorf("a refused rotation left %s, unproven %v", set.Current.Reveal(), set.Unproven)
	}
}

func TestAVaultThatCannotBeReadIsTold(t *testing.T) {
	errLocked := errors.New("the vault is locked")
	m := newKeyMaker()
	s := m.process(t, failing{errLocked}, KeysOptions{})
	for _, err := range []error{
		func() error { _, err := s.Track(t.Context(), "/t"); return err }(),
		s.Keys().Rotate(t.Context()), s.Keys().RenewSecret(t.Context()),
	} {
		wantError(t, err, ErrKeyStore)
		if !errors.Is(err, errLocked) {
			t.Errorf("%v", err)
		}
	}
	empty := m.process(t, &memory{}, KeysOptions{})
	_, err := empty.Track(t.Context(), "/t")
	wantError(t, err, ErrKeyStore)
	noLock := m.process(t, connected(), KeysOptions{Lock: func(context.Context) (func(), error) { return nil, errLocked }})
	for _, err := range []error{noLock.Keys().Rotate(t.Context()), noLock.Keys().RenewSecret(t.Context())} {
		if !errors.Is(err, errLocked) {
			t.Errorf("%v", err)
		}
	}
}

// failing is a store that cannot be read.
type failing struct{ err error }

func (f failing) Load(context.Context) (KeySet, error)              { return KeySet{}, f.err }
func (f failing) SaveCurrent(context.Context, Secret, Secret) error { return f.err }
func (f failing) SaveSecret(context.Context, Secret, Secret) error  { return f.err }

func TestARefusedRotationLeavesNoDoubt(t *testing.T) {
	m, store := newKeyMaker(), connected()
	m.secret = "another"
	var events []KeyEvent
	s := m.process(t, store, KeysOptions{OnChange: func(e KeyEvent) { events = append(events, e) }})
	m.expire()
	_, err := s.Track(t.Context(), "/t")
	wantError(t, err, ErrKeyInvalid)
	if set := store.now(); set.unsure() || set.Current.Reveal() != "key-initial" || len(events) != 1 || events[0].Kind != KeyRotateFailed || !errors.Is(events[0].Err, ErrKeyInvalid) {
		t.Errorf("unsure: %v, %+v", store.now().unsure(), events)
	}
	if Do(err) != ActionReconnect {
		t.Errorf("%s", Do(err))
	}
}

func TestAnOlderDoubtStaysWhenARotationIsRefused(t *testing.T) {
	m, store := newKeyMaker(), connected()
	store.set.Previous = store.set.Current // a rotation was begun, its answer lost; it was carried out:
	m.key, m.made, m.locked = "key-1", 1, true
	s := m.process(t, store, KeysOptions{})
	err := s.Keys().Rotate(t.Context())
	wantError(t, err, ErrKeyLocked)
	m.locked = false
	works(t, s) // the old key is called invalid, and the doubt makes it rotate
}

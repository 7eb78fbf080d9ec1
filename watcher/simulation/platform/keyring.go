package platform

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zalando/go-keyring"

	"postroom/sage/vault"
	"postroom/watcher/simulation/gate"
)

// Keyring is a computer's keyring, the layer below vault.Keyring. What was set stays through the death of a process, and
// a Set that was begun has either taken effect or not.
type Keyring struct {
	gate   *gate.Gate
	faults atomic.Pointer[Faults]

	mu       sync.Mutex // guards what follows; never held across the gate
	items    map[string]string
	ever     []string // every value that was kept, in the order of their coming
	held     map[string]bool
	troubles int
	hanging  int // calls that hang just now
	locked   bool
	halves   bool
	calm     chan struct{} // closed when what hangs may go on
}

// NewKeyring makes an empty keyring.
func NewKeyring(g *gate.Gate) *Keyring {
	k := &Keyring{gate: g, items: map[string]string{}, held: map[string]bool{}, calm: make(chan struct{})}
	k.faults.Store(&Faults{})
	return k
}

// View is the keyring as a process reaches it. It is for vault.KeyringOptions.
func (k *Keyring) View(p *gate.Process) vault.Store { return view{k, p} }

// SetFaults says what goes wrong from now on.
func (k *Keyring) SetFaults(f Faults) { k.faults.Store(&f) }

// Calm ends all faults, unlocks, and lets go on what hangs.
func (k *Keyring) Calm() {
	k.SetFaults(nil)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.locked = false
	close(k.calm)
	k.calm = make(chan struct{})
}

// SetLocked locks the keyring until it is unlocked.
func (k *Keyring) SetLocked(locked bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.locked = locked
}

// SetHalves has a value that a process was made to fail over be there by half, as when it ends in the middle of a Set.
func (k *Keyring) SetHalves(halves bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.halves = halves
}

// Held tells whether a value was ever kept.
func (k *Keyring) Held(value string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held[value]
}

// Ever are all values that were ever kept.
func (k *Keyring) Ever() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.ever)
}

// Troubles counts the faults so far after which what is kept may not be what somebody thinks.
func (k *Keyring) Troubles() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.troubles
}

// Hangs tells whether a call hangs just now, so that whoever stores something may wait behind it and give up.
func (k *Keyring) Hangs() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.hanging > 0
}

// Items are the values that are kept, by account ("connection/item").
func (k *Keyring) Items() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.items)
}

// Lose removes an item, as a person or another program does.
func (k *Keyring) Lose(account string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.troubles++
	delete(k.items, account)
}

// Errors that the keyring answers with.
var (
	errLocked = fmt.Errorf("simulated keyring: %w", vault.ErrLocked)
	errFails  = errors.New("simulated keyring: input/output error")
	errFull   = errors.New("simulated keyring: no space left")
)

// hang is the most that a call hangs: more than any caller waits.
const hang = 90 * time.Second

// view is the keyring of a process.
type view struct {
	k *Keyring
	p *gate.Process
}

// Get implements vault.Store.
func (v view) Get(_, account string) (value string, err error) {
	err = v.effect("keyring.get", account, func() error {
		if v.chance(KeyringVanishes, recoverable(account)) {
			delete(v.k.items, account)
			v.k.troubles++
		}
		var ok bool
		if value, ok = v.k.items[account]; !ok {
			return keyring.ErrNotFound
		}
		return nil
	})
	return value, err
}

// Set implements vault.Store.
func (v view) Set(_, account, secret string) error {
	err := v.effect("keyring.set", account, func() error {
		if v.chance(KeyringFull, true) {
			v.k.troubles++
			return errFull
		}
		if v.chance(KeyringDiffers, true) {
			v.k.troubles++
			secret = half(secret)
		}
		v.k.keep(account, secret)
		return nil
	})
	if errors.Is(err, gate.ErrFault) && v.halves(account, secret) {
		err = cmp.Or(v.p.Done(gate.Effect{Operation: "keyring.set", Path: account}), err)
	}
	return err
}

// halves keeps half of a value, if that is asked for.
func (v view) halves(account, secret string) bool {
	v.k.mu.Lock()
	defer v.k.mu.Unlock()
	if v.k.halves {
		v.k.troubles++
		v.k.keep(account, half(secret))
	}
	return v.k.halves
}

func half(secret string) string { return secret[:len(secret)/2] + "?" }

// keep must be called with mu held.
func (k *Keyring) keep(account, secret string) {
	k.items[account] = secret
	if !k.held[secret] {
		k.held[secret] = true
		k.ever = append(k.ever, secret)
	}
}

// Delete implements vault.Store.
func (v view) Delete(_, account string) error {
	return v.effect("keyring.delete", account, func() error {
		if _, ok := v.k.items[account]; !ok {
			return keyring.ErrNotFound
		}
		delete(v.k.items, account)
		return nil
	})
}

// recoverable tells the items that a rotation can bring back.
func recoverable(account string) bool {
	return strings.HasSuffix(account, "/"+string(vault.CurrentKey)) || strings.HasSuffix(account, "/"+string(vault.PreviousKey))
}

// chance draws whether a kind happens that can. It may be called with mu held.
func (v view) chance(k Kind, can bool) bool {
	if !can || !v.k.gate.Chance((*v.k.faults.Load())[k]) {
		return false
	}
	v.k.gate.Count(string(k))
	v.k.gate.Note(v.p.Name(), "keyring", string(k))
	return true
}

// effect passes the gate, does one thing, and says how it came out.
func (v view) effect(operation, account string, do func() error) error {
	e := gate.Effect{Operation: operation, Path: account}
	if err := v.p.Pass(e); err != nil {
		return err
	}
	err := v.suffer(e, do)
	if dead := v.p.Done(e); dead != nil {
		return dead
	}
	return err
}

func (v view) suffer(e gate.Effect, do func() error) error {
	if v.chance(KeyringHangs, true) {
		if err := v.hang(e, time.Duration(v.k.gate.Intn(int(hang)))); err != nil {
			return err
		}
	}
	locked := v.chance(KeyringLocked, true)
	fails := v.chance(KeyringFails, true)
	v.k.mu.Lock()
	defer v.k.mu.Unlock()
	switch {
	case locked || v.k.locked:
		v.k.troubles++
		return errLocked
	case fails:
		v.k.troubles++
		return errFails
	}
	if err := do(); err != nil {
		return err
	}
	if e.Operation != "keyring.get" && v.chance(KeyringErrorAfter, true) {
		v.k.troubles++
		return errFails
	}
	return nil
}

// hang lets time pass, unless the process dies or all is to be well.
func (v view) hang(e gate.Effect, d time.Duration) error {
	v.k.mu.Lock()
	v.k.troubles++
	v.k.hanging++
	calm := v.k.calm
	v.k.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-calm:
	case <-v.p.Dead():
	}
	v.k.mu.Lock()
	v.k.troubles++ // others waited behind it and may have given up since
	v.k.hanging--
	v.k.mu.Unlock()
	return v.p.Pass(e)
}

package watcher

import (
	"context"
	"errors"
	"time"

	"postroom/sage"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// The lines of a connection's timeline.
const (
	renewalConnected = "connected"
	renewalRenewed   = "renewed"       // a new key
	renewalUnlocked  = "secretRenewed" // a new secret, which also unlocks
	renewalFailed    = "renewFailed"
)

const maxRenewals = 500 // lines of a connection's timeline that are shown

// keyEvent is what happened to a connection's key, on its way from the call that noticed to the journal.
type keyEvent struct {
	connection string
	change     sage.KeyEvent
	byHand     bool
}

// Rotate gets a new key now for a company's connections, or for that of one domain: one call each.
func (e *Engine) Rotate(ctx context.Context, company, domain string) error {
	accounts, err := e.loadAccounts(ctx)
	if err != nil {
		return err
	}
	found := false
	var errs []error
	for _, account := range accounts {
		if disk.Fold(account.Company) != disk.Fold(company) || domain != "" && account.Domain != domain {
			continue
		}
		found = true
		errs = append(errs, e.withKeys(ctx, account, (*sage.Keys).Rotate))
	}
	if !found {
		return refuse(ErrNotFound, "companyUnknown", "company", company, "domain", domain)
	}
	return errors.Join(errs...)
}

// RenewSecret replaces a connection's secret, which also unlocks a key that is locked for a time.
func (e *Engine) RenewSecret(ctx context.Context, connection string) error {
	account, err := e.account(connection)
	if err != nil {
		return err
	}
	return e.withKeys(ctx, account, (*sage.Keys).RenewSecret)
}

// withKeys does what a person asked with the connection's keys: with those its lanes use where there are lanes, since
// there may be one in a process, and otherwise with keys of this call's own.
func (e *Engine) withKeys(ctx context.Context, account Account, do func(*sage.Keys, context.Context) error) error {
	if _, err := e.unlocked(ctx); err != nil {
		return err
	}
	way, adopted := e.dialledFor(account.ID)
	if !adopted {
		var err error
		if way, err = e.dial(ctx, account); err != nil {
			return err
		}
		defer way.client.Close()
	}
	e.handle(account.ID, 1)
	err := do(way.keys, ctx)
	e.handle(account.ID, -1)
	if !adopted {
		e.drainKeyEvents(ctx)
	}
	return platformProblem(account.Platform, err)
}

// dialledFor is the way to the platform that a connection's lanes use.
func (e *Engine) dialledFor(connection string) (dialled, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l, ok := e.links[connection]
	if !ok || l.keys == nil {
		return dialled{}, false
	}
	return l.dialled, true
}

// handle counts who is renewing a connection's key by hand, so that the timeline can say what went by itself.
func (e *Engine) handle(connection string, by int) {
	e.onboarding.mu.Lock()
	defer e.onboarding.mu.Unlock()
	if e.onboarding.byHand[connection] += by; e.onboarding.byHand[connection] <= 0 {
		delete(e.onboarding.byHand, connection)
	}
}

// noteKeyEvent is told by the client, in the middle of a call: it must not wait.
func (e *Engine) noteKeyEvent(connection string, change sage.KeyEvent) {
	e.onboarding.mu.Lock()
	byHand := e.onboarding.byHand[connection] > 0
	e.onboarding.mu.Unlock()
	select {
	case e.onboarding.keyEvents <- keyEvent{connection: connection, change: change, byHand: byHand}:
	default:
		e.log.Warn("a key's change was not written down", "connection", connection, "change", string(change.Kind))
	}
}

// drainKeyEvents writes down what happened, where no runConnections does.
func (e *Engine) drainKeyEvents(ctx context.Context) {
	for {
		select {
		case event := <-e.onboarding.keyEvents:
			e.keyChanged(ctx, event)
		default:
			return
		}
	}
}

// keyChanged writes a line of the timeline and tells the connection's lanes.
func (e *Engine) keyChanged(ctx context.Context, event keyEvent) {
	at := event.change.At
	if at.IsZero() {
		at = e.now()
	}
	args := map[string]string{"by": "itself"}
	if event.byHand {
		args["by"] = "person"
	}
	kind, state := "", KeyGood
	switch event.change.Kind {
	case sage.KeyRotated:
		kind = renewalRenewed
	case sage.KeySecretRenewed:
		kind = renewalUnlocked
	case sage.KeyRotateFailed, sage.KeyRenewFailed:
		kind, state = renewalFailed, keyStateOf(event.change.Err)
		if told, ok := errors.AsType[*ProblemError](platformProblem("", event.change.Err)); ok {
			args["problem"] = told.Problem.Code
		}
	case sage.KeyAdopted: // another process rotated, and wrote it down
	}
	if kind != "" {
		e.writeRenewal(ctx, event.connection, journal.Entry{At: at.UTC(), Kind: kind, Args: args})
	}
	if state != KeyUnknown {
		e.noteKey(ctx, event.connection, state)
	}
	e.emit(Event{Kind: EventConnection, ID: event.connection})
}

func (e *Engine) writeRenewal(ctx context.Context, connection string, entry journal.Entry) {
	if err := e.journal.Put(ctx, journal.Renewed{Connection: connection, Entry: entry}); err != nil {
		e.log.Warn("a line of a connection's timeline was not written", "connection", connection, "error", err)
	}
}

// keyStateOf is what an error of a call with the key, or of its rotation, says of the key; KeyUnknown when nothing.
func keyStateOf(err error) KeyState {
	for _, says := range []struct {
		err   error
		state KeyState
	}{
		{sage.ErrKeyLockedHard, KeyLockedHard},
		{sage.ErrKeyLocked, KeyLocked},
		{sage.ErrKeyRevoked, KeyRevoked},
		{sage.ErrKeyInvalid, KeyInvalid},
		{sage.ErrKeyExpired, KeyExpired},
	} {
		if errors.Is(err, says.err) {
			return says.state
		}
	}
	return KeyUnknown
}

// Renewals is a connection's timeline, the newest line first.
func (e *Engine) Renewals(ctx context.Context, connection string) ([]Renewal, error) {
	account, err := e.account(connection)
	if err != nil {
		return nil, err
	}
	entries, err := e.journal.Renewals(ctx, connection, maxRenewals)
	if err != nil {
		return nil, err
	}
	connected := Renewal{At: account.ConnectedAt, Kind: renewalConnected}
	renewals := make([]Renewal, 0, len(entries)+1)
	placed := false
	place := func(before time.Time) {
		if !placed && !before.After(connected.At) {
			renewals = append(renewals, connected)
			placed = true
		}
	}
	for _, entry := range entries {
		place(entry.At)
		renewals = append(renewals, Renewal{At: entry.At, Kind: entry.Kind, Args: entry.Args})
	}
	place(time.Time{})
	return renewals, nil
}

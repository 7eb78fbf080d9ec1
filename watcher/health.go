package watcher

import (
	"context"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// seenEvery is how often the moment of the platform's last word is written down.
const seenEvery = 5 * time.Minute

// keyProblems are what a person is told of a key that does not work, and the states in which only a person can mend it.
var keyProblems = map[KeyState]struct {
	code  string
	stops bool
}{
	KeyExpired:    {"connectionExpired", false},
	KeyInvalid:    {"connectionInvalid", true},
	KeyRevoked:    {"connectionRevoked", true},
	KeyLocked:     {"connectionLocked", true},
	KeyLockedHard: {"connectionLockedHard", true},
}

// recall reads what was known of the connection's key before the start. A key that did not work then is tried once: a
// person may have mended it meanwhile.
func (l *link) recall(ctx context.Context) error {
	l.health = journal.Link{Connection: l.account.ID, KeyState: string(KeyUnknown), Since: l.account.ConnectedAt}
	links, err := l.e.journal.Links(ctx)
	if err != nil {
		return err
	}
	for _, known := range links {
		if known.Connection == l.account.ID {
			l.health, l.saved = known, known.SeenAt
		}
	}
	return nil
}

// noteKey records what became known of a connection's key: rotated, locked, revoked, good again. The link's lanes stop or
// go on accordingly. Called by connections.go from sage.KeysOptions.OnChange and after Rotate and RenewSecret, and by
// the lanes.
func (e *Engine) noteKey(ctx context.Context, connection string, state KeyState) {
	l := e.linkOf(connection)
	if l == nil {
		return
	}
	l.mu.Lock()
	was := KeyState(l.health.KeyState)
	if was != state {
		l.health.KeyState, l.health.Since = string(state), e.now().UTC()
	}
	l.health.CheckedAt = e.now().UTC()
	health := l.health
	l.mu.Unlock()
	if says := keyProblems[state]; says.stops {
		l.gate.close(newProblem(says.code))
	} else if state == KeyGood {
		l.gate.lift()
	}
	if was == state {
		return
	}
	changes := []journal.Change{journal.Linked{Link: health}}
	if kind := keyTurn(was, state); kind != "" {
		changes = append(changes, journal.Renewed{Connection: connection, Entry: journal.Entry{At: e.now().UTC(), Kind: kind}})
	}
	if err := e.journal.Put(ctx, changes...); err != nil {
		e.log.Warn("the state of a key was not written down", "connection", connection, "state", string(state), "error", err)
	}
	l.changed()
}

// keyTurn is the line of the timeline for a turn for the worse, or back; "" for none.
func keyTurn(was, state KeyState) string {
	switch {
	case state == KeyLocked, state == KeyLockedHard, state == KeyRevoked, state == KeyInvalid:
		return string(state)
	case state == KeyGood && keyProblems[was].stops:
		return "works"
	}
	return ""
}

// admit waits until the connection may speak; what comes of it is noted for all of its lanes.
func (l *link) admit(ctx context.Context, wanted <-chan struct{}) (func(courier.Failure), error) {
	leave, err := l.gate.enter(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return func(f courier.Failure) {
		leave(f, l.e.now())
		l.heard(ctx, f)
	}, nil
}

// heard notes what an answer says of the key, and that there was one.
func (l *link) heard(ctx context.Context, f courier.Failure) {
	if f.Kind == courier.Interrupted {
		return
	}
	if state := keyStateOf(f.Err); f.Err != nil && state != KeyUnknown {
		l.e.noteKey(ctx, l.account.ID, state)
		return
	}
	if f.Kind == courier.Later || f.Kind == courier.Key || f.Kind == courier.Unreadable {
		return // no word of the platform's about this connection
	}
	now := l.e.now().UTC()
	l.mu.Lock()
	l.health.SeenAt = now
	good := KeyState(l.health.KeyState) == KeyGood
	late := now.Sub(l.saved) > seenEvery || l.saved.After(now)
	if late {
		l.saved = now
	}
	l.mu.Unlock()
	switch {
	case !good:
		l.e.noteKey(ctx, l.account.ID, KeyGood)
	case late:
		l.save(ctx)
	}
}

// save writes down what is known of the connection.
func (l *link) save(ctx context.Context) {
	l.mu.Lock()
	health := l.health
	l.mu.Unlock()
	if err := l.e.journal.Put(ctx, journal.Linked{Link: health}); err != nil {
		l.e.log.Debug("what is known of a connection was not written down", "connection", l.account.ID, "error", err)
	}
}

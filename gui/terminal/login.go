package terminal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"postroom/watcher"
)

// loginEntry is the system's note that the agent starts when this person logs in.
type loginEntry interface {
	// Set writes the note or takes it away, if it is not as wanted already.
	Set(on bool) error
	// There tells whether there is a note, whatever it says.
	There() (bool, error)
}

// loginArgs start the agent of a home: without a flag for the person's own, so that it finds it by itself.
func loginArgs(home string) []string {
	if isOwnHome(home) {
		return []string{"run", "--detached"}
	}
	return []string{"run", "--detached", "--home", home}
}

// loginName tells the notes of several homes apart, so that trying Postroom out elsewhere takes nothing away.
func loginName(home string) string {
	if isOwnHome(home) {
		return "postroom"
	}
	sum := sha256.Sum256([]byte(home))
	return "postroom-" + hex.EncodeToString(sum[:6])
}

func isOwnHome(home string) bool {
	own, err := ownHome()
	return err == nil && own == home
}

// keepLogin keeps the note as the settings want it, until ctx ends.
func (a *agent) keepLogin(ctx context.Context) error {
	events, err := a.engine.Events(ctx)
	if err != nil {
		return err
	}
	for {
		settings, err := a.engine.Settings(ctx)
		if err == nil {
			err = a.login.Set(settings.StartAtLogin)
		}
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "start at login could not be set", slog.Any("error", err))
		}
		for changed := false; !changed; {
			e, more := <-events
			if !more {
				return nil
			}
			changed = e.Kind == watcher.EventSettings || e.Kind == watcher.EventAll
		}
	}
}

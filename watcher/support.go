package watcher

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

// Support is what somebody who helps needs to see of a home, and nothing else: no content of a file, no key, no secret.
// Names of files, companies and people are data of persons, so they are masked unless they were asked for.
type Support struct {
	Version     string             `json:"version"` // of whoever answers
	Go          string             `json:"go"`
	System      string             `json:"system"`
	Modules     []string           `json:"modules"` // built in, with their versions
	Agent       bool               `json:"agent"`   // an agent answers, not a command
	Names       bool               `json:"names"`   // names are told as they are
	Settings    Settings           `json:"settings"`
	Connections []Connection       `json:"connections"`
	Problems    []Problem          `json:"problems"`
	Journal     journal.Statistics `json:"journal"`
	Findings    []Finding          `json:"findings"`
	Log         []string           `json:"log"` // the last lines, the oldest first
}

// LogLines is how many lines of the log Support has.
const LogLines = 1000

// Support gathers. With names, names of files, companies and people, and the folders that hold them, stand as they are;
// otherwise each is replaced by a mark of its own, the same wherever it stands in one Support and another in the next.
func (e *Engine) Support(ctx context.Context, names bool) (Support, error) {
	s := Support{
		Version: e.options.Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Modules: modules(),
		Agent: e.options.Agent, Names: names, Settings: e.settings(), Problems: e.reports(),
	}
	var err error
	if s.Connections, err = e.Connections(ctx); err != nil {
		return s, err
	}
	if s.Findings, err = e.Doctor(ctx); err != nil {
		return s, err
	}
	if j, can := e.journal.(inspected); can {
		if s.Journal, err = j.Statistics(ctx); err != nil {
			return s, err
		}
	}
	if e.options.LogLines != nil {
		if s.Log, err = e.options.LogLines(LogLines); err != nil {
			return s, err
		}
	}
	if !names {
		if err := e.mask(ctx, &s); err != nil {
			return s, err
		}
	}
	return s, e.strike(ctx, &s)
}

// modules are what the program is built of.
func modules() []string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return nil
	}
	list := make([]string, 0, len(info.Deps))
	for _, m := range info.Deps {
		list = append(list, m.Path+" "+m.Version)
	}
	return list
}

// strike is a last look for secrets, in the one part of a Support that others have written: the log. Nothing is meant to
// be found; a locked vault cannot say what to look for.
func (e *Engine) strike(ctx context.Context, s *Support) error {
	secrets, err := e.unlocked(ctx)
	if errors.Is(err, ErrVaultLocked) {
		return nil
	}
	if err != nil {
		e.log.Warn("the log was not searched for secrets", "error", err)
		return nil
	}
	records, err := e.readRecords()
	if err != nil && !errors.Is(err, errDamaged) {
		return err
	}
	var values []sage.Secret
	for _, record := range records {
		for _, item := range vault.Items() {
			value, err := secrets.Get(ctx, record.vaultName(), item)
			if err == nil && !value.IsZero() {
				values = append(values, value)
			}
		}
	}
	text := sage.StruckOut(strings.Join(s.Log, "\n"), values...)
	if s.Log = nil; text != "" {
		s.Log = strings.Split(text, "\n")
	}
	return ctx.Err()
}

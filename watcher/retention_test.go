package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// can is a trash: what was put into it, by name.
type can struct {
	dir  string
	full error
}

func (c *can) put(name string) error {
	if c.full != nil {
		return c.full
	}
	return os.Rename(name, filepath.Join(c.dir, filepath.Base(name)))
}

func (c *can) names(t *testing.T) string {
	t.Helper()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// keeping has the engine keep history and Sent for so many days.
func (r *rig) keeping(history, sent int) {
	r.t.Helper()
	s, err := r.Settings(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	s.KeepHistoryDays, s.KeepSentDays = history, sent
	if err := r.SaveSettings(r.t.Context(), s); err != nil {
		r.t.Fatal(err)
	}
}

// wallClock is a wall clock that a test sets ahead.
type wallClock struct{ ahead time.Duration }

func (c *wallClock) now() time.Time { return time.Now().Add(c.ahead) }

// later is so many days later in an office that works: a file has just been dropped. What is old is put away.
func (r *rig) later(c *wallClock, days int) {
	r.t.Helper()
	c.ahead += time.Duration(days) * aDay
	name := "at " + c.now().Format("20060102") + ".json"
	r.drop(acme, "Outbox/orders/"+name, orders(10_000+int(c.ahead/aDay), 1))
	r.pass(10 * time.Minute)
	r.named(name)
	if err := r.tidy(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func TestWhatIsKeptNoLongerGoesAndWhatIsInDoubtStays(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		trash := &can{dir: t.TempDir()}
		c := &wallClock{}
		r.options.Trash, r.options.Now = trash.put, c.now
		r.start()
		r.keeping(30, 90)
		for i, name := range []string{"accepted.json", "edited.json", "taken.json"} {
			r.drop(acme, "Outbox/orders/"+name, orders(10*i+1, 1))
		}
		r.drop(acme, "Outbox/orders/refused.json", []byte(`[{"id": 1}]`))
		r.pass(10 * time.Minute)
		accepted := r.expect("accepted.json", journal.Accepted)
		refused := r.expect("refused.json", journal.Unchecked)
		changed := filepath.Join(r.desk, acme, filepath.FromSlash(r.named("edited.json").Path))
		if err := os.WriteFile(changed, []byte("a note of my own"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(r.desk, acme, filepath.FromSlash(r.named("taken.json").Path))); err != nil {
			t.Fatal(err)
		}
		r.later(c, 40)
		if got := r.found(Query{Text: "accepted.json"}); got != "" {
			t.Errorf("after 40 days the history has %q", got)
		}
		if got := r.found(Query{Text: "refused.json"}); got != "refused.json" {
			t.Errorf("what needs a person is %q", got)
		}
		if got := trash.names(t); got != "" {
			t.Errorf("in the trash after 40 days: %q", got)
		}
		// The content is known for as long as it would be noticed.
		r.drop(acme, "Outbox/orders/again.json", orders(1, 1))
		r.pass(10 * time.Minute)
		if held := r.expect("again.json", journal.Held); held.Problem.Args["other"] != "accepted.json" {
			t.Errorf("held for %v", held.Problem)
		}
		r.later(c, 60)
		if got := trash.names(t); got != "accepted.json" {
			t.Errorf("in the trash after 100 days: %q", got)
		}
		if kept, err := os.ReadFile(changed); err != nil || string(kept) != "a note of my own" {
			t.Errorf("the edited file: %q, %v", kept, err)
		}
		if _, err := r.journal.Transfer(t.Context(), accepted.ID); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("its record is there still: %v", err)
		}
		if _, err := r.journal.Transfer(t.Context(), refused.ID); err != nil {
			t.Errorf("the record that needs a person: %v", err)
		}
		r.expect("again.json", journal.Held)
	})
}

func TestNothingGoesUnlessItWasChosen(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		trash := &can{dir: t.TempDir()}
		c := &wallClock{}
		r.options.Trash, r.options.Now = trash.put, c.now
		r.start()
		r.keeping(0, 0)
		r.drop(acme, "Outbox/orders/first.json", orders(1, 1))
		r.later(c, 200)
		first := r.expect("first.json", journal.Accepted)
		if got := r.found(Query{Text: "first.json"}); got != "first.json" || trash.names(t) != "" || !strings.Contains(r.files(acme), first.Path) {
			t.Errorf("history %q, trash %q", got, trash.names(t))
		}
	})
}

func TestAFileForWhichThereIsNoTrashStays(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		trash := &can{dir: t.TempDir(), full: disk.ErrNoTrash}
		c := &wallClock{}
		r.options.Trash, r.options.Now = trash.put, c.now
		r.start()
		r.keeping(0, 30)
		r.drop(acme, "Outbox/orders/first.json", orders(1, 1))
		r.later(c, 60)
		if first := r.expect("first.json", journal.Accepted); !strings.Contains(r.files(acme), first.Path) || first.Path == "" {
			t.Errorf("it is gone from %q", first.Path)
		}
	})
}

func TestAClockThatJumpsAheadMakesNothingOld(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		c := &wallClock{}
		r.options.Now = c.now
		r.start()
		r.drop(acme, "Outbox/orders/first.json", orders(1, 1))
		r.pass(10 * time.Minute)
		c.ahead = 3 * 365 * aDay
		r.drop(acme, "Outbox/orders/second.json", orders(10, 1))
		r.pass(2 * time.Hour)
		if got := r.found(Query{}); got != "second.json first.json" {
			t.Errorf("the history has %q", got)
		}
	})
}

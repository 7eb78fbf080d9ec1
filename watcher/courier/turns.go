package courier

import (
	"maps"
	"path"
	"strings"
	"time"

	"postroom/sage"
	"postroom/watcher/journal"
)

// What the transitions of machine.go are put together from.

func (m *machine) end(state journal.State, why *journal.Problem) {
	m.t.State, m.t.Problem = state, why
	m.t.Doubt, m.t.Barred, m.t.Unready, m.t.Progress, m.t.Strikes = false, false, false, nil, 0
	m.t.EndedAt = m.at.Now.UTC()
	m.now()
}

// await: a result is looked for after any final word.
func (m *machine) await(word sage.Tracking) {
	m.t.ResultState, m.t.ResultURL = journal.ResultAwaited, word.ResultURL
}

// move says where the file is to lie; it is owed from here on.
func (m *machine) move(folder string) {
	at := m.t.Lies()
	if at == "" {
		return // a person took it away
	}
	name := m.t.Name
	if strings.HasPrefix(at, "Sent/") {
		name = path.Base(at) // it may have a number there, and its result has it too
	}
	m.t.From, m.t.Path = at, path.Join(folder, name)
}

// unheard counts a record that may have been made without anybody hearing of it, so that the next one is asked for under
// another key: by then the file may have another name, and another content.
func (m *machine) unheard() {
	if m.t.State == journal.Claimed {
		m.t.Creations++
	}
}

// now lets the next step begin at once. Strikes are kept: what does not fit may take several steps to come round.
func (m *machine) now() {
	m.t.Attempts, m.t.NextAttempt, m.t.Cause = 0, time.Time{}, nil
}

// lookAgain sets the next look at tracking: soon after news, then ever later.
func (m *machine) lookAgain(news bool) {
	if news {
		m.t.Attempts = 0
	}
	m.t.NextAttempt = m.at.after(m.pace.Track.Delay(m.t.Attempts, m.at.Random))
	m.t.Attempts++
}

// wait puts the step off, and says what for. A cause that is new is told in the timeline.
func (m *machine) wait(f Failure, pause Pause) {
	delay := max(pause.Delay(m.t.Attempts, m.at.Random), f.After)
	if f.Shared {
		delay = 0 // the connection's gate waits, for all of its lanes
	} else {
		m.t.Attempts++
	}
	m.t.NextAttempt = m.at.after(delay)
	if m.t.Cause == nil || m.t.Cause.Code != f.Problem.Code {
		m.tellWhy("waiting", &f.Problem)
	}
	m.t.Cause = &f.Problem
}

func (m *machine) tell(kind string, args ...string) {
	e := journal.Entry{At: m.at.Now.UTC(), Kind: kind}
	if len(args) > 0 {
		e.Args = make(map[string]string, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			e.Args[args[i]] = args[i+1]
		}
	}
	m.entries = append(m.entries, e)
}

// tellWhy tells a turn with its reason, so that a sentence can be made of it later.
func (m *machine) tellWhy(kind string, why *journal.Problem) {
	m.tell(kind, "problem", why.Code)
	maps.Copy(m.entries[len(m.entries)-1].Args, why.Args)
}

func (c Clock) after(d time.Duration) time.Time { return c.Now.Add(d).UTC() }

func samePercent(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func problem(code string, args ...string) *journal.Problem {
	p := &journal.Problem{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = make(map[string]string)
		}
		p.Args[args[i]] = args[i+1]
	}
	return p
}

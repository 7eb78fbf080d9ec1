package watcher

import (
	"strings"

	"postroom/assets"
	"postroom/watcher/journal"
)

// note is the text that lies beside a file that was refused, not sent, or whose fate is not clear: in plain words, in
// the person's language.
func (e *Engine) note(t journal.Transfer) string {
	words := assets.For(assets.Language(e.settings().Language))
	name := map[string]any{"name": t.Name}
	key := "note.unsent"
	switch t.State {
	case journal.Refused:
		key = "note.refused"
	case journal.Unknown:
		key = "note.unclear"
	}
	lines := []string{words.Say(key, name), ""}
	if t.Problem != nil {
		what, do := words.Problem(t.Problem.Code, withName(t.Problem.Args, t.Name))
		lines = append(lines, what, do)
	}
	if t.RemoteStatus != "" {
		lines = append(lines, words.Say("note.status", map[string]any{"status": t.RemoteStatus}))
	}
	at := t.EndedAt
	if at.IsZero() {
		at = t.UpdatedAt
	}
	// The day is always told: the note is read much later, perhaps.
	lines = append(lines, "", words.DateTime(at, at.AddDate(0, 0, 7)))
	return strings.Join(lines, "\n") + "\n"
}

// withName adds the file's name to the arguments of a sentence that may speak of it.
func withName(args map[string]string, name string) map[string]string {
	all := map[string]string{"name": name}
	for key, value := range args {
		all[key] = value
	}
	return all
}

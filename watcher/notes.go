package watcher

import (
	"strings"
	"unicode"

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
	for i, line := range lines {
		lines[i] = legible(line)
	}
	return strings.Join(lines, "\n") + "\n"
}

// legible is a line that may hold a file's name or the platform's words, without what could move text about where it is
// read: a terminal obeys some characters, and marks of direction make one ending read as another.
func legible(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(line, string(unicode.ReplacementChar)))
}

// withName adds the file's name to the arguments of a sentence that may speak of it.
func withName(args map[string]string, name string) map[string]string {
	all := map[string]string{"name": name}
	for key, value := range args {
		all[key] = value
	}
	return all
}

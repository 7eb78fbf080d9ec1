package watcher

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/journal"
)

// FuzzAResultsNameIsOneStepInTheInbox makes the name of a result from that of any file that could be dropped.
func FuzzAResultsNameIsOneStepInTheInbox(f *testing.F) {
	for _, name := range []string{
		"orders.json", "a.result.json", "..json", "a", "a.", "a ", "-", "~", `a\b`, `..\..\x`, "C:x", "con.json", "\xff.json", "new\nline.json", strings.Repeat("ä", 127), strings.Repeat("a", 255),
		strings.Repeat("x", 250) + ".json", "\u202egpj.json", "a.error.txt", "a.unclear.txt.json", " .json", "x..json", "é.json", "e\u0301.json",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || len(name) > 255 || strings.ContainsAny(name, "/\x00") || strings.HasPrefix(name, ".") {
			return // no file system gives such a name, or it is hidden and never looked at
		}
		for _, transfer := range []journal.Transfer{{Name: name}, {Name: "other.json", Path: "Sent/2026-11/" + name}} {
			got := resultName(&transfer)
			at := path.Join(inbox.Results, got)
			if path.Dir(at) != inbox.Results || path.Base(at) != got || strings.ContainsAny(got, "/\x00") || len(got) > 255 || strings.HasPrefix(got, ".") {
				t.Errorf("the result of %q would lie at %q", name, at)
			}
			if !strings.HasSuffix(got, inbox.ResultEnd) || utf8.ValidString(name) && !utf8.ValidString(got) {
				t.Errorf("the result of %q is called %q", name, got)
			}
			if _, err := disk.Under("/company", at); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

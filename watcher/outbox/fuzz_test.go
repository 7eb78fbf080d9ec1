package outbox

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postroom/watcher/disk"
)

// FuzzNamesOfDroppedFilesAreCarriedOrLeftAlone decides on any name by the usual list and by any pattern of a person's.
func FuzzNamesOfDroppedFilesAreCarriedOrLeftAlone(f *testing.F) {
	for _, name := range []string{
		"orders.json", "~$orders.json", "ORDERS.TMP", "a.part", "x.crdownload", "Desktop.INI", "THUMBS.DB", ".hidden", "..", "", "a\nb.json", "\xff.json", "e\u0301.tmp", "É.TMP", "*.tmp", "[", "İ.TMP",
		"ꮟ.json", strings.Repeat("a", 255), "a/b.tmp", `a\b.tmp`, "con.tmp", "thumbs.db ", "a.tmp.json",
	} {
		for _, pattern := range []string{"", "*", "**", "?", "[a-z]*", "[", "[^a]", `\`, `\*`, "*.bak", "É*", "e\u0301*", strings.Repeat("*a", 40), "[]]", "[z-a]", "\x00", "\xff*", " x "} {
			f.Add(name, pattern)
		}
	}
	usual, err := compileIgnore(DefaultIgnore())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, pattern string) {
		folded := disk.Fold(name)
		want := strings.HasPrefix(name, ".") || strings.HasPrefix(folded, "~$") || folded == "desktop.ini" || folded == "thumbs.db"
		for _, end := range []string{".tmp", ".part", ".crdownload"} {
			want = want || strings.HasSuffix(folded, end)
		}
		if got := usual.match(name); got != want {
			t.Errorf("%q is left alone: %t, want %t", name, got, want)
		}
		own, err := compileIgnore([]string{pattern})
		if err != nil {
			if text := err.Error(); strings.ContainsAny(text, "\n\r\x00") || !utf8.ValidString(text) || len(text) > 8*len(pattern)+100 {
				t.Errorf("%q explains nothing", text)
			}
			return
		}
		got := own.match(name)
		if again := own.match(name); again != got {
			t.Errorf("%q by %q: %t, then %t", name, pattern, got, again)
		}
		if strings.HasPrefix(name, ".") && !got {
			t.Errorf("the hidden %q is not left alone", name)
		}
		if utf8.ValidString(name) && own.match(norm.NFD.String(name)) != own.match(norm.NFC.String(name)) {
			t.Errorf("%q by %q: two forms of one name are told apart", name, pattern)
		}
		if strings.TrimSpace(pattern) == "" && got != strings.HasPrefix(name, ".") {
			t.Errorf("nothing leaves %q alone: %t", name, got)
		}
	})
}

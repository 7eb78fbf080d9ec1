package disk_test

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postroom/watcher/disk"
)

// hostileNames are names of each kind that a platform, a profile or another system may come with.
var hostileNames = []string{
	"orders.json", "../../etc/passwd", `..\..\Windows\win.ini`, "/etc/passwd", `\\server\share\x`, `\\?\C:\x`, `\\.\pipe\x`, "C:", "C:x.json", "file:///x",
	"CON", "con.json", "NUL.tar.gz", "aux .txt", "COM1", "com¹.x", "LPT².x", "lpt0", "CONIN$", "conout$.json", "CLOCK$", "PRN.", "com10.json", "COM", "nul\u00a0.x",
	"a:b", "a.json:stream", "a::$DATA", "a.json::$INDEX_ALLOCATION", "a.", "a ", "a. . .", " a", "...", "..", ".", " . ", "", "\t", "a\x00b", "a\nb", "a\r\nb", "a\x7fb", "a\u0085b",
	"\u202egpj.exe", "a\u200bb", "a\u2066b", "\ufeffa", "a\u00adb", "a\u2028b", "a\u3000", "\u00a0a\u00a0", "\xff\xfe", "a\xc0\xafb", "\xed\xa0\x80", "\u2215", "\uff0f", "\uff0e\uff0e",
	"a*?\"<>|b", "$MFT", "~x", "-rf", "--help", "$(reboot)", "`id`", "%PATH%", "a;b|c&d", "{{.}}", "<b>x</b>", "'\" OR 1=1",
	strings.Repeat("ä", 200), strings.Repeat("a", 255), strings.Repeat("a", 256), strings.Repeat("😀", 63), strings.Repeat("😀", 64), strings.Repeat("ΐ", 127),
	strings.Repeat("a", 250) + ".json", strings.Repeat("a", 120) + " .x", "e\u0301.json", "é.json", "İ", "ſ", "K", "ﬀ", "ẞ", "Σς", "\u0345\u0300",
	".result.json", "orders.result.json", ".error.txt", "a.error.txt.json", "history", "changes", "results", ".incoming", ".sending", "Held", "desktop.ini", "Thumbs.db", "con\u0000.json",
}

// windowsDevice is a rule of its own, not the product's: the names that Windows gives to devices in every folder.
var windowsDevice = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)[ ]*(\..*)?$`)

// safeEverywhere says, by rules of its own, why a name may not be a file's on one of the systems.
func safeEverywhere(name string) error {
	wide := len(utf16.Encode([]rune(name)))
	switch {
	case name == "" || !utf8.ValidString(name):
		return fmt.Errorf("%q is no name", name)
	case len(name) > 255 || wide > 255:
		return fmt.Errorf("%q has %d bytes and %d units", name, len(name), wide)
	case strings.ContainsAny(name, "/\\:*?\"<>|\x00"):
		return fmt.Errorf("%q holds what Windows forbids, or leads elsewhere", name)
	case strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == 0x7f || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	}):
		return fmt.Errorf("%q holds what cannot be seen", name)
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return fmt.Errorf("Windows drops the end of %q", name)
	case windowsDevice.MatchString(name):
		return fmt.Errorf("%q is a device on Windows", name)
	case path.Base(path.Join("x", name)) != name || filepath.Base(filepath.Join("x", name)) != name || path.Clean("/inbox/"+name) != "/inbox/"+name:
		return fmt.Errorf("%q leads elsewhere", name)
	}
	return nil
}

// FuzzNames holds what is true of every name, wherever it comes from.
func FuzzNames(f *testing.F) {
	for i, name := range hostileNames {
		f.Add(name, i)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		safe := disk.SafeName(text)
		if err := disk.ValidName(safe); err != nil {
			t.Errorf("SafeName(%q): %v", text, err)
		}
		if err := safeEverywhere(safe); err != nil || strings.HasPrefix(safe, ".") {
			t.Errorf("SafeName(%q): %v", text, err)
		}
		if again := disk.SafeName(safe); again != safe {
			t.Errorf("SafeName(%q) = %q, then %q", text, safe, again)
		}
		if folded := disk.Fold(text); utf8.ValidString(text) && disk.Fold(folded) != folded {
			t.Errorf("Fold(%q) = %q is not stable", text, folded)
		}
		if a, b := disk.Fold(norm.NFC.String(text)), disk.Fold(norm.NFD.String(text)); utf8.ValidString(text) && a != b {
			t.Errorf("%q is %q composed and %q decomposed", text, a, b)
		}
		err := disk.ValidName(text)
		if again := disk.ValidName(text); (err == nil) != (again == nil) {
			t.Errorf("%q: %v, then %v", text, err, again)
		}
		if err != nil {
			if shown := err.Error(); strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' || r == 0x7f }) || !utf8.ValidString(shown) {
				t.Errorf("%q cannot be shown", shown)
			}
			return
		}
		if err := safeEverywhere(text); err != nil {
			t.Errorf("a valid name: %v", err)
		}
		n = n&0xffff + 2
		numbered := disk.Numbered(text, n)
		if !strings.Contains(numbered, fmt.Sprintf(" (%d)", n)) || numbered == disk.Numbered(text, n+1) {
			t.Errorf("Numbered(%q, %d) = %q", text, n, numbered)
		}
		derived := []string{numbered}
		for _, end := range []string{".result.json", ".error.txt", ".unclear.txt"} {
			beside := disk.Beside(text, end)
			if !strings.HasSuffix(beside, end) {
				t.Errorf("Beside(%q, %q) = %q", text, end, beside)
			}
			derived = append(derived, beside, disk.Numbered(beside, n))
		}
		for _, name := range derived {
			if err := safeEverywhere(name); err != nil {
				t.Errorf("made of %q: %v", text, err)
			}
		}
	})
}

// FuzzPathsStayUnderTheirFolder joins a folder and what a journal or a profile calls a path within it.
func FuzzPathsStayUnderTheirFolder(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
		f.Add("Inbox/" + name)
		f.Add("Inbox/results/" + name + "/../../x")
	}
	f.Fuzz(func(t *testing.T, relative string) {
		root := filepath.FromSlash("/company")
		full, err := disk.Under(root, relative)
		if err != nil {
			if full != "" {
				t.Errorf("%q is refused and yet %q", relative, full)
			}
			return
		}
		if slashed := filepath.ToSlash(full); full != root && !strings.HasPrefix(slashed, "/company/") || strings.Contains(slashed+"/", "/../") {
			t.Errorf("%q leads to %q", relative, full)
		}
	})
}

package disk

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrName: a name that cannot be a file's on every system, or that would lead elsewhere.
var ErrName = errors.New("not usable as a file name")

// forbidden are the characters that Windows keeps for itself: separators, drive and stream colon, wildcards, pipes.
const forbidden = `<>:"/\|?*`

// ValidName checks one path element by the rules of Windows, macOS and Linux together, wherever it runs. It is for
// names that come from outside: a platform's file name, a scope of a profile, a company's folder.
func ValidName(name string) error {
	var problem string
	switch {
	case name == "":
		problem = "is empty"
	case name == "." || name == "..":
		problem = "is a step of a path"
	case len(name) > maxName:
		problem = fmt.Sprintf("is longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		problem = "is not valid UTF-8"
	case strings.ContainsAny(name, forbidden):
		problem = "holds one of " + forbidden
	case strings.ContainsFunc(name, invisible):
		problem = "holds a control character"
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		problem = "ends in a dot or a space"
	case strings.HasPrefix(name, " "):
		problem = "begins with a space"
	case reserved(name):
		problem = "is a device on Windows"
	default:
		return nil
	}
	return fmt.Errorf("name %q %s: %w", name, problem, ErrName)
}

// invisible characters cannot be told from nothing, or turn what follows around ("gpj.exe" for "exe.jpg").
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

var devices = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true, "clock$": true}

// reserved tells Windows' device names, which stay devices with any extension and with spaces before it.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToLower(strings.TrimRight(stem, " "))
	if devices[stem] {
		return true
	}
	number, ok := strings.CutPrefix(stem, "com")
	if !ok {
		number, ok = strings.CutPrefix(stem, "lpt")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.ContainsAny(number, "0123456789¹²³")
}

// maxSafe is the longest name that SafeName makes, in bytes. Room is left for what an extension or a number adds.
const maxSafe = 120

// SafeName makes a name that ValidName takes out of any text, a company's say, and keeps as much of it as it can:
// "Müller / Söhne GmbH & Co." becomes "Müller - Söhne GmbH & Co". It is the same on every system.
func SafeName(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case strings.ContainsRune(forbidden, r):
			b.WriteByte('-')
		case !invisible(r):
			b.WriteRune(r)
		}
	}
	name := strings.Join(strings.Fields(b.String()), " ")
	name = strings.TrimRight(clip(name, maxSafe), ". ")
	name = strings.TrimLeft(name, ". ") // a leading dot would hide the folder
	switch {
	case name == "":
		return "_"
	case reserved(name):
		return strings.TrimRight(clip("_"+name, maxSafe), ". ")
	}
	return name
}

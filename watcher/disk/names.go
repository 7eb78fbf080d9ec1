package disk

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name in bytes that every file system takes.
const maxName = 255

// Fold gives the form by which names are compared: two names that look the same to a person, or to a file system
// that folds case, have the same. Names themselves are never changed because of it.
func Fold(name string) string {
	if ascii(name) {
		return strings.ToLower(name)
	}
	return norm.NFC.String(strings.Map(cherokee, cases.Fold().String(norm.NFC.String(name))))
}

// cherokee makes Cherokee's small letters capital, the one script that Unicode folds in this direction and package
// cases in both.
func cherokee(r rune) rune {
	switch {
	case 0xab70 <= r && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	case 0x13f8 <= r && r <= 0x13fd:
		return r - 8
	}
	return r
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// companions are the ends of names that belong to a file of the same stem; they are counted as one extension.
var companions = []string{".result.json", ".error.txt", ".unclear.txt"}

// Stem is a name without its extension: "orders (2)" of "orders (2).json", and of "orders (2).result.json".
func Stem(name string) string {
	stem, _ := split(name)
	return stem
}

func split(name string) (stem, extension string) {
	for _, end := range companions {
		if stem, ok := strings.CutSuffix(name, end); ok && stem != "" {
			return stem, end
		}
	}
	extension = filepath.Ext(name)
	if len(extension) == len(name) { // ".profile" is all stem
		return name, ""
	}
	return name[:len(name)-len(extension)], extension
}

// Numbered is the n-th choice for a name that is taken: "orders.json", "orders (2).json", "orders (3).json". The
// stem is cut where the name would become longer than file systems take.
func Numbered(name string, n int) string {
	stem, extension := split(name)
	number := ""
	if n > 1 {
		number = fmt.Sprintf(" (%d)", n)
	}
	return clip(stem, maxName-len(number)-len(extension)) + number + extension
}

// Beside is the name of a file that belongs to another one: Beside("orders (2).json", ".error.txt") is
// "orders (2).error.txt".
func Beside(name, end string) string {
	return clip(Stem(name), maxName-len(end)) + end
}

// clip cuts a string to at most limit bytes, between characters; where there are none, among bytes that are no UTF-8, at
// the limit.
func clip(s string, limit int) string {
	limit = max(limit, 0)
	if len(s) <= limit {
		return s
	}
	for end := limit; end > 0 && end > limit-utf8.UTFMax; end-- {
		if utf8.RuneStart(s[end]) {
			return s[:end]
		}
	}
	return s[:limit]
}

package sage

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A concealed value must not stand in any text, with the forms in which it may.
type concealed struct {
	value string
	forms func() []string // made when they are needed for the first time
}

func conceal(value string) concealed {
	return concealed{value: value, forms: sync.OnceValue(func() []string { return forms(value) })}
}

// leastSecret is the length in bytes up to which a value is not struck out: it would take half of every sentence with
// it, and is no secret.
const leastSecret = 4

// leastEncoded is the length in bytes up to which a value in base64 cannot be told from chance.
const leastEncoded = 8

// strike puts *** in the place of every concealed value in a text, in each form in which programs write one down: as it
// is and in any case, escaped for an address or for JSON, in hex, and in base64 wherever in a longer text it was
// encoded. Who wants to smuggle a secret past it can; what a server, a proxy or a library repeats without thinking
// cannot.
func strike(text string, values []concealed) string {
	low := ""
	for _, v := range values {
		if len(v.value) < leastSecret || len(text) < len(v.value) {
			continue // no form is shorter than the value itself
		}
		if low == "" {
			low = lower(text)
		}
		for _, form := range v.forms() {
			if strings.Contains(low, form) {
				text = replaceFold(text, low, form)
				low = lower(text)
			}
		}
	}
	return text
}

// holds tells whether a text has one of the values in it, in any form.
func holds(text string, values []concealed) bool { return strike(text, values) != text }

// add puts a value on a list that it is not on yet.
func add(list []concealed, v concealed) []concealed {
	if v.value == "" || slices.ContainsFunc(list, func(other concealed) bool { return other.value == v.value }) {
		return list
	}
	return append(list, v)
}

// forms are the ways to write a value down, in lower case, and the longest first: one may hold another.
func forms(value string) []string {
	inJSON, _ := json.Marshal(value) // a text: cannot fail
	all := []string{
		value, url.QueryEscape(value), url.PathEscape(value), unquoted(inJSON), unquoted(jsonValue(value)),
		hex.EncodeToString([]byte(value)),
	}
	for before := range 3 {
		if len(value) < leastEncoded {
			break
		}
		all = append(all, inBase64(value, before, base64.RawStdEncoding), inBase64(value, before, base64.RawURLEncoding))
	}
	for i := range all {
		all[i] = lower(all[i])
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	return slices.Compact(all)
}

func unquoted(text []byte) string { return string(text[1 : len(text)-1]) }

// inBase64 is the part of an encoded text that a value decides alone, when so many bytes (modulo 3) stand before it.
func inBase64(value string, before int, encoding *base64.Encoding) string {
	encoded := encoding.EncodeToString([]byte("\x00\x00"[:before] + value))
	whole := (before + len(value)) * 8 / 6 // characters that do not depend on what follows
	first := (before*8 + 5) / 6            // nor on what stands before
	return encoded[first:whole]
}

// replaceFold strikes a form out of a text, whatever the case of its letters: host names lose theirs. Low is the text
// in lower case.
func replaceFold(text, low, form string) string {
	var out strings.Builder
	for at := 0; ; {
		i := strings.Index(low[at:], form)
		if i < 0 {
			out.WriteString(text[at:])
			return out.String()
		}
		out.WriteString(text[at : at+i])
		out.WriteString(masked)
		at += i + len(form)
	}
}

// lower is a text of the same length with ASCII's letters in lower case.
func lower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// Mask takes every key and secret of the connection out of a text that came from outside. It is for what is kept or
// shown of a file's content. What the store has not been read for cannot have gone out yet.
func (k *Keys) Mask(text string) string { return strike(text, k.private()) }

// private are the keys and secrets that the platform and this program share, or shared not long ago.
func (k *Keys) private() []concealed {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.shared
}

// mostShared is how many keys and secrets are remembered after they were replaced: an answer may repeat an old one.
const mostShared = 32

// remember adds those of a set to what is shared. The mutex is held; the list itself is never changed, others read it.
func (k *Keys) remember(set KeySet) {
	var fresh []concealed
	for _, secret := range []Secret{set.Initial, set.Current, set.Previous, set.Secret, set.Pending} {
		fresh = add(fresh, conceal(secret.Reveal()))
	}
	for _, known := range k.shared {
		if len(fresh) < mostShared {
			fresh = add(fresh, known)
		}
	}
	k.shared = fresh
}

package sage

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

// masked is all that a Secret ever shows of itself.
const masked = "***"

// Secret is an API key or a secret. It prints *** through fmt, slog, encoding/json and every text form, and keeps
// its value behind a pointer, so that a struct printed with %+v shows none of it either, not even from an
// unexported field. The only way to the value is Reveal.
//
// Secrets cannot be compared with ==; see Equal.
type Secret struct {
	_     [0]func()
	value *string
}

// NewSecret wraps a value. The empty string gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// GenerateSecret makes a secret of 32 random bytes, as text that is safe in JSON, a query and a header.
func GenerateSecret() Secret {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return NewSecret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Reveal gives the value. For the wire and the vault only.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String gives ***.
func (s Secret) String() string { return masked }

// GoString gives ***.
func (s Secret) GoString() string { return masked }

// Format gives *** whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// MarshalText gives ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalJSON gives "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// LogValue gives ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// ID is a developerId or an applicationId. It is kept like a secret and shows its last four characters at most.
type ID struct {
	_     [0]func()
	value *string
}

// tailLength is how many characters of an ID may be shown, and idTooShort the length up to which these would
// give too much of it away.
const (
	tailLength = 4
	idTooShort = 6
)

// NewID wraps a value. The empty string gives the zero ID.
func NewID(value string) ID {
	if value == "" {
		return ID{}
	}
	return ID{value: &value}
}

// Reveal gives the value. For the wire and the vault only.
func (id ID) Reveal() string {
	if id.value == nil {
		return ""
	}
	return *id.value
}

// IsZero reports whether there is no value.
func (id ID) IsZero() bool { return id.value == nil }

// Equal compares in constant time.
func (id ID) Equal(other ID) bool {
	return subtle.ConstantTimeCompare([]byte(id.Reveal()), []byte(other.Reveal())) == 1
}

// Tail gives the last four characters, or none of an ID so short that these would be most of it.
func (id ID) Tail() string {
	runes := []rune(id.Reveal())
	if len(runes) < idTooShort {
		return ""
	}
	return string(runes[len(runes)-tailLength:])
}

// String gives the tail behind an ellipsis.
func (id ID) String() string { return "…" + id.Tail() }

// GoString gives the tail behind an ellipsis.
func (id ID) GoString() string { return id.String() }

// Format gives the tail behind an ellipsis whatever the verb.
func (id ID) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, id.String()) }

// MarshalText gives the tail behind an ellipsis.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// LogValue gives the tail behind an ellipsis.
func (id ID) LogValue() slog.Value { return slog.StringValue(id.String()) }

package sage

import (
	"encoding/json"
	"errors"
	"io"
)

// LoadProfile reads a user's profile and lays it over the default one: objects field by field, lists whole; null
// takes a domain or a scope away. An unknown field, a missing hole or an http address that is not loopback is a
// *ProfileError that names the line.
func LoadProfile(r io.Reader) (*Profile, error) { return nil, errors.ErrUnsupported }

// LoadProfileFile is LoadProfile of a file; the empty name gives the default profile.
func LoadProfileFile(name string) (*Profile, error) { return nil, errors.ErrUnsupported }

// ProfileError says what is wrong with a profile, and where.
type ProfileError struct {
	File  string // "" when it was not read from a file
	Line  int    // 1-based
	Field string // as "operations.rotateKey.path"
	Why   string
}

// Error is one line: file, line, field, reason.
func (e *ProfileError) Error() string { return e.Why }

var _ = json.Valid

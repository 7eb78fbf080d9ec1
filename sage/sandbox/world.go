package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
)

// world is everything the platform, the installations and the mailbox know, with the indexes to find it by.
// Sandbox.mu guards it.
type world struct {
	rand   io.Reader
	master []byte // keys are derived from it
	seq    uint64 // of the last log entry

	developers    map[string]*developer
	emails        map[string]*developer // by folded address
	applications  map[string]*application
	names         map[string]*application // by folded name
	registrations map[string]*application // by token
	mails         []*mail                 // in order of arrival
	passcodes     map[string]*passcode
	connections   map[string]*connection
	consents      []*connection // in order of consent
	keys          map[string]issued
	installations map[string]*installation // by folded company
	companies     []*installation          // in order of appearance
	files         map[string]*file
	created       []*file // in order of creation
	tokens        map[string]token
	lanes         map[lane]*queue
	idempotent    map[idempotencyKey]*file
	snapshots     map[string]*snapshot // by snapshotKey
	calls         []*callback          // in order of their making
	switches      switches
}

// issued tells which key of which connection a key is.
type issued struct {
	connection *connection
	generation int // 0 is the initial key
}

// token is what a handed-out URL leads to: one of the two.
type token struct {
	file     *file
	snapshot *snapshot
}

type lane struct{ connection, scope string }

// queue is what the platform knows of one lane: at most one file that waits for its content and one on its way.
type queue struct{ awaiting, inFlight *file }

type idempotencyKey struct {
	lane
	key string
}

// switches are the controls that hold until they are turned back.
type switches struct {
	Quarantine    bool              `json:"quarantine,omitempty"`
	EndNext       []Status          `json:"endNext,omitempty"`       // final words of the next files received
	RefuseRecords map[string]string `json:"refuseRecords,omitempty"` // record ids that Sage 50 refuses, and why
}

func newWorld() world {
	return world{
		developers:    map[string]*developer{},
		emails:        map[string]*developer{},
		applications:  map[string]*application{},
		names:         map[string]*application{},
		registrations: map[string]*application{},
		passcodes:     map[string]*passcode{},
		connections:   map[string]*connection{},
		keys:          map[string]issued{},
		installations: map[string]*installation{},
		files:         map[string]*file{},
		tokens:        map[string]token{},
		lanes:         map[lane]*queue{},
		idempotent:    map[idempotencyKey]*file{},
		snapshots:     map[string]*snapshot{},
	}
}

// The add functions put a new or a loaded thing where it is looked for.

func (w *world) addDeveloper(d *developer) {
	w.developers[d.ID] = d
	w.emails[fold(d.Email)] = d
}

func (w *world) addApplication(a *application) {
	w.applications[a.ID] = a
	w.names[fold(a.Name)] = a
	w.registrations[a.Token] = a
}

func (w *world) addConnection(c *connection) {
	w.connections[c.ID] = c
	w.consents = append(w.consents, c)
	for generation := range c.Generation + 1 {
		w.keys[w.key(c, generation)] = issued{c, generation}
	}
}

func (w *world) addInstallation(i *installation) {
	w.installations[fold(i.Company)] = i
	w.companies = append(w.companies, i)
}

func (w *world) addFile(f *file) {
	w.files[f.ID] = f
	w.created = append(w.created, f)
	for _, t := range []string{f.UploadToken, f.TrackToken, f.ResultToken} {
		if t != "" {
			w.tokens[t] = token{file: f}
		}
	}
	l := lane{f.ConnectionID, f.Scope}
	if f.Idempotency != "" {
		w.idempotent[idempotencyKey{l, f.Idempotency}] = f
	}
	switch q := w.queue(l); {
	case f.Status == AwaitingUpload && !f.Superseded:
		q.awaiting = f
	case f.Status != AwaitingUpload && !f.Status.Final():
		q.inFlight = f
	}
}

// addSnapshot replaces the one before: the platform keeps only the newest [D]. It returns what it replaced.
func (w *world) addSnapshot(s *snapshot) *snapshot {
	old := w.snapshots[s.key()]
	if old != nil {
		delete(w.tokens, old.Token)
	}
	w.snapshots[s.key()] = s
	w.tokens[s.Token] = token{snapshot: s}
	return old
}

func (w *world) queue(l lane) *queue {
	q := w.lanes[l]
	if q == nil {
		q = &queue{}
		w.lanes[l] = q
	}
	return q
}

// installation is the Sage 50 of a company.
func (w *world) installation(company string) *installation { return w.installations[fold(company)] }

// key derives the key of a generation. Keys are kept nowhere: the state directory holds none.
func (w *world) key(c *connection, generation int) string {
	mac := hmac.New(sha256.New, w.master)
	mac.Write([]byte(c.ID))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(generation)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// passcodeAlphabet leaves out what is mistaken for something else: 0 and O, 1 and I and L, 5 and S, 8 and B, 2 and Z.
const passcodeAlphabet = "ACDEFGHJKMNPQRTUVWXY34679"

const passcodeLength = 9

func (w *world) newPasscode() string {
	for {
		var b strings.Builder
		for b.Len() < passcodeLength {
			// A byte that would favour the first letters is drawn again.
			if n := int(w.random(1)[0]); n < 256/len(passcodeAlphabet)*len(passcodeAlphabet) {
				b.WriteByte(passcodeAlphabet[n%len(passcodeAlphabet)])
			}
		}
		if _, taken := w.passcodes[b.String()]; !taken {
			return b.String()
		}
	}
}

// tidyPasscode takes away what a person adds when typing one: spaces, dashes, lower case.
func tidyPasscode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, typed)
}

var idEncoding = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// newID is an identifier of 100 bits.
func (w *world) newID() string { return idEncoding.EncodeToString(w.random(13))[:20] }

// newToken is what makes a handed-out URL hard to guess.
func (w *world) newToken() string { return base64.RawURLEncoding.EncodeToString(w.random(18)) }

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func sameHash(h, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(h), []byte(digest(secret))) == 1
}

// fold makes names comparable that a person would call the same.
func fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

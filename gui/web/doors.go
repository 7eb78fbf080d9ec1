package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"slices"
	"sync"
	"time"
)

// Limits of who is let in.
const (
	tokenTime    = time.Minute    // for which a token may be used
	sessionTime  = 12 * time.Hour // for which a browser is let in, however much it is used
	mostTokens   = 16             // at a time; the oldest gives way
	mostSessions = 16
)

// newToken is a secret of 130 bits, in letters and digits.
func newToken() string { return rand.Text() }

// hashed is a secret in a form that can be looked up without telling by its time how much of it was guessed.
type hashed [sha256.Size]byte

func hash(secret string) hashed { return sha256.Sum256([]byte(secret)) }

// doors knows who may come in: whoever has a token that was not used yet, and whoever has a session's cookie.
type doors struct {
	now func() time.Time

	mu       sync.Mutex
	tokens   map[hashed]ticket
	sessions map[string]*session // by the part of the path that is their own
}

type ticket struct {
	until time.Time
	file  string // that leads a browser in with it
}

// session is one browser that was let in.
type session struct {
	path   string // unguessable part of its pages' addresses
	cookie hashed
	form   string // what its forms carry, so that no other page's do
	until  time.Time

	mu     sync.Mutex
	notice notice // to be told on the next page
}

func newDoors(now func() time.Time) *doors {
	return &doors{now: now, tokens: map[hashed]ticket{}, sessions: map[string]*session{}}
}

// admit lets whoever comes with the token in once.
func (d *doors) admit(token, file string) {
	gone := func() []string {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.tokens[hash(token)] = ticket{d.now().Add(tokenTime), file}
		if len(d.tokens) <= mostTokens {
			return nil
		}
		oldest := slices.MinFunc(slices.Collect(maps.Keys(d.tokens)), func(a, b hashed) int {
			return d.tokens[a].until.Compare(d.tokens[b].until)
		})
		file := d.tokens[oldest].file
		delete(d.tokens, oldest)
		return []string{file}
	}()
	removeAll(gone)
}

// enter makes a session for whoever has a token, and gives its cookie. Nil says that the token lets nobody in: it was used, is
// too old, or was never given out.
func (d *doors) enter(token string) (*session, string) {
	cookie, made := newToken(), &session{path: newToken(), form: newToken(), until: d.now().Add(sessionTime)}
	made.cookie = hash(cookie)
	d.mu.Lock()
	key := hash(token)
	shown, known := d.tokens[key]
	delete(d.tokens, key)
	valid := known && d.now().Before(shown.until)
	if valid {
		d.sessions[made.path] = made
		for len(d.sessions) > mostSessions {
			oldest := slices.MinFunc(slices.Collect(maps.Values(d.sessions)), func(a, b *session) int { return a.until.Compare(b.until) })
			delete(d.sessions, oldest.path)
		}
	}
	d.mu.Unlock()
	if known {
		removeAll([]string{shown.file})
	}
	if !valid {
		return nil, ""
	}
	return made, cookie
}

// find gives the session of a path, for whoever has its cookie; nil for all others.
func (d *doors) find(path, cookie string) *session {
	d.mu.Lock()
	s := d.sessions[path]
	d.mu.Unlock()
	given := hash(cookie)
	if s == nil || subtle.ConstantTimeCompare(given[:], s.cookie[:]) != 1 || !d.now().Before(s.until) {
		return nil
	}
	return s
}

// sweep forgets what is too old.
func (d *doors) sweep() {
	var files []string
	d.mu.Lock()
	now := d.now()
	maps.DeleteFunc(d.tokens, func(_ hashed, t ticket) bool {
		old := !now.Before(t.until)
		if old {
			files = append(files, t.file)
		}
		return old
	})
	maps.DeleteFunc(d.sessions, func(_ string, s *session) bool { return !now.Before(s.until) })
	d.mu.Unlock()
	removeAll(files)
}

// removeAll removes files that lead in with a token that is worth nothing any more. One that cannot be removed does no harm.
func removeAll(files []string) {
	for _, file := range files {
		if file != "" {
			_ = remove(file)
		}
	}
}

// mine tells whether a form came from a page of this session.
func (s *session) mine(form string) bool {
	return subtle.ConstantTimeCompare([]byte(form), []byte(s.form)) == 1
}

// tell keeps something for the next page.
func (s *session) tell(n notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice = n
}

// told gives it, once.
func (s *session) told() notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.notice
	s.notice = notice{}
	return n
}

package watcher

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/sage/callback"
	"postroom/watcher/disk"
)

const (
	callbacksFile = "callbacks.json"
	// lateApproval is how long after its passcode ran out an approval that names the passcode is still its own:
	// the consent came in time, its delivery did not.
	lateApproval = time.Hour
)

// callbackEntry is an address at which the platform delivers the keys of one application: with a token of ours in
// its path, or a path that was set up elsewhere. Entries are never removed: an application keeps its addresses.
type callbackEntry struct {
	Token     string    `json:"token,omitempty"`
	Path      string    `json:"path,omitempty"`
	Platform  string    `json:"platform"`
	Domain    string    `json:"domain"`
	Draft     string    `json:"draft,omitempty"`           // by which it was registered
	Mark      string    `json:"applicationMark,omitempty"` // "" until the application's ID is known
	Proven    bool      `json:"proven,omitempty"`          // a key for that application came here
	CreatedAt time.Time `json:"createdAt"`
}

// callbackBook is callbacks.json. A copy that was published is not changed any more.
type callbackBook struct {
	Registrations map[string]callbackEntry `json:"registrations"`

	tokens []callback.Registration
	paths  map[string]callback.Registration
	seen   disk.Info
}

// index prepares the look-ups, which hostile calls cause too.
func (b *callbackBook) index() {
	b.tokens, b.paths = nil, map[string]callback.Registration{}
	for id, entry := range b.Registrations {
		switch {
		case entry.Token != "":
			b.tokens = append(b.tokens, callback.Registration{ID: id, Token: entry.Token})
		case entry.Path != "":
			b.paths[entry.Path] = callback.Registration{ID: entry.Path, Path: entry.Path}
		}
	}
}

// reachedBy are the entries that a call's address belongs to: one for a token, several where applications share a
// path of their own making.
func (b *callbackBook) reachedBy(at callback.Registration) map[string]callbackEntry {
	found := map[string]callbackEntry{}
	for id, entry := range b.Registrations {
		if at.Token != "" && id == at.ID || at.Path != "" && entry.Path == at.Path {
			found[id] = entry
		}
	}
	return found
}

func (e *Engine) callbacksPath() string { return filepath.Join(e.options.Home, callbacksFile) }

// readCallbacks reads the book; one that is not there is empty.
func (e *Engine) readCallbacks() (*callbackBook, error) {
	book := &callbackBook{}
	info, err := e.fs.Lstat(e.callbacksPath())
	if err == nil {
		err = readKept(e.fs, e.callbacksPath(), book)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the callbacks: %w", err)
	}
	if book.Registrations == nil {
		book.Registrations = map[string]callbackEntry{}
	}
	book.seen = info
	book.index()
	return book, nil
}

// refreshCallbacks takes over what another process wrote.
func (e *Engine) refreshCallbacks() error {
	if info, err := e.fs.Lstat(e.callbacksPath()); err == nil {
		if book := e.onboarding.callbacks.Load(); book != nil && info.Same(book.seen) {
			return nil
		}
	}
	book, err := e.readCallbacks()
	if err != nil {
		return err
	}
	e.onboarding.callbacks.Store(book)
	return nil
}

// editCallbacks changes the book in its turn; edit reports whether there is anything to write.
func (e *Engine) editCallbacks(ctx context.Context, edit func(entries map[string]callbackEntry) bool) error {
	release, err := e.turn(ctx, "callbacks")
	if err != nil {
		return err
	}
	defer release()
	book, err := e.readCallbacks()
	if errors.Is(err, errDamaged) {
		told := refuse(nil, "callbacksDamaged", "file", e.callbacksPath())
		told.Cause = err
		return told
	}
	if err != nil {
		return err
	}
	if edit(book.Registrations) {
		if err := writeKept(e.fs, e.callbacksPath(), book); err != nil {
			return fmt.Errorf("writing the callbacks: %w", err)
		}
		if book, err = e.readCallbacks(); err != nil {
			return err
		}
	}
	e.onboarding.callbacks.Store(book)
	return nil
}

// register gives the draft its token, the one it has if it was begun before.
func (e *Engine) register(ctx context.Context, d *draftRecord, platform string) (callbackEntry, error) {
	entry := callbackEntry{
		Token: rand.Text(), Platform: platform, Domain: d.Input.Domain, Draft: d.ID, CreatedAt: e.now().UTC(),
	}
	id := newID()
	err := e.editCallbacks(ctx, func(entries map[string]callbackEntry) bool {
		if known, ok := entries[d.Registration]; ok && known.Token != "" {
			known.Platform, known.Domain = platform, d.Input.Domain
			id, entry = d.Registration, known
		}
		entries[id] = entry
		return true
	})
	if err != nil {
		return entry, err
	}
	d.Registration = id
	return entry, e.saveDraft(d)
}

// bindToken ties the application to the token it was registered with: the draft's own, or, for IDs that came another
// way, the only one of that platform and domain whose application is not known.
func (e *Engine) bindToken(ctx context.Context, d *draftRecord) error {
	platform, err := e.platformOf(d.Input)
	if err != nil {
		return err
	}
	return e.editCallbacks(ctx, func(entries map[string]callbackEntry) bool {
		id := d.Registration
		if _, own := entries[id]; !own {
			if id = unbound(entries, d, platform); id == "" {
				return false
			}
		}
		entry := entries[id]
		d.Registration = id
		if entry.Mark == d.Mark || entry.Proven {
			return false
		}
		entry.Mark = d.Mark
		entries[id] = entry
		return true
	})
}

func unbound(entries map[string]callbackEntry, d *draftRecord, platform string) string {
	var free []string
	for id, entry := range entries {
		if entry.Mark == d.Mark && entry.Token != "" {
			return id
		}
		if entry.Mark == "" && entry.Token != "" && entry.Platform == platform && entry.Domain == d.Input.Domain {
			free = append(free, id)
		}
	}
	if len(free) != 1 {
		return ""
	}
	return free[0]
}

// bindPath keeps the path at which an application that was registered elsewhere has its keys delivered.
func (e *Engine) bindPath(ctx context.Context, d *draftRecord) error {
	platform, err := e.platformOf(d.Input)
	if err != nil {
		return err
	}
	return e.editCallbacks(ctx, func(entries map[string]callbackEntry) bool {
		for _, entry := range entries {
			if entry.Path == d.Input.CallbackPath && entry.Mark == d.Mark {
				return false
			}
		}
		entries[newID()] = callbackEntry{
			Path: d.Input.CallbackPath, Platform: platform, Domain: d.Input.Domain, Mark: d.Mark, CreatedAt: e.now().UTC(),
		}
		return true
	})
}

// prove remembers that a key of the application, one that works, came to these addresses.
func (e *Engine) prove(ctx context.Context, reached []string, mark string) error {
	return e.editCallbacks(ctx, func(entries map[string]callbackEntry) bool {
		changed := false
		for _, id := range reached {
			entry, ok := entries[id]
			if !ok || entry.Proven || entry.Path != "" {
				continue
			}
			entry.Mark, entry.Proven, changed = mark, true, true
			entries[id] = entry
		}
		return changed
	})
}

// platformOf is the base URL that an input means.
func (e *Engine) platformOf(in DraftInput) (string, error) {
	client, _, err := e.client(in.ProfilePath, in.Platform)
	if err != nil {
		return "", err
	}
	defer client.Close()
	return client.BaseURL(), nil
}

// fitting finds the one draft whose passcode an approval answers. Whatever the approval says has to agree; what it
// does not say, the address it came to has to make up for. Two that fit are as good as none: a key in the wrong
// company's folder would be worse than a consent to be given again.
func fitting(approval callback.Approval, reached, all map[string]callbackEntry, drafts []draftRecord, now time.Time) (id string, fits bool) {
	var known, possible []string
	for i := range drafts {
		d := &drafts[i]
		if !answers(approval, d, now) {
			continue
		}
		switch belongs(reached, all, d) {
		case surely:
			known = append(known, d.ID)
		case perhaps:
			possible = append(possible, d.ID)
		}
	}
	if len(known) == 0 {
		known = possible
	}
	if len(known) != 1 {
		return "", false
	}
	return known[0], true
}

// answers reports whether the approval can be the one that a draft waits for, by what it says.
func answers(approval callback.Approval, d *draftRecord, now time.Time) bool {
	if d.Passcode == "" || d.Mark == "" || d.Step == StepDone {
		return false
	}
	if !approval.ApplicationID.IsZero() && markOf(approval.ApplicationID.Reveal()) != d.Mark {
		return false
	}
	if approval.Domain != "" && !strings.EqualFold(approval.Domain, d.Input.Domain) {
		return false
	}
	if approval.Passcode != "" {
		return plainPasscode(approval.Passcode) == plainPasscode(d.Passcode) && now.Before(d.ExpiresAt.Add(lateApproval))
	}
	return now.Before(d.ExpiresAt)
}

// plainPasscode is a passcode as it is compared: people group and capitalise it.
func plainPasscode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// belonging says how an address and an application go together.
type belonging int

const (
	never belonging = iota
	perhaps
	surely
)

// belongs tells whether the draft's application may have been registered with the address.
func belongs(reached, all map[string]callbackEntry, d *draftRecord) belonging {
	best := never
	for id, entry := range reached {
		switch {
		case entry.Mark == d.Mark, d.Registration == id && !entry.Proven:
			return surely
		case !entry.Proven && entry.Path == "" && entry.Domain == d.Input.Domain && !registeredElsewhere(all, id, d.Mark):
			best = max(best, perhaps)
		}
	}
	return best
}

// registeredElsewhere reports whether another address is known to be the application's.
func registeredElsewhere(all map[string]callbackEntry, id, mark string) bool {
	for other, entry := range all {
		if other != id && entry.Mark == mark {
			return true
		}
	}
	return false
}

// wantedAddresses are those that some draft, connection or the settings name, each once.
func (e *Engine) wantedAddresses(drafts []draftRecord) []string {
	listen := []string{e.settings().CallbackListen}
	for _, d := range drafts {
		if d.Step != StepDone {
			listen = append(listen, d.Input.CallbackListen)
		}
	}
	accounts, err := e.readAccounts()
	e.complain("connections", err)
	for _, account := range accounts {
		listen = append(listen, account.CallbackListen)
	}
	var wanted []string
	for _, text := range listen {
		if address, err := listenAddress(text); err == nil {
			wanted = append(wanted, address)
		}
	}
	slices.SortFunc(wanted, cmp.Compare[string])
	return slices.Compact(wanted)
}

// notified passes a hint on to the connections it may concern. A forged one costs a look at the platform.
func (e *Engine) notified(at callback.Registration, hint callback.Notification) {
	accounts, err := e.readAccounts()
	e.complain("connections", err)
	for _, account := range accounts {
		for _, entry := range e.onboarding.callbacks.Load().reachedBy(at) {
			sameApplication := entry.Mark == account.ApplicationMark
			if sameApplication && (hint.Domain == "" || strings.EqualFold(hint.Domain, account.Domain)) {
				e.hinted(account.ID, hint.Scope)
			}
		}
	}
}

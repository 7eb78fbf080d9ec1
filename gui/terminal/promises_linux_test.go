package terminal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postroom/gui/notify/notifytest"
	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/secrettest"
	"postroom/sage/vault"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// The ten things that are always true, as functions over what can be seen from the outside: the folders, the home, the
// platform's own truth, and what was said. Nothing here asks the engine what it believes, but for what it shows.

// evidence is the state of a company's folder, its home and its platform at one moment.
type evidence struct {
	t         *testing.T
	company   string                 // its folder
	lies      map[string][]string    // in Outbox, Sent and Failed: hash of a content -> paths in the company's folder
	inbox     map[string]string      // what a person sees there: path -> hash
	dropped   map[string]string      // hash of a content -> name it was dropped under
	refused   map[string]bool        // hashes of contents that cannot end as accepted
	published map[string]bool        // hashes of lists that Sage 50 sent
	results   func(id string) string // hash of the platform's result of a file
	files     []sandbox.File
	shown     []watcher.Transfer
}

// always checks what holds at every moment, whether an agent lives or not. With ended, every journey must have ended too.
func (f *office) always(ended bool) {
	f.t.Helper()
	e := f.look()
	e.eachFileIsWholeInOnePlace() // 1
	e.takenAtMostOnce()           // 2
	e.sentIsWhatWasDropped()      // 3
	e.acceptedIsTheirWord()       // 4
	e.inboxIsWhole(f.seenLists)   // 5
	f.nothingOutsideIsTouched()   // 6
	if ended {
		e.allHasEnded() // 8
	}
	f.aWayToAKeyIsLeft() // 9
	f.popupsAreFew()     // 10
	if v := f.platform.Violations(); len(v) > 0 {
		f.t.Errorf("the client was not polite: %v", v)
	}
	if kept, err := filepath.Glob(filepath.Join(f.home, "journal.damaged-*")); err != nil || len(kept) > 0 && !f.spoilt {
		f.t.Errorf("a journal that nobody spoilt was taken for damaged: %q, %v", kept, err)
	}
}

// atLast checks everything, with every journey ended, and that no secret stands in anything that was written (7).
func (f *office) atLast() {
	f.t.Helper()
	f.always(true)
	f.noSecretIsOut()
}

func (f *office) look() *evidence {
	f.t.Helper()
	e := &evidence{
		t: f.t, company: f.company, lies: make(map[string][]string), inbox: make(map[string]string), dropped: make(map[string]string),
		refused: make(map[string]bool), published: make(map[string]bool), files: f.platform.Files(), shown: f.transfers(),
	}
	e.results = func(id string) string {
		result, err := f.platform.Result(id)
		if err != nil {
			return ""
		}
		defer result.Close()
		sum := sha256.New()
		if _, err := io.Copy(sum, result); err != nil {
			f.t.Fatal(err)
		}
		return hex.EncodeToString(sum.Sum(nil))
	}
	for name, content := range f.dropped {
		e.dropped[hashOf(content)] = name
		e.refused[hashOf(content)] = f.refused[name]
	}
	for _, list := range f.published {
		e.published[hashOf(list)] = true
	}
	eachFile(f.t, f.company, func(path, hash string) {
		switch top, _, _ := strings.Cut(path, "/"); top {
		case "Outbox", "Sent", "Failed":
			e.lies[hash] = append(e.lies[hash], path)
		case "Inbox":
			if !strings.Contains(path, "/.") {
				e.inbox[path] = hash
			}
		}
	})
	return e
}

// 1. No dropped byte is lost; each file is complete in exactly one of Outbox, Sent, Failed.
func (e *evidence) eachFileIsWholeInOnePlace() {
	e.t.Helper()
	for hash, name := range e.dropped {
		if at := e.lies[hash]; len(at) != 1 {
			e.t.Errorf("1: %s lies in %q, of\n%s", name, at, listing(e.t, e.company))
		}
	}
}

// 2. The platform takes a file at most once.
func (e *evidence) takenAtMostOnce() {
	e.t.Helper()
	taken := make(map[string]int)
	for _, f := range e.files {
		if f.SHA256 == "" {
			continue
		}
		if taken[f.SHA256]++; taken[f.SHA256] == 2 {
			e.t.Errorf("2: the platform took %s more than once", e.dropped[f.SHA256])
		}
	}
}

// 3. What was sent is what was hashed, all of it.
func (e *evidence) sentIsWhatWasDropped() {
	e.t.Helper()
	for _, f := range e.files {
		if f.SHA256 != "" && e.dropped[f.SHA256] == "" {
			e.t.Errorf("3: the platform took %s, which nobody dropped: %d bytes, %s", f.Name, f.Size, f.SHA256)
		}
	}
}

// 4. "Accepted" is shown only after the platform said so.
func (e *evidence) acceptedIsTheirWord() {
	e.t.Helper()
	accepted := make(map[string]bool)
	for _, f := range e.files {
		if f.Status == sandbox.Accepted {
			accepted[f.SHA256] = true
		}
	}
	for _, t := range e.shown {
		if t.State == journal.Accepted && !accepted[t.SHA256] {
			e.t.Errorf("4: %s is shown as accepted", t.Name)
		}
	}
}

// 5. Nothing partial is ever visible in Inbox; nothing there is overwritten without a kept version. Seen are lists that lay
// there at an earlier look.
func (e *evidence) inboxIsWhole(seen map[string]bool) {
	e.t.Helper()
	results := make(map[string]bool)
	for _, f := range e.files {
		if f.HasResult {
			results[e.results(f.ID)] = true
		}
	}
	kept := make(map[string]bool)
	for path, hash := range e.inbox {
		switch {
		case strings.HasPrefix(path, "Inbox/results/"):
			if !results[hash] {
				e.t.Errorf("5: %s is no result that the platform gave", path)
			}
		case strings.Contains(path, "/changes/"):
			if text, err := os.ReadFile(filepath.Join(e.company, path)); !json.Valid(text) && !errors.Is(err, fs.ErrNotExist) {
				e.t.Errorf("5: %s is not whole: %v", path, err)
			}
		default:
			kept[hash] = true
			if !e.published[hash] {
				e.t.Errorf("5: %s is no list that Sage 50 sent", path)
			}
		}
	}
	for hash := range seen {
		if !kept[hash] {
			e.t.Error("5: a list that lay in Inbox is not there any more")
		}
	}
	for hash := range kept {
		seen[hash] = true
	}
}

// 6. Nothing outside the company's folder and the state directory is written.
func (f *office) nothingOutsideIsTouched() {
	f.t.Helper()
	root := filepath.Dir(f.home)
	for _, name := range names(f.t, root) {
		if !slices.Contains(f.before, name) {
			f.t.Errorf("6: %s was made", filepath.Join(root, name))
		}
	}
	for _, name := range names(f.t, f.company) {
		if !slices.Contains([]string{"Outbox", "Inbox", "Sent", "Failed"}, name) {
			f.t.Errorf("6: %s was made", filepath.Join(f.company, name))
		}
	}
	for _, name := range names(f.t, filepath.Dir(f.company)) {
		if name != filepath.Base(f.company) {
			f.t.Errorf("6: %s lies beside the company's folder", name)
		}
	}
}

// 7. No secret in any log, notification, error, journal or state file.
func (f *office) noSecretIsOut() {
	f.t.Helper()
	hunt := secrettest.New(nil)
	for secret, what := range f.heard.secrets() {
		hunt.Add(what, secret)
	}
	hunt.Folder(f.t, f.home, nil)
	hunt.Folder(f.t, f.company, nil)
	for _, agent := range f.agents {
		hunt.Check(f.t, "what an agent said", []byte(agent.errs.String()))
	}
	for _, life := range f.popups.all() {
		for _, shown := range life {
			hunt.Check(f.t, "a pop-up", []byte(shown.Summary+"\n"+shown.Body))
		}
	}
}

// 8. Once faults stop, every journey ends.
func (e *evidence) allHasEnded() {
	e.t.Helper()
	for _, t := range e.shown {
		if !t.State.Final() {
			e.t.Errorf("8: %s is still %s", t.Name, t.State)
		}
	}
	for hash, name := range e.dropped {
		i := slices.IndexFunc(e.shown, func(t watcher.Transfer) bool { return t.SHA256 == hash })
		switch {
		case i < 0:
			e.t.Errorf("8: nothing is known of %s", name)
		case (e.shown[i].State == journal.Accepted) == e.refused[hash]:
			e.t.Errorf("8: %s has ended as %s", name, e.shown[i].State)
		case e.shown[i].State == journal.Accepted && !there(e.shown[i].ResultPath):
			e.t.Errorf("8: %s has no result at %q", name, e.shown[i].ResultPath)
		}
	}
}

// 9. Rotation never leaves a connection without a usable way to a key: the initial key and the secret are kept as the
// platform knows them.
func (f *office) aWayToAKeyIsLeft() {
	f.t.Helper()
	if f.keyring != nil && f.keyring.cmd == nil {
		return // nobody to ask just now
	}
	initial, err := f.platform.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		f.t.Fatal(err)
	}
	name, get := f.vaultName(), f.secrets()
	if kept, err := get(name, vault.InitialKey); err != nil || kept != initial.Reveal() {
		f.t.Errorf("9: the vault does not keep the initial key: %v", err)
	}
	if secret, err := get(name, vault.Secret); err != nil || f.heard.secrets()[secret] == "" {
		f.t.Errorf("9: the vault does not keep the secret: %v", err)
	}
}

// secrets reads the vault: the keyring, or the encrypted file.
func (f *office) secrets() func(connection string, item vault.Item) (string, error) {
	f.t.Helper()
	if f.keyring != nil {
		return f.keyring.item
	}
	file := vault.OpenFile(filepath.Join(f.home, "vault.age"))
	if err := file.Unlock(f.t.Context(), sage.NewSecret(passphrase)); err != nil {
		f.t.Fatal(err)
	}
	return func(connection string, item vault.Item) (string, error) {
		secret, err := file.Get(f.t.Context(), connection, item)
		return secret.Reveal(), err
	}
}

// vaultName is what the connection is called in the keyring.
func (f *office) vaultName() string {
	f.t.Helper()
	dir := filepath.Join(f.home, "connections")
	for _, name := range names(f.t, dir) {
		if filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		var record struct{ ID, Vault string }
		if err == nil {
			err = json.Unmarshal(text, &record)
		}
		if err != nil {
			f.t.Fatal(err)
		}
		if record.Vault != "" {
			return record.Vault
		}
		return record.ID
	}
	f.t.Fatal("no connection is recorded")
	return ""
}

// 10. At most one pop-up per cause per back-off step, however many files fail. Two pop-ups that differ in names and figures
// alone have one cause; the shortest step is a minute.
func (f *office) popupsAreFew() {
	f.t.Helper()
	for _, life := range f.popups.all() {
		told := make(map[string]time.Time)
		for _, shown := range life {
			cause := causeOf(shown.Shown)
			if last, before := told[cause]; before && shown.at.Sub(last) < 55*time.Second {
				f.t.Errorf("10: %q was told twice within %v", shown.Body, shown.at.Sub(last))
			}
			told[cause] = shown.at
		}
	}
}

var particulars = regexp.MustCompile(`[^ ]*\.json[^ ]*|[0-9][0-9.,:]*`)

func causeOf(shown notifytest.Shown) string {
	return shown.Summary + "\n" + particulars.ReplaceAllString(shown.Body, "*")
}

// eachFile calls for every file below a folder with its slashed path there and the hash of its content. One that is moved
// meanwhile is looked for again.
func eachFile(t *testing.T, dir string, do func(path, hash string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		do(filepath.ToSlash(relative), hashOf(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listing is what lies in a company's folder.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all = append(all, strings.TrimPrefix(path, dir+"/"))
		}
		return nil
	})
	return strings.Join(all, "\n")
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

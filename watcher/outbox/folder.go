package outbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// folder is one watched folder: Outbox itself, or that of a scope.
type folder struct {
	path  string // relative to the company's: "Outbox/orders"
	full  string // absolute
	scope *Scope // nil for Outbox itself
	files map[string]*file
	forms spellings

	stop     func() // ends the watch; nil while there is none
	identity string // of the folder that is watched
	remote   bool
	blind    bool // no events arrive, and that has been logged

	probeAt moment // when an event of the probe must have come; 0 when none is awaited
	heard   bool   // it came
	silent  bool   // it did not

	sweepAt moment
	sweeps  uint32
	cursor  string // how far the looks at told files have come

	ready   []string // names to be read, in order of arrival
	reading bool     // a goroutine reads files of this folder
}

func validScopes(scopes []Scope) error {
	seen := make(map[string]bool, len(scopes))
	for _, s := range scopes {
		if err := disk.ValidName(s.Name); err != nil {
			return fmt.Errorf("scope of an Outbox: %w", err)
		}
		folded := disk.Fold(s.Name)
		if seen[folded] || folded == disk.Fold(path.Base(Held)) || strings.HasPrefix(s.Name, ".") {
			return fmt.Errorf("scope of an Outbox: %q is taken", s.Name)
		}
		seen[folded] = true
	}
	return nil
}

// setScopes opens the folders of new scopes and closes those of old ones.
func (w *Watcher) setScopes(scopes []Scope) {
	scopes = slices.SortedFunc(slices.Values(scopes), func(a, b Scope) int { return cmp.Compare(a.Name, b.Name) })
	was := w.folders
	w.folders = []*folder{w.keep(was, Folder, nil)}
	for _, s := range scopes {
		w.folders = append(w.folders, w.keep(was, path.Join(Folder, s.Name), &s))
	}
	for _, d := range was {
		if w.folder(d.path) == nil {
			d.close(w)
		}
	}
	if len(w.known) == 0 {
		w.known = make(map[string]mark) // a map does not give back what it once needed
	}
	w.sweepAt = 0
}

func (w *Watcher) keep(was []*folder, folderPath string, scope *Scope) *folder {
	for _, d := range was {
		if d.path == folderPath {
			d.scope = scope
			return d
		}
	}
	d := &folder{
		path:  folderPath,
		full:  filepath.Join(w.options.Folder, filepath.FromSlash(folderPath)),
		scope: scope,
		files: make(map[string]*file),
		forms: newSpellings(),
	}
	for filePath, m := range w.known {
		if dir, name := path.Split(filePath); dir == folderPath+"/" {
			d.files[name] = &file{mark: m, told: m, hasTold: true, stage: told}
			if m == markOf(disk.Info{}) {
				d.files[name].stage = unseen // it is waited for: the first sweep looks at it
			}
			d.forms.add(name)
			delete(w.known, filePath)
		}
	}
	return d
}

// close ends the watch; what was told of its files stays known, should the scope come back.
func (d *folder) close(w *Watcher) {
	d.unwatch()
	for name, f := range d.files {
		filePath := path.Join(d.path, name)
		if f.hasTold {
			w.known[filePath] = f.told
		}
		w.setLoose(filePath, nil)
	}
}

func (d *folder) drop(w *Watcher, name string) {
	delete(d.files, name)
	d.forms.remove(name)
	w.setLoose(path.Join(d.path, name), nil)
}

// expect has a file that the engine waits for told as it is found, or as gone.
func (d *folder) expect(name string) {
	d.files[name] = &file{told: mark{size: -1}, hasTold: true}
	d.forms.add(name)
}

func (d *folder) unwatch() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
}

// skip tells the names that are no dropped files: those left untouched, and within Outbox the folders it is made of.
// One that was told before it was ignored is looked after all the same.
func (w *Watcher) skip(d *folder, name string) bool {
	if f := d.files[name]; f != nil && f.hasTold {
		return false
	}
	if w.ignored.match(name) {
		return true
	}
	if d.scope != nil {
		return false
	}
	folded := disk.Fold(name)
	if folded == disk.Fold(path.Base(Held)) {
		return true
	}
	for _, other := range w.folders[1:] {
		if disk.Fold(other.scope.Name) == folded {
			return true
		}
	}
	return false
}

// sweepSoon has everything swept, but not so often that nothing else is done.
func (w *Watcher) sweepSoon() {
	w.sweepAt = min(w.sweepAt, max(w.now(), w.swept.plus(4*w.took)))
}

// sweepAll looks at every folder, Outbox first: without it none of the others counts.
func (w *Watcher) sweepAll() {
	began := w.now()
	for _, d := range w.folders {
		w.sweep(d)
		if w.gone != nil {
			break
		}
	}
	w.swept = w.now()
	w.took = time.Duration(w.swept - began)
	w.sweepAt = never // each folder has its own time now
	if w.gone != nil {
		w.sweepAt = w.swept.plus(w.pace.Blind)
	}
}

// sweepDue looks at the folders whose time has come.
func (w *Watcher) sweepDue() {
	if w.gone != nil {
		return
	}
	for _, d := range w.folders {
		if w.now() < d.sweepAt {
			continue
		}
		w.sweep(d)
		if w.gone != nil {
			w.sweepAt = w.now().plus(w.pace.Blind)
			return
		}
	}
}

// sweep looks at one folder: all of its names, and those files that are new, due, or next in the round of those
// told.
func (w *Watcher) sweep(d *folder) {
	began := w.now()
	if !w.open(d) {
		d.sweepAt = w.now().plus(w.pace.Blind)
		return
	}
	entries, err := w.options.FS.ReadDir(d.full)
	if err != nil {
		w.blocked(d, err)
		d.sweepAt = w.now().plus(w.pace.Blind)
		return
	}
	w.setLoose(d.path, nil)
	d.sweeps++
	w.lookNew(d, w.lookOld(d, entries))
	w.lookMissing(d)
	took := time.Duration(w.now() - began)
	every := w.pace.Sweep
	if d.stop == nil || d.remote || d.silent {
		every = w.pace.Blind
	}
	d.sweepAt = w.now().plus(max(every, 50*took))
}

// open makes sure that the folder is there, is a folder, and is the one that is watched. False when it cannot be
// looked at.
func (w *Watcher) open(d *folder) bool {
	info, err := w.options.FS.Lstat(d.full)
	switch {
	case err == nil && !info.Mode.IsDir():
		err = disk.ErrNotRegular
	case errors.Is(err, fs.ErrNotExist) && d.scope != nil:
		// Somebody removed the scope's folder. Outbox was there just now; if it went too, this fails and the next
		// sweep says so.
		if err = w.options.FS.Mkdir(d.full); err == nil {
			info, err = w.options.FS.Lstat(d.full)
		}
	}
	if err != nil {
		w.blocked(d, err)
		return false
	}
	if d.scope == nil && w.gone != nil {
		w.gone = nil
		w.showLate = true
		w.log.Info("the Outbox can be read again", "folder", w.options.Folder)
	}
	if d.identity != info.Identity {
		d.unwatch()
	}
	d.identity = info.Identity
	if d.stop == nil {
		w.watch(d)
	}
	return true
}

func (w *Watcher) watch(d *folder) {
	d.remote = w.options.FS.Remote(d.full)
	if w.options.Events == nil {
		w.showLate = true
		return
	}
	stop, err := w.options.Events.Watch(d.full, func(n Notice) {
		if n.Lost {
			w.mail.end(d.path)
			return
		}
		w.mail.hint(hint{folder: d.path, name: n.Name})
	})
	if err != nil {
		if !d.blind {
			w.log.Info("no events for a folder; it is looked at every few seconds", "folder", d.full, "error", err)
		}
		d.blind = true
		w.probe(d)
		return
	}
	d.stop, d.blind = stop, false
	w.probe(d)
}

// blocked notes that a folder cannot be looked at. Nothing in it is told as gone because of that. If it is Outbox
// itself, everything waits until it is back.
func (w *Watcher) blocked(d *folder, err error) {
	d.unwatch()
	d.identity = ""
	p := journal.Problem{Code: codeNoAccess, Args: map[string]string{"folder": d.full}}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Code = codeGone
	case errors.Is(err, disk.ErrNotRegular):
		p.Code = codeBlocked
	}
	if d.scope != nil {
		if !errors.Is(err, fs.ErrNotExist) { // else Outbox went with it: the next sweep says so
			w.setLoose(d.path, &Loose{Path: d.path, Scope: d.scope.Name, Since: w.options.Now(), Problem: p})
		} else {
			w.sweepAt = min(w.sweepAt, w.now().plus(w.pace.Settle))
		}
		return
	}
	if w.gone == nil || w.gone.Code != p.Code {
		w.log.Warn("the Outbox cannot be looked at", "folder", d.full, "error", err)
		w.gone = &p
		w.showLate = true
	}
	for _, other := range w.folders {
		other.unwatch()
		other.identity = ""
	}
}

// roundSize is how many told files a sweep looks at, besides those that are new or due: an edit whose event was lost
// is found within a few rounds, and before a file is sent in any case.
const roundSize = 256

// lookOld looks at what is known and due, and returns the names that are not known.
func (w *Watcher) lookOld(d *folder, entries []disk.Entry) []disk.Entry {
	var fresh []disk.Entry
	var round []string
	passed := "" // the last told name the round has taken
	for _, e := range entries {
		f := d.files[e.Name]
		if f == nil {
			if !w.skip(d, e.Name) {
				fresh = append(fresh, e)
			}
			continue
		}
		f.seen = d.sweeps
		switch {
		case f.stage != told:
			round = append(round, e.Name)
		case e.Name > d.cursor && len(round) < roundSize:
			round = append(round, e.Name)
			passed = e.Name
		}
	}
	d.cursor = passed // "" begins a new round
	for _, name := range round {
		w.look(d, name)
	}
	return fresh
}

// lookNew looks at new files in the order in which they were last written, which is how a person dropped them.
func (w *Watcher) lookNew(d *folder, fresh []disk.Entry) {
	type arrival struct {
		name string
		info disk.Info
		err  error
	}
	arrivals := make([]arrival, len(fresh))
	for i, e := range fresh {
		info, err := w.options.FS.Lstat(filepath.Join(d.full, e.Name))
		arrivals[i] = arrival{e.Name, info, err}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return a.info.ModTime.Compare(b.info.ModTime) })
	for _, a := range arrivals {
		w.see(d, a.name, a.info, a.err)
		if f := d.files[a.name]; f != nil {
			f.seen = d.sweeps
		}
	}
}

// lookMissing looks at the files that were not listed.
func (w *Watcher) lookMissing(d *folder) {
	var missing []string
	for name, f := range d.files {
		if f.seen != d.sweeps {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	for _, name := range missing {
		w.look(d, name)
	}
}

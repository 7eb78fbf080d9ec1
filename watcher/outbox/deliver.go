package outbox

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"postroom/watcher/journal"
)

// telling is a finding on its way to the engine.
type telling struct {
	folder  *folder
	name    string
	mark    mark
	finding Finding
}

// deliver hands over what was found. The engine makes it durable before it answers; meanwhile more comes together
// for the next time, so that many files cost one commit.
func (w *Watcher) deliver(ctx context.Context) {
	if len(w.found) == 0 {
		return
	}
	batch := newest(w.found)
	w.found = nil
	found := make([]Finding, len(batch))
	for i, t := range batch {
		found[i] = t.finding
	}
	err := w.options.Deliver(ctx, found)
	if err != nil && ctx.Err() == nil {
		w.log.Warn("files could not be taken over; they are told again", "folder", w.options.Folder, "files", len(found), "error", err)
	}
	for _, t := range batch {
		f := t.folder.files[t.name]
		if f == nil {
			continue
		}
		switch {
		case err != nil:
			f.undelivered(w.now())
			w.dues.add(f.due, t.folder, t.name)
		case t.finding.Kind == Gone:
			t.folder.drop(w, t.name)
			if f.stage != leaving {
				w.look(t.folder, t.name) // emptied: it is there, and seen as any other
			}
		default:
			f.delivered(t.mark)
			w.setLoose(path.Join(t.folder.path, t.name), nil)
		}
	}
}

// newest leaves of several findings about one file the last: it may have been looked at again before any was handed over,
// and two would make two transfers of one file.
func newest(found []telling) []telling {
	type place struct {
		folder *folder
		name   string
	}
	last := make(map[place]int, len(found))
	for i, t := range found {
		last[place{t.folder, t.name}] = i
	}
	if len(last) == len(found) {
		return found
	}
	kept := found[:0]
	for i, t := range found {
		if last[place{t.folder, t.name}] == i {
			kept = append(kept, t)
		}
	}
	return kept
}

// showEvery bounds how often Loose and Problem are renewed.
const showEvery = 250 * time.Millisecond

// view is what others may see of a Watcher.
type view struct {
	mu       sync.Mutex // guards what follows
	loose    []Loose
	problem  *journal.Problem
	arrivals map[string]Arrival // replaced, never changed
}

// Loose lists what is seen in Outbox and not told, in the order of paths.
func (w *Watcher) Loose() []Loose {
	w.view.mu.Lock()
	defer w.view.mu.Unlock()
	return slices.Clone(w.view.loose)
}

// Problem is what keeps the Watcher from looking at all: the folder is gone, or cannot be read. Nil when all is
// well.
func (w *Watcher) Problem() *journal.Problem {
	w.view.mu.Lock()
	defer w.view.mu.Unlock()
	return w.view.problem
}

// show renews what others may see.
func (w *Watcher) show() {
	if !w.showLate || w.now() < w.showAt.plus(showEvery) {
		return
	}
	w.showLate, w.showAt = false, w.now()
	loose := make([]Loose, 0, len(w.loose))
	for _, l := range w.loose {
		loose = append(loose, l)
	}
	slices.SortFunc(loose, func(a, b Loose) int { return strings.Compare(a.Path, b.Path) })
	arrivals := make(map[string]Arrival, len(w.folders))
	for _, d := range w.folders {
		arrivals[d.path] = w.arrival(d)
	}
	w.view.mu.Lock()
	w.view.loose, w.view.problem, w.view.arrivals = loose, w.gone, arrivals
	w.view.mu.Unlock()
	w.options.Changed()
}

// setLoose notes why a file is not told, or that there is no more to say about it.
func (w *Watcher) setLoose(filePath string, l *Loose) {
	was, there := w.loose[filePath]
	switch {
	case l == nil && !there:
		return
	case l == nil:
		delete(w.loose, filePath)
	case there && was.Problem.Code == l.Problem.Code && was.Size == l.Size:
		return
	default:
		w.loose[filePath] = *l
	}
	w.showLate = true
}

// explain says why a file that was looked at is not told, when there is something to say.
func (w *Watcher) explain(d *folder, name string, f *file) {
	code := ""
	switch f.stage {
	case odd:
		code = oddCode(f.mark)
	case difficult:
		return // what went wrong has said why
	case waiting:
		code = codeEmpty
		if f.mark.size > 0 {
			return // its reading has said why
		}
	case settling:
		if f.since-f.first < moment(slow) {
			return
		}
		code = codeWriting
	case unseen, checking, told, leaving:
	}
	w.explainAs(d, name, f, code)
}

// explainHeld says why a file that was read is not told.
func (w *Watcher) explainHeld(d *folder, name string, f *file, v verdict) {
	switch {
	case v.class == busy || v.held:
		w.explainAs(d, name, f, codeHeld)
	case f.stage == difficult:
		w.explainAs(d, name, f, codeUnreadable)
	case f.stage == waiting:
		w.explainAs(d, name, f, codeIncomplete)
	}
}

func (w *Watcher) explainAs(d *folder, name string, f *file, code string) {
	filePath := path.Join(d.path, name)
	if code == "" {
		if f.stage != checking { // a file that is read once more is not well yet
			w.setLoose(filePath, nil)
		}
		return
	}
	w.setLoose(filePath, &Loose{
		Path: filePath, Scope: d.scopeName(), Size: f.mark.size, Since: w.options.Now().UTC(),
		Problem: journal.Problem{Code: code, Args: map[string]string{"name": name}},
	})
}

func oddCode(m mark) string {
	switch {
	case m.kind.IsDir():
		return codeFolder
	case m.kind&(fs.ModeSymlink|fs.ModeIrregular) != 0: // irregular: a junction and its kin, on Windows
		return codeLink
	}
	return codeDevice
}

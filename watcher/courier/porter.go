package courier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// Porter moves the files of one company, and finds them wherever a crash or a power cut left them. It is safe for
// concurrent use, a transfer by one goroutine at a time.
type Porter struct {
	fsys    disk.FS
	root    string // the company's folder, absolute
	names   *disk.Names
	journal Journal
	note    func(journal.Transfer) string

	mu   sync.Mutex // guards made; never held over an effect
	made map[string]bool
}

// NewPorter makes a porter for the company in the folder root. Note is the text of what lies beside a refused or unclear
// file, in the person's language.
func NewPorter(fsys disk.FS, root string, names *disk.Names, journal Journal, note func(journal.Transfer) string) *Porter {
	return &Porter{fsys: fsys, root: root, names: names, journal: journal, note: note, made: make(map[string]bool)}
}

// ErrFolderGone: the company's folder is away, a drive unplugged perhaps. Nothing is concluded about its files then.
var ErrFolderGone = errors.New("the company's folder is not there")

// errNowhere: a file is at none of the places where it could be.
var errNowhere = errors.New("the file is nowhere to be found")

// moveTries bounds how often a move is tried in one go while its surroundings change.
const moveTries = 8

// Resolve makes the place a changed record wishes for a free one, under a numbered name where the plain one is taken. The
// name is given out: nobody else gets it.
func (p *Porter) Resolve(before, after journal.Transfer) (journal.Transfer, error) {
	folder := path.Dir(after.Path)
	if after.From == "" || after.Path == before.Path && after.From == before.From || folder == outbox.Sending {
		return after, nil
	}
	inOutbox := droppedAt(after.Path)
	if inOutbox {
		p.names.Forget(full(p.root, folder)) // people come and go there
	}
	name, err := p.names.Free(full(p.root, folder), path.Base(after.Path), companions(p.root, folder)...)
	if err != nil {
		return after, err
	}
	after.Path = path.Join(folder, name)
	if inOutbox && after.State == journal.Queued {
		after.Origin = after.Path
	}
	return after, nil
}

// Place makes the move that a record owes, and lays down the note that explains it. The record that comes back owes
// nothing any more; where its name was taken meanwhile another one was put into the journal first. A file that is nowhere
// has left with somebody's own hand, and the record says so.
func (p *Porter) Place(ctx context.Context, t journal.Transfer) (journal.Transfer, error) {
	for range moveTries {
		err := p.move(t)
		switch {
		case err == nil:
			if err := p.explain(t); err != nil {
				return t, err
			}
			p.unexplain(t.From)
			p.givenBack(path.Dir(t.From))
			t.From = ""
			return t, nil
		case errors.Is(err, errNowhere):
			return left(t), nil
		case !errors.Is(err, fs.ErrExist):
			return t, fmt.Errorf("moving %s to %s: %w", t.From, t.Path, err)
		}
		p.names.Forget(full(p.root, path.Dir(t.Path)))
		renamed := t
		renamed.Path = path.Join(path.Dir(t.Path), t.Name)
		if renamed, err = p.Resolve(journal.Transfer{}, renamed); err != nil {
			return t, err
		}
		if err := p.journal.Put(ctx, journal.Stepped{Transfer: renamed}); err != nil {
			return t, err
		}
		t = renamed
	}
	return t, fmt.Errorf("moving %s to %s: %w", t.From, t.Path, fs.ErrExist)
}

// GiveBack gives back the name that Resolve gave a record which could not be written down.
func (p *Porter) GiveBack(t journal.Transfer) {
	if t.From != "" {
		p.givenBack(path.Dir(t.Path))
	}
}

// givenBack lets the name that a file had in a folder be given out again, and those that were kept for what would lie
// beside it. Lanes' names of their own in .sending never were.
func (p *Porter) givenBack(folder string) {
	if folder == outbox.Sending {
		return
	}
	p.names.Forget(full(p.root, folder))
	for _, beside := range companions(p.root, folder) {
		p.names.Forget(beside.Folder)
	}
}

// Settle makes the move that a record owes and puts into the journal that it owes nothing any more.
func (p *Porter) Settle(ctx context.Context, t journal.Transfer) (journal.Transfer, error) {
	if t.From == "" {
		return t, nil
	}
	placed, err := p.Place(ctx, t)
	if err != nil {
		return t, err
	}
	stepped := journal.Stepped{Transfer: placed}
	if placed.State != t.State {
		stepped.Entries = []journal.Entry{{At: placed.UpdatedAt, Kind: "removed"}}
	}
	if err := p.journal.Put(ctx, stepped); err != nil {
		return t, err
	}
	return placed, nil
}

// left is the record of a file that somebody took away before it was moved. One that waited to be sent is removed with it.
func left(t journal.Transfer) journal.Transfer {
	t.From = ""
	m := machine{t: t, at: Clock{Now: t.UpdatedAt}}
	if t.State == journal.Queued || t.State == journal.Held {
		m.missing(Claim)
	}
	m.t.Path = ""
	return m.t
}

// move moves the file from wherever it is to its recorded place.
func (p *Porter) move(t journal.Transfer) error {
	to := full(p.root, t.Path)
	if err := p.ensure(path.Dir(t.Path)); err != nil {
		return err
	}
	if !p.replaced(t) {
		err := p.fsys.Move(full(p.root, t.From), to)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	p.forgetMade() // the folder may be what is not there
	if err := p.ensure(path.Dir(t.Path)); err != nil {
		return err
	}
	at, err := p.Find(t)
	switch {
	case err != nil:
		return err
	case at == t.Path:
		return nil
	}
	return p.fsys.Move(full(p.root, at), to)
}

// replaced tells that another file was dropped under the name at which the transfer's lay: that one is not ours to move.
// Where files have no identity it is known by the transfer's lying aside: a claim that was answered with an error.
func (p *Porter) replaced(t journal.Transfer) bool {
	if !droppedAt(t.From) {
		return false
	}
	if t.Identity == "" {
		aside, err := p.LiesAside(t)
		return aside && err == nil && t.Path != Aside(t.ID)
	}
	info, err := p.fsys.Lstat(full(p.root, t.From))
	return err == nil && info.Identity != "" && info.Identity != t.Identity
}

// droppedAt tells the places where people put files, and where one is known by more than its name.
func droppedAt(at string) bool {
	return strings.HasPrefix(at, outbox.Folder+"/") && !strings.HasPrefix(at, outbox.Sending+"/")
}

// Find tells at which of the places where it could be a transfer's file lies. errNowhere when at none, ErrFolderGone when
// the folder itself is away.
func (p *Porter) Find(t journal.Transfer) (string, error) {
	for range 2 { // a drive that came back right after the first look had it all the time
		if at, err := p.look(t); !errors.Is(err, errNowhere) {
			return at, err
		}
		if !p.Alive() {
			return "", ErrFolderGone
		}
	}
	return "", errNowhere
}

// look is one look for a transfer's file.
func (p *Porter) look(t journal.Transfer) (string, error) {
	for i, at := range []string{t.From, Aside(t.ID), t.Path, t.Origin} {
		if at == "" {
			continue
		}
		info, err := p.fsys.Lstat(full(p.root, at))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		exact := i > 1 || droppedAt(at) // others may put files there: only this very file, unchanged, counts
		if info.Regular() && (!exact || same(info, t)) {
			return at, nil
		}
	}
	return "", errNowhere
}

// same tells whether a file is the transfer's, with the content that was checked as far as size and time tell.
func same(info disk.Info, t journal.Transfer) bool {
	if info.Identity != "" && t.Identity != "" && info.Identity != t.Identity {
		return false
	}
	return info.Regular() && info.Size == t.Size && info.ModTime.Equal(t.ModTime)
}

// Alive tells whether the company's folder is there. It is never made anew here: an unplugged drive must not be mistaken
// for an empty one.
func (p *Porter) Alive() bool {
	info, err := p.fsys.Lstat(full(p.root, outbox.Folder))
	return err == nil && info.Mode.IsDir()
}

// claim renames a queued file aside, if it is what was checked.
func (p *Porter) claim(t *journal.Transfer) Outcome {
	from, aside := full(p.root, t.Path), full(p.root, Aside(t.ID))
	info, err := p.fsys.Lstat(from)
	switch {
	case err == nil && !same(info, *t):
		return p.claimedBefore(t, Outcome{Happened: Edited})
	case err == nil:
		err = p.fsys.Move(from, aside)
		if errors.Is(err, fs.ErrNotExist) && p.Alive() {
			if err = p.fsys.Mkdir(full(p.root, outbox.Sending)); err == nil || errors.Is(err, fs.ErrExist) {
				err = p.fsys.Move(from, aside)
			}
		}
	}
	switch {
	case err == nil:
		return Outcome{Happened: Done} // an edit since the look is found by its hash when it is sent
	case errors.Is(err, fs.ErrExist):
		return p.claimedBefore(t, Outcome{Happened: Missing})
	case errors.Is(err, fs.ErrNotExist):
		if !p.Alive() {
			return p.trouble(t, ErrFolderGone)
		}
		return p.claimedBefore(t, Outcome{Happened: Missing})
	}
	// It may have happened all the same, as on a drive whose answer was lost.
	return p.claimedBefore(t, p.trouble(t, err))
}

// LiesAside tells whether the file of a transfer that is recorded as waiting in Outbox was claimed already, without that
// being known: the answer to the claim was an error, or a crash came before it was noted.
func (p *Porter) LiesAside(t journal.Transfer) (bool, error) {
	info, err := p.fsys.Lstat(full(p.root, Aside(t.ID)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Regular(), err
}

// claimedBefore looks at what lies aside, now or since before a crash; where nothing does the other outcome holds.
func (p *Porter) claimedBefore(t *journal.Transfer, otherwise Outcome) Outcome {
	info, err := p.fsys.Lstat(full(p.root, Aside(t.ID)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return otherwise
	case err != nil:
		return p.trouble(t, err)
	case same(info, *t):
		return Outcome{Happened: Done}
	}
	t.Origin, t.Path = t.Path, Aside(t.ID) // edited between the look and the rename: it goes back
	return Outcome{Happened: Edited}
}

// trouble is the outcome of a step that a file of ours prevented.
func (p *Porter) trouble(t *journal.Transfer, err error) Outcome {
	return Outcome{Happened: Failed, Failure: p.local(t, err).failure(Failure{Err: err})}
}

func (p *Porter) local(t *journal.Transfer, err error) *localError {
	e := &localError{code: "cannotRead", name: t.Name, kind: Unreadable, err: err}
	switch {
	case errors.Is(err, ErrFolderGone):
		e.code, e.kind = "folderAway", Later
	case errors.Is(err, disk.ErrBusy):
		e.code, e.kind = "fileInUse", Later
	case !p.Alive(): // the whole folder cannot be looked at: it is no fault of the file's
		e.code, e.kind = "folderAway", Later
	}
	if blocked, ok := errors.AsType[*disk.BlockedError](err); ok {
		e.code, e.kind, e.folder = "outboxBlocked", Later, blocked.Path
	}
	return e
}

// explain lays down the note beside a refused or unclear file. One that is there is from before a crash.
func (p *Porter) explain(t journal.Transfer) error {
	end := NoteEnd(&t)
	if end == "" || p.note == nil {
		return nil
	}
	name := full(p.root, path.Join(path.Dir(t.Path), disk.Beside(path.Base(t.Path), end)))
	if _, err := p.fsys.Lstat(name); err == nil {
		return nil
	}
	staged, err := disk.Stage(p.fsys, full(p.root, path.Dir(t.Path)), path.Base(t.Path))
	if err != nil {
		return err
	}
	if _, err = staged.Write([]byte(p.note(t))); err == nil {
		err = staged.Move(name)
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, staged.Close())
}

// unexplain removes our note beside a place that a file has left, where it would explain nothing any more.
func (p *Porter) unexplain(from string) {
	end := map[string]string{failedFolder: ErrorEnd, unclearFolder: UnclearEnd}[path.Dir(from)]
	if end == "" {
		return
	}
	note := full(p.root, path.Join(path.Dir(from), disk.Beside(path.Base(from), end)))
	if err := p.fsys.Remove(note); err == nil {
		p.names.Forget(filepath.Dir(note))
	}
}

// ensure makes the folders of a path within the company's folder, as far as they are missing.
func (p *Porter) ensure(folder string) error {
	p.mu.Lock()
	made := p.made[folder]
	p.mu.Unlock()
	if made {
		return nil
	}
	if !p.Alive() {
		return ErrFolderGone
	}
	at := ""
	for step := range strings.SplitSeq(folder, "/") {
		at = path.Join(at, step)
		if _, err := p.fsys.Lstat(full(p.root, at)); err == nil {
			continue // nothing is made where a drive was unplugged just now
		}
		if at == outbox.Folder || !p.Alive() {
			return ErrFolderGone // it was there a moment ago: whoever makes it anew takes an empty place for the drive
		}
		if err := p.fsys.Mkdir(full(p.root, at)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("making the folder %s: %w", at, err)
		}
	}
	p.mu.Lock()
	p.made[folder] = true
	p.mu.Unlock()
	return nil
}

func (p *Porter) forgetMade() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.made)
}

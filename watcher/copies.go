package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// mostAdded is how many files of a folder are added at once.
const mostAdded = 10_000

// SendAgain sends a file a second time, because a person said so: one whose fate is not clear goes on as the same
// transfer, of an accepted one a copy becomes another.
func (e *Engine) SendAgain(ctx context.Context, id string) error {
	t, err := e.transfer(ctx, id)
	if err != nil {
		return err
	}
	if t.State == journal.Unknown {
		return e.answer(ctx, id, courier.Release, "")
	}
	if !sendsAgain(&t) {
		return refuse(ErrWrongState, "tooLate", "name", t.Name, "state", string(t.State))
	}
	release, err := e.mayChange(ctx)
	if err != nil {
		return err
	}
	defer release()
	return e.sendCopy(ctx, t)
}

// sendCopy makes a new transfer of a file's copy. The copy is made where nobody looks, then the record, then it is laid
// into Outbox; a crash in between leaves no file or one that is recorded.
func (e *Engine) sendCopy(ctx context.Context, was journal.Transfer) error {
	_, c, err := e.porterOf(was.Company)
	if err != nil {
		return err
	}
	folder := e.folderOf(was.Company)
	source, err := disk.Under(folder, was.Lies())
	if err != nil {
		return err
	}
	fsys := disk.Within(e.fs, folder)
	if err := disk.Way(fsys, source); err != nil {
		return err
	}
	into := path.Join(outbox.Folder, was.Scope)
	staged, err := e.copyOf(ctx, source, fsys, filepath.Join(folder, filepath.FromSlash(into)), was.Name)
	if err != nil {
		return fmt.Errorf("copying %s: %w", source, err)
	}
	defer func() { _ = staged.Close() }() // laid down by then, or given up
	if staged.sum != was.SHA256 {
		return refuse(ErrWrongState, "fileEdited", "name", was.Name)
	}
	name, err := disk.NewNames(fsys).Free(filepath.Join(folder, filepath.FromSlash(into)), was.Name)
	if err != nil {
		return err
	}
	now := e.now()
	t := journal.Transfer{
		ID: e.transferID(now, was.ID), Sequence: e.journal.NextSequence(), Connection: was.Connection, Company: was.Company,
		Domain: was.Domain, Scope: was.Scope, Name: name, State: journal.Queued, Path: path.Join(into, name), Origin: path.Join(into, name),
		Size: was.Size, SHA256: was.SHA256, Records: was.Records, Cleared: true, Unready: true, CreatedAt: now.UTC(), UpdatedAt: now.UTC(),
	}
	entry := journal.Entry{At: now.UTC(), Kind: "sentAgain", Args: map[string]string{"of": was.ID}}
	if err := e.journal.Put(ctx, journal.Added{Transfer: t, Entries: []journal.Entry{entry}}); err != nil {
		return err
	}
	if c != nil {
		c.settled(&t)
	}
	err = staged.Move(filepath.Join(folder, filepath.FromSlash(t.Path)))
	if c != nil {
		c.putBack(&t) // after an error too: the copy is found there all the same, or told as gone
	}
	return err
}

// copied is a copy that is being made.
type copied struct {
	*disk.Staged
	sum string // SHA-256, lower-case hex
}

// copyOf copies a file to a hidden place in a folder of a company, whose file system to is.
func (e *Engine) copyOf(ctx context.Context, source string, to disk.FS, folder, name string) (*copied, error) {
	in, err := e.fs.Open(source)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if e.short(folder, info.Size) {
		return nil, refuse(nil, "diskFull", "folder", folder)
	}
	staged, err := disk.Stage(to, folder, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(staged, sum), &interrupted{ctx: ctx, r: in}); err != nil {
		return nil, errors.Join(err, staged.Close())
	}
	return &copied{Staged: staged, sum: hex.EncodeToString(sum.Sum(nil))}, nil
}

// interrupted ends a reading with its context.
type interrupted struct {
	ctx context.Context //nolint:containedctx // of one copy
	r   io.Reader
}

func (i *interrupted) Read(b []byte) (int, error) {
	if i.ctx.Err() != nil {
		return 0, context.Cause(i.ctx)
	}
	return i.r.Read(b)
}

// AddFiles is Place for who wants no more than to know that it went well. The error is of the first file that could not be
// added, after all others were.
func (e *Engine) AddFiles(ctx context.Context, company, scope string, paths []string) error {
	placed, err := e.Place(ctx, company, scope, paths)
	if err != nil {
		return err
	}
	for _, p := range placed {
		if p.Problem != nil {
			return &ProblemError{Problem: *p.Problem, Kind: ErrInvalid}
		}
	}
	return nil
}

// Place copies files into a company's Outbox and tells of each where it is; the originals stay untouched. Of a folder its
// JSON files are taken, those in folders within it too. With no scope, and a company that sends more than one kind, each is
// told by its content. A file that could not be copied has a Problem and keeps no other from being copied; the error is
// of what concerns all of them.
func (e *Engine) Place(ctx context.Context, company, scope string, paths []string) ([]Placed, error) {
	folder := e.folderOf(company)
	if folder == "" {
		return nil, refuse(ErrNotFound, "companyUnknown", "company", company)
	}
	scopes, err := e.outgoing(company)
	if err != nil {
		return nil, err
	}
	if scope == "" && len(scopes) == 1 {
		scope = scopes[0]
	}
	if scope != "" && !slices.Contains(scopes, scope) {
		return nil, refuse(ErrInvalid, "scopeNeeded", "scopes", strings.Join(scopes, ", "))
	}
	into := filepath.Join(folder, outbox.Folder, filepath.FromSlash(scope))
	to := disk.Within(e.fs, folder)
	names := disk.NewNames(to)
	files := e.filesOf(paths)
	placed := make([]Placed, 0, len(files))
	for _, file := range files {
		p := Placed{File: file, Scope: scope}
		if p.Path, err = e.addFile(ctx, file, to, into, names); err != nil {
			e.log.Warn("a file was not added", "file", file, "error", err)
			problem := problemOf(addProblem(file, err), "addFailed")
			p.Problem = &problem
		}
		placed = append(placed, p)
		if ctx.Err() != nil {
			return placed, context.Cause(ctx)
		}
	}
	return placed, nil
}

// filesOf replaces folders by the JSON files in them.
func (e *Engine) filesOf(paths []string) []string {
	var files []string
	for _, given := range paths {
		info, err := e.fs.Lstat(given)
		if err != nil || !info.Mode.IsDir() {
			files = append(files, given)
			continue
		}
		files = append(files, e.within(given)...)
	}
	return files[:min(len(files), mostAdded)]
}

func (e *Engine) within(folder string) []string {
	entries, err := e.fs.ReadDir(folder)
	if err != nil {
		e.log.Warn("a folder could not be added", "folder", folder, "error", err)
	}
	var files []string
	for _, entry := range entries {
		name := filepath.Join(folder, entry.Name)
		switch {
		case strings.HasPrefix(entry.Name, "."), len(files) >= mostAdded:
		case entry.Type.IsDir():
			files = append(files, e.within(name)...)
		case entry.Type.IsRegular() && strings.EqualFold(filepath.Ext(entry.Name), ".json"):
			files = append(files, name)
		}
	}
	return files
}

// addFile copies one file into a folder of Outbox, and tells where it lies. One that lies there already is there.
func (e *Engine) addFile(ctx context.Context, file string, to disk.FS, into string, names *disk.Names) (string, error) {
	if !filepath.IsAbs(file) {
		return "", fmt.Errorf("%s is no absolute path: %w", file, ErrInvalid)
	}
	if samePath(filepath.Dir(file), into) {
		return file, nil
	}
	name := filepath.Base(file)
	staged, err := e.copyOf(ctx, file, to, into, name)
	if err != nil {
		return "", err
	}
	defer func() { _ = staged.Close() }() // laid down by then, or given up
	for {
		free, err := names.Free(into, name)
		if err != nil {
			return "", err
		}
		at := filepath.Join(into, free)
		err = staged.Move(at)
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
}

// addProblem says in words why a file was not added.
func addProblem(file string, err error) error {
	if _, told := errors.AsType[*ProblemError](err); told {
		return err
	}
	code := "addFailed"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		code = "addGone"
	case errors.Is(err, disk.ErrNotRegular):
		code = "addNoFile"
	case errors.Is(err, fs.ErrPermission):
		code = "addForbidden"
	}
	told := refuse(ErrInvalid, code, "name", filepath.Base(file))
	told.Cause = err
	return told
}

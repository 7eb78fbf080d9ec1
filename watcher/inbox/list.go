package inbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// Source is a list to be laid down.
type Source struct {
	Scope    string
	Contract string
	At       time.Time // the platform's time of it; names its version. Zero: now
	Previous string    // Path of the version to compare with, as the journal has it; "" looks in history
	Last     string    // Path of the version laid down last, where that is another: one that nobody trusts
	Fetch    Fetch
}

// List is a list that has been laid down.
type List struct {
	Path    string // the version that is kept: "Inbox/products/history/products 2026-11-24 101500.json"
	Newest  string // "Inbox/products/products.json"; "" when the content was not fit to replace it
	Changes string // "Inbox/products/changes/products 2026-11-24 101500.json"; "" when there was nothing to compare
	Size    int64
	SHA256  string
	Records int
	Added   int
	Changed int
	Removed int
	First   bool             // there was no version before it
	Same    bool             // the same to the byte as the version at Path, and laid down no second time
	Problem *journal.Problem // it does not match its contract, is empty, or shrunken: what is removed is doubtful then
}

// places are where the files of one list lie.
type places struct{ scope, newest, history, changes string }

func placesOf(scope string) (places, error) {
	if err := disk.ValidName(scope); err != nil {
		return places{}, fmt.Errorf("scope of a list: %w", err)
	}
	folder := path.Join(Folder, scope)
	if strings.HasPrefix(scope, ".") || disk.Fold(folder) == disk.Fold(Results) {
		return places{}, fmt.Errorf("scope of a list: %q is taken", scope)
	}
	return places{
		scope:   scope,
		newest:  path.Join(folder, scope+".json"),
		history: path.Join(folder, "history"),
		changes: path.Join(folder, "changes"),
	}, nil
}

// stamp is the form of a version's time, in UTC: versions sort by name.
const stamp = "2006-01-02 150405"

func (p places) name(at time.Time) string { return p.scope + " " + at.UTC().Format(stamp) + ".json" }

// LayList fetches a list and lays it down: a kept version, what changed in it, and the newest under its plain name.
//
// The version comes first and is never replaced, so the newest can be: what it held is kept already. Only where
// somebody has edited it, that is kept too. disk.ErrBusy when another program has the newest open and the system
// does not let it be replaced; everything else is done by then, and a repetition ends it.
func (b *Inbox) LayList(ctx context.Context, source Source) (List, error) {
	p, err := placesOf(source.Scope)
	if err != nil {
		return List{}, err
	}
	for _, folder := range []string{p.history, p.changes} {
		if err := b.ensure(folder); err != nil {
			return List{}, err
		}
	}
	at := source.At
	if at.IsZero() {
		at = b.options.Now()
	}
	got, err := b.fetch(ctx, p.name(at), source.Fetch)
	if err != nil {
		return List{}, fmt.Errorf("fetching the list %s: %w", p.scope, err)
	}
	list, err := b.layList(ctx, source, p, p.name(at), got)
	if err = errors.Join(err, got.Close()); err != nil {
		return List{}, fmt.Errorf("laying down the list %s: %w", p.scope, err)
	}
	return list, nil
}

func (b *Inbox) layList(ctx context.Context, source Source, p places, name string, got *arrived) (List, error) {
	previous, err := b.previous(source.Previous, p, name)
	if err != nil {
		return List{}, err
	}
	list := List{Size: got.size, SHA256: got.sum, First: previous == ""}
	report, err := b.options.Checker.Check(ctx, got.Reader(), source.Contract, p.scope)
	if err != nil {
		return List{}, err
	}
	list.Problem = mismatch(codeList, report)
	last := b.last(source.Last, p)
	for _, version := range []string{previous, last} {
		if list.Same, err = b.isSame(version, p, got); err != nil {
			return List{}, err
		}
		if list.Same {
			list.Path, list.Records = version, report.Records
			list.Newest, err = b.renew(ctx, p, name, list.Path, []string{previous, last}, got)
			return list, err
		}
	}
	if err := b.compare(ctx, p, name, previous, got, &list); err != nil {
		return List{}, err
	}
	if list.Path, err = b.keep(p.history, name, got); err != nil {
		return List{}, err
	}
	if list.Problem != nil && list.Problem.Code == codeUnreadable {
		return list, nil // kept, and not fit to take the place of a list that can be read
	}
	list.Newest, err = b.renew(ctx, p, name, list.Path, []string{previous, last}, got)
	return list, err
}

// last is the version that was laid down last, as the caller has it; "" when it is not there.
func (b *Inbox) last(given string, p places) string {
	full, err := b.within(p.history, given)
	if given == "" || err != nil {
		return ""
	}
	if info, err := b.fsys.Lstat(full); err != nil || !info.Regular() {
		return ""
	}
	return given
}

// previous finds the version that a list is compared with: the journal's, or else the last one in history that is
// not this very list from before a crash, or else what lies under the plain name. "" when there is none.
func (b *Inbox) previous(given string, p places, name string) (string, error) {
	if given != "" {
		full, err := b.within(p.history, given)
		if err != nil {
			return "", err
		}
		if info, err := b.fsys.Lstat(full); err == nil && info.Regular() {
			return given, nil
		}
	}
	entries, err := b.fsys.ReadDir(b.full(p.history))
	if err != nil {
		return "", err
	}
	last := version{}
	for _, e := range entries {
		v, ok := p.version(e.Name)
		if ok && e.Type == 0 && e.Name != name && !v.before(last) {
			last = v
		}
	}
	if last.name != "" {
		return path.Join(p.history, last.name), nil
	}
	info, err := b.fsys.Lstat(b.full(p.newest))
	if err == nil && info.Regular() {
		return p.newest, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return "", nil
}

// version is a kept version of a list, taken apart from its name.
type version struct {
	name   string
	at     time.Time
	number int
}

func (p places) version(name string) (version, bool) {
	rest, ok := strings.CutPrefix(name, p.scope+" ")
	rest, isJSON := strings.CutSuffix(rest, ".json")
	if !ok || !isJSON || len(rest) < len(stamp) {
		return version{}, false
	}
	at, err := time.Parse(stamp, rest[:len(stamp)])
	if err != nil {
		return version{}, false
	}
	v := version{name: name, at: at, number: 1}
	if rest = rest[len(stamp):]; rest != "" {
		number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(rest, " ("), ")"))
		if err != nil {
			return version{}, false // "(edited)": not from Sage
		}
		v.number = number
	}
	return v, true
}

func (v version) before(other version) bool {
	return v.at.Before(other.at) || v.at.Equal(other.at) && v.number < other.number
}

func (b *Inbox) isSame(previous string, p places, got *arrived) (bool, error) {
	if path.Dir(previous) != p.history {
		return false, nil
	}
	return b.holds(b.full(previous), got)
}

// keep lays a file down in folder under the first name that is free, or finds it there from before a crash.
func (b *Inbox) keep(folder, name string, got *arrived) (string, error) {
	for n := 1; ; n++ {
		kept := path.Join(folder, disk.Numbered(name, n))
		err := got.Move(b.full(kept))
		if err == nil {
			return kept, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		same, err := b.holds(b.full(kept), got)
		if err != nil {
			return "", err
		}
		if same {
			return kept, nil
		}
	}
}

// renew puts what arrived, and is kept by now, under the list's plain name too. What stood there is kept in history,
// unless it is one of the versions before and is kept already.
func (b *Inbox) renew(ctx context.Context, p places, name, kept string, before []string, got *arrived) (string, error) {
	full := b.full(p.newest)
	if same, err := b.holds(full, got); same || err != nil {
		return p.newest, err
	}
	fresh, err := b.again(ctx, got, b.full(kept), full)
	if err != nil {
		return "", err
	}
	err = b.replace(ctx, p, name, before, fresh)
	return p.newest, errors.Join(err, fresh.Close())
}

func (b *Inbox) replace(ctx context.Context, p places, name string, before []string, fresh *arrived) error {
	full := b.full(p.newest)
	for ctx.Err() == nil {
		info, err := b.fsys.Lstat(full)
		if errors.Is(err, fs.ErrNotExist) {
			err = fresh.Move(full)
			if errors.Is(err, fs.ErrExist) {
				continue // somebody put a file there just now
			}
			return err
		}
		if err != nil {
			return err
		}
		known, err := b.knownOf(before, p, full)
		if err != nil {
			return err
		}
		if !known {
			if err := b.setAside(ctx, p, name, full); err != nil {
				return err
			}
			continue
		}
		if again, err := b.fsys.Lstat(full); err == nil && again.Same(info) {
			return fresh.Replace(full)
		} // else it was edited while it was compared
	}
	return ctx.Err()
}

// knownOf tells whether the newest holds one of some versions that are kept in history.
func (b *Inbox) knownOf(before []string, p places, full string) (bool, error) {
	for _, version := range before {
		if known, err := b.known(version, p, full); known || err != nil {
			return known, err
		}
	}
	return false, nil
}

// known tells whether the newest holds a version, which is kept in history.
func (b *Inbox) known(previous string, p places, full string) (bool, error) {
	if path.Dir(previous) != p.history {
		return false, nil
	}
	f, err := b.fsys.Open(b.full(previous))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	sum, err := sumOf(f)
	if err != nil {
		return false, err
	}
	return b.holds(full, &arrived{size: info.Size, sum: sum})
}

// setAside moves an edited newest into history.
func (b *Inbox) setAside(ctx context.Context, p places, name, full string) error {
	edited := disk.Stem(name) + " (edited).json"
	for n := 1; ctx.Err() == nil; n++ {
		err := b.fsys.Move(full, b.full(path.Join(p.history, disk.Numbered(edited, n))))
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return ctx.Err()
}

package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/disk"
)

// The folders of an Inbox. Paths in this package are relative to the company's folder and use slashes, as in the
// journal.
const (
	Folder  = "Inbox"
	Results = "Inbox/results"
)

// ResultEnd is the end of a result's name, after the stem of the file it belongs to.
const ResultEnd = ".result.json"

// Checker reads a file and says what is wrong with it. *contract.Checker is the real one.
type Checker interface {
	Check(ctx context.Context, r io.Reader, contract string, scopes ...string) (contract.Report, error)
}

// Fetch writes the whole content to w, or fails. What it wrote before it failed is discarded.
type Fetch func(ctx context.Context, w io.Writer) error

// Options say where an Inbox is and through which doors.
type Options struct {
	FS      disk.FS
	Checker Checker
	Folder  string           // the company's folder, absolute
	Now     func() time.Time // wall time; nil: time.Now
}

// Inbox is the Inbox of one company. It is safe for use by several goroutines, but one list (scope) is laid down by
// one at a time.
type Inbox struct {
	options Options
	fsys    disk.FS
}

// New makes an Inbox. It touches nothing.
func New(options Options) (*Inbox, error) {
	switch {
	case options.FS == nil, options.Checker == nil:
		return nil, errors.New("opening an Inbox: FS and Checker are needed")
	case !filepath.IsAbs(options.Folder):
		return nil, errors.New("opening an Inbox: the company's folder is no absolute path")
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Inbox{options: options, fsys: options.FS}, nil
}

// incoming is where files are until they are whole: hidden, and on the volume on which they will lie.
const incoming = Folder + "/.incoming"

// Prepare makes the folders, those of each list among them, and clears what a crash left half written. The company's
// folder is there already: a drive that is away must not be mistaken for a new one. It is called while the company's
// lock is held and nothing is being laid down.
func (b *Inbox) Prepare(ctx context.Context, scopes []string) error {
	folders := []string{incoming, Results}
	for _, scope := range scopes {
		p, err := placesOf(scope)
		if err != nil {
			return err
		}
		folders = append(folders, p.history, p.changes)
	}
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.ensure(folder); err != nil {
			return err
		}
	}
	whenever := b.options.Now().AddDate(100, 0, 0)
	return disk.RemoveParts(b.fsys, b.full(incoming), whenever)
}

// ensure makes the folders of a path within the company's folder, as far as they are missing. A link is no folder. The
// first of them, which lies straight in the company's folder, is made only while that is certainly there: of a drive that
// was unplugged an empty folder may be left.
func (b *Inbox) ensure(folder string) error {
	full := b.options.Folder
	for step := range strings.SplitSeq(folder, "/") {
		above := full
		full = filepath.Join(full, step)
		info, err := b.fsys.Lstat(full)
		switch {
		case err == nil && !info.Mode.IsDir():
			err = fmt.Errorf("%s: %w", full, disk.ErrNotRegular)
		case errors.Is(err, fs.ErrNotExist):
			if above == b.options.Folder {
				_, err = b.fsys.Lstat(filepath.Join(above, witness))
			} else {
				err = nil
			}
			if err == nil {
				err = b.fsys.Mkdir(full)
			}
			if errors.Is(err, fs.ErrExist) {
				err = nil // somebody else made it meanwhile
			}
		}
		if err != nil {
			return fmt.Errorf("making the folder %s of the Inbox: %w", folder, err)
		}
	}
	return nil
}

// witness is what is there whenever a company's folder is.
const witness = "Outbox"

// full is the absolute form of a path of this package's making.
func (b *Inbox) full(p string) string { return filepath.Join(b.options.Folder, filepath.FromSlash(p)) }

// within is the absolute form of a path from elsewhere, which must lie in folder.
func (b *Inbox) within(folder, p string) (string, error) {
	if path.Clean(p) != p || path.Dir(p) != folder || strings.HasPrefix(path.Base(p), ".") {
		return "", fmt.Errorf("path %q does not lie in %s", p, folder)
	}
	return disk.Under(b.options.Folder, p)
}

package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"
)

// Errors that someone decides on. They come wrapped with what was being done to which file.
var (
	// ErrBusy: another program holds the file open and kept it so for the whole patience of the system's door
	// (about 2 s on Windows, where a virus scanner or an editor can do that). Worth another try later.
	ErrBusy = errors.New("held open by another program")
	// ErrNotRegular: a link, folder, pipe, socket or device stands where a file was expected. Never followed.
	ErrNotRegular = errors.New("not a regular file")
	// ErrOtherVolume: Move was asked to leave the volume. A file is never copied and deleted behind a caller's back.
	ErrOtherVolume = errors.New("on another volume")
)

// FS is a file system as the engine uses it. OS is the real one; tests and the simulator bring their own. Names are
// absolute paths of the system's form. Errors satisfy errors.Is with the errors of io/fs (ErrExist, ErrNotExist,
// ErrPermission) and with those above.
type FS interface {
	// Open opens a regular file for reading. A link is not followed, a pipe does not block: both are ErrNotRegular.
	// On Windows it is refused with ErrBusy while another program has the file open for writing.
	Open(name string) (File, error)
	// Create makes a new file, readable by this user alone, and opens it for reading and writing. fs.ErrExist if
	// there is one.
	Create(name string) (File, error)
	// Lstat tells what stands at name, without following a link.
	Lstat(name string) (Info, error)
	// ReadDir lists a folder, sorted by name. It does not look at the entries themselves.
	ReadDir(name string) ([]Entry, error)
	// Mkdir makes one folder for this user alone. fs.ErrExist if something stands there.
	Mkdir(name string) error
	// MkdirAll makes a folder and those above it, as far as they are missing, for this user alone.
	MkdirAll(name string) error
	// Rename renames a file and replaces what stands at its new name: for state files, and for what has a kept
	// version.
	Rename(oldName, newName string) error
	// Move renames a file and never replaces: fs.ErrExist when the new name is taken, ErrOtherVolume when it lies
	// on another volume. If an earlier Move was interrupted between its two steps on a file system that needs two,
	// the same call ends it.
	Move(oldName, newName string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// SyncDir makes creations and renames in a folder durable, as far as its file system can: see the package's comment.
	SyncDir(name string) error
	// Free tells how many bytes this user may still write on the volume of name.
	Free(name string) (uint64, error)
	// Remote tells that name lies on a network drive (or one that behaves like it), whose changes are not told.
	Remote(name string) bool
	// Held tells that another program has the file open for writing. False where the system cannot tell.
	Held(name string) bool
}

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Writer
	io.Closer
	// Sync makes what was written durable.
	Sync() error
	// Stat tells about the open file, wherever it has been moved to since.
	Stat() (Info, error)
}

// Info is what the file system tells about a file.
type Info struct {
	Size     int64 // bytes
	ModTime  time.Time
	Identity string // the file system's own name for the file: it stays through renames. Empty where there is none
	Mode     fs.FileMode
	Hidden   bool // by attribute (Windows, macOS); a name with a leading dot is for the caller to see
}

// Regular tells whether it is a plain file: no folder, link, pipe, socket or device.
func (i Info) Regular() bool { return i.Mode.IsRegular() }

// Same tells whether both looks saw the same file with the same content, as far as size, time and identity tell.
func (i Info) Same(other Info) bool {
	return i.Size == other.Size && i.ModTime.Equal(other.ModTime) && i.Identity == other.Identity && i.Mode.Type() == other.Mode.Type()
}

// Entry is one line of a folder's listing.
type Entry struct {
	Name string
	Type fs.FileMode // the type bits only; zero for a regular file
}

// Under makes an absolute path of root and a relative one with slashes, as the journal keeps it. A path that would
// leave root is an error.
func Under(root, relative string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(relative)) {
		return "", fmt.Errorf("path %q does not stay within its folder", relative)
	}
	return filepath.Join(root, filepath.FromSlash(relative)), nil
}

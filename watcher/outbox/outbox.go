package outbox

import (
	"context"
	"io"
	"log/slog"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// The folders of an Outbox. Paths in this package are relative to the company's folder and use slashes, as in the
// journal.
const (
	Folder  = "Outbox"
	Sending = "Outbox/.sending" // claimed files, named by their transfer's ID; never looked at
	Held    = "Outbox/Held"     // what a person took back; never looked at
)

// DefaultIgnore are the names that are left untouched unless the settings say otherwise. Names with a leading dot
// and files hidden by attribute are left untouched in any case.
func DefaultIgnore() []string {
	return []string{"~$*", "*.tmp", "*.part", "*.crdownload", "desktop.ini", "Thumbs.db"}
}

// Scope is a kind of file that goes to Sage: files dropped into Outbox/<Name> are checked against Contract.
type Scope struct {
	Name     string
	Contract string // one of contract.Contracts
}

// Checker reads a file and says what is wrong with it. *contract.Checker is the real one.
type Checker interface {
	Check(ctx context.Context, r io.Reader, contract string, scopes ...string) (contract.Report, error)
}

// Kind is what a Finding is about.
type Kind int

// The kinds of finding.
const (
	// Settled: the file is complete and as its contract wants it. Told again, with new content, when a file that
	// had been told was edited.
	Settled Kind = iota + 1
	// Unclear: the file is complete, and which scope it is meant for cannot be told. Scope is empty.
	Unclear
	// Unsendable: the file failed the check; Problem says why. Told again when it was edited.
	Unsendable
	// Gone: a file that had been told, or was Known, is no longer there, or has had nothing in it for long.
	Gone
)

// String names the kind, for logs and tests.
func (k Kind) String() string {
	switch k {
	case Settled:
		return "settled"
	case Unclear:
		return "unclear"
	case Unsendable:
		return "unsendable"
	case Gone:
		return "gone"
	}
	return "unknown"
}

// Finding is one thing the Watcher tells.
type Finding struct {
	Kind    Kind
	Path    string // "Outbox/orders/november.json"
	Scope   string // empty with Unclear, and with Unsendable where a file straight in Outbox cannot be read at all
	Info    disk.Info
	SHA256  string // lower-case hex of the content that was checked
	Records int
	Problem *journal.Problem // with Unsendable
	Report  contract.Report  // what the check said in full, for ".error.txt"
}

// Known is a file in Outbox that the journal holds as queued or held: not told again unless it was edited since.
type Known struct {
	Path string
	Info disk.Info // Size, ModTime and Identity as they were when it was told; zero: it is told anew, or as gone
}

// Loose is a file seen in Outbox that is not told yet, or never will be, and why: still being written, empty, a
// link, a folder, a device. Ignored names are no files.
type Loose struct {
	Path    string
	Scope   string
	Size    int64
	Since   time.Time // when it was first seen, or last changed
	Problem journal.Problem
}

// Options say what a Watcher watches and through which doors.
type Options struct {
	FS      disk.FS
	Events  Events // nil: no hints; the sweep does it alone, every few seconds
	Probe   bool   // tries out with a file of its own whether events arrive
	Checker Checker
	Folder  string  // the company's folder, absolute
	Scopes  []Scope // names are unique
	Ignore  []string
	Known   []Known

	// Deliver takes findings over, durably. It is called from one goroutine, one call at a time, with at least one
	// finding. After an error the files are looked at and told again a little later.
	Deliver func(ctx context.Context, found []Finding) error
	// Changed says that what Loose or Problem answer has changed. It returns at once. May be nil.
	Changed func()
	// Jumped says that the wall clock was set, or that the computer slept. It returns at once. May be nil.
	Jumped func()

	Now    func() time.Time // wall time; nil: time.Now
	Logger *slog.Logger     // nil: none
	Pace   Pace             // zero: the product's own
}

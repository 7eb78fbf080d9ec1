package inbox

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
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
	Logger  *slog.Logger     // nil: none
}

// Inbox is the Inbox of one company. It is safe for use by several goroutines, but one list (scope) is laid down by
// one at a time.
type Inbox struct{ options Options }

// New makes an Inbox. It touches nothing.
func New(options Options) (*Inbox, error) { return &Inbox{options: options}, nil }

// Prepare makes the folders, one for each list, and clears what a crash left half written. It is called when the
// company's lock is held and nothing is being laid down.
func (b *Inbox) Prepare(ctx context.Context, scopes []string) error { return nil }

// Result is a result that has been laid down.
type Result struct {
	Path    string // "Inbox/results/november.result.json"
	Size    int64
	SHA256  string
	Records int
	Refused int              // records whose status is not acceptance, or that have errors
	Problem *journal.Problem // it does not match its contract; nil when it does
}

// LayResult fetches a result and lays it down at path (of disk.Names.Free in Results, recorded by the caller
// before). fs.ErrExist when another file has taken the name: record another one. A result that is there already,
// the same to the byte, is taken as laid down.
func (b *Inbox) LayResult(ctx context.Context, path, contractName string, fetch Fetch) (Result, error) {
	return Result{}, nil
}

// Outcomes reads what a result says of each record.
func (b *Inbox) Outcomes(ctx context.Context, path string) iter.Seq2[contract.Outcome, error] {
	return nil
}

// Source is a list to be laid down.
type Source struct {
	Scope    string
	Contract string
	At       time.Time // the platform's time of it; names its version. Zero: now
	Previous string    // Path of the version before it, as the journal has it; "" looks in history
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
	Same    bool             // the same to the byte as the version before it, and laid down no second time
	Problem *journal.Problem // it does not match its contract, is empty, or shrunken: what is removed is doubtful then
}

// LayList fetches a list and lays it down: a kept version, what changed in it, and the newest under its plain name.
func (b *Inbox) LayList(ctx context.Context, source Source) (List, error) { return List{}, nil }

// Change is one record that is new, changed or no longer there.
type Change struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"` // added, changed, removed
	Label  string   `json:"label,omitempty"`
	Fields []string `json:"fields,omitempty"` // names of changed properties; none when there were too many to keep
}

// Changes reads a List's Changes.
func (b *Inbox) Changes(ctx context.Context, path string) iter.Seq2[Change, error] { return nil }

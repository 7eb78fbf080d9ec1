package outbox

import (
	"context"

	"postroom/watcher/journal"
)

// Watcher follows the Outbox of one company. Run does the work; all other methods may be called at any time, from
// any goroutine, and return at once.
type Watcher struct{ options Options }

// New makes a Watcher. It touches nothing until Run.
func New(options Options) (*Watcher, error) { return &Watcher{options: options}, nil }

// Run watches until ctx ends, and returns once every goroutine of the Watcher has ended. The error is ctx's.
func (w *Watcher) Run(ctx context.Context) error { return nil }

// Sweep looks at everything now.
func (w *Watcher) Sweep() {}

// Forget says that the engine has taken the file away (claimed it, or moved it to Failed or Held): its absence is
// not told as Gone. Identity is the Finding's; a new file that was dropped under the same name meanwhile stays new.
func (w *Watcher) Forget(path, identity string) {}

// Again has the file at path told again as if it were new: it was put back, or its answer could not be used.
func (w *Watcher) Again(path string) {}

// Ignore replaces the list of names that are left untouched.
func (w *Watcher) Ignore(patterns []string) error { return nil }

// Scopes replaces the scopes, when a further connection shares the company's folder.
func (w *Watcher) Scopes(scopes []Scope) error { return nil }

// Loose lists what is seen in Outbox and not told, in the order of paths.
func (w *Watcher) Loose() []Loose { return nil }

// Problem is what keeps the Watcher from looking at all: the folder is gone, or cannot be read. Nil when all is
// well.
func (w *Watcher) Problem() *journal.Problem { return nil }

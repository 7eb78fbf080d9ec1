package inbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"path"

	"postroom/watcher/disk"
)

// Change is one record that is new, changed or no longer there.
type Change struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"` // added, changed, removed
	Label  string   `json:"label,omitempty"`
	Fields []string `json:"fields,omitempty"` // names of changed properties; none when there were too many to keep
	Values []Value  `json:"values,omitempty"` // what they were and are; none when there were too many to keep
}

// Value is a property that has changed. A value is shortened to what a row shows; "" is none at all.
type Value struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Composite stands for a value that is a group or a list, which no row can show.
const Composite = "{…}"

// head is how a file of changes begins.
type head struct {
	List     string `json:"list"`
	Before   string `json:"before"`             // the version compared with
	Doubtful bool   `json:"doubtful,omitempty"` // the list is empty or shrunken: what it lacks may not be gone from Sage
}

// counts are how it ends.
type counts struct {
	Records int `json:"records"` // in the list
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
}

// changesWriter writes {head, "changes": [one a line], counts}, one change at a time.
type changesWriter struct {
	w    *bufio.Writer
	n    int
	fail error
}

func newChangesWriter(w io.Writer, h head) *changesWriter {
	c := &changesWriter{w: bufio.NewWriter(w)}
	begin, err := json.Marshal(h)
	c.fail = err
	if err == nil {
		c.put(begin[:len(begin)-1])
		c.put([]byte(`,"changes":[`))
	}
	return c
}

func (c *changesWriter) put(p []byte) {
	if c.fail == nil {
		_, c.fail = c.w.Write(p)
	}
}

func (c *changesWriter) add(change Change) error {
	line, err := json.Marshal(change)
	if err != nil {
		return err
	}
	if c.n > 0 {
		c.put([]byte{','})
	}
	c.n++
	c.put([]byte{'\n'})
	c.put(line)
	return c.fail
}

func (c *changesWriter) end(n counts) error {
	line, err := json.Marshal(n)
	if err != nil {
		return err
	}
	c.put([]byte("\n],"))
	c.put(line[1:])
	c.put([]byte{'\n'})
	if c.fail != nil {
		return c.fail
	}
	return c.w.Flush()
}

// Changes reads a List's Changes. The sequence ends after its first error.
func (b *Inbox) Changes(ctx context.Context, changesPath string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		f, err := b.openChanges(changesPath)
		if err == nil {
			defer f.Close()
			err = readChanges(ctx, f, yield)
		}
		if err != nil {
			yield(Change{}, fmt.Errorf("reading what changed: %w", err))
		}
	}
}

func (b *Inbox) openChanges(changesPath string) (disk.File, error) {
	p, err := placesOf(path.Base(path.Dir(path.Dir(changesPath))))
	if err != nil {
		return nil, err
	}
	full, err := b.within(p.changes, changesPath)
	if err != nil {
		return nil, err
	}
	return b.fsys.Open(full)
}

func readChanges(ctx context.Context, f disk.File, yield func(Change, error) bool) error {
	d := json.NewDecoder(f)
	for { // up to the list of changes
		token, err := d.Token()
		if err != nil {
			return err
		}
		if token == "changes" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var change Change
		if err := d.Decode(&change); err != nil {
			return err
		}
		if !yield(change, nil) {
			return nil
		}
	}
	return nil
}

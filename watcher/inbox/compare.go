package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strconv"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// Codes of the marks that a result or a list may carry. Their sentences are in the catalogues of package assets, as
// "problem.<code>".
const (
	codeResult     = "resultMismatch" // a result is not as its contract wants it
	codeList       = "listMismatch"   // a list is not as its contract wants it
	codeUnreadable = "listUnreadable" // its records cannot be read to their end
	codeEmpty      = "listEmpty"
	codeShrunken   = "listShrunken" // less than half of the version before
)

// maxNamed is for how many changed records the changed properties are named: more than a person reads.
const maxNamed = 10_000

// maxValued is for how many of them it is kept what the properties were and are.
const maxValued = 2_000

// entry is what is kept of a record while two lists are compared: 24 bytes, so that a list of a million records
// needs some 50 MB, and one of gigabytes can be compared at all.
type entry struct {
	id   uint64 // hash of its id; of its content where it has none
	sum  uint64 // of its content, in whatever order its properties stand
	kind kind
	done bool // written to the changes
}

type kind uint8

const (
	same kind = iota
	added
	changed
	removed
)

func (k kind) String() string { return [...]string{"same", "added", "changed", "removed"}[k] }

// index is the entries of one list, sorted by id.
type index struct {
	entries []entry
	records int // with repeated ids counted each
}

// comparison is of an older list with a newer one.
type comparison struct {
	hash     *hasher
	scope    string
	old, new index
	doubtful bool // the newer list is empty or shrunken
}

// compare counts what changed in a list since the version before and writes it down.
func (b *Inbox) compare(ctx context.Context, p places, name, previous string, got *arrived, list *List) error {
	c := &comparison{hash: &hasher{seed: maphash.MakeSeed()}, scope: p.scope}
	var err error
	c.new, err = c.read(ctx, got.Reader())
	list.Records = c.new.records
	if problem, ok := errors.AsType[*contract.Error](err); ok {
		list.Problem = &journal.Problem{Code: codeUnreadable, Args: unreadableArgs(problem)}
		return nil
	}
	if err != nil {
		return err
	}
	if previous == "" {
		c.mark(list)
		return nil
	}
	old, err := b.fsys.Open(b.full(previous))
	if err != nil {
		return err
	}
	defer old.Close()
	c.old, err = c.read(ctx, old)
	if _, ok := errors.AsType[*contract.Error](err); ok {
		list.First = true // the version before cannot be read: nothing to compare with
		c.old = index{}
		c.mark(list)
		return nil
	}
	if err != nil {
		return err
	}
	list.Added, list.Changed, list.Removed = c.classify()
	c.mark(list)
	return b.writeChanges(ctx, c, p, name, previous, old, got, list)
}

func unreadableArgs(e *contract.Error) map[string]string {
	args := e.Problem.Args()
	args["reason"] = string(e.Problem.Code)
	return args
}

// mark says of an empty or shrunken list that it is one: what it lacks may not be gone from Sage at all.
func (c *comparison) mark(list *List) {
	before, now := c.old.records, c.new.records
	args := map[string]string{"list": c.scope, "before": strconv.Itoa(before), "now": strconv.Itoa(now)}
	switch {
	case now == 0:
		c.doubtful, list.Problem = true, &journal.Problem{Code: codeEmpty, Args: args}
	case 2*now < before:
		c.doubtful, list.Problem = true, &journal.Problem{Code: codeShrunken, Args: args}
	}
}

// read makes the index of a list. A record whose id comes again counts once, with the contents of all.
func (c *comparison) read(ctx context.Context, r io.Reader) (index, error) {
	var ix index
	for record, err := range records(ctx, r, c.scope) {
		if err != nil {
			return ix, err
		}
		ix.records++
		id, sum := c.hash.record(record)
		ix.entries = append(ix.entries, entry{id: id, sum: sum})
	}
	slices.SortFunc(ix.entries, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	last := 0
	for i := 1; i < len(ix.entries); i++ {
		if ix.entries[i].id == ix.entries[last].id {
			ix.entries[last].sum += ix.entries[i].sum
			continue
		}
		last++
		ix.entries[last] = ix.entries[i]
	}
	if len(ix.entries) > 0 {
		ix.entries = ix.entries[:last+1]
	}
	return ix, nil
}

// records reads a list until the context ends.
func records(ctx context.Context, r io.Reader, scope string) iter.Seq2[contract.Record, error] {
	return func(yield func(contract.Record, error) bool) {
		for record, err := range contract.Records(r, scope) { //nolint:contextcheck // it reads, and asks nobody
			if err == nil {
				err = ctx.Err()
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// find gives a record's entry.
func (ix index) find(id uint64) *entry {
	i, ok := slices.BinarySearchFunc(ix.entries, id, func(e entry, id uint64) int { return cmp.Compare(e.id, id) })
	if !ok {
		return nil
	}
	return &ix.entries[i]
}

// classify goes through both lists side by side.
func (c *comparison) classify() (nAdded, nChanged, nRemoved int) {
	older, newer := c.old.entries, c.new.entries
	for len(older) > 0 || len(newer) > 0 {
		switch {
		case len(newer) == 0 || len(older) > 0 && older[0].id < newer[0].id:
			older[0].kind = removed
			nRemoved++
			older = older[1:]
		case len(older) == 0 || newer[0].id < older[0].id:
			newer[0].kind = added
			nAdded++
			newer = newer[1:]
		default:
			if older[0].sum != newer[0].sum {
				older[0].kind, newer[0].kind = changed, changed
				nChanged++
			}
			older, newer = older[1:], newer[1:]
		}
	}
	return nAdded, nChanged, nRemoved
}

// former is a changed record as it was in the older list.
type former struct {
	properties
	values map[string]string // nil when there are too many to keep
}

// properties reads the properties of the changed records out of the older list, by their ids.
func (c *comparison) properties(ctx context.Context, old io.Reader) (map[uint64]former, error) {
	was := make(map[uint64]former)
	for record, err := range records(ctx, old, c.scope) {
		if err != nil {
			return nil, err
		}
		id := c.hash.identify(record)
		e := c.old.find(id)
		if e == nil || e.kind != changed {
			continue
		}
		if _, there := was[id]; !there && len(was) < maxNamed {
			record := former{properties: c.hash.properties(record.Raw), values: values(record.Raw)}
			if len(was) >= maxValued {
				record.values = nil
			}
			was[id] = record
		}
	}
	return was, nil
}

// writeChanges writes down what changed: new and changed records in the order of the newer list, then those no
// longer there in the order of the older one.
func (b *Inbox) writeChanges(ctx context.Context, c *comparison, p places, name, previous string, old disk.File, got *arrived, list *List) error {
	laid, err := b.fetch(ctx, name, func(ctx context.Context, w io.Writer) error {
		out := newChangesWriter(w, head{List: c.scope, Before: previous, Doubtful: c.doubtful})
		if list.Added+list.Changed > 0 {
			if err := c.writeNew(ctx, out, old, got); err != nil {
				return err
			}
		}
		if list.Removed > 0 {
			if err := c.writeRemoved(ctx, out, old); err != nil {
				return err
			}
		}
		return out.end(counts{Records: list.Records, Added: list.Added, Changed: list.Changed, Removed: list.Removed})
	})
	if err != nil {
		return fmt.Errorf("writing what changed: %w", err)
	}
	list.Changes, err = b.keep(p.changes, name, laid)
	return errors.Join(err, laid.Close())
}

func (c *comparison) writeNew(ctx context.Context, out *changesWriter, old disk.File, got *arrived) error {
	var was map[uint64]former
	if slices.ContainsFunc(c.old.entries, func(e entry) bool { return e.kind == changed }) {
		if _, err := old.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var err error
		if was, err = c.properties(ctx, old); err != nil {
			return err
		}
	}
	return c.write(ctx, out, got.Reader(), c.new, func(id uint64, record contract.Record, change *Change) {
		if before, ok := was[id]; ok {
			change.Fields = before.differ(c.hash.properties(record.Raw))
			change.Values = before.changes(change.Fields, record.Raw)
			for i, name := range change.Fields {
				change.Fields[i] = short(name)
			}
		}
	})
}

// changes are what some properties were and are.
func (f former) changes(names []string, raw json.RawMessage) []Value {
	if f.values == nil {
		return nil
	}
	now := values(raw)
	changed := make([]Value, 0, len(names))
	for _, name := range names {
		changed = append(changed, Value{Name: short(name), From: f.values[name], To: now[name]})
	}
	return changed
}

func (c *comparison) writeRemoved(ctx context.Context, out *changesWriter, old disk.File) error {
	if _, err := old.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for i := range c.old.entries {
		if c.old.entries[i].kind != removed {
			c.old.entries[i].done = true // written with the newer list
		}
	}
	return c.write(ctx, out, old, c.old, func(uint64, contract.Record, *Change) {})
}

// write writes the changes of the records of one list that are not the same.
func (c *comparison) write(ctx context.Context, out *changesWriter, r io.Reader, ix index, more func(uint64, contract.Record, *Change)) error {
	for record, err := range records(ctx, r, c.scope) {
		if err != nil {
			return err
		}
		id := c.hash.identify(record)
		e := ix.find(id)
		if e == nil || e.kind == same || e.done {
			continue
		}
		e.done = true
		change := Change{ID: record.ID, Kind: e.kind.String(), Label: label(record.Raw)}
		more(id, record, &change)
		if err := out.add(change); err != nil {
			return err
		}
	}
	return nil
}

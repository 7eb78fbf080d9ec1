package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// sameFor is how long the content of a file is remembered as sent.
const sameFor = 90 * 24 * time.Hour

// The answers to "the same file twice" in the settings; anything else asks.
const (
	sameSend  = "send"
	sameLeave = "leave"
)

// deliver takes over what the Outbox's watcher found, durably. New files share one commit. It is called by the watcher,
// one call at a time.
func (c *company) deliver(ctx context.Context, found []outbox.Finding) error {
	batch := intake{c: c, hashes: make(map[string]journal.Transfer)}
	for i, f := range found {
		batch.left = found[i:]
		var err error
		if id := c.waits(f.Path); id != "" {
			err = c.again(ctx, &batch, id, f)
		} else if f.Kind != outbox.Gone {
			err = batch.add(ctx, f)
		}
		if err != nil {
			return err
		}
	}
	return batch.commit(ctx)
}

// intake is what one delivery makes new.
type intake struct {
	c       *company
	left    []outbox.Finding // what is being taken in, and what comes after it
	changes []journal.Change
	added   []journal.Transfer
	hashes  map[string]journal.Transfer   // of what is sendable among added, by hash
	known   map[string][]journal.Transfer // what the journal has with the contents of left, by hash; nil when it is to be read
}

// same gives the journal's transfers with a content, the newest first. One look at the journal is for all that is left,
// until this delivery itself changes a record.
func (b *intake) same(ctx context.Context, sha256 string) ([]journal.Transfer, error) {
	if b.known == nil {
		hashes := make([]string, len(b.left))
		for i, f := range b.left {
			hashes[i] = f.SHA256
		}
		found, err := b.c.same(ctx, hashes...)
		if err != nil {
			return nil, err
		}
		b.known = make(map[string][]journal.Transfer)
		for _, t := range found {
			b.known[t.SHA256] = append(b.known[t.SHA256], t)
		}
	}
	return slices.Clone(b.known[sha256]), nil
}

// add begins a transfer for a file that was not known.
func (b *intake) add(ctx context.Context, f outbox.Finding) error {
	c, now := b.c, b.c.e.now()
	t := journal.Transfer{ID: c.e.transferID(now, c.path(f.Path)), Company: c.name, CreatedAt: now.UTC()}
	lies(&t, f)
	c.assign(&t, f.Scope)
	same, err := b.same(ctx, t.SHA256)
	if err != nil {
		return err
	}
	if moved, err := c.moved(ctx, f, same); moved || err != nil {
		b.known = nil
		return err
	}
	if twin, ok := b.hashes[t.SHA256]; ok {
		same = append([]journal.Transfer{twin}, same...)
	}
	t, entries := courier.Arrive(t, c.arrival(&t, f, same), now)
	if t, err = c.porter.Resolve(journal.Transfer{}, t); err != nil {
		return err
	}
	t.Sequence = c.e.journal.NextSequence()
	b.changes = append(b.changes, journal.Added{Transfer: t, Entries: entries, Numbers: f.Report.Numbers})
	b.added = append(b.added, t)
	if t.State == journal.Queued {
		b.hashes[t.SHA256] = t
	}
	return nil
}

// commit makes the new transfers durable and sets their lanes going.
func (b *intake) commit(ctx context.Context) error {
	if len(b.changes) == 0 {
		return nil
	}
	if err := b.c.e.journal.Put(ctx, b.changes...); err != nil {
		for _, t := range b.added {
			b.c.porter.GiveBack(t)
		}
		return err
	}
	for i := range b.added {
		b.c.settled(&b.added[i])
	}
	return nil
}

// lies takes over where a file lies and what is in it.
func lies(t *journal.Transfer, f outbox.Finding) {
	t.Name, t.Path, t.Origin = path.Base(f.Path), f.Path, f.Path
	t.Size, t.ModTime, t.Identity = f.Info.Size, f.Info.ModTime.UTC(), f.Info.Identity
	t.SHA256, t.Records = f.SHA256, f.Records
}

// assign gives a transfer to the connection that its scope goes through, if there is one.
func (c *company) assign(t *journal.Transfer, scope string) {
	t.Scope = scope
	if l := c.route(scope); l != nil {
		t.Connection, t.Domain = l.account.ID, l.account.Domain
	}
}

// same gives transfers with the same contents, the newest first.
func (c *company) same(ctx context.Context, sha256 ...string) ([]journal.Transfer, error) {
	return c.e.journal.Same(ctx, c.name, c.e.now().Add(-sameFor), sha256...)
}

// arrival is what was found out about a file.
func (c *company) arrival(t *journal.Transfer, f outbox.Finding, same []journal.Transfer) courier.Arrival {
	answer := c.e.settings().SameFile
	a := courier.Arrival{Unsendable: f.Problem, Unclear: f.Kind == outbox.Unclear || t.Connection == "", Leave: answer == sameLeave}
	if answer != sameSend {
		a.Twin = courier.Twin(t, same)
	}
	return a
}

// again takes in that a file which waits in Outbox was edited, looked at once more, or removed.
func (c *company) again(ctx context.Context, b *intake, id string, f outbox.Finding) error {
	known, err := c.update(ctx, id, f)
	b.known = nil
	if known || err != nil || f.Kind == outbox.Gone {
		return err
	}
	return b.add(ctx, f)
}

// update brings a waiting transfer up to date with its file. False when it does not wait any more, so that the file is
// another one.
func (c *company) update(ctx context.Context, id string, f outbox.Finding) (bool, error) {
	_, give, err := c.e.custody.take(ctx, id)
	if err != nil {
		return false, err
	}
	defer give()
	t, err := c.e.journal.Transfer(ctx, id)
	switch {
	case err != nil:
		return false, err
	case t.State != journal.Queued && t.State != journal.Held:
		c.forget(f.Path, id)
		return false, nil
	case f.Kind == outbox.Gone:
		return true, c.gone(ctx, t)
	}
	if t.From != "" {
		// It is to be moved to where this lies, and may have been without that being noted; or another file took the place.
		if t, err = c.place(ctx, t); err != nil || t.Path != f.Path {
			return false, err
		}
	}
	if aside, err := c.aside(&t); aside || err != nil {
		return false, err
	}
	return true, c.edited(ctx, t, f)
}

// aside tells that a waiting transfer's file is claimed, although its lane was told otherwise. What lies where it was
// dropped is another one, and the lane finds the first where it is.
func (c *company) aside(t *journal.Transfer) (bool, error) {
	if t.State != journal.Queued {
		return false, nil
	}
	aside, err := c.porter.LiesAside(*t)
	if err != nil || !aside {
		return false, err
	}
	c.e.log.Info("a claim was answered with an error and has happened", "transfer", t.ID, "path", t.Path)
	c.forget(t.Path, t.ID)
	c.touchLanes(t)
	return true, nil
}

// edited gives a waiting transfer the content that its file has now.
func (c *company) edited(ctx context.Context, t journal.Transfer, f outbox.Finding) error {
	unchanged := t.SHA256 == f.SHA256 && t.Path == f.Path && t.Scope == f.Scope && !t.Unready && f.Kind != outbox.Unsendable
	was := t
	var entries []journal.Entry
	if t.Path != f.Path {
		entries = append(entries, journal.Entry{At: c.e.now().UTC(), Kind: "moved"})
	}
	if t.SHA256 != f.SHA256 {
		t.Cleared = false // what was answered was about other content
	}
	lies(&t, f)
	if !unchanged {
		if f.Scope != "" || f.Kind == outbox.Unclear {
			t.Connection, t.Domain = "", ""
			c.assign(&t, f.Scope)
		}
		same, err := c.same(ctx, t.SHA256)
		if err != nil {
			return err
		}
		var more []journal.Entry
		t, more = courier.Arrive(t, c.arrival(&t, f, same), c.e.now())
		entries = append(entries, more...)
		if t, err = c.porter.Resolve(journal.Transfer{}, t); err != nil {
			return err
		}
	}
	change := journal.Rewritten{Transfer: t, Entries: entries}
	if was.SHA256 != t.SHA256 {
		change.Numbers = append([]string{}, f.Report.Numbers...)
	}
	if err := c.e.journal.Put(ctx, change); err != nil {
		c.porter.GiveBack(t)
		return err
	}
	c.forget(was.Path, was.ID)
	c.touchLanes(&was, &t)
	c.settled(&t)
	return nil
}

// gone takes in that a waiting file is not in Outbox any more, or has nothing in it: its lane has claimed it just now, or a
// person removed it.
func (c *company) gone(ctx context.Context, t journal.Transfer) error {
	if t.From != "" {
		return nil // on its way back into Outbox
	}
	there := c.porter.Alive() // before and after: what is not seen while a drive is away says nothing
	for _, at := range []string{t.Path, courier.Aside(t.ID)} {
		info, err := c.e.fs.Lstat(c.path(at))
		if err == nil && at == t.Path && info.Regular() && info.Size == 0 {
			continue // emptied, or removed and an empty one in its place
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err // there, or nothing is known
		}
	}
	if !there || !c.porter.Alive() {
		return fmt.Errorf("%s: %w", t.Name, courier.ErrFolderGone) // the drive is away, and the file with it
	}
	was := t
	t, entries := courier.Advance(t, courier.Claim, courier.Outcome{Happened: courier.Missing}, courier.Clock{Now: c.e.now()}, courier.Pace{})
	if err := c.e.journal.Put(ctx, journal.Stepped{Transfer: t, Entries: entries}); err != nil {
		return err
	}
	c.forget(was.Path, was.ID)
	c.touchLanes(&was, &t)
	c.e.tell(&t)
	return nil
}

// moved tells whether a file that was not known is one that was: renamed within Outbox by a person, or brought back there
// by a power cut that undid a rename. Both are known by identity and content, and by not being where they were; where files
// have no identity only the second is, by lying where it was dropped and unchanged since.
func (c *company) moved(ctx context.Context, f outbox.Finding, same []journal.Transfer) (bool, error) {
	for _, s := range same {
		if !c.mayLie(&s, f) {
			continue
		}
		if s.From == f.Path && f.Info.Identity != "" {
			return true, nil // it is being moved away from there: nobody waits for its lane
		}
		moved, err := c.follow(ctx, s.ID, f)
		if moved || err != nil {
			return moved, err
		}
	}
	return false, nil
}

// mayLie tells whether a file may be that of a transfer with the same content, as far as its record tells.
func (c *company) mayLie(t *journal.Transfer, f outbox.Finding) bool {
	if t.Identity != f.Info.Identity || t.Lies() == "" {
		return false
	}
	if f.Info.Identity == "" {
		return t.Origin == f.Path && t.ModTime.Equal(f.Info.ModTime) && c.e.cutShort(t)
	}
	return t.From == f.Path || t.State == journal.Queued || t.State == journal.Held || c.e.cutShort(t)
}

// follow takes over where a known file lies now.
func (c *company) follow(ctx context.Context, id string, f outbox.Finding) (bool, error) {
	_, give, err := c.e.custody.take(ctx, id)
	if err != nil {
		return false, err
	}
	defer give()
	t, err := c.e.journal.Transfer(ctx, id)
	switch {
	case err != nil:
		return false, err
	case !c.mayLie(&t, f):
		return false, nil // its lane found it gone meanwhile, and has said so
	case t.From == f.Path && f.Info.Identity != "":
		return true, nil // it is being moved away from there
	}
	for _, at := range []string{t.Lies(), courier.Aside(t.ID)} {
		info, err := c.e.fs.Lstat(c.path(at))
		other := err == nil && info.Identity != "" && f.Info.Identity != "" && info.Identity != f.Info.Identity
		if at != f.Path && !other && !errors.Is(err, fs.ErrNotExist) {
			return false, nil //nolint:nilerr // it is there, or nothing is known
		}
	}
	if t.State == journal.Queued || t.State == journal.Held {
		t.From = "" // if it was to be moved, it has been, without that being noted
		return true, c.edited(ctx, t, f)
	}
	c.e.log.Info("a rename had been undone and is made again", "transfer", t.ID, "path", f.Path)
	t.From = f.Path
	if err := c.e.journal.Put(ctx, journal.Stepped{Transfer: t}); err != nil {
		return false, err
	}
	c.touchLanes(&t)
	if !t.State.InFlight() {
		c.keeper.add(t.ID, 0)
	}
	return true, nil
}

// settled does what follows once a record of a file in Outbox is durable.
func (c *company) settled(t *journal.Transfer) {
	switch {
	case t.From != "":
		c.keeper.add(t.ID, 0)
	case t.State == journal.Queued || t.State == journal.Held:
		c.mu.Lock()
		c.waiting[t.Path] = t.ID
		c.mu.Unlock()
		if lane := c.e.laneOf(t); lane != nil {
			wake(lane.woken)
		}
	}
	c.e.tell(t)
}

// waits is the transfer whose file waits at a path of Outbox, "" when there is none.
func (c *company) waits(at string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting[at]
}

// expect has a file that is to lie in Outbox again known by its place before it lies there: the watcher may find it before the
// move is noted, and where files have no identity nothing else tells it from a new one.
func (c *company) expect(t *journal.Transfer) {
	if t.State != journal.Queued && t.State != journal.Held {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[t.Path] == "" {
		c.waiting[t.Path] = t.ID
	}
}

func (c *company) forget(at, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[at] == id {
		delete(c.waiting, at)
	}
}

// claimed is told when a lane has taken a file out of Outbox.
func (c *company) claimed(t *journal.Transfer) { c.leaves(t.Origin, t) }

// leaves notes that a transfer's file is not in Outbox any more by our own hand.
func (c *company) leaves(at string, t *journal.Transfer) {
	c.forget(at, t.ID)
	if w := c.watch(); w != nil {
		w.Forget(at, t.Identity)
	}
}

// putBack has a file that lies in Outbox again looked at as if it were new.
func (c *company) putBack(t *journal.Transfer) {
	var before []string
	c.mu.Lock()
	for at, id := range c.waiting { // rarely done: one edits a file while it is being sent
		if id == t.ID && at != t.Path {
			before = append(before, at)
			delete(c.waiting, at)
		}
	}
	c.waiting[t.Path] = t.ID
	c.mu.Unlock()
	w := c.watch()
	if w == nil {
		return
	}
	w.Again(t.Path)
	slices.Sort(before)
	for _, at := range before {
		w.Again(at) // another file may lie there by now, and have been taken for an edit of this one
	}
}

// touchLanes tells the lanes of transfers that these were changed.
func (c *company) touchLanes(changed ...*journal.Transfer) {
	for _, t := range changed {
		if lane := c.e.laneOf(t); lane != nil {
			lane.touch()
		}
	}
}

// keep makes the moves that are owed, until ctx ends. What cannot be moved now is moved later.
func (c *company) keep(ctx context.Context) {
	for {
		id, err := c.keeper.next(ctx)
		if err != nil {
			return
		}
		if err := c.settle(ctx, id); err != nil && ctx.Err() == nil {
			c.e.log.Warn("a file could not be moved yet", "transfer", id, "error", err)
			c.keeper.add(id, tryAgain)
		}
	}
}

// settle makes the move that a transfer owes.
func (c *company) settle(ctx context.Context, id string) error {
	_, give, err := c.e.custody.take(ctx, id)
	if err != nil {
		return err
	}
	defer give()
	t, err := c.e.journal.Transfer(ctx, id)
	if err != nil {
		return err
	}
	if t.From == "" || t.State.InFlight() {
		return nil // made already, or its lane makes it
	}
	_, err = c.place(ctx, t)
	return err
}

// place makes the move that a transfer in hand owes.
func (c *company) place(ctx context.Context, t journal.Transfer) (journal.Transfer, error) {
	from, to := t.From, t.Path
	c.expect(&t)
	t, err := c.porter.Settle(ctx, t)
	if err != nil {
		return t, fmt.Errorf("%s: %w", t.Name, err)
	}
	c.leaves(from, &t)
	if to != t.Path {
		c.forget(to, t.ID)
	}
	if t.State == journal.Queued && t.Path != "" {
		c.putBack(&t)
	}
	c.touchLanes(&t)
	c.e.tell(&t)
	return t, nil
}

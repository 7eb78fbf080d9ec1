package watcher

import (
	"context"
	"errors"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/sage"
	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/journal"
)

const (
	pageLimit   = 200  // transfers of a page unless asked otherwise
	mostLimit   = 2000 // and at most
	mostLists   = 1000 // lists that are told
	mostChanges = 2000 // records of a list that are told
)

// Overview is everything the main window's frame needs in one look.
func (e *Engine) Overview(ctx context.Context) (Overview, error) {
	connections, err := e.Connections(ctx)
	if err != nil {
		return Overview{}, err
	}
	heaps, err := e.journal.Heaps(ctx)
	if err != nil {
		return Overview{}, err
	}
	now := e.now()
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	accepted, err := e.journal.AcceptedSince(ctx, midnight)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Paused: e.paused(), QuietUntil: e.quietUntil(), AcceptedToday: accepted, Version: e.options.Version, Problems: append(e.rescueReport(), e.reports()...)}
	o.VaultLocked, o.VaultNew = e.vaultState()
	for _, connection := range connections {
		i := slices.IndexFunc(o.Companies, func(c Company) bool { return samePath(c.Folder, connection.Folder) })
		if i < 0 {
			o.Companies = append(o.Companies, e.companyFor(connection, heaps[connection.Company]))
			i = len(o.Companies) - 1
		}
		o.Companies[i].Connections = append(o.Companies[i].Connections, connection)
	}
	return o, nil
}

func (e *Engine) companyFor(connection Connection, heap map[journal.Bucket]int) Company {
	_, paused := e.pauses.since(connection.Company)
	_, leaving := e.pauses.departing(connection.Company)
	company := Company{
		Name: connection.Company, Folder: connection.Folder, Practice: connection.Practice, Paused: paused, Leaving: leaving,
		Counts: Counts{OnTheirWay: heap[journal.OnTheirWay], NeedsYou: heap[journal.NeedsYou], Done: heap[journal.Done]},
	}
	c := e.companyOf(connection.Company)
	if c == nil {
		return company
	}
	company.Problem = c.problem()
	if w := c.watch(); w != nil {
		arrivals := w.Arrivals()
		for _, folder := range slices.Sorted(maps.Keys(arrivals)) {
			company.Arrivals = append(company.Arrivals, Arrival{Folder: c.path(folder), By: string(arrivals[folder])})
		}
		for _, l := range w.Loose() {
			company.Loose = append(company.Loose, LooseFile{
				Name: path.Base(l.Path), Scope: l.Scope, Size: l.Size, Since: l.Since, Problem: e.withOpener(l.Problem, c.path(l.Path)),
				EndedBy: endingOf(loose, l.Problem.Code),
			})
		}
	}
	return company
}

// Connections are all recorded ones, with what is known of each.
func (e *Engine) Connections(ctx context.Context) ([]Connection, error) {
	records, err := e.readRecords()
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, err
	}
	known, err := e.journal.Links(ctx)
	if err != nil {
		return nil, err
	}
	connections := make([]Connection, 0, len(records))
	for _, record := range records {
		health := journal.Link{KeyState: string(KeyUnknown)}
		if i := slices.IndexFunc(known, func(k journal.Link) bool { return k.Connection == record.ID }); i >= 0 {
			health = known[i]
		}
		connection, err := e.connection(ctx, record, health)
		if err != nil {
			return nil, err
		}
		connections = append(connections, connection)
	}
	return connections, nil
}

func (e *Engine) connection(ctx context.Context, record accountRecord, health journal.Link) (Connection, error) {
	a := record.Account
	c := Connection{
		ID: a.ID, Company: a.Company, Domain: a.Domain, Folder: a.Folder, Platform: a.Platform, Practice: a.Practice,
	}
	renewed, err := e.renewedAt(ctx, a.ID)
	if err != nil {
		return c, err
	}
	profile, err := e.profile(a.Profile)
	if err != nil {
		p := problemOf(err, "connectionUnready")
		c.Problem = &p
	}
	if l := e.linkOf(a.ID); l != nil {
		l.mu.Lock()
		health = l.health
		l.mu.Unlock()
		if p, _ := l.stopped(); p != nil {
			c.Problem = p
		}
	}
	c.Key = Key{
		State: KeyState(health.KeyState), Since: health.Since, RenewedAt: renewed, ConnectedAt: a.ConnectedAt,
		KeptIn: record.KeptIn, CheckedAt: health.CheckedAt,
	}
	c.SeenAt = health.SeenAt
	if profile != nil {
		c.Lanes, err = e.lanesOf(ctx, a, profile.Domains[a.Domain])
	}
	return c, err
}

// renewedAt is when the key was renewed last.
func (e *Engine) renewedAt(ctx context.Context, connection string) (time.Time, error) {
	lines, err := e.journal.Renewals(ctx, connection, 50)
	for _, line := range lines {
		if line.Kind == renewalRenewed {
			return line.At, err
		}
	}
	return time.Time{}, err
}

func (e *Engine) lanesOf(ctx context.Context, a Account, domain sage.Domain) ([]Lane, error) {
	lanes := make([]Lane, 0, len(domain.Scopes))
	for name, scope := range domain.Scopes {
		lanes = append(lanes, Lane{Scope: name, Outgoing: scope.Direction == sage.Outgoing})
	}
	slices.SortFunc(lanes, func(a, b Lane) int { return strings.Compare(a.Scope, b.Scope) })
	l := e.linkOf(a.ID)
	for i := range lanes {
		lane := &lanes[i]
		if lane.Outgoing {
			depth, err := e.journal.Depth(ctx, a.ID, lane.Scope)
			if err != nil {
				return nil, err
			}
			lane.Waiting = depth[journal.Ready] + depth[journal.Unready]
			lane.Problem = e.laneProblem(ctx, l, lane.Scope)
			continue
		}
		newest, err := e.journal.NewestList(ctx, a.ID, a.Company, lane.Scope)
		if err != nil {
			return nil, err
		}
		lane.Asks = asks(&newest)
		if l != nil {
			lane.Problem = l.lists.problem(lane.Scope)
		}
	}
	return lanes, nil
}

// laneProblem is what stops a lane apart from its connection: something that only a person can mend.
func (e *Engine) laneProblem(ctx context.Context, l *link, scope string) *Problem {
	if l == nil {
		return nil
	}
	lane := l.lane(scope)
	if lane == nil {
		return nil
	}
	id, _ := lane.inHand()
	if id == "" {
		return nil
	}
	t, err := e.journal.Transfer(ctx, id)
	if err != nil || t.Cause == nil {
		return nil
	}
	switch t.Cause.Code {
	case "domainInvalid", "scopeInvalid", "scopeNotAllowed", "addressUnsafe", "profileLacks":
		return t.Cause
	}
	if quarantined(&t) {
		if warned := e.waits(ctx).own(&t); warned != nil && warned.Code != t.Cause.Code {
			return &warned.Problem
		}
	}
	return nil
}

// Transfer gives one with its timeline and what its result says.
func (e *Engine) Transfer(ctx context.Context, id string) (Detail, error) {
	t, err := e.journal.Transfer(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return Detail{}, refuse(ErrNotFound, "transferGone")
	}
	if err != nil {
		return Detail{}, err
	}
	entries, err := e.journal.Timeline(ctx, t.Sequence)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Transfer: e.show(&t, e.waits(ctx)), Timeline: make([]TimelineEntry, 0, len(entries))}
	for _, entry := range entries {
		d.Timeline = append(d.Timeline, TimelineEntry{At: entry.At, Kind: entry.Kind, Args: entry.Args})
	}
	d.Outcomes, d.Result = e.outcomes(ctx, &t, "")
	d.Exchanges = e.exchanges(ctx, &t)
	return d, nil
}

// folderOf is the folder of a company by its name, "" when it is not recorded any more.
func (e *Engine) folderOf(company string) string {
	if c := e.companyOf(company); c != nil {
		return c.folder
	}
	records, err := e.readRecords()
	if err != nil {
		e.log.Debug("some connections cannot be read", "error", err)
	}
	for _, record := range records {
		if record.Company == company {
			return record.Folder
		}
	}
	return ""
}

// inboxOf is a company's Inbox for reading, nil when the company is not recorded any more.
func (e *Engine) inboxOf(company string) *inbox.Inbox {
	if c := e.companyOf(company); c != nil {
		return c.inbox
	}
	folder := e.folderOf(company)
	if folder == "" {
		return nil
	}
	box, err := inbox.New(inbox.Options{FS: e.fs, Checker: e.checker, Folder: folder, Now: e.now})
	if err != nil {
		return nil
	}
	return box
}

// Lists gives the lists received, of a company or of all with "", the newest first.
func (e *Engine) Lists(ctx context.Context, company string) ([]List, error) {
	found, err := e.journal.Lists(ctx, company, mostLists)
	if err != nil {
		return nil, err
	}
	lists := make([]List, 0, len(found))
	folders := make(map[string]string)
	seen := make(map[[2]string]bool)
	for _, l := range found {
		if _, known := folders[l.Company]; !known {
			folders[l.Company] = e.folderOf(l.Company)
		}
		kept := absolute(folders[l.Company], l.Path)
		newest := false
		if of := [2]string{l.Company, l.Scope}; !seen[of] {
			seen[of], newest = true, true
			kept = e.newestCopy(kept, l.Scope)
		}
		missing := lacks(&l)
		lists = append(lists, List{
			ID: l.ID, Connection: l.Connection, Company: l.Company, Scope: l.Scope, Path: kept,
			ReceivedAt: l.ReceivedAt, Records: l.Records, Added: l.Added, Changed: l.Changed, Removed: l.Removed - missing,
			Missing: missing, Asks: newest && asks(&l), First: l.First, Problem: l.Problem,
		})
	}
	return lists, nil
}

// newestCopy is where a person looks for the newest list, Inbox/products/products.json, while that is the same as the
// version kept; otherwise the version kept. One that cannot be read lies in history alone.
func (e *Engine) newestCopy(kept, scope string) string {
	if kept == "" {
		return kept
	}
	newest := filepath.Join(filepath.Dir(filepath.Dir(kept)), scope+".json")
	version, err := e.fs.Lstat(kept)
	if err != nil {
		return kept
	}
	if shown, err := e.fs.Lstat(newest); err != nil || shown.Size != version.Size {
		return kept
	}
	return newest
}

// ListChanges gives the records of a list that are new, changed or no longer there.
func (e *Engine) ListChanges(ctx context.Context, id string) ([]RecordChange, error) {
	l, err := e.journal.List(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, refuse(ErrNotFound, "listGone")
	}
	if err != nil {
		return nil, err
	}
	box := e.inboxOf(l.Company)
	if box == nil || l.Changes == "" {
		return []RecordChange{}, nil
	}
	changes := []RecordChange{}
	for change, err := range box.Changes(ctx, l.Changes) {
		if err != nil {
			return changes, nil //nolint:nilerr // a person took the file away, or cut it: what can be read is told
		}
		told := RecordChange{ID: change.ID, Kind: change.Kind, Label: change.Label, Fields: change.Fields}
		if told.Kind == "removed" && lacks(&l) > 0 {
			told.Kind = "missing"
		}
		for _, v := range change.Values {
			told.Values = append(told.Values, ValueChange(v))
		}
		changes = append(changes, told)
		if len(changes) == mostChanges {
			break
		}
	}
	return changes, nil
}

// absolute is a path of the journal as the system has it; "" stays "".
func absolute(folder, relative string) string {
	if folder == "" || relative == "" {
		return ""
	}
	full, err := disk.Under(folder, relative)
	if err != nil {
		return ""
	}
	return full
}

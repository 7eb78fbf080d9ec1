package notify

import (
	"cmp"
	"slices"
	"time"

	"postroom/gui/headline"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// ofTransfer says what there is to tell about a transfer as it stands; false while it is on its way.
func ofTransfer(t watcher.Transfer) (item, bool) {
	i := item{
		id: t.ID, company: t.Company, name: t.Name, scope: t.Scope,
		records: t.Records, refused: t.RefusedRecords,
	}
	if t.Problem != nil {
		i.code, i.args = t.Problem.Code, t.Problem.Args
	}
	switch t.State {
	case journal.Accepted:
		i.kind, i.code = accepted, ""
		if t.RefusedRecords > 0 {
			i.kind = partly
		}
	case journal.Refused:
		i.kind = refused
	case journal.Unchecked:
		i.kind = notSent
	case journal.Unknown:
		i.kind = unclear
	case journal.Held:
		i.kind = asks
	default:
		return item{}, false
	}
	return i, true
}

// happenedAt is when a transfer came to where it is now, to tell news from what was there before.
func happenedAt(t watcher.Transfer) time.Time {
	if t.State.Final() && !t.EndedAt.IsZero() {
		return t.EndedAt
	}
	return t.UpdatedAt
}

// ofList says what there is to tell about a list from Sage; false when nothing in it is new.
func ofList(l watcher.List) (item, bool) {
	i := item{
		id: l.ID, kind: list, company: l.Company, name: l.Scope, scope: l.Scope, records: l.Records,
		changes: changes{added: l.Added, changed: l.Changed, removed: l.Removed, first: l.First},
	}
	if l.Problem != nil {
		i.kind, i.code, i.args = oddList, l.Problem.Code, l.Problem.Args
		return i, true
	}
	return i, l.First || l.Added+l.Changed+l.Removed > 0
}

// standing is a trouble that is there now.
type standing struct {
	item
	// settles tells that it may well mend itself, as a network does: it is told when it has lasted.
	settles bool
}

// troubles lists what is wrong in an overview, apart from files, in a stable order and each once per company.
func troubles(o watcher.Overview) []standing {
	var found []standing
	add := func(company string, p watcher.Problem, settles bool) {
		found = append(found, standing{item{kind: trouble, company: company, code: p.Code, args: p.Args}, settles})
	}
	if headline.VaultWaits(o) {
		add("", watcher.Problem{Code: "vaultLocked"}, false)
	}
	for _, p := range o.Problems {
		add("", p, false)
	}
	for _, company := range o.Companies {
		if company.Problem != nil {
			add(company.Name, *company.Problem, false)
		}
		for _, c := range company.Connections {
			switch {
			case headline.VaultWaits(o): // is the reason for whatever else is wrong
			case headline.NeedsPerson(c.Key.State):
				add(company.Name, *headline.KeyProblem(c), false)
			case c.Problem != nil:
				add(company.Name, *c.Problem, true)
			}
			for _, lane := range c.Lanes {
				if lane.Problem != nil && c.Problem == nil {
					add(company.Name, *lane.Problem, true)
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b standing) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.company, b.company))
	})
	return slices.CompactFunc(found, func(a, b standing) bool { return a.code == b.code && a.company == b.company })
}

// lasting remembers since when each trouble has stood, and how often it was told. A trouble is told when it
// appears (one that may settle: when it has stood for a minute), after ten minutes and after an hour. Then the
// tray's icon and the window go on showing it, and nothing pops up any more.
type lasting struct {
	since map[troubleKey]*duration
}

type troubleKey struct{ company, code string }

type duration struct {
	began time.Time
	told  int
	standing
}

// reminders are the ages at which a trouble is told.
func (d *duration) reminders() []time.Duration {
	first := time.Duration(0)
	if d.settles {
		first = time.Minute
	}
	return []time.Duration{first, 10 * time.Minute, time.Hour}
}

// at is when it is told next; false when it has been told often enough.
func (d *duration) at() (time.Time, bool) {
	ages := d.reminders()
	if d.told >= len(ages) {
		return time.Time{}, false
	}
	return d.began.Add(ages[d.told]), true
}

// look takes in what is wrong now and hands out what is to be told now.
func (l *lasting) look(now time.Time, found []standing) []item {
	if l.since == nil {
		l.since = make(map[troubleKey]*duration)
	}
	there := make(map[troubleKey]bool, len(found))
	var tell []item
	for _, s := range found {
		key := troubleKey{s.company, s.code}
		there[key] = true
		d := l.since[key]
		if d == nil {
			d = &duration{began: now}
			l.since[key] = d
		}
		d.standing = s
		due := false
		for at, more := d.at(); more && !now.Before(at); at, more = d.at() { // a computer that slept missed some
			d.told++
			due = true
		}
		if due {
			tell = append(tell, s.item)
		}
	}
	for key := range l.since {
		if !there[key] {
			delete(l.since, key)
		}
	}
	return tell
}

// next is when a trouble that stands is told next; false if none is.
func (l *lasting) next() (at time.Time, waits bool) {
	for _, d := range l.since {
		if t, more := d.at(); more && (!waits || t.Before(at)) {
			at, waits = t, true
		}
	}
	return at, waits
}

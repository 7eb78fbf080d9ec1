package gui

import (
	"strings"
	"time"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// item is one row of the list: a transfer, a list from Sage, or a file in the Outbox that is not carried. One of the
// three is set.
type item struct {
	transfer *watcher.Transfer
	list     *watcher.List
	loose    *watcher.LooseFile
}

// key names an item for as long as it is there, whatever happens to it.
func (i item) key() string {
	switch {
	case i.transfer != nil:
		return "t:" + i.transfer.ID
	case i.list != nil:
		return "l:" + i.list.ID
	}
	return "f:" + i.loose.Scope + "/" + i.loose.Name
}

func (i item) at() time.Time {
	switch {
	case i.transfer != nil:
		return i.transfer.CreatedAt
	case i.list != nil:
		return i.list.ReceivedAt
	}
	return i.loose.Since
}

func (i item) well() bool {
	switch {
	case i.transfer != nil:
		return wording.Well(*i.transfer)
	case i.list != nil:
		return i.list.Problem == nil
	}
	return false
}

func (i item) row(s speaker) widgets.RowContent {
	switch {
	case i.transfer != nil:
		return rowOf(s.TransferRow(*i.transfer))
	case i.list != nil:
		return rowOf(s.ListRow(*i.list))
	}
	return rowOf(s.LooseRow(*i.loose))
}

// shelf is what is loaded of the list, and its order: loose files first, then transfers as the engine orders them,
// newest first, with the lists from Sage laid between them by time. It is loaded from the top in pages.
type shelf struct {
	transfers []watcher.Transfer
	lists     []watcher.List
	loose     []watcher.LooseFile
	next      string // cursor of the page after the last one; "" when everything is there

	items []item
	index map[string]int
}

// arrange lays the items out anew after a change of what is loaded.
func (s *shelf) arrange() {
	s.items = s.items[:0]
	for n := range s.loose {
		s.items = append(s.items, item{loose: &s.loose[n]})
	}
	lists := s.lists
	take := func(after time.Time) {
		for len(lists) > 0 && lists[0].ReceivedAt.After(after) {
			s.items = append(s.items, item{list: &lists[0]})
			lists = lists[1:]
		}
	}
	for n := range s.transfers {
		take(s.transfers[n].CreatedAt)
		s.items = append(s.items, item{transfer: &s.transfers[n]})
	}
	if s.next == "" { // older lists stand behind transfers that are not loaded yet
		take(time.Time{})
	}
	s.index = make(map[string]int, len(s.items))
	for n, i := range s.items {
		s.index[i.key()] = n
	}
}

// find tells where an item stands, -1 if it is not there.
func (s *shelf) find(key string) int {
	if n, ok := s.index[key]; ok {
		return n
	}
	return -1
}

// update replaces transfers that are loaded; it tells whether all of them were.
func (s *shelf) update(changed []watcher.Transfer) bool {
	all := true
	for _, t := range changed {
		n := s.find("t:" + t.ID)
		if n < 0 {
			all = false
			continue
		}
		*s.items[n].transfer = t
	}
	return all
}

// matches tells whether a list or a loose file belongs to what the person looks for. The engine does the same for
// transfers.
func matches(q watcher.Query, scope, name string) bool {
	if q.Scope != "" && scope != q.Scope {
		return false
	}
	return q.Text == "" || strings.Contains(strings.ToLower(name), strings.ToLower(q.Text))
}

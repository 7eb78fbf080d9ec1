package gui

import (
	"strings"
	"time"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// item is one row of the list: a transfer, a list from Sage, a file in the Outbox that is not carried, or the end of what
// is shown at all. One of the three pointers is set, or older is.
type item struct {
	transfer *watcher.Transfer
	list     *watcher.List
	loose    *watcher.LooseFile
	older    bool
}

// key names an item for as long as it is there, whatever happens to it.
func (i item) key() string {
	switch {
	case i.transfer != nil:
		return "t:" + i.transfer.ID
	case i.list != nil:
		return "l:" + i.list.ID
	case i.older:
		return "older"
	}
	return "f:" + i.loose.Scope + "/" + i.loose.Name
}

func (i item) at() time.Time {
	switch {
	case i.transfer != nil:
		return i.transfer.CreatedAt
	case i.list != nil:
		return i.list.ReceivedAt
	case i.older:
		return time.Time{}
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
	return i.older
}

func (i item) row(s speaker) widgets.RowContent {
	switch {
	case i.transfer != nil:
		return rowOf(s.TransferRow(*i.transfer))
	case i.list != nil:
		return rowOf(s.ListRow(*i.list))
	case i.older:
		return widgets.RowContent{Icon: "status-waiting", Tone: widgets.ColorWaiting, Title: s.Say("window.older"), Line: s.Say("window.older.do")}
	}
	return rowOf(s.LooseRow(*i.loose))
}

// mostRows is how many transfers are kept loaded: who looks for something further back asks for its time or its name.
const mostRows = 20_000

// shelf is what is loaded of the list, and its order: loose files first, then transfers as the engine orders them,
// newest first, with the lists from Sage laid between them by time. It is loaded from the top in pages.
type shelf struct {
	transfers []*watcher.Transfer
	lists     []watcher.List
	loose     []watcher.LooseFile
	next      string // cursor of the page after the last one; "" when everything is there

	items []item
	index map[string]int
	laid  int // lists that stand among the items
}

// full tells that no more is loaded although there is more.
func (s *shelf) full() bool { return s.next != "" && len(s.transfers) >= mostRows }

// renew puts what was loaded from the top in the place of what was there. What lies further down stays, where the two
// meet; otherwise it goes, and renew tells so.
func (s *shelf) renew(page watcher.Page) (whole bool) {
	top := pointers(page.Transfers)
	if page.Next != "" && len(s.transfers) > len(top) {
		at := make(map[string]int, len(s.transfers))
		for n, t := range s.transfers {
			at[t.ID] = n
		}
		for n := len(top) - 1; n >= 0; n-- {
			if meets, ok := at[top[n].ID]; ok {
				s.transfers = append(top, s.transfers[meets+1:]...)
				return false
			}
		}
	}
	s.transfers, s.next = top, page.Next
	return true
}

func pointers(transfers []watcher.Transfer) []*watcher.Transfer {
	all := make([]*watcher.Transfer, len(transfers))
	for n := range transfers {
		all[n] = &transfers[n]
	}
	return all
}

// arrange lays the items out anew after a change of what is loaded.
func (s *shelf) arrange() {
	s.items, s.laid = make([]item, 0, len(s.loose)+len(s.transfers)+len(s.lists)), 0
	s.index = make(map[string]int, cap(s.items))
	for n := range s.loose {
		s.lay(item{loose: &s.loose[n]})
	}
	s.layTransfers(s.transfers)
}

// extend lays the next page out behind what is there.
func (s *shelf) extend(page watcher.Page) {
	more := pointers(page.Transfers)
	s.transfers, s.next = append(s.transfers, more...), page.Next
	s.layTransfers(more)
}

func (s *shelf) lay(i item) {
	s.index[i.key()] = len(s.items)
	s.items = append(s.items, i)
}

func (s *shelf) layTransfers(transfers []*watcher.Transfer) {
	for _, t := range transfers {
		s.layLists(t.CreatedAt)
		s.lay(item{transfer: t})
	}
	switch {
	case s.next == "": // older lists stand behind transfers that are not loaded yet
		s.layLists(time.Time{})
	case s.full():
		s.lay(item{older: true})
	}
}

// layLists lays the lists out that came after a moment.
func (s *shelf) layLists(after time.Time) {
	for ; s.laid < len(s.lists) && s.lists[s.laid].ReceivedAt.After(after); s.laid++ {
		s.lay(item{list: &s.lists[s.laid]})
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
func matches(q watcher.Query, scope, name string, at time.Time) bool {
	if q.Scope != "" && scope != q.Scope || !q.Since.IsZero() && at.Before(q.Since) || !q.Until.IsZero() && !at.Before(q.Until) {
		return false
	}
	return q.Text == "" || strings.Contains(strings.ToLower(name), strings.ToLower(q.Text))
}

// rowOf is an item's row, marked where nothing of it is real.
func (p *filesPage) rowOf(i item) widgets.RowContent {
	row := i.row(p.w.speaker)
	if p.w.current().Practice {
		row.Line = p.w.speaker.Say("company.practice.row", map[string]any{"line": row.Line})
	}
	return row
}

// titleOf is an item's name over its details, marked likewise.
func (p *filesPage) titleOf(i item) string {
	title := i.row(p.w.speaker).Title
	if p.w.current().Practice {
		return title + " (" + p.w.speaker.Say("page.practice") + ")"
	}
	return title
}

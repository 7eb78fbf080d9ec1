package watcher

import (
	"context"
	"strconv"

	"postroom/watcher/journal"
)

var buckets = map[Filter]journal.Bucket{
	FilterWaiting: journal.OnTheirWay, FilterNeedsYou: journal.NeedsYou, FilterDone: journal.Done,
}

// Transfers gives a page of the history, the newest first. It comes within 100 ms of a million: where few of very many fit,
// it may hold fewer than asked for, even none, and yet have a Next.
func (e *Engine) Transfers(ctx context.Context, q Query) (Page, error) {
	ask := journal.Query{
		Company: q.Company, Scope: q.Scope, States: q.States, Text: q.Text, Since: q.Since, Until: q.Until, Count: q.Count,
		Limit: min(q.Limit, mostLimit),
	}
	if ask.Limit <= 0 {
		ask.Limit = pageLimit
	}
	if bucket, ok := buckets[q.Filter]; ok {
		ask.Bucket = &bucket
	}
	if q.Before != "" {
		before, err := strconv.ParseInt(q.Before, 10, 64)
		if err != nil || before <= 0 {
			return Page{}, refuse(ErrInvalid, "pageGone")
		}
		ask.Before = before
	}
	found, err := e.journal.History(ctx, ask)
	if err != nil {
		return Page{}, err
	}
	page := Page{Transfers: make([]Transfer, 0, len(found.Transfers)), Back: found.Back, Count: found.Count, More: found.More}
	if found.Next > 0 {
		page.Next = strconv.FormatInt(found.Next, 10)
	}
	w := e.waits(ctx)
	for i := range found.Transfers {
		page.Transfers = append(page.Transfers, e.show(&found.Transfers[i], w))
	}
	return page, nil
}

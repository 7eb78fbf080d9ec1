package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// CountLimit is how far History counts where it has to: who finds more than that asks more narrowly.
	CountLimit = 1_000

	mostGlances = 20_000 // rows that one page looks at, so that it comes within 100 ms whatever is asked for
	firstChunk  = 64     // glances read at a time, at first
	mostChunk   = 4_096  // and at most
	fewOf       = 5_000  // of so many, each is looked at; of more, the search index is asked
)

// Found is a page of the history.
type Found struct {
	Transfers []Transfer
	Next      int64     // the Before of the page that follows; 0 when there is none
	Back      time.Time // with Next: how far back was looked, when the last one looked at was first seen
	Count     int       // with Query.Count: how many fit in all, exactly, or up to CountLimit
	More      bool      // there are more than Count
}

// History gives a page of what a person may still see, the newest first, out of however many. It looks at no more than a
// bounded number of records: where few of many fit, a page may be short, or empty, and yet have a Next. After and
// OldestFirst do not apply; a Limit there must be.
func (j *Journal) History(ctx context.Context, q Query) (Found, error) {
	var found Found
	hunt := func(index *sql.DB) error {
		return j.look(ctx, func(rows querier) error {
			h := &hunt{querier: rows, index: index, query: q, text: Fold(q.Text), left: mostGlances}
			if err := h.run(ctx); err != nil {
				return err
			}
			var err error
			found, err = h.found(ctx)
			return err
		})
	}
	index := j.finder.usable()
	err := hunt(index)
	if errors.Is(err, errSearch) && ctx.Err() == nil {
		j.finder.doubt(err)
		err = hunt(nil)
	}
	return found, err
}

// glance is as much of a record as tells whether it fits.
type glance struct {
	sequence int64
	created  int64
	fits     bool   // apart from the text
	name     string // with the numbers only read where a text is looked for
	numbers  sql.NullString
}

// hunt looks for a page.
type hunt struct {
	querier querier
	index   *sql.DB // the search index; nil where there is none
	query   Query
	text    string // folded; "" for none
	left    int    // glances

	fit       string // a condition of SQL, apart from the text
	fitArgs   []any
	sequences []int64 // that fit
	looked    *glance // the last one
	count     int
	more      bool // there are further ones, or may be
	next      int64
	known     *Found // how many fit, where that need not be counted
}

// span is a part of the history: the sequences above low and below high. Of the indexed ones the search index knows all.
type span struct {
	low, high int64
	indexed   bool
}

const endless = int64(1) << 62

// run goes through the spans, the newest first, until the page is full and what is to be counted is counted, or nothing
// is left, or enough was looked at.
func (h *hunt) run(ctx context.Context) error {
	h.condition()
	if err := h.counted(ctx); err != nil {
		return err
	}
	spans, err := h.spans(ctx)
	if err != nil {
		return err
	}
	for _, s := range spans {
		done, err := h.through(ctx, s)
		if done || err != nil {
			return err
		}
	}
	return nil
}

// counted takes from the heaps how many fit, where they tell that.
func (h *hunt) counted(ctx context.Context) error {
	q := h.query
	if !q.Count || h.text != "" || q.Scope != "" || len(q.States) > 0 || !q.Since.IsZero() || !q.Until.IsZero() {
		return nil
	}
	heaps, err := h.heaps(ctx)
	if err != nil {
		return err
	}
	buckets := []Bucket{OnTheirWay, NeedsYou, Done}
	if q.Bucket != nil {
		buckets = []Bucket{*q.Bucket}
	}
	n := total(heaps, buckets...)
	h.known, h.query.Count = &Found{Count: n}, false
	return nil
}

// through goes through one span; true when no other is to follow.
func (h *hunt) through(ctx context.Context, s span) (bool, error) {
	streams, err := h.streams(ctx, s)
	if err != nil {
		return false, err
	}
	for {
		var best *stream
		for _, stream := range streams {
			g, err := stream.peek(ctx, h)
			if err != nil {
				return false, err
			}
			if stream.spent {
				h.stop()
				return true, nil
			}
			if g != nil && (best == nil || g.sequence > best.rows[best.at].sequence) {
				best = stream
			}
		}
		if best == nil {
			return false, nil
		}
		g := &best.rows[best.at]
		best.at++
		if h.take(g) {
			return true, nil
		}
	}
}

// stop ends the page where the looking ended.
func (h *hunt) stop() {
	h.more = true
	if h.next == 0 && h.looked != nil {
		h.next = h.looked.sequence
	}
}

// take takes a glance in; true when nothing more is wanted.
func (h *hunt) take(g *glance) bool {
	h.looked = g
	if !g.fits || h.text != "" && !contains(g, h.text) {
		return false
	}
	switch {
	case len(h.sequences) < h.query.Limit:
		h.sequences = append(h.sequences, g.sequence)
	case h.next == 0: // one more than the page holds: there is another
		h.next = h.sequences[len(h.sequences)-1]
	}
	h.count++
	if h.count > CountLimit {
		h.count, h.more = CountLimit, true
	}
	return h.next > 0 && (!h.query.Count || h.more)
}

func contains(g *glance, text string) bool {
	return strings.Contains(Fold(g.name), text) || strings.Contains(g.numbers.String, text)
}

// condition is what a record must fit apart from its text.
func (h *hunt) condition() {
	q := h.query
	all := []string{"t.bucket < 3"}
	add := func(condition string, args ...any) {
		all = append(all, condition)
		h.fitArgs = append(h.fitArgs, args...)
	}
	if q.Company != "" {
		add("t.company = ?", q.Company)
	}
	if q.Scope != "" {
		add("t.scope = ?", q.Scope)
	}
	if len(q.States) > 0 {
		states := make([]any, len(q.States))
		for i, s := range q.States {
			states[i] = string(s)
		}
		add("t.state IN (?"+strings.Repeat(", ?", len(states)-1)+")", states...)
	}
	if q.Bucket != nil {
		add("t.bucket = ?", int(*q.Bucket))
	}
	if !q.Since.IsZero() {
		add("t.created_at >= ?", nanos(q.Since))
	}
	if !q.Until.IsZero() {
		add("t.created_at < ?", nanos(q.Until))
	}
	h.fit = strings.Join(all, " AND ")
}

// spans are the parts of the history to be looked through, the newest first. What the index knows is bounded by the days
// asked for; what it does not know yet is small.
func (h *hunt) spans(ctx context.Context) ([]span, error) {
	before := endless
	if h.query.Before > 0 {
		before = h.query.Before
	}
	mark, low, high := int64(0), int64(0), int64(0)
	if h.index != nil {
		var err error
		if mark, err = markOf(ctx, h.index); err != nil {
			return nil, err
		}
		low, high = 0, mark+1
		if mark > 0 && (!h.query.Since.IsZero() || !h.query.Until.IsZero()) {
			if low, high, err = daysOf(ctx, h.index, h.query.Since, h.query.Until); err != nil {
				return nil, err
			}
		}
	}
	var spans []span
	if before > mark+1 {
		spans = append(spans, span{mark, before, false})
	}
	if high = min(high, before); high > low+1 {
		spans = append(spans, span{low, high, true})
	}
	return spans, nil
}

// found reads the page's records.
func (h *hunt) found(ctx context.Context) (Found, error) {
	found := Found{Next: h.next, Count: h.count, More: h.more}
	switch {
	case h.known != nil:
		found.Count, found.More = h.known.Count, h.known.More
	case !h.query.Count:
		found.Count, found.More = 0, false
	}
	if h.next > 0 && len(h.sequences) < h.query.Limit {
		found.Back = moment(h.looked.created)
	}
	if len(h.sequences) == 0 {
		return found, nil
	}
	var err error
	found.Transfers, err = among(ctx, h.querier, scanTransfer, selectTransfers+"WHERE sequence IN (SELECT value FROM json_each(?))", h.sequences)
	slices.SortFunc(found.Transfers, func(a, b Transfer) int { return int(b.Sequence - a.Sequence) })
	return found, err
}

// stream is a way through a span, in order of sequence, the newest first.
type stream struct {
	span  span
	index string // of transfers, "" for the table itself
	where string
	args  []any
	match string // what the search index is asked for instead

	rows  []glance
	at    int
	chunk int
	ended bool
	spent bool // there may be more, but enough was looked at
}

// peek gives the next glance, nil at the end.
func (s *stream) peek(ctx context.Context, h *hunt) (*glance, error) {
	for s.at == len(s.rows) {
		if s.ended {
			return nil, nil
		}
		if h.left <= 0 && h.looked != nil {
			s.spent = true
			return nil, nil
		}
		if err := s.read(ctx, h); err != nil {
			return nil, err
		}
	}
	return &s.rows[s.at], nil
}

// read reads on.
func (s *stream) read(ctx context.Context, h *hunt) (err error) {
	size := s.chunk
	s.chunk = min(s.chunk*4, mostChunk)
	if s.match != "" {
		var candidates []int64
		if candidates, err = candidatesOf(ctx, h.index, s.match, s.span, size); err != nil {
			return err
		}
		s.rows, err = h.glances(ctx, candidates)
		if s.ended = len(candidates) < size; len(candidates) > 0 {
			s.span.high = candidates[len(candidates)-1]
		}
	} else {
		s.rows, err = h.walk(ctx, s, size)
		if s.ended = len(s.rows) < size; len(s.rows) > 0 {
			s.span.high = s.rows[len(s.rows)-1].sequence
		}
	}
	s.at = 0
	h.left -= max(len(s.rows), 1)
	return err
}

// walk reads glances along an index.
func (h *hunt) walk(ctx context.Context, s *stream, size int) ([]glance, error) {
	query, args := h.walking(s, size)
	return rows(ctx, h.querier, h.scan, query, args...)
}

func (h *hunt) walking(s *stream, size int) (query string, args []any) {
	from := "transfers t"
	if s.index != "" {
		from += " INDEXED BY " + s.index
	}
	query = "SELECT t.sequence, t.created_at, " + h.fit
	if h.text != "" {
		query += ", t.name, n.numbers"
		from += " LEFT JOIN numbers n ON n.sequence = t.sequence"
	}
	query += " FROM " + from + " WHERE " + s.where + "t.sequence > ? AND t.sequence < ? ORDER BY t.sequence DESC LIMIT ?"
	return query, slices.Concat(h.fitArgs, s.args, []any{s.span.low, s.span.high, size})
}

// glances reads those of some records, the newest first.
func (h *hunt) glances(ctx context.Context, sequences []int64) ([]glance, error) {
	if len(sequences) == 0 {
		return nil, nil
	}
	wanted, err := json.Marshal(sequences)
	if err != nil {
		return nil, err
	}
	found, err := rows(ctx, h.querier, h.scan, "SELECT t.sequence, t.created_at, "+h.fit+`, t.name, n.numbers
	  FROM transfers t LEFT JOIN numbers n ON n.sequence = t.sequence WHERE t.sequence IN (SELECT value FROM json_each(?))`,
		append(slices.Clone(h.fitArgs), string(wanted))...)
	slices.SortFunc(found, func(a, b glance) int { return int(b.sequence - a.sequence) })
	return found, err
}

func (h *hunt) scan(r *sql.Rows) (g glance, err error) {
	if h.text == "" {
		err = r.Scan(&g.sequence, &g.created, &g.fits)
		return g, err
	}
	err = r.Scan(&g.sequence, &g.created, &g.fits, &g.name, &g.numbers)
	return g, err
}

// rare are the states that have an index.
var rare = []State{Held, Refused, Unchecked, Unknown, Cancelled}

// streams are the ways through a span that look at the fewest records that do not fit.
func (h *hunt) streams(ctx context.Context, s span) ([]*stream, error) {
	heaps, err := h.heaps(ctx)
	if err != nil {
		return nil, err
	}
	q := h.query
	match := trigrams(h.text)
	searched := s.indexed && match != "" && total(heaps, OnTheirWay, NeedsYou, Done) > fewOf
	switch {
	case len(q.States) > 0 && !slices.ContainsFunc(q.States, common):
		var all []*stream
		for company := range heaps {
			for _, state := range q.States {
				all = append(all, s.along("transfers_rare", "t.company = ? AND t.state = ? AND t.state IN ("+rareWords+") AND ", company, string(state)))
			}
		}
		return all, nil
	case q.Bucket != nil && *q.Bucket < Done && (!searched || total(heaps, *q.Bucket) <= fewOf):
		var all []*stream
		for company := range heaps {
			all = append(all, s.along("transfers_heap", "t.bucket = ? AND t.bucket < 2 AND t.company = ? AND ", int(*q.Bucket), company))
		}
		return all, nil
	case searched:
		return []*stream{{span: s, match: match, chunk: mostChunk / 8}}, nil
	case q.Company == "":
		return []*stream{s.along("", "")}, nil
	}
	scopes := []string{q.Scope}
	if q.Scope == "" {
		if scopes, err = h.scopes(ctx); err != nil {
			return nil, err
		}
	}
	all := make([]*stream, 0, len(scopes))
	for _, scope := range scopes {
		all = append(all, s.along("transfers_scope", "t.company = ? AND t.scope = ? AND ", q.Company, scope))
	}
	return all, nil
}

// along is a stream along an index.
func (s span) along(index, where string, args ...any) *stream {
	return &stream{span: s, index: index, where: where, args: args, chunk: firstChunk}
}

// common tells that a state is none of those that have an index.
func common(s State) bool { return !slices.Contains(rare, s) }

const rareWords = "'held', 'refused', 'unchecked', 'unknown', 'cancelled'"

// heaps counts the transfers of the companies asked for.
func (h *hunt) heaps(ctx context.Context) (map[string]map[Bucket]int, error) {
	all, err := heapsOf(ctx, h.querier)
	if err != nil || h.query.Company == "" {
		return all, err
	}
	return map[string]map[Bucket]int{h.query.Company: all[h.query.Company]}, nil
}

func total(heaps map[string]map[Bucket]int, buckets ...Bucket) (n int) {
	for _, counts := range heaps {
		for _, b := range buckets {
			n += counts[b]
		}
	}
	return n
}

// scopes are those that a company ever had, found by going from one to the next.
func (h *hunt) scopes(ctx context.Context) ([]string, error) {
	return rows(ctx, h.querier, scanText, `WITH RECURSIVE s (scope) AS (
	    SELECT min(scope) FROM transfers INDEXED BY transfers_scope WHERE company = ?1
	    UNION ALL
	    SELECT (SELECT min(scope) FROM transfers INDEXED BY transfers_scope WHERE company = ?1 AND scope > s.scope) FROM s WHERE s.scope IS NOT NULL
	  ) SELECT scope FROM s WHERE scope IS NOT NULL`, h.query.Company)
}

// trigrams is what the search index is asked for, "" for a text that is too short for it. What it finds has all the parts
// of the text, and not surely the text.
func trigrams(text string) string {
	letters := []rune(text)
	const most = 24 // parts; the rest is seen to when the text itself is looked for
	var parts []string
	for i := 0; i+3 <= len(letters) && len(parts) < most; i++ {
		parts = append(parts, fmt.Sprintf(`"%s"`, strings.ReplaceAll(string(letters[i:i+3]), `"`, `""`)))
	}
	return strings.Join(parts, " AND ")
}

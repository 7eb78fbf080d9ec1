package watcher

import (
	"context"
	"strings"

	"postroom/watcher/journal"
)

// mostOutcomes is how many records of a result are told at once.
const mostOutcomes = 1000

// Outcomes gives what the result of a file says of its records, refused ones first: of those with a text in their ID, the
// number that Sage gave them or the reason, in whatever case; of all with "". At most 1,000.
func (e *Engine) Outcomes(ctx context.Context, id, text string) ([]RecordOutcome, error) {
	t, err := e.transfer(ctx, id)
	if err != nil {
		return nil, err
	}
	found, _ := e.outcomes(ctx, &t, text)
	return found, ctx.Err()
}

// outcomes reads what a result says of each record, the refused ones first, and counts all of them. A result that a person
// took away says nothing; of one that cannot be read to its end what can be read is told. No more than mostOutcomes of each
// kind are held, however many there are.
func (e *Engine) outcomes(ctx context.Context, t *journal.Transfer, text string) ([]RecordOutcome, *ResultCounts) {
	box := e.inboxOf(t.Company)
	if box == nil || t.ResultState != journal.ResultLaid && t.ResultState != journal.ResultMarked {
		return nil, nil
	}
	text = strings.ToLower(strings.TrimSpace(text))
	counts := &ResultCounts{}
	var refused, accepted []RecordOutcome
	for o, err := range box.Outcomes(ctx, t.ResultPath) {
		if err != nil {
			counts.Cut = true
			break
		}
		counts.Records++
		told := RecordOutcome{ID: o.ID, Status: o.Status, Accepted: o.Accepted, SageID: o.SageID, Reason: o.Reason}
		into := &accepted
		if !o.Accepted {
			counts.Refused++
			into = &refused
		}
		if len(*into) < mostOutcomes && told.has(text) {
			*into = append(*into, told)
		}
	}
	if counts.Records == 0 {
		return nil, nil
	}
	all := append(refused, accepted...)
	return all[:min(len(all), mostOutcomes)], counts
}

// has tells whether a person who looks for a text, in small letters, means this record.
func (o *RecordOutcome) has(text string) bool {
	if text == "" {
		return true
	}
	for _, said := range []string{o.ID, o.SageID, o.Reason} {
		if strings.Contains(strings.ToLower(said), text) {
			return true
		}
	}
	return false
}

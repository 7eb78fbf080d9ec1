package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strconv"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

const (
	mostChanged = 20  // files in Sent that are named one by one
	sentPage    = 500 // transfers that are read at a time
)

// sentStates are those of files that lie in Sent.
var sentStates = []journal.State{
	journal.Sent, journal.Validating, journal.Processing, journal.Accepted, journal.Unknown,
}

// inspected is a journal that can be looked through.
type inspected interface {
	Faults(ctx context.Context) ([]string, error)
	Statistics(ctx context.Context) (journal.Statistics, error)
}

// journal is the durable record itself.
func (x *examination) journal(ctx context.Context) {
	j, can := x.e.journal.(inspected)
	if !can {
		return
	}
	faults, err := j.Faults(ctx)
	statistics, countErr := j.Statistics(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil || countErr != nil || len(faults) > 0:
		x.e.log.Error("the journal does not hold together", "faults", faults, "error", errors.Join(err, countErr))
		x.trouble("journal", newProblem("journalDamaged", "folder", x.e.options.Home))
	default:
		x.well("journal", "journalGood", "count", strconv.Itoa(statistics.Transfers))
	}
}

// contents are the files in Sent, against what the journal says was sent.
func (x *examination) contents(ctx context.Context, at place) {
	same, changed, gone := 0, 0, 0
	query := journal.Query{Company: at.company, States: sentStates, OldestFirst: true, Limit: sentPage}
	for ctx.Err() == nil {
		page, err := x.e.journal.Transfers(ctx, query)
		if err != nil {
			x.wrong("content", "contentUnread", "company", at.company)
			return
		}
		for i := range page {
			t := &page[i]
			path, sum, err := x.sumOf(ctx, at.folder, t)
			switch {
			case path == "", errors.Is(err, fs.ErrNotExist):
				gone++
			case ctx.Err() != nil:
				return
			case err == nil && sum == t.SHA256:
				same++
			default:
				if changed++; changed <= mostChanged {
					x.wrong("content", changeCode(err), "path", path)
				}
			}
		}
		if len(page) < sentPage {
			break
		}
		query.After = page[len(page)-1].Sequence
	}
	if changed > mostChanged {
		x.wrong("content", "contentMore", "count", strconv.Itoa(changed-mostChanged), "company", at.company)
	}
	if gone > 0 {
		x.note("content", "contentGone", "count", strconv.Itoa(gone), "company", at.company)
	}
	if changed == 0 {
		x.well("content", "contentGood", "count", strconv.Itoa(same), "company", at.company)
	}
}

func changeCode(err error) string {
	if err != nil {
		return "contentUnreadable"
	}
	return "contentChanged"
}

// sumOf is where a sent file lies, and the hash of what it is now.
func (x *examination) sumOf(ctx context.Context, folder string, t *journal.Transfer) (path, sum string, err error) {
	if t.Lies() == "" {
		return "", "", nil // a person took it away
	}
	if path, err = disk.Under(folder, t.Lies()); err != nil {
		return t.Lies(), "", err
	}
	f, err := x.e.fs.Open(path)
	if err != nil {
		return path, "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, &interrupted{ctx: ctx, r: f}); err != nil {
		return path, "", err
	}
	return path, hex.EncodeToString(hash.Sum(nil)), nil
}

package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Exchange is one call to the platform and its answer. No secret ever enters it, and no whole ID.
type Exchange struct {
	At           time.Time
	Method       string
	Address      string
	Status       int // 0: no answer came
	Code         int // the platform's, 0: none
	Failure      string
	Milliseconds int64
}

const (
	mostExchanges = 50   // that are told of a transfer
	mostHeard     = 8192 // characters that are kept of them: about as many as are told
	mostFailure   = 160  // characters of one failure
)

// heard is an exchange as it is kept.
type heard struct {
	At           int64  `json:"t"` // nanoseconds since 1970
	Method       string `json:"m"`
	Address      string `json:"a"`
	Status       int    `json:"s,omitempty"`
	Code         int    `json:"c,omitempty"`
	Failure      string `json:"f,omitempty"`
	Milliseconds int64  `json:"d"`
}

// putExchanges adds lines and lets the oldest go; the first may be cut by that.
const putExchanges = `INSERT INTO exchanges (sequence, lines) VALUES (?1, ?2)
  ON CONFLICT (sequence) DO UPDATE SET lines = substr(lines || excluded.lines, -8192)`

// dropExchanges forgets those of transfers that are forgotten.
const dropExchanges = `DELETE FROM exchanges WHERE sequence IN (SELECT value FROM json_each(?1))
  AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.sequence = exchanges.sequence AND t.bucket < 3)`

// exchangeLines are exchanges as they are kept.
func exchangeLines(exchanges []Exchange) string {
	var text strings.Builder
	for _, x := range exchanges[max(0, len(exchanges)-mostExchanges):] {
		if failure := []rune(x.Failure); len(failure) > mostFailure {
			x.Failure = string(failure[:mostFailure-1]) + "…"
		}
		written, err := json.Marshal(heard{nanos(x.At), x.Method, x.Address, x.Status, x.Code, x.Failure, x.Milliseconds})
		if err != nil {
			panic("journal: strings that do not encode: " + err.Error())
		}
		text.Write(written)
		text.WriteByte('\n')
	}
	return text.String()
}

// Exchanges gives the last exchanges about a transfer, the oldest first; at most 50.
func (j *Journal) Exchanges(ctx context.Context, sequence int64) ([]Exchange, error) {
	text, err := one(ctx, j, func(r *sql.Rows) (text string, err error) {
		err = r.Scan(&text)
		return text, err
	}, "SELECT lines FROM exchanges WHERE sequence = ?", sequence)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	var exchanges []Exchange
	for written := range strings.Lines(text) {
		var h heard
		if json.Unmarshal([]byte(written), &h) != nil {
			continue // it was cut
		}
		exchanges = append(exchanges, Exchange{moment(h.At), h.Method, h.Address, h.Status, h.Code, h.Failure, h.Milliseconds})
	}
	return exchanges[max(0, len(exchanges)-mostExchanges):], err
}

package contract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Record is one record of a file.
type Record struct {
	Raw  json.RawMessage // as written; the caller's own
	ID   string          // its id as written, of a text without the quotation marks; "" when it has none
	Line int             // where it begins, from 1
}

// Records reads the records of a file from Sage, one at a time: an array, {"<scope>":[...]}, {"data":[...]},
// {"items":[...]} or one object [A]. It is as tolerant as can be: a byte order mark, UTF-16 and doubled names
// pass, and no contract is asked. The sequence ends after its first error, an *Error or r's own.
func Records(r io.Reader, scope string) iter.Seq2[Record, error] {
	return records(r, []string{scope}, isIDName)
}

// errEnough ends the reading when nobody wants more records.
var errEnough = errors.New("contract: enough")

func records(r io.Reader, scopes []string, own func(string) bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		w := newWindow(context.Background(), decoded(r), nil, MaxRecord)
		defer w.close()
		d := &document{parser: newParser(w), scopes: scopes, own: own}
		d.names = true
		var held []Record // not certain to be records yet; see wrapped
		told := 0
		flush := func() error {
			for _, record := range held {
				if told++; !yield(record, nil) {
					return errEnough
				}
			}
			held = held[:0]
			return nil
		}
		d.take = func(_ any, at span) error {
			raw := bytes.Clone(w.bytes(at.from, at.to))
			held = append(held, Record{Raw: raw, ID: identify(raw), Line: w.place(at.from).line})
			if d.uncertain() {
				return nil
			}
			return flush()
		}
		d.again = func() { held = nil }
		err := d.read()
		if err == nil {
			err = flush()
		}
		if errors.Is(err, errTooLarge) {
			problem := Problem{Code: CodeRecordTooLarge, Record: told + len(held) + 1, Expected: strconv.Itoa(MaxRecord >> 20)}
			err = d.fault(problem, w.overflow)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(Record{}, fmt.Errorf("contract: reading the records: %w", err))
		}
	}
}

// decoded is a file as UTF-8 without a byte order mark, whatever of the two it was before.
func decoded(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, chunk)
	fallback := encoding.Nop.NewDecoder().Transformer
	if head, _ := b.Peek(2); len(head) == 2 && (head[0] == 0) != (head[1] == 0) {
		order := unicode.LittleEndian
		if head[0] == 0 {
			order = unicode.BigEndian
		}
		fallback = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()
	}
	return transform.NewReader(b, unicode.BOMOverride(fallback))
}

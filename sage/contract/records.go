package contract

import (
	"encoding/json"
	"io"
	"iter"
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
	return func(yield func(Record, error) bool) {}
}

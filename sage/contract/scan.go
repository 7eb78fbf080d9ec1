package contract

import (
	"context"
	"io"
)

// Scanned is what Scan found out.
type Scanned struct {
	Complete bool     // one whole, correct JSON text
	Empty    bool     // no byte, or white space alone
	Cut      bool     // correct as far as it goes: more may be on its way
	Size     int64    // bytes read
	Problem  *Problem // why it is not complete
}

// Scan reads r to its end, or to the first problem that more bytes cannot mend, and says whether it is one
// complete JSON text. It is what "settled" asks, and knows no contract. A file that is padded with zeros, as a
// copy that is under way may be, counts as cut. The error is r's own.
func Scan(r io.Reader) (Scanned, error) {
	var scanned Scanned
	w := newWindow(context.Background(), r, func(b []byte) { scanned.Size += int64(len(b)) }, MaxRecord)
	defer w.close()
	d := &document{parser: newParser(w)}
	err := d.read()
	if problem, ok := problemOf(err); ok {
		scanned.Problem = &problem
		scanned.Empty = problem.Code == CodeEmpty
		scanned.Cut = problem.Code == CodeCut
		return scanned, nil
	}
	if err != nil {
		return Scanned{}, err
	}
	scanned.Complete = true
	return scanned, nil
}

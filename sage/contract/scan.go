package contract

import (
	"errors"
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
// complete JSON text. It is what "settled" asks, and knows no contract. The error is r's own.
func Scan(r io.Reader) (Scanned, error) { return Scanned{}, errors.ErrUnsupported }

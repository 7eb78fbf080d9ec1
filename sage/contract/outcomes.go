package contract

import (
	"io"
	"iter"
)

// Outcome is what a result file says of one record [A].
type Outcome struct {
	ID       string
	Status   string // as it came
	Accepted bool   // the status is a word of acceptance, or there is none, and no errors are told
	SageID   string // what Sage calls the record
	Reason   string // the errors in one line, shortened
}

// Outcomes reads the records of a result file, one at a time, as tolerantly as Records and with names in any case.
func Outcomes(r io.Reader) iter.Seq2[Outcome, error] {
	return func(yield func(Outcome, error) bool) {}
}

package contract

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Checker checks files against the contracts. It is safe for use by several goroutines.
type Checker struct{ contracts map[string]contractOf }

// embedded gives the embedded schemas, compiled once for the whole process: it takes milliseconds.
var embedded = sync.OnceValues(compile)

// New makes a checker of the embedded schemas.
func New() (*Checker, error) {
	contracts, err := embedded()
	if err != nil {
		return nil, err
	}
	return &Checker{contracts}, nil
}

// Check reads r to its end and says what is wrong with it. Contract is one of Contracts, or "" to check the way
// the file is written alone. Scopes are the names under which a file may hold its records, beside "data" and
// "items".
//
// An error is r's own, the context's, or names an unknown contract; then the report is of no use. What is wrong
// with the file is in the report. Memory is bounded by MaxRecord, whatever the size of the file.
func (c *Checker) Check(ctx context.Context, r io.Reader, contract string, scopes ...string) (Report, error) {
	rules, ok := c.contracts[contract]
	if !ok && contract != "" {
		return Report{}, fmt.Errorf("contract: there is no contract %q", contract)
	}
	return check(ctx, r, rules, scopes, MaxRecord)
}

func check(ctx context.Context, r io.Reader, rules contractOf, scopes []string, limit int) (Report, error) {
	sum := sha256.New()
	run := &run{rules: rules}
	w := newWindow(ctx, r, func(b []byte) {
		sum.Write(b)
		run.report.Size += int64(len(b))
	}, limit)
	defer w.close()
	run.document = &document{
		parser: newParser(w), shape: rules.shape, scopes: scopes,
		own: ownNames(rules.own), take: run.record, again: run.restart,
	}
	run.names, run.note = true, run.tell
	run.read()
	if err := w.drain(); err != nil {
		return Report{}, fmt.Errorf("contract: reading the file: %w", err)
	}
	report := run.report
	report.SHA256 = hex.EncodeToString(sum.Sum(nil))
	report.Shape, report.Wrapper = run.form, shorten([]byte(run.wrapper))
	if last := len(report.Problems) - 1; run.ended {
		report.Problem = &report.Problems[last]
	} else if last >= 0 {
		report.Problem = &report.Problems[0]
	}
	return report, nil
}

// ownNames recognises the names that only a record has. Where no contract is known, an ID is one.
func ownNames(required []string) func(string) bool {
	if required != nil {
		return func(name string) bool { return slices.Contains(required, name) }
	}
	return isIDName
}

// run is one check of one file.
type run struct {
	*document
	rules   contractOf
	report  Report
	pending []Problem // of the record that is being read
	told    int       // bytes of the report's numbers
	ended   bool      // the last problem is one that ended the reading
}

// read reads the file and puts what ends the reading into the report. A panic, ours or the schema library's,
// ends the check of this file and nothing else.
func (r *run) read() {
	defer func() {
		if recover() != nil {
			r.report.Problems = append(r.report.Problems, Problem{Code: CodeUnreadable, Record: r.report.Records + 1})
			r.ended = true
		}
	}()
	err := r.document.read()
	problem, ok := problemOf(err)
	if errors.Is(err, errTooLarge) {
		limit := strconv.Itoa(r.w.limit >> 20)
		problem, ok = r.at(Problem{Code: CodeRecordTooLarge, Record: r.report.Records + 1, Expected: limit}, r.w.overflow), true
	}
	r.settle(r.report.Records+1, "")
	if ok {
		r.report.Problems = append(r.report.Problems, problem)
		r.ended = true
	}
}

// tell takes a problem that the parser goes on after. One place is left for what ends the reading.
func (r *run) tell(problem Problem) {
	if !r.full() {
		r.pending = append(r.pending, problem)
	}
}

func (r *run) full() bool { return len(r.report.Problems)+len(r.pending) >= MaxProblems-1 }

// record takes a record that is whole.
func (r *run) record(v any, at span) error {
	r.report.Records++
	if r.rules.schema != nil && !r.full() {
		if err := r.rules.schema.Validate(v); err != nil {
			r.violations(err, at)
		}
	}
	if r.told >= maxNumbers && len(r.pending) == 0 {
		return nil
	}
	id := identify(r.w.bytes(at.from, at.to))
	if r.told += len(id) + 1; id != "" && len(id) <= maxNumber && r.told < maxNumbers {
		r.report.Numbers = append(r.report.Numbers, id)
	}
	if len(r.pending) > 0 {
		r.settle(r.report.Records, shorten([]byte(id)))
	}
	return nil
}

// settle moves the problems of a record into the report, in the order of the file.
func (r *run) settle(record int, id string) {
	slices.SortStableFunc(r.pending, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Property, b.Property))
	})
	for _, problem := range r.pending {
		problem.Record, problem.RecordID = record, id
		r.report.Problems = append(r.report.Problems, problem)
	}
	r.pending = r.pending[:0]
}

// restart forgets everything told: the object was no wrapper, and is read again as a record.
func (r *run) restart() {
	r.report.Records, r.report.Problems, r.pending = 0, nil, nil
	r.report.Numbers, r.told = nil, 0
}

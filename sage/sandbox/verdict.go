package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"time"

	"postroom/sage"
	"postroom/sage/contract"
)

// verdict is what looking into a content came to.
type verdict struct {
	end     Status // a final word, or "" to go on
	reason  string // why it is not accepted
	records int
	refused int
	result  content // "" where there is none
}

// validate is the platform's own look: is this a file of records? What the records hold is Sage 50's affair.
func (s *Sandbox) validate(ctx context.Context, f file) verdict {
	if s.options.Unchecked {
		return verdict{}
	}
	v := verdict{}
	err := s.eachRecord(ctx, f, func(r contract.Record) error {
		v.records++
		if raw := bytes.TrimSpace(r.Raw); len(raw) == 0 || raw[0] != '{' {
			return fmt.Errorf("record %d is no object", v.records)
		}
		return nil
	})
	switch {
	case f.End == Rejected:
		v.end, v.reason = Rejected, "The sandbox was told to reject it."
	case err != nil:
		v.end, v.reason = Rejected, "The file does not hold records: "+err.Error()+"."
	case v.records == 0:
		v.end, v.reason = Rejected, "The file holds no record."
	}
	if v.end != "" {
		v.result = s.storeResult(f, func(out *resultWriter) error { return out.file(v.reason) })
	}
	return v
}

// process is Sage 50: each record is taken, or refused with its reasons [A].
func (s *Sandbox) process(ctx context.Context, f file) verdict {
	if s.options.Unchecked {
		return verdict{end: or(f.End, Accepted)}
	}
	if f.End == Failed || f.End == BadRequest {
		v := verdict{end: f.End, records: f.Records, reason: "The sandbox was told to end it so."}
		v.result = s.storeResult(f, func(out *resultWriter) error { return out.file(v.reason) })
		return v
	}
	v := verdict{end: Accepted, records: f.Records}
	v.result = s.storeResult(f, func(out *resultWriter) error {
		j := s.newJudge(f)
		return s.eachRecord(ctx, f, func(r contract.Record) error {
			problems, err := j.judge(ctx, r)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				v.refused++
			}
			return out.record(r.ID, problems)
		})
	})
	if v.refused > 0 && v.refused == v.records {
		v.end, v.reason = Failed, "Sage 50 refused every record of it."
	}
	return v
}

// problem is one reason a record is refused for, as the order result tells it [A].
type problem struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// judge decides over the records of one file.
type judge struct {
	checker  *contract.Checker
	contract string
	refuse   map[string]string // by id
	seed     maphash.Seed
	seen     map[uint64]struct{} // hashes of the ids so far; a file may have millions
}

func (s *Sandbox) newJudge(f file) *judge {
	j := &judge{
		checker: s.checker, contract: s.scopeOf(f).Contract, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{},
	}
	s.look(func(w *world, _ time.Time) { j.refuse = maps.Clone(w.switches.RefuseRecords) })
	return j
}

// judge decides over one record: none are its problems when it is taken.
func (j *judge) judge(ctx context.Context, r contract.Record) ([]problem, error) {
	report, err := j.checker.Check(ctx, bytes.NewReader(r.Raw), j.contract)
	if err != nil {
		return nil, err
	}
	var problems []problem
	for _, p := range report.Problems {
		problems = append(problems, problem{string(p.Code), sentence(p)})
	}
	if r.ID == "" {
		return problems, nil
	}
	h := maphash.String(j.seed, r.ID)
	if _, twice := j.seen[h]; twice {
		problems = append(problems, problem{"duplicateId", fmt.Sprintf("The id %s stands twice in this file.", r.ID)})
	}
	j.seen[h] = struct{}{}
	if why, ok := j.refuse[r.ID]; ok {
		problems = append(problems, problem{Message: why})
	}
	return problems, nil
}

// sentence says a problem in words, as a service would: in English and not for a person alone.
func sentence(p contract.Problem) string {
	where := p.Property
	if where == "" {
		where = "The record"
	}
	switch p.Code {
	case contract.CodeMissingProperty:
		return where + " is missing."
	case contract.CodeWantsText:
		return where + " must be a text."
	case contract.CodeWantsNumber:
		return where + " must be a number."
	case contract.CodeWantsInteger:
		return where + " must be a whole number."
	case contract.CodeWantsYesNo:
		return where + " must be true or false."
	case contract.CodeWantsGroup:
		return where + " must be an object."
	case contract.CodeWantsList:
		return where + " must be a list."
	case contract.CodeWantsID:
		return where + " must be a text or a whole number."
	}
	return fmt.Sprintf("%s is not right (%s).", where, p.Code)
}

func (s *Sandbox) scopeOf(f file) sage.Scope {
	var domain string
	s.look(func(w *world, _ time.Time) { domain = w.connections[f.ConnectionID].Domain })
	return s.profile.Domains[domain].Scopes[f.Scope]
}

func (s *Sandbox) eachRecord(ctx context.Context, f file, do func(contract.Record) error) error {
	r, err := s.store.open(f.Content)
	if err != nil {
		return err
	}
	defer r.Close()
	for record, err := range contract.Records(r, f.Scope) { //nolint:contextcheck // it reads r, and ctx is asked below
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(record); err != nil {
			return err
		}
	}
	return nil
}

// resultWriter writes an order result: one object for each record [A].
type resultWriter struct {
	out   *bufio.Writer
	at    time.Time
	count int
}

// resultRecord is a line of a result [A], sage-api.md 6.
type resultRecord struct {
	ID        string    `json:"id,omitempty"`
	Status    string    `json:"status"`
	SageID    string    `json:"sageId,omitempty"`
	Errors    []problem `json:"errors"`
	Timestamp time.Time `json:"timestamp"`
}

// firstSageID is where the numbers that Sage 50 gives to orders begin.
const firstSageID = 10451

func (w *resultWriter) record(id string, problems []problem) error {
	r := resultRecord{ID: id, Status: "accepted", Errors: problems, Timestamp: w.at}
	if len(problems) > 0 {
		r.Status = "rejected"
	} else {
		r.Errors, r.SageID = []problem{}, fmt.Sprint(firstSageID+w.count)
	}
	return w.line(r)
}

// file is the result of a file that was refused as a whole.
func (w *resultWriter) file(reason string) error {
	return w.line(resultRecord{Status: "rejected", Errors: []problem{{Message: reason}}, Timestamp: w.at})
}

func (w *resultWriter) line(r resultRecord) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	lead := ",\n "
	if w.count == 0 {
		lead = "[\n "
	}
	w.count++
	_, err = fmt.Fprintf(w.out, "%s%s", lead, raw)
	return err
}

// storeResult writes a result while it is made. Where that fails there is none: a final word may come without one
// [D].
func (s *Sandbox) storeResult(f file, write func(*resultWriter) error) content {
	if s.scopeOf(f).ResultContract == "" {
		return content{}
	}
	d := s.store.create(s.newName(), -1)
	out := &resultWriter{out: bufio.NewWriter(d), at: s.now().UTC()}
	err := write(out)
	if err == nil {
		_, err = out.out.WriteString("\n]\n")
	}
	if err == nil {
		err = out.out.Flush()
	}
	var stored content
	if err == nil {
		stored, err = d.commit()
	} else {
		d.discard()
	}
	if err != nil {
		s.log.Error("A result cannot be written", "file", f.ID, "error", err)
	}
	return stored
}

package contract

import (
	"bytes"
	"io"
	"iter"
	"slices"
	"strings"
)

// Outcome is what a result file says of one record [A].
type Outcome struct {
	ID       string
	Status   string // as it came
	Accepted bool   // the status is a word of acceptance, or there is none, and no errors are told
	SageID   string // what Sage calls the record
	Reason   string // the errors in one line, shortened
}

const (
	maxReasons = 20  // errors of one record that are told
	maxReason  = 500 // characters of all of them
)

// The names and words of a result file, without case and underscores [A].
var (
	resultNames = []string{"results", "orders", "orderResults", "records"}
	acceptance  = []string{"accepted", "ok", "success", "imported", "created", "processed", "true"}
)

// Outcomes reads the records of a result file, one at a time, as tolerantly as Records and with names in any case.
func Outcomes(r io.Reader) iter.Seq2[Outcome, error] {
	return func(yield func(Outcome, error) bool) {
		for record, err := range records(r, resultNames, isIDName) {
			if err != nil {
				yield(Outcome{}, err)
				return
			}
			if !yield(outcome(record), nil) {
				return
			}
		}
	}
}

func outcome(record Record) Outcome {
	o := Outcome{ID: shorten([]byte(record.ID))}
	p := inside(record.Raw)
	var reasons []string
	var failed bool
	var said string // beside the errors
	p.eachMember(func(name []byte) bool {
		switch strings.ReplaceAll(strings.ToLower(string(name)), "_", "") {
		case "status", "state", "outcome":
			if text, ok := p.scalarText(); ok && o.Status == "" {
				o.Status = shorten([]byte(text))
			}
		case "sageid":
			if text, ok := p.scalarText(); ok {
				o.SageID = shorten([]byte(text))
			}
		case "errors", "error":
			more := p.reasons()
			failed = failed || len(more) > 0
			reasons = append(reasons, more...)
		case "message", "reason":
			if text, ok := p.scalarText(); ok {
				said = text
			}
		}
		return false
	})
	o.Accepted = !failed && (o.Status == "" || slices.Contains(acceptance, strings.ToLower(o.Status)))
	if !failed && !o.Accepted && said != "" {
		reasons = []string{said}
	}
	o.Reason = limited(strings.Join(reasons, "; "), maxReason)
	return o
}

// reasons reads the errors of a record: a list, or one error; each an object with code and message, or a text.
func (p *parser) reasons() []string {
	var all []string
	add := func(text string) {
		if text != "" && len(all) < maxReasons {
			all = append(all, text)
		}
	}
	switch p.next() {
	case '[':
		p.eachItem(func(int) bool {
			add(p.reason())
			return false
		})
	default:
		add(p.reason())
	}
	return all
}

// reason reads one error; "" for one that says nothing: null, false, 0, an empty text, object or list.
func (p *parser) reason() string {
	from := p.w.pos
	text, ok := p.scalarText()
	if ok && text != "false" && text != "0" {
		return limited(text, maxReason)
	}
	p.w.pos = from
	if p.next() == '{' {
		text = p.described()
	}
	if p.w.pos = from; text == "" && p.skip() == nil {
		text = string(bytes.TrimSpace(p.w.buf[from:p.w.pos]))
	}
	switch strings.Join(strings.Fields(text), "") {
	case "{}", "[]", "null", "false", "0", `""`:
		return ""
	}
	return limited(text, maxReason)
}

// described reads an error that is an object; "" when it has no text that is known.
func (p *parser) described() string {
	var code, message string
	p.eachMember(func(name []byte) bool {
		text, ok := p.scalarText()
		switch label := strings.ToLower(string(name)); {
		case !ok || text == "":
		case label == "code" || label == "errorcode":
			code = text
		case strings.Contains(label, "message") || label == "description" || label == "text" || label == "reason":
			message = text
		}
		return false
	})
	if code != "" && message != "" {
		return message + " (" + code + ")"
	}
	return message + code
}

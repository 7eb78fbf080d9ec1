package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// choice is an entry of a list to choose from.
type choice struct{ Value, Word string }

// faultWords name the kinds of fault for a person.
var faultWords = map[FaultKind]string{
	FaultLatency:        "Answers come late",
	FaultError:          "Server error",
	FaultErrorAfter:     "Server error after all is done",
	FaultThrottle:       "Too many requests",
	FaultPage:           "A sign-in page in place of an answer",
	FaultDropRequest:    "Connection lost before anything is done",
	FaultDropMidway:     "Connection lost while sending",
	FaultDropAnswer:     "Connection lost in place of an answer",
	FaultTruncate:       "Answer cut off in its middle",
	FaultSlowBody:       "Answer comes in small pieces",
	FaultLoseCallback:   "Call to the application is lost",
	FaultDoubleCallback: "Call to the application is made twice",
}

// operationWords name the operations for a person.
var operationWords = map[Operation]string{
	OpRegisterDeveloper:   "Registering",
	OpRegisterApplication: "Registering another application",
	OpCreatePasscode:      "Making a passcode",
	OpPasscodeOutcome:     "Asking what became of a passcode",
	OpRotate:              "Renewing the key",
	OpRenewSecret:         "Renewing the secret",
	OpCreate:              "Creating a file",
	OpSend:                "Sending a file",
	OpComplete:            "Completing a file",
	OpTrack:               "Tracking a file",
	OpResult:              "Fetching a result",
	OpLatest:              "Asking for the newest list",
	OpDownload:            "Fetching a list",
	OpApproval:            "Telling the key",
	OpNotification:        "Telling of a new list",
}

func (p *pages) faults(r *http.Request) (view, error) {
	type fault struct {
		ID          int
		Name, Words string
	}
	data := struct {
		frame
		Faults            []fault
		Kinds, Operations []choice
		Quarantine        bool
		EndNext           string
		Refused           []string
		Violations        []string
	}{frame: p.frame(r, "faults", "Faults"), Violations: p.s.Violations()}
	for _, f := range p.s.Faults() {
		data.Faults = append(data.Faults, fault{f.ID, faultWords[f.Kind], f.words()})
	}
	for _, k := range FaultKinds() {
		data.Kinds = append(data.Kinds, choice{string(k), faultWords[k]})
	}
	for _, op := range Operations() {
		data.Operations = append(data.Operations, choice{string(op), operationWords[op]})
	}
	p.s.look(func(w *world, _ time.Time) {
		data.Quarantine = w.switches.Quarantine
		data.EndNext = endNextWords(w.switches.EndNext)
		for _, id := range slices.Sorted(maps.Keys(w.switches.RefuseRecords)) {
			data.Refused = append(data.Refused, id+": "+w.switches.RefuseRecords[id])
		}
	})
	return view{template: "faults", data: data}, nil
}

func endNextWords(next []Status) string {
	if len(next) == 0 {
		return "Ends as its content deserves."
	}
	words := make([]string, 0, len(next))
	for _, w := range next {
		words = append(words, string(w))
	}
	return "Ends as " + strings.Join(words, ", the one after it as ") + ", whatever it holds."
}

// words say where and how often a fault happens.
func (f Fault) words() string {
	parts := []string{or(operationWords[f.Op], "Everywhere")}
	switch f.Times {
	case 0:
		parts = append(parts, "until removed")
	case 1:
		parts = append(parts, "once")
	default:
		parts = append(parts, fmt.Sprintf("%d times", f.Times))
	}
	if f.Wait > 0 && (f.Kind == FaultLatency || f.Kind == FaultSlowBody) {
		parts = append(parts, seconds(f.Wait))
	}
	if f.RetryAfter > 0 && (f.Kind == FaultThrottle || f.Kind == FaultError || f.Kind == FaultErrorAfter) {
		parts = append(parts, "to be tried again after "+seconds(f.RetryAfter))
	}
	return strings.Join(parts, ", ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }

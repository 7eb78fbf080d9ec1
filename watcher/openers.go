package watcher

import (
	"sync"
	"time"
)

const (
	openerGood  = 5 * time.Second // how long an answer about a file is good
	mostOpeners = 20              // files that are asked about within that time
)

// openers are the programs that keep files from being sent by having them open. To find one out, all processes are looked
// through, so it is done for a few files at a time and remembered for a moment.
type openers struct {
	mu   sync.Mutex // guards what follows; never held over an effect
	at   time.Time  // package time at which seen began
	seen map[string]string
}

// opener names the program that has a file open; "" where the system does not tell.
func (e *Engine) opener(path string) string {
	fs, tells := e.fs.(interface{ Opener(name string) string })
	if !tells || path == "" {
		return ""
	}
	o := &e.openers
	o.mu.Lock()
	if o.seen == nil || time.Since(o.at) > openerGood {
		o.seen, o.at = make(map[string]string), time.Now()
	}
	program, known := o.seen[path]
	full := len(o.seen) >= mostOpeners
	o.mu.Unlock()
	if known || full {
		return program
	}
	program = fs.Opener(path)
	o.mu.Lock()
	o.seen[path] = program
	o.mu.Unlock()
	return program
}

// heldOpen are the problems of a file that some program has open, or may have.
var heldOpen = map[string]bool{"fileHeld": true, "fileWriting": true, "fileIncomplete": true, "fileInUse": true}

// withOpener adds the program that has a file open to a problem that is about that.
func (e *Engine) withOpener(p Problem, path string) Problem {
	if !heldOpen[p.Code] {
		return p
	}
	program := e.opener(path)
	if program == "" {
		return p
	}
	args := map[string]string{"program": program}
	for name, value := range p.Args {
		args[name] = value
	}
	return Problem{Code: p.Code, Args: args}
}

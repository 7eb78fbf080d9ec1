package sandbox

import (
	"fmt"
	"slices"
	"sync"
)

// violations are what clients should not have done.
type violations struct {
	mu   sync.Mutex // guards what follows
	list []string
	more int            // told beyond maxViolations
	busy map[string]int // rotations being answered, by the hash of their initial key

	asked   map[string]bool // files of which tracking has said since their last sending began that content is awaited
	excused map[string]bool // files whose content was sent again after such a word
}

// maxViolations bounds what is kept of a client that does not stop.
const maxViolations = 1000

func (v *violations) add(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.list) == maxViolations {
		v.more++
		return
	}
	v.list = append(v.list, fmt.Sprintf(format, args...))
}

// awaited notes that tracking has told a client to send a file's content.
func (v *violations) awaited(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked == nil {
		v.asked, v.excused = map[string]bool{}, map[string]bool{}
	}
	v.asked[id] = true
}

// sending notes that content of a file begins to come. One that was still on its way when tracking was asked is not the
// client's fault.
func (v *violations) sending(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked[id] {
		delete(v.asked, id)
		v.excused[id] = true
	}
}

// twice notes that content came although it was there.
func (v *violations) twice(f *file) {
	v.mu.Lock()
	excused := v.excused[f.ID]
	delete(v.excused, f.ID)
	v.mu.Unlock()
	if !excused {
		v.add("sent-twice: content of %q was sent again after it had been received", f.Name)
	}
}

// enter notes the beginning of a rotation, and reports whether it is the only one of its key.
func (v *violations) enter(id string) (alone bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.busy == nil {
		v.busy = map[string]int{}
	}
	v.busy[id]++
	return v.busy[id] == 1
}

func (v *violations) leave(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.busy[id]--; v.busy[id] == 0 {
		delete(v.busy, id)
	}
}

// Violations are the things a client did that the contract does not allow, or that a careful client does not do,
// oldest first, each as "kind: what happened". They hold no key, secret or content. The kinds:
//
//	foreign-host      the key was sent to the host for uploads, which is another one
//	sent-twice        content that had been received was sent again, and tracking had not been asked or had said so
//	superseded        content was sent to the uploadUrl of a record that a newer create had superseded
//	size              the content has another size than was announced
//	content-type      a request or a content came with the wrong type
//	idempotency       one Idempotency-Key was used for different files
//	double-rotation   a rotation was asked for while another one of the same key was being answered
//	current-as-first  a rotation came with a later key in place of the initial one
func (s *Sandbox) Violations() []string {
	s.notes.mu.Lock()
	defer s.notes.mu.Unlock()
	list := slices.Clone(s.notes.list)
	if s.notes.more > 0 {
		list = append(list, fmt.Sprintf("more: %d violations were not kept", s.notes.more))
	}
	return list
}

// ForgetViolations begins a new list.
func (s *Sandbox) ForgetViolations() {
	s.notes.mu.Lock()
	defer s.notes.mu.Unlock()
	s.notes.list, s.notes.more = nil, 0
}

package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"postroom/sage/contract"
	"postroom/watcher/disk"
)

// Checked is what one reading of a file found.
type Checked struct {
	Report contract.Report
	Info   disk.Info // of the file that was read
	Moved  bool      // it changed while it was read: the report is of no use
}

// Check reads the file at name (absolute) once, against the contract of a scope. The engine uses it too: when a
// person has said what an unclear file is, and when a file came back. The error is the file system's or the
// context's; what is wrong with the file is in the report.
func Check(ctx context.Context, fsys disk.FS, checker Checker, name string, scope Scope) (Checked, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return Checked{}, err
	}
	c, err := read(ctx, fsys, checker, f, name, scope.Contract, scope.Name)
	if err = errors.Join(err, f.Close()); err != nil {
		return Checked{}, fmt.Errorf("checking %s: %w", name, err)
	}
	return c, nil
}

func read(ctx context.Context, fsys disk.FS, checker Checker, f disk.File, name, contractName string, scopes ...string) (Checked, error) {
	before, err := f.Stat()
	if err != nil {
		return Checked{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Checked{}, err
	}
	report, err := checker.Check(ctx, f, contractName, scopes...)
	if err != nil {
		return Checked{}, err
	}
	after, err := f.Stat()
	if err != nil {
		return Checked{}, err
	}
	there, err := fsys.Lstat(name)
	if err != nil {
		return Checked{}, err
	}
	return Checked{
		Report: report,
		Info:   before,
		Moved:  !after.Same(before) || !there.Same(before) || report.Size != before.Size,
	}, nil
}

// class is what a check says about a file, as far as the Watcher decides on it.
type class uint8

const (
	fine       class = iota + 1
	unclear          // complete, its scope cannot be told
	invalid          // complete, and not as its contract wants it
	broken           // no further byte can make it complete
	incomplete       // correct as far as it goes
	moved            // changed while it was read
	absent           // not there
	busy             // another program keeps it from being read
	unreadable
)

// verdict is the outcome of a check.
type verdict struct {
	class  class
	held   bool // another program has it open for writing
	info   disk.Info
	scope  string
	report contract.Report
	err    error
}

// judge reads a settled file and says what it is. With no scope given it is routed by its content.
func judge(ctx context.Context, fsys disk.FS, checker Checker, name string, scope *Scope, scopes []Scope) verdict {
	f, err := fsys.Open(name)
	if err != nil {
		return troubled(err)
	}
	j := judgement{fsys: fsys, checker: checker, file: f, name: name}
	var v verdict
	if scope != nil {
		v = j.against(ctx, *scope)
	} else {
		v = j.route(ctx, scopes)
	}
	if err := f.Close(); err != nil && v.err == nil {
		return troubled(err)
	}
	if v.class == broken || v.class == incomplete {
		v.held = fsys.Held(name)
	}
	return v
}

func troubled(err error) verdict {
	v := verdict{class: unreadable, err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.class = absent
	case errors.Is(err, disk.ErrBusy):
		v.class = busy
	case errors.Is(err, disk.ErrNotRegular):
		v.class = moved // something else took its place: the next look tells what
	}
	return v
}

// judgement is one file being judged; it may be read more than once.
type judgement struct {
	fsys    disk.FS
	checker Checker
	file    disk.File
	name    string
}

// against reads the file against the contract of its scope.
func (j judgement) against(ctx context.Context, scope Scope) verdict {
	c, err := read(ctx, j.fsys, j.checker, j.file, j.name, scope.Contract, scope.Name)
	if err != nil {
		return troubled(err)
	}
	v := verdict{class: classOf(c), info: c.Info, scope: scope.Name, report: c.Report}
	switch {
	case v.class == invalid:
		return j.whole(ctx, v)
	case v.class == broken && j.reserved(v):
		v.class = incomplete
	}
	return v
}

// whole makes sure that a file is complete before it is told to break its contract: one that is still being written
// may do so before it breaks off.
func (j judgement) whole(ctx context.Context, v verdict) verdict {
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return troubled(err)
	}
	s, err := contract.Scan(until{ctx, j.file}) //nolint:contextcheck // the reader ends with the context
	switch {
	case err != nil:
		return troubled(err)
	case s.Cut || s.Empty:
		v.class = incomplete
	case !s.Complete:
		v.class = broken
	}
	return v
}

// until reads until its context ends.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// resembling is how many mistakes the first record of a file may have and still be taken for what it resembles.
const resembling = 3

// route finds the scope of a file that lies straight in Outbox: the one its records stand under by name, or the only
// one whose contract it keeps, or else the only one it resembles. A file with nothing in it, or that fits several or
// none, is unclear.
func (j judgement) route(ctx context.Context, scopes []Scope) verdict {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = s.Name
	}
	c, err := read(ctx, j.fsys, j.checker, j.file, j.name, "", names...)
	if err != nil {
		return troubled(err)
	}
	form := verdict{class: classOf(c), info: c.Info, report: c.Report}
	if form.class == broken && j.reserved(form) {
		form.class = incomplete
	}
	if form.class != fine {
		return form
	}
	var fitting, similar []verdict
	for _, s := range scopes {
		if strings.EqualFold(c.Report.Wrapper, s.Name) {
			return j.against(ctx, s)
		}
		if c.Report.Records == 0 {
			continue
		}
		v := j.against(ctx, s)
		switch {
		case v.class == fine:
			fitting = append(fitting, v)
		case v.class != invalid:
			return v // it changed, or cannot be read
		case inFirstRecord(v.report) <= resembling:
			similar = append(similar, v)
		}
	}
	switch {
	case len(fitting) == 1:
		return fitting[0]
	case len(fitting) == 0 && len(similar) == 1:
		return similar[0]
	}
	form.class = unclear
	return form
}

func inFirstRecord(r contract.Report) int {
	n := 0
	for _, p := range r.Problems {
		if p.Record == 1 {
			n++
		}
	}
	return n
}

// classOf sorts what a reading found by what may still become of the file.
func classOf(c Checked) class {
	if c.Moved {
		return moved
	}
	if c.Report.Problem == nil {
		return fine
	}
	switch c.Report.Problem.Code {
	case contract.CodeEmpty, contract.CodeCut:
		return incomplete
	case contract.CodeMissingProperty, contract.CodeWantsText, contract.CodeWantsNumber, contract.CodeWantsInteger,
		contract.CodeWantsYesNo, contract.CodeWantsGroup, contract.CodeWantsList, contract.CodeWantsID,
		contract.CodeWrongValue, contract.CodeNoRecords:
		return invalid
	}
	return broken
}

// reserved tells that a broken file ends in a zero byte: its space was made before its content is written, as
// copying programs do.
func (j judgement) reserved(v verdict) bool {
	if v.info.Size == 0 || v.report.Problem.Code == contract.CodeUTF16 {
		return false
	}
	var last [1]byte
	_, err := j.file.ReadAt(last[:], v.info.Size-1)
	return err == nil && last[0] == 0
}

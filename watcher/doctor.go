package watcher

import (
	"context"
	"strconv"
	"time"
)

// Finding is one line of what the doctor looked at. Code names its sentences in the catalogue: "doctor.<code>" and
// "doctor.<code>.do", or those of the Problem of that code.
type Finding struct {
	Check string `json:"check"` // home, room, folder, events, lock, vault, keys, key, journal, content, proxy, platform, tls, clock, report
	Level Level  `json:"level"`
	Problem
}

// Level is how a finding is to be taken.
type Level string

// The levels.
const (
	LevelWell  Level = "well"
	LevelNote  Level = "note"  // worth knowing; nothing has to be done
	LevelWrong Level = "wrong" // somebody has to do something
)

// examination collects what the doctor finds.
type examination struct {
	e           *Engine
	connections []Connection // as they are shown
	findings    []Finding
}

func (x *examination) add(level Level, check, code string, args ...string) {
	x.findings = append(x.findings, Finding{Check: check, Level: level, Problem: newProblem(code, args...)})
}

func (x *examination) well(check, code string, args ...string) {
	x.add(LevelWell, check, code, args...)
}

func (x *examination) note(check, code string, args ...string) {
	x.add(LevelNote, check, code, args...)
}

func (x *examination) wrong(check, code string, args ...string) {
	x.add(LevelWrong, check, code, args...)
}

// trouble is a finding that has a problem's sentences.
func (x *examination) trouble(check string, p Problem) {
	x.findings = append(x.findings, Finding{Check: check, Level: LevelWrong, Problem: p})
}

// Doctor looks at everything that files depend on, and tells of each thing whether it is well and what to do about it if
// it is not. It changes nothing but for what it takes away again: a hidden file in each folder, an entry in the vault. It
// may take minutes, because it reads every file in Sent. Without a run it looks at the same home and tells what can be
// told then. The error is ctx's.
func (e *Engine) Doctor(ctx context.Context) ([]Finding, error) {
	x := &examination{e: e}
	records, err := e.readRecords()
	if err != nil {
		x.trouble("report", newProblem("connectionDamaged", "folder", e.options.Home))
	}
	x.home()
	for _, p := range e.rescueReport() {
		x.findings = append(x.findings, Finding{Check: "report", Level: LevelNote, Problem: p})
	}
	for _, p := range e.reports() {
		if p.Code != "connectionDamaged" {
			x.trouble("report", p)
		}
	}
	if x.connections, err = e.Connections(ctx); err != nil {
		e.log.Error("the connections cannot be told", "error", err)
	}
	for _, place := range placesOf(records) {
		x.folders(ctx, place)
	}
	x.journal(ctx)
	for _, place := range placesOf(records) {
		x.contents(ctx, place)
	}
	secrets := x.vault(ctx)
	for _, record := range records {
		x.keys(ctx, record, secrets)
	}
	x.platforms(ctx, records)
	if ctx.Err() != nil {
		return x.findings, context.Cause(ctx)
	}
	return x.findings, nil
}

// home is the state directory.
func (x *examination) home() {
	home := x.e.options.Home
	if err := x.writable(home); err != nil {
		x.trouble("home", placeProblem(home, err).Problem)
	} else {
		x.well("home", "homeGood", "folder", home, "volume", x.volume(home))
	}
	x.room(home)
}

// room is how much may still be written where a folder is.
func (x *examination) room(folder string) {
	free, err := x.e.fs.Free(folder)
	switch {
	case err != nil:
		x.note("room", "roomUnknown", "folder", folder)
	case free < x.e.roomNeeded():
		x.trouble("room", newProblem("diskFull", "folder", folder))
	default:
		x.well("room", "roomGood", "folder", folder, "bytes", strconv.FormatUint(free, 10))
	}
}

// volume is where a folder is, "" where nobody can tell.
func (x *examination) volume(folder string) string {
	if fs, tells := x.e.fs.(interface{ Volume(name string) string }); tells {
		return fs.Volume(folder)
	}
	return ""
}

// seconds is a time span for a sentence.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) }

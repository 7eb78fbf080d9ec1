package sandbox

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gofrs/flock"
)

// The state in a directory is a log of JSON lines, one for each change of each thing, the last one counting. It is
// written before a request is answered, so that a killed process has forgotten nothing it answered for, and never
// synced to the disk: a sandbox need not survive a power cut.

type entryKind string

const (
	kindMaster       entryKind = "master"
	kindDeveloper    entryKind = "developer"
	kindApplication  entryKind = "application"
	kindMail         entryKind = "mail"
	kindPasscode     entryKind = "passcode"
	kindConnection   entryKind = "connection"
	kindInstallation entryKind = "installation"
	kindFile         entryKind = "file"
	kindSnapshot     entryKind = "snapshot"
	kindCallback     entryKind = "callback"
	kindSwitches     entryKind = "switches"
)

type entry struct {
	Seq   uint64          `json:"seq"` // of the change; lines may stand in another order
	Kind  entryKind       `json:"kind"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

// entry makes the log's line for a thing as it is now. It is called under the lock.
func (w *world) entry(kind entryKind, id string, value any) entry {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("sandbox: " + err.Error()) // plain structs of texts, numbers and times
	}
	w.seq++
	return entry{Seq: w.seq, Kind: kind, ID: id, Value: raw}
}

// entries are the world's whole state, oldest first.
func (w *world) entries() []entry {
	list := []entry{w.entry(kindMaster, "", base64.StdEncoding.EncodeToString(w.master))}
	add := func(kind entryKind, id string, value any) { list = append(list, w.entry(kind, id, value)) }
	for _, d := range w.developers {
		add(kindDeveloper, d.ID, d)
	}
	for _, a := range w.applications {
		add(kindApplication, a.ID, a)
	}
	for _, m := range w.mails {
		add(kindMail, m.ID, m)
	}
	for _, p := range w.passcodes {
		add(kindPasscode, p.Code, p)
	}
	for _, c := range w.consents {
		add(kindConnection, c.ID, c)
	}
	for _, i := range w.companies {
		add(kindInstallation, i.Company, i)
	}
	for _, f := range w.created {
		add(kindFile, f.ID, f)
	}
	for _, s := range w.snapshots {
		add(kindSnapshot, s.key(), s)
	}
	for _, c := range w.calls {
		add(kindCallback, c.ID, c)
	}
	return append(list, w.entry(kindSwitches, "", w.switches))
}

// begin makes the master key of a new world.
func (w *world) begin() error {
	w.master = make([]byte, 32)
	if _, err := io.ReadFull(w.rand, w.master); err != nil {
		return fmt.Errorf("sandbox: reading random bytes: %w", err)
	}
	return nil
}

// load puts the last word on each thing into an empty world.
func (w *world) load(entries []entry) error {
	type thing struct {
		kind entryKind
		id   string
	}
	last, order := map[thing]entry{}, []thing{}
	for _, e := range entries {
		t := thing{e.Kind, e.ID}
		before, known := last[t]
		if !known {
			order = append(order, t)
		}
		if !known || e.Seq > before.Seq {
			last[t] = e
		}
		w.seq = max(w.seq, e.Seq)
	}
	// Keys are derived from the master key, so it comes first.
	slices.SortStableFunc(order, func(a, b thing) int { return rank(a.kind) - rank(b.kind) })
	for _, t := range order {
		if err := w.loadOne(last[t]); err != nil {
			return fmt.Errorf("%s %s: %w", t.kind, t.id, err)
		}
	}
	return nil
}

func rank(k entryKind) int {
	if k == kindMaster {
		return 0
	}
	return 1
}

func (w *world) loadOne(e entry) error {
	switch e.Kind {
	case kindMaster:
		return json.Unmarshal(e.Value, &w.master) // JSON carries bytes as base64
	case kindDeveloper:
		return loadInto(e, w.addDeveloper)
	case kindApplication:
		return loadInto(e, w.addApplication)
	case kindMail:
		return loadInto(e, func(m *mail) { w.mails = append(w.mails, m) })
	case kindPasscode:
		return loadInto(e, func(p *passcode) { w.passcodes[p.Code] = p })
	case kindConnection:
		return loadInto(e, w.addConnection)
	case kindInstallation:
		return loadInto(e, w.addInstallation)
	case kindFile:
		return loadInto(e, w.addFile)
	case kindSnapshot:
		return loadInto(e, func(s *snapshot) { w.addSnapshot(s) })
	case kindCallback:
		return loadInto(e, func(c *callback) { w.calls = append(w.calls, c) })
	case kindSwitches:
		return json.Unmarshal(e.Value, &w.switches)
	}
	return errors.New("a kind of entry that this version does not know")
}

func loadInto[T any](e entry, add func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(e.Value, v); err != nil {
		return err
	}
	add(v)
	return nil
}

// contents are the names in the store that something still refers to.
func (w *world) contents() map[string]bool {
	names := map[string]bool{}
	for _, f := range w.created {
		names[f.Content.Name], names[f.Result.Name] = true, true
	}
	for _, s := range w.snapshots {
		names[s.Content.Name] = true
	}
	return names
}

// journal is the open log. Appends that come while one is being written are written together after it.
type journal struct {
	name string
	lock *flock.Flock
	once sync.Once
	file *os.File      // whoever has the turn writes
	turn chan struct{} // holds one; a channel, because a mutex is not to be held over a file

	mu      sync.Mutex // guards what follows
	waiting []byte     // lines to be written
	batch   *batch     // of the lines in waiting
}

// batch is what several appends are written in.
type batch struct {
	done bool
	err  error
}

// ErrInUse says that another sandbox works on the directory.
var ErrInUse = errors.New("another sandbox uses this directory")

const logName = "sandbox.log"

// openJournal reads the log in dir, which is made when missing. A last line that a crash has cut is left out.
func openJournal(dir string) (*journal, []entry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("sandbox: making its directory: %w", err)
	}
	j := &journal{
		name: filepath.Join(dir, logName), lock: flock.New(filepath.Join(dir, "sandbox.lock"), flock.SetPermissions(0o600)),
		turn: make(chan struct{}, 1),
	}
	switch free, err := j.lock.TryLock(); {
	case err != nil:
		return nil, nil, fmt.Errorf("sandbox: locking %s: %w", dir, err)
	case !free:
		return nil, nil, fmt.Errorf("sandbox: %s: %w", dir, ErrInUse)
	}
	entries, err := readLog(j.name)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("sandbox: reading %s: %w", j.name, err), j.lock.Unlock())
	}
	return j, entries, nil
}

func readLog(name string) ([]entry, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []entry
	for number := 1; len(data) > 0; number++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		data = rest
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			if !whole {
				return list, nil
			}
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// compact replaces the log by the given entries and opens it for appending.
func (j *journal) compact(entries []entry) error {
	part := j.name + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: writing its state: %w", err)
	}
	out := bufio.NewWriter(f)
	for _, e := range entries {
		if err := writeLine(out, e); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := out.Flush(); err != nil {
		return errors.Join(fmt.Errorf("sandbox: writing %s: %w", part, err), f.Close())
	}
	// Windows renames no open file.
	if err := f.Close(); err != nil {
		return fmt.Errorf("sandbox: writing %s: %w", part, err)
	}
	if err := os.Rename(part, j.name); err != nil {
		return fmt.Errorf("sandbox: replacing its state: %w", err)
	}
	j.file, err = os.OpenFile(j.name, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: opening its state: %w", err)
	}
	return nil
}

func writeLine(out io.Writer, e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: writing its state: %w", err)
	}
	_, err = out.Write(append(line, '\n'))
	return err
}

// append writes entries, alone or with those of others. It returns when they are in the file.
func (j *journal) append(entries []entry) error {
	var lines bytes.Buffer
	for _, e := range entries {
		if err := writeLine(&lines, e); err != nil {
			return err
		}
	}
	j.mu.Lock()
	if j.batch == nil {
		j.batch = &batch{}
	}
	mine := j.batch
	j.waiting = append(j.waiting, lines.Bytes()...)
	j.mu.Unlock()

	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if mine.done { // by somebody whose turn came before
		return mine.err
	}
	j.mu.Lock()
	data := j.waiting
	j.waiting, j.batch = nil, nil
	j.mu.Unlock()
	if _, err := j.file.Write(data); err != nil {
		mine.err = fmt.Errorf("sandbox: writing %s: %w", j.name, err)
	}
	mine.done = true
	return mine.err
}

func (j *journal) close() error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	var err error
	j.once.Do(func() {
		if j.file != nil {
			err = j.file.Close()
		}
		err = errors.Join(err, j.lock.Unlock())
	})
	return err
}

package courier

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
	"postroom/watcher/journal"
)

// noted is a journal that remembers what it was given.
type noted struct {
	transfers []journal.Transfer
	commits   []string // the names and states of what shared each
	fail      int      // how many Puts fail before one succeeds
	err       error
}

func (n *noted) Put(_ context.Context, changes ...journal.Change) error {
	if n.fail > 0 {
		n.fail--
		return n.err
	}
	var shared []string
	for _, c := range changes {
		if step, ok := c.(journal.Stepped); ok {
			n.transfers = append(n.transfers, step.Transfer)
			shared = append(shared, step.Transfer.Name+" "+string(step.Transfer.State))
		}
	}
	n.commits = append(n.commits, strings.Join(shared, " and "))
	return nil
}

// desk is a company's folder with a porter.
type desk struct {
	t       *testing.T
	root    string
	journal *noted
	*Porter
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, root: t.TempDir(), journal: &noted{}}
	d.Porter = d.porterOn(disk.OS())
	for _, folder := range []string{"Outbox/.sending", "Outbox/orders"} {
		if err := os.MkdirAll(full(d.root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) porterOn(fsys disk.FS) *Porter {
	return NewPorter(fsys, d.root, disk.NewNames(fsys), d.journal, func(t journal.Transfer) string { return "why " + t.Name })
}

// put writes a file and gives a record of it.
func (d *desk) put(at, content string) journal.Transfer {
	d.t.Helper()
	name := full(d.root, at)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	info, err := disk.OS().Lstat(name)
	if err != nil {
		d.t.Fatal(err)
	}
	return journal.Transfer{
		ID: "T1", Name: filepath.Base(at), State: journal.Queued, Path: at, Origin: at, Size: info.Size, ModTime: info.ModTime,
		Identity: info.Identity, SHA256: hashOf(content),
	}
}

// takeOut takes a file away to where it keeps its identity, which a new one could get otherwise.
func (d *desk) takeOut(at string) {
	d.t.Helper()
	if err := os.Rename(full(d.root, at), full(d.root, "taken out")); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) read(at string) string {
	d.t.Helper()
	content, err := os.ReadFile(full(d.root, at))
	if err != nil {
		return "(" + at + " is not there)"
	}
	return string(content)
}

func TestAClaimTakesWhatWasCheckedAndNothingElse(t *testing.T) {
	const at = "Outbox/orders/a.json"
	for _, c := range []struct {
		name  string
		spoil func(*desk)
		want  Happened
	}{
		{"as it was", func(*desk) {}, Done},
		{"edited", func(d *desk) { d.put(at, "something longer") }, Edited},
		{"replaced by one of the same size", func(d *desk) {
			d.takeOut(at)
			d.put(at, "CONTENT")
		}, Edited},
		{"gone", func(d *desk) { os.Remove(full(d.root, at)) }, Missing},
		{"claimed before a crash", func(d *desk) { os.Rename(full(d.root, at), full(d.root, Aside("T1"))) }, Done},
		{"without the folder aside", func(d *desk) { os.Remove(full(d.root, "Outbox/.sending")) }, Done},
		{"without the company's folder", func(d *desk) { os.Rename(d.root, d.root+" away") }, Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			record := d.put(at, "content")
			c.spoil(d)
			if got := d.claim(&record); got.Happened != c.want {
				t.Errorf("got %+v, want %d", got, c.want)
			}
			if c.want == Done && d.read(Aside("T1")) != "content" {
				t.Error("it does not lie aside")
			}
		})
	}
}

func TestAFileEditedWhileItWasClaimedGoesBack(t *testing.T) {
	d := newDesk(t)
	record := d.put("Outbox/orders/a.json", "content")
	d.put(Aside("T1"), "edited") // what the rename brought there is not what the look saw
	os.Remove(full(d.root, "Outbox/orders/a.json"))
	outcome := d.claim(&record)
	if outcome.Happened != Edited {
		t.Fatalf("got %+v", outcome)
	}
	after, _ := Advance(record, Claim, outcome, at, pace)
	if after.From != Aside("T1") || after.Path != "Outbox/orders/a.json" || !after.Unready {
		t.Errorf("got %+v", after)
	}
	placed, err := d.Place(t.Context(), after)
	if err != nil || placed.From != "" || d.read("Outbox/orders/a.json") != "edited" {
		t.Errorf("%+v, %v", placed, err)
	}
}

func owing(record journal.Transfer, state journal.State, from, to string) journal.Transfer {
	record.State, record.From, record.Path = state, from, to
	return record
}

func TestAMoveFindsItsFileWhereverACrashLeftIt(t *testing.T) {
	const to = "Sent/2026-11/a.json"
	for _, lies := range []string{Aside("T1"), to, "Outbox/orders/a.json"} {
		d := newDesk(t)
		record := d.put(lies, "content")
		record.Origin = "Outbox/orders/a.json"
		placed, err := d.Place(t.Context(), owing(record, journal.Sent, Aside("T1"), to))
		if err != nil || placed.From != "" || placed.Path != to || d.read(to) != "content" {
			t.Errorf("from %s: %+v, %v", lies, placed, err)
		}
		again, err := d.Place(t.Context(), owing(record, journal.Sent, Aside("T1"), to))
		if err != nil || again.Path != to {
			t.Errorf("again: %+v, %v", again, err)
		}
	}
}

func TestAMoveReplacesNothingAndWritesTheNewNameDownFirst(t *testing.T) {
	d := newDesk(t)
	record := d.put(Aside("T1"), "content")
	record.Name = "a.json"
	d.put("Sent/2026-11/a.json", "another")
	placed, err := d.Place(t.Context(), owing(record, journal.Sent, Aside("T1"), "Sent/2026-11/a.json"))
	if err != nil || placed.Path != "Sent/2026-11/a (2).json" || d.read(placed.Path) != "content" || d.read("Sent/2026-11/a.json") != "another" {
		t.Errorf("%+v, %v", placed, err)
	}
	if n := len(d.journal.transfers); n != 1 || d.journal.transfers[0].Path != placed.Path || d.journal.transfers[0].From == "" {
		t.Errorf("the journal heard %+v", d.journal.transfers)
	}
}

func TestAnotherFileUnderTheOldNameIsNotMoved(t *testing.T) {
	d := newDesk(t)
	record := d.put("Outbox/orders/a.json", "content")
	d.takeOut("Outbox/orders/a.json")
	d.put("Outbox/orders/a.json", "a new drop")
	placed, err := d.Place(t.Context(), owing(record, journal.Cancelled, "Outbox/orders/a.json", "Outbox/Held/a.json"))
	if err != nil || placed.Path != "" || d.read("Outbox/orders/a.json") != "a new drop" {
		t.Errorf("%+v, %v", placed, err)
	}
}

func TestAFileThatIsNowhereLeftWithAPersonsHand(t *testing.T) {
	d := newDesk(t)
	record := d.put("x", "content")
	os.Remove(full(d.root, "x"))
	placed, err := d.Place(t.Context(), owing(record, journal.Refused, "Sent/2026-11/gone.json", "Failed/gone.json"))
	if err != nil || placed.Path != "" || placed.From != "" {
		t.Errorf("%+v, %v", placed, err)
	}
}

func TestOfAFolderThatIsAwayNothingIsConcluded(t *testing.T) {
	d := newDesk(t)
	record := d.put(Aside("T1"), "content")
	if err := os.Rename(d.root, d.root+" away"); err != nil {
		t.Fatal(err)
	}
	owed := owing(record, journal.Sent, Aside("T1"), "Sent/2026-11/a.json")
	if got, err := d.Place(t.Context(), owed); !errors.Is(err, ErrFolderGone) || got.From != owed.From {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := os.Stat(d.root); err == nil {
		t.Error("the folder was made anew")
	}
	if _, err := d.content(record); !errors.As(err, new(*localError)) {
		t.Errorf("reading: %v", err)
	}
}

func TestADriveThatIsPulledOutDuringAMoveIsNotMadeAnew(t *testing.T) {
	for to, state := range map[string]journal.State{"Outbox/Held/a.json": journal.Cancelled, "Sent/2026-11/a.json": journal.Sent} {
		d := newDesk(t)
		record := d.put(Aside("T1"), "content")
		pull := sync.OnceFunc(func() { // it leaves the empty folder on which it was mounted
			if err := errors.Join(os.Rename(d.root, d.root+" away"), os.Mkdir(d.root, 0o700)); err != nil {
				t.Error(err)
			}
		})
		looks := 0
		d.Porter = d.porterOn(disktest.Faults{FS: disk.OS(), Before: func(disktest.Op, string) error {
			if looks++; looks == 2 {
				pull()
			}
			return nil
		}})
		owed := owing(record, state, Aside("T1"), to)
		if got, err := d.Place(t.Context(), owed); !errors.Is(err, ErrFolderGone) || got.From != owed.From {
			t.Errorf("to %s: %+v, %v", to, got, err)
		}
		if made, err := os.ReadDir(d.root); err != nil || len(made) > 0 {
			t.Errorf("to %s: made where the drive had been: %v, %v", to, made, err)
		}
	}
}

func TestARefusedFileHasItsNoteBesideIt(t *testing.T) {
	for state, note := range map[journal.State]string{
		journal.Refused: "Failed/a.error.txt", journal.Unchecked: "Failed/a.error.txt", journal.Unknown: "Sent/Unclear/a.unclear.txt",
	} {
		d := newDesk(t)
		record := d.put(Aside("T1"), "content")
		record.Name = "a.json"
		to := filepath.ToSlash(filepath.Join(filepath.Dir(note), "a.json"))
		for range 2 { // the second time as after a crash
			if _, err := d.Place(t.Context(), owing(record, state, Aside("T1"), to)); err != nil {
				t.Fatal(err)
			}
		}
		if got := d.read(note); got != "why a.json" {
			t.Errorf("%s: %s", state, got)
		}
		entries, err := os.ReadDir(filepath.Dir(full(d.root, note)))
		if err != nil || len(entries) != 2 {
			t.Errorf("%s: %v, %v", state, entries, err)
		}
	}
}

func TestANoteGoesWithWhatItExplains(t *testing.T) {
	d := newDesk(t)
	record := d.put(Aside("T1"), "content")
	record.Name = "a.json"
	refused, err := d.Place(t.Context(), owing(record, journal.Refused, Aside("T1"), "Failed/a.json"))
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Answer(refused, Retry, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	again.Scope = "orders"
	if _, err := d.Place(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(full(d.root, "Failed")); err != nil || len(entries) != 0 {
		t.Errorf("left in Failed: %v, %v", entries, err)
	}
}

func TestPlacesAreGivenOutOnce(t *testing.T) {
	d := newDesk(t)
	d.put("Inbox/results/a.result.json", "of an earlier file")
	d.put("Failed/a.error.txt", "of an earlier file")
	before := journal.Transfer{ID: "T1", Path: Aside("T1")}
	for _, c := range []struct{ state, to, want string }{
		{"sent", "Sent/2026-11/a.json", "Sent/2026-11/a (2).json"},
		{"sent", "Sent/2026-11/a.json", "Sent/2026-11/a (3).json"},
		{"refused", "Failed/a.json", "Failed/a (2).json"},
		{"created", Aside("T1"), Aside("T1")},
		{"queued", "Outbox/orders/a.json", "Outbox/orders/a.json"},
		{"cancelled", "Outbox/Held/a.json", "Outbox/Held/a.json"},
	} {
		got, err := d.Resolve(before, journal.Transfer{ID: "T1", Name: "a.json", State: journal.State(c.state), From: "x", Path: c.to})
		if err != nil || got.Path != c.want {
			t.Errorf("%s: %s, %v", c.to, got.Path, err)
		}
	}
}

// A file that nobody could tell about goes to Sent, to Unclear, back to Outbox and to Sent once more.
func TestAFileThatComesBackGetsItsNameBack(t *testing.T) {
	d := newDesk(t)
	at := d.put("Outbox/.sending/T1", "content")
	at.Name, at.State = "a.json", journal.Sent
	for _, folder := range []string{"Sent/2026-11", "Sent/Unclear", "Outbox/orders", "Sent/2026-11"} {
		wanted := at
		wanted.From, wanted.Path = at.Path, folder+"/a.json"
		resolved, err := d.Resolve(at, wanted)
		if err != nil {
			t.Fatal(err)
		}
		if at, err = d.Place(t.Context(), resolved); err != nil {
			t.Fatal(err)
		}
		if at.Path != folder+"/a.json" || d.read(at.Path) != "content" {
			t.Errorf("it lies at %s, not at %s/a.json", at.Path, folder)
		}
	}
}

func TestSettleNotesThatNothingIsOwedAnyMore(t *testing.T) {
	d := newDesk(t)
	record := d.put(Aside("T1"), "content")
	got, err := d.Settle(t.Context(), owing(record, journal.Cancelled, Aside("T1"), "Outbox/Held/a.json"))
	if err != nil || got.From != "" || len(d.journal.transfers) != 1 || d.journal.transfers[0].From != "" {
		t.Errorf("%+v, %v, %+v", got, err, d.journal.transfers)
	}
}

// deaf is a drive whose answers to renames are lost: they happen, and an error is told.
type deaf struct{ disk.FS }

func (d deaf) Move(oldName, newName string) error {
	if err := d.FS.Move(oldName, newName); err != nil {
		return err
	}
	return errors.New("the connection to the drive was lost")
}

func TestAClaimThatWasAnsweredWithAnErrorHasHappened(t *testing.T) {
	d := newDesk(t)
	d.Porter = d.porterOn(deaf{disk.OS()})
	record := d.put("Outbox/orders/a.json", "content")
	if got := d.claim(&record); got.Happened != Done || d.read(Aside("T1")) != "content" {
		t.Errorf("got %+v, and %s lies aside", got, d.read(Aside("T1")))
	}
}

// nameless is a drive whose files have no identity.
type nameless struct{ disk.FS }

func (n nameless) Lstat(name string) (disk.Info, error) {
	info, err := n.FS.Lstat(name)
	info.Identity = ""
	return info, err
}

func TestWhatCameUnderTheNameOfAClaimedFileIsNotMovedInItsStead(t *testing.T) {
	for name, fsys := range map[string]disk.FS{"known by identity": disk.OS(), "without identities": nameless{disk.OS()}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Porter = d.porterOn(fsys)
			record := d.put("Outbox/orders/a.json", "content")
			info, err := fsys.Lstat(full(d.root, "Outbox/orders/a.json"))
			if err != nil {
				t.Fatal(err)
			}
			record.Identity = info.Identity
			if err := os.Rename(full(d.root, "Outbox/orders/a.json"), full(d.root, Aside("T1"))); err != nil {
				t.Fatal(err)
			}
			d.put("Outbox/orders/a.json", "another")
			record.State, record.From, record.Path = journal.Cancelled, record.Path, "Outbox/Held/a.json"
			if _, err := d.Place(t.Context(), record); err != nil {
				t.Fatal(err)
			}
			if got := d.read("Outbox/Held/a.json"); got != "content" {
				t.Errorf("%s was moved", got)
			}
			if got := d.read("Outbox/orders/a.json"); got != "another" {
				t.Errorf("%s lies where another was dropped", got)
			}
		})
	}
}

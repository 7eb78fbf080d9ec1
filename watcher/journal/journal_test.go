package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var day = time.Date(2026, 11, 24, 9, 30, 0, 123, time.UTC)

func opened(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func fresh(t *testing.T) *Journal { return opened(t, filepath.Join(t.TempDir(), "journal.db")) }

func queued(j *Journal, name string) Transfer {
	n := j.NextSequence()
	return Transfer{
		ID: fmt.Sprintf("0193-%06d", n), Sequence: n, Connection: "c1", Company: "Acme", Domain: "ecommerce", Scope: "orders",
		Name: name, State: Queued, Path: "Outbox/orders/" + name, Origin: "Outbox/orders/" + name, Size: 12,
		SHA256: strings.Repeat("ab", 31) + fmt.Sprintf("%02x", n%256), Identity: "1:2", ModTime: day, Records: 3,
		CreatedAt: day, UpdatedAt: day,
	}
}

func put(t *testing.T, j *Journal, changes ...Change) {
	t.Helper()
	if err := j.Put(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
}

func TestATransferComesBackAsItWasPut(t *testing.T) {
	j := fresh(t)
	progress := 62.5
	want := queued(j, "orders 100%.json")
	want.State, want.From, want.FileID, want.UploadURL = Sent, ".sending/x", "f1", "https://u"
	want.TrackingURL, want.ResultURL, want.Creations, want.Doubt = "https://t", "https://r", 2, true
	want.RemoteStatus, want.Progress, want.ResultState, want.ResultPath = "übermittelt", &progress, ResultAwaited, "Inbox/results/x"
	want.RefusedRecords, want.Cleared, want.Unready, want.Dismissed = 2, true, true, true
	want.Barred, want.Strikes = true, 4
	want.Problem = &Problem{Code: "syntax", Args: map[string]string{"line": "14"}}
	want.Cause = &Problem{Code: "network"}
	want.Attempts, want.NextAttempt, want.SentAt, want.EndedAt = 3, day.Add(time.Hour), day.Add(1), day.Add(2)
	put(t, j, Added{Transfer: want, Entries: []Entry{{At: day, Kind: "dropped", Args: map[string]string{"records": "3"}}}})

	got, err := j.Transfer(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	line, err := j.Timeline(t.Context(), want.Sequence)
	if err != nil || len(line) != 1 || line[0].Kind != "dropped" || line[0].Args["records"] != "3" || !line[0].At.Equal(day) {
		t.Errorf("timeline %v, %v", line, err)
	}
}

func TestATimelineIsAppendedToAndDoesNotGrowForEver(t *testing.T) {
	j := fresh(t)
	transfer := queued(j, "a.json")
	put(t, j, Added{Transfer: transfer, Entries: []Entry{{At: day, Kind: "dropped"}, {At: day, Kind: "checked"}}})
	put(t, j, Stepped{Transfer: transfer})
	put(t, j, Rewritten{Transfer: transfer, Entries: []Entry{{At: day, Kind: "edited", Args: map[string]string{"text": "two\nlines \"x\""}}}})
	line, err := j.Timeline(t.Context(), transfer.Sequence)
	if err != nil || len(line) != 3 || line[2].Kind != "edited" || line[2].Args["text"] != "two\nlines \"x\"" {
		t.Errorf("%v, %v", line, err)
	}
	long := []Entry{{At: day, Kind: "waiting", Args: map[string]string{"text": strings.Repeat("x", 30_000)}}}
	for range 10 {
		put(t, j, Stepped{Transfer: transfer, Entries: long})
	}
	if line, err = j.Timeline(t.Context(), transfer.Sequence); err != nil || len(line) > 6 {
		t.Errorf("%d lines, %v", len(line), err)
	}
}

func TestAStepLeavesTheContentsNameAlone(t *testing.T) {
	j := fresh(t)
	first := queued(j, "a.json")
	put(t, j, Added{Transfer: first})
	stepped := first
	stepped.State, stepped.SHA256, stepped.Name = Claimed, strings.Repeat("0", 64), "other"
	put(t, j, Stepped{Transfer: stepped})
	got, _ := j.Transfer(t.Context(), first.ID)
	if got.State != Claimed || got.SHA256 != first.SHA256 || got.Name != "a.json" {
		t.Errorf("got %+v", got)
	}
	put(t, j, Rewritten{Transfer: stepped})
	got, _ = j.Transfer(t.Context(), first.ID)
	if got.SHA256 != stepped.SHA256 || got.Name != "other" {
		t.Errorf("after a rewrite got %+v", got)
	}
}

func TestAStepOfATransferThatIsNotThereFails(t *testing.T) {
	j := fresh(t)
	if err := j.Put(t.Context(), Stepped{Transfer: queued(j, "a")}); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Steps are of several statements, by what may change: whatever came before what, the record and what is found by it must
// be as they were put.
func TestAStepFromAnyStateToAnyOtherIsFoundByWhatItIsNow(t *testing.T) {
	states := []State{Queued, Held, Claimed, Created, Sent, Validating, Processing, Accepted, Refused, Unchecked, Unknown, Cancelled}
	j := fresh(t)
	for _, from := range states {
		for _, to := range states {
			transfer := queued(j, "a.json")
			transfer.Connection, transfer.Company = string(from+to), string(from+to)
			transfer.State, transfer.Unready = from, from == Queued
			put(t, j, Added{Transfer: transfer})
			transfer.State, transfer.Unready, transfer.ResultState = to, false, ResultAwaited
			put(t, j, Stepped{Transfer: transfer})
			if got, err := j.Transfer(t.Context(), transfer.ID); err != nil || !reflect.DeepEqual(got, transfer) {
				t.Errorf("%s to %s: got %+v, %v", from, to, got, err)
			}
			depth, err := j.Depth(t.Context(), transfer.Connection, "orders")
			if want := min(int(transfer.Phase()), 1); err != nil || depth[transfer.Phase()] != want || len(depth) != want {
				t.Errorf("%s to %s: depth %v, %v", from, to, depth, err)
			}
			open, err := j.Open(t.Context(), transfer.Company, 0, 10)
			if want := transfer.Phase() != Closed; err != nil || (len(open) == 1) != want {
				t.Errorf("%s to %s: open %v, %v", from, to, open, err)
			}
			heaps, err := j.Heaps(t.Context())
			for _, bucket := range []Bucket{OnTheirWay, NeedsYou, Done} {
				if want := bucket == transfer.Bucket(); err != nil || (heaps[transfer.Company][bucket] == 1) != want {
					t.Errorf("%s to %s: heaps %v, %v", from, to, heaps[transfer.Company], err)
				}
			}
		}
	}
}

// A page more in the log is a write more for each of hundreds of files a second.
func TestAFileOnItsWayCostsFewPagesOfTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	pages := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size() / (4096 + 24)
	}
	transfer := queued(j, "a.json")
	put(t, j, Added{Transfer: transfer})
	for _, step := range []struct {
		state State
		most  int64
	}{
		{Claimed, 2}, // the record, and what its lane finds it by
		{Created, 1},
		{Sent, 1},
		{Processing, 1},
	} {
		before := pages()
		transfer.State = step.state
		put(t, j, Stepped{Transfer: transfer, Entries: []Entry{{At: day, Kind: string(step.state)}}})
		if used := pages() - before; used > step.most {
			t.Errorf("%s: %d pages, want at most %d", step.state, used, step.most)
		}
	}
}

func TestAcknowledgedChangesSurviveACrash(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, filepath.Join(dir, "journal.db"))
	for i := range 50 {
		put(t, j, Added{Transfer: queued(j, fmt.Sprint(i))})
	}
	// What lies on the disk while the journal is open is what a process that is killed now leaves.
	left := t.TempDir()
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		copyFile(t, filepath.Join(dir, name), filepath.Join(left, name))
	}
	after := opened(t, filepath.Join(left, "journal.db"))
	found, err := after.Transfers(t.Context(), Query{})
	if err != nil || len(found) != 50 {
		t.Fatalf("%d transfers, %v", len(found), err)
	}
	if next := after.NextSequence(); next != 51 {
		t.Errorf("next sequence %d", next)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWaitingChangesShareACommit(t *testing.T) {
	j := fresh(t)
	const callers = 64
	batch := make([][]Change, callers)
	for i := range batch {
		batch[i] = []Change{Added{Transfer: queued(j, fmt.Sprint(i))}}
	}
	before := j.Commits()
	for _, err := range putTogether(t, j, batch) {
		if err != nil {
			t.Error(err)
		}
	}
	if made := j.Commits() - before; made > 4 {
		t.Errorf("%d callers took %d commits", callers, made)
	}
}

// waitingSenders counts goroutines that stand in front of the writer.
func waitingSenders(*Journal) int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "journal.(*Journal).ask(") - 1
}

func TestOneBadChangeSpoilsNoOther(t *testing.T) {
	j := fresh(t)
	good, twice := queued(j, "good"), queued(j, "twice")
	put(t, j, Added{Transfer: twice})
	batch := [][]Change{{Added{Transfer: good}}, {Setting{"paused", "yes"}, Added{Transfer: twice}}}
	errs := putTogether(t, j, batch)
	if errs[0] != nil {
		t.Errorf("the good one failed: %v", errs[0])
	}
	if errs[1] == nil {
		t.Error("a transfer was added twice")
	}
	values, err := j.Settings(t.Context())
	if err != nil || len(values) != 0 {
		t.Errorf("half of a failed request is there: %v, %v", values, err)
	}
}

// putTogether lets the writer find all of these waiting, by keeping it busy until they do.
func putTogether(t *testing.T, j *Journal, batch [][]Change) []error {
	t.Helper()
	errs := make([]error, len(batch))
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		j.ask(t.Context(), request{look: func(querier) error { close(started); <-release; return nil }})
	})
	<-started
	for i := range batch {
		all.Go(func() { errs[i] = j.Put(t.Context(), batch[i]...) })
	}
	for waitingSenders(j) < len(batch) {
		runtime.Gosched()
	}
	close(release)
	all.Wait()
	return errs
}

func TestAClosedJournalSaysSo(t *testing.T) {
	j := fresh(t)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Put(t.Context(), Setting{"a", "b"}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyElseMayReadTheFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are the folder's there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	j := opened(t, path)
	put(t, j, Setting{"a", "b"})
	files, _ := os.ReadDir(dir)
	if len(files) < 3 {
		t.Errorf("only %v", files)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestAnyPathCanBeOpened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%20&e=f ü")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	j := opened(t, filepath.Join(dir, "journal.db"))
	put(t, j, Setting{"a", "b"})
	if _, err := os.Stat(filepath.Join(dir, "journal.db")); err != nil {
		t.Error(err)
	}
}

func TestADamagedFileIsToldAsDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a journal", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

func TestTablesOfANewerProgramAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	put(t, j, Setting{"a", "b"})
	j.Close()
	db := single(dsn(path))
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), path, Options{ReadOnly: true}); !errors.Is(err, ErrNewer) {
		t.Errorf("read-only: got %v", err)
	}
}

func TestAReaderBesideTheWriterSeesWhatIsCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	put(t, j, Added{Transfer: queued(j, "a.json")})
	reader, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if found, err := reader.Transfers(t.Context(), Query{}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if err := reader.Put(t.Context(), Setting{"a", "b"}); !errors.Is(err, ErrClosed) {
		t.Errorf("a reader wrote: %v", err)
	}
	j.Close()
	again, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if found, err := again.Transfers(t.Context(), Query{}); err != nil || len(found) != 1 {
		t.Errorf("after the writer closed: %v, %v", found, err)
	}
}

func TestAReaderMakesNoJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if _, err := Open(t.Context(), path, Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("it made one")
	}
}

func TestAJournalInMemoryOutlivesItsHandleInsideABubble(t *testing.T) {
	anchor := single("file:/bubble?vfs=memdb")
	defer anchor.Close()
	if err := anchor.Ping(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		for run := range 2 {
			j, err := Open(t.Context(), "", Options{DSN: "file:/bubble?vfs=memdb"})
			if err != nil {
				t.Fatal(err)
			}
			put(t, j, Added{Transfer: queued(j, fmt.Sprint(run))})
			found, err := j.Next(t.Context(), "c1", "orders", day, 10)
			if err != nil || len(found) != run+1 {
				t.Errorf("run %d: %v, %v", run, found, err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestACallerThatGivesUpWaitingIsNotLeftInDoubt(t *testing.T) {
	j := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := j.Put(ctx, Setting{"a", "b"})
	values, readErr := j.Settings(t.Context())
	if readErr != nil {
		t.Fatal(readErr)
	}
	if (err == nil) != (values["a"] == "b") {
		t.Errorf("Put said %v, the journal holds %v", err, values)
	}
}

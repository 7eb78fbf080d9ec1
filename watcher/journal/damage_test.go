package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// crashed is the folder that a process leaves behind which was killed while it had a journal open: 400 transfers in the
// file, 40 steps in the log.
func crashed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	j := opened(t, filepath.Join(dir, "journal.db"))
	all := make([]Change, 400)
	for i := range all {
		transfer := queued(j, fmt.Sprintf("file %d.json", i))
		transfer.ID = fmt.Sprintf("0193c000-0000-7000-8000-%012d", i)
		all[i] = Added{Transfer: transfer, Entries: []Entry{{At: day, Kind: "dropped"}, {At: day, Kind: "checked"}}}
	}
	put(t, j, all...)
	put(t, j, Listed{List: List{ID: "l1", Company: "Acme", Scope: "products", Path: "Inbox/products/history/1.json"}},
		Marked{Watermark: Watermark{Connection: "c1", Scope: "products", FileID: "f"}}, Linked{Link: Link{Connection: "c1", KeyState: "good"}},
		Renewed{Connection: "c1", Entry: Entry{At: day, Kind: "connected"}}, Setting{"paused", "since"})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = opened(t, filepath.Join(dir, "journal.db"))
	for i := range 40 {
		transfer := all[i].(Added).Transfer
		transfer.State, transfer.Origin, transfer.Path = Sent, transfer.Path, "Sent/2026-11/"+transfer.Name
		put(t, j, Stepped{Transfer: transfer, Entries: []Entry{{At: day, Kind: "sent"}}})
	}
	return taken(t, dir)
}

// taken copies a journal as it lies on the disk just now.
func taken(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	for _, end := range besideEnds {
		if exists(filepath.Join(dir, "journal.db"+end)) {
			copyFile(t, filepath.Join(dir, "journal.db"+end), filepath.Join(left, "journal.db"+end))
		}
	}
	return left
}

// thorough opens a journal as an agent does.
func thorough(t *testing.T, dir string) (*Journal, error) {
	t.Helper()
	j, err := Open(t.Context(), filepath.Join(dir, "journal.db"), Options{Thorough: true})
	if err == nil {
		t.Cleanup(func() { j.Close() })
	}
	return j, err
}

func alter(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, how(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func zeroed(from, to int) func([]byte) []byte {
	return func(data []byte) []byte {
		clear(data[min(from, len(data)):min(to, len(data))])
		return data
	}
}

func cut(n int) func([]byte) []byte { return func(data []byte) []byte { return data[:n] } }

func TestAJournalThatWasKilledIsNotDamaged(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, filepath.Join(dir, "journal.db"))
	for i := range 60 {
		put(t, j, Added{Transfer: queued(j, fmt.Sprint(i))})
		if i%20 == 10 { // the log begins anew
			checkpoint(t, dir)
		}
		after, err := thorough(t, taken(t, dir))
		if err != nil {
			t.Fatalf("after %d: %v", i+1, err)
		}
		if found, err := after.Transfers(t.Context(), Query{}); err != nil || len(found) != i+1 {
			t.Fatalf("after %d: %d transfers, %v", i+1, len(found), err)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkpoint has the database catch up with its log, which begins anew then.
func checkpoint(t *testing.T, dir string) {
	t.Helper()
	db := single(dsn(filepath.Join(dir, "journal.db"), "_pragma=busy_timeout(5000)"))
	_, err := db.Exec("PRAGMA wal_checkpoint(RESTART)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestACommitThatAPowerCutToreIsNoDamage(t *testing.T) {
	dir := crashed(t)
	log := filepath.Join(dir, "journal.db-wal")
	alter(t, log, func(data []byte) []byte { return data[:len(data)-100] })
	if err := os.Remove(filepath.Join(dir, "journal.db-shm")); err != nil { // memory does not outlive a power cut
		t.Fatal(err)
	}
	j, err := thorough(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if sent, err := j.Transfers(t.Context(), Query{States: []State{Sent}}); err != nil || len(sent) != 39 {
		t.Errorf("%d of 39 commits before it, %v", len(sent), err)
	}
}

func TestDamageIsFoundAndWhatIsLeftIsSaved(t *testing.T) {
	const page = 4096
	frame := func(n int) int { return walHeader + n*(frameHeader+page) }
	for name, damage := range map[string]struct {
		file string
		how  func([]byte) []byte
		kept int // transfers at the least
		sent int // of which known to be sent
	}{
		"no database at all":       {"", func([]byte) []byte { return []byte("no database at all") }, 0, 0},
		"the first bytes":          {"", zeroed(0, 24), 400, 40},
		"the first page":           {"", zeroed(0, page), 400, 40},
		"a page in the middle":     {"", zeroed(28*page, 29*page), 340, 30},
		"half a page":              {"", zeroed(28*page+2048, 29*page), 340, 30},
		"cut in the middle":        {"", cut(34 * page), 100, 10},
		"emptied":                  {"", cut(0), 0, 0},
		"the log zeroed":           {walEnd, zeroed(0, 1<<30), 400, 0},
		"the log's header":         {walEnd, zeroed(0, 16), 400, 0},
		"the log cut":              {walEnd, cut(frame(10)), 400, 0},
		"the log cut to nothing":   {walEnd, cut(0), 400, 0},
		"a frame in the log":       {walEnd, zeroed(frame(10)+100, frame(10)+200), 400, 0},
		"an early frame's header":  {walEnd, zeroed(frame(4), frame(4)+8), 400, 0},
		"the log has other things": {walEnd, func(data []byte) []byte { return bytes.Repeat([]byte("other "), len(data)/6) }, 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := crashed(t)
			alter(t, filepath.Join(dir, "journal.db"+damage.file), damage.how)
			was := contents(t, dir)
			if _, err := thorough(t, dir); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("it was opened: %v", err)
			}
			if damage.file == walEnd { // of the database itself a command looks at the beginning only
				if _, err := Open(t.Context(), filepath.Join(dir, "journal.db"), Options{}); !errors.Is(err, ErrCorrupt) {
					t.Fatalf("a command opened it: %v", err)
				}
			}
			for end, data := range was {
				if now, err := os.ReadFile(filepath.Join(dir, "journal.db"+end)); err != nil || !bytes.Equal(now, data) && end != shmEnd {
					t.Errorf("the refusal changed %q, %v", end, err)
				}
			}
			saved(t, dir, damage.kept, damage.sent)
		})
	}
}

func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, end := range besideEnds {
		data, err := os.ReadFile(filepath.Join(dir, "journal.db"+end))
		if err == nil {
			all[end] = data
		}
	}
	return all
}

// saved rescues a journal and looks at what came of it.
func saved(t *testing.T, dir string, kept, sent int) *Journal {
	t.Helper()
	was := contents(t, dir)
	rescued, err := Rescue(t.Context(), filepath.Join(dir, "journal.db"), day, func(r Rescued) []Change {
		return []Change{Setting{"rescued", filepath.Base(r.Aside)}}
	})
	if err != nil {
		t.Fatal(err)
	}
	for end, data := range was {
		if aside, err := os.ReadFile(rescued.Aside + end); err != nil || !bytes.Equal(aside, data) {
			t.Errorf("what was kept aside of %q differs: %v", end, err)
		}
	}
	j, err := thorough(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := j.Transfers(t.Context(), Query{})
	if err != nil || len(found) < kept || len(found) != rescued.Transfers {
		t.Errorf("%d of at least %d transfers are there (%d told), %v", len(found), kept, rescued.Transfers, err)
	}
	known := 0
	for i := range found {
		if !sane(&found[i]) {
			t.Errorf("%+v", found[i])
		}
		if found[i].State == Sent {
			known++
		}
	}
	if known < sent {
		t.Errorf("%d of at least %d are known to be sent", known, sent)
	}
	values, err := j.Settings(t.Context())
	if err != nil || values["rescued"] != "journal.damaged-20261124-093000.db" {
		t.Errorf("%v, %v", values, err)
	}
	if mark, err := j.Watermark(t.Context(), "c1", "products"); err != nil || mark.FileID != "" {
		t.Errorf("a watermark outlived: %+v, %v", mark, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 6 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	return j
}

func TestEverythingElseOfAJournalWithABrokenLogIsSaved(t *testing.T) {
	dir := crashed(t)
	alter(t, filepath.Join(dir, "journal.db-wal"), zeroed(0, 1<<30))
	j := saved(t, dir, 400, 0)
	lists, err := j.Lists(t.Context(), "", 0)
	links, err2 := j.Links(t.Context())
	renewals, err3 := j.Renewals(t.Context(), "c1", 10)
	values, err4 := j.Settings(t.Context())
	if err := errors.Join(err, err2, err3, err4); err != nil || len(lists) != 1 || len(links) != 1 || len(renewals) != 1 || values["paused"] != "since" {
		t.Errorf("%v, %v, %v, %v, %v", lists, links, renewals, values, err)
	}
	if line, err := j.Timeline(t.Context(), 7); err != nil || len(line) != 2 || line[0].Kind != "dropped" {
		t.Errorf("timeline %v, %v", line, err)
	}
	if heaps, err := j.Heaps(t.Context()); err != nil || heaps["Acme"][OnTheirWay] != 400 {
		t.Errorf("%v, %v", heaps, err)
	}
	if next := j.NextSequence(); next != 401 {
		t.Errorf("the next sequence is %d", next)
	}
}

// Wherever random bytes fall: either they change nothing that is read, or they are found; and a rescue always ends well.
func TestRandomDamageAnywhereNeverPanicsAndNeverMakesNonsense(t *testing.T) {
	dir := crashed(t)
	sound := contents(t, dir)
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 30
	if testing.Short() {
		rounds = 10
	}
	found := 0
	for round := range rounds {
		end := []string{"", "", walEnd}[round%3]
		data := bytes.Clone(sound[end])
		at, n := random.IntN(len(data)), 1+random.IntN(512)
		for i := at; i < min(at+n, len(data)); i++ {
			data[i] = byte(random.Uint32())
		}
		broken := t.TempDir()
		for other, was := range sound {
			if other == end {
				was = data
			}
			if err := os.WriteFile(filepath.Join(broken, "journal.db"+other), was, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("round %d: %d bytes at %d of %q", round, n, at, end)
		switch j, err := thorough(t, broken); {
		case err == nil:
			if all, err := j.Transfers(t.Context(), Query{}); err == nil && len(all) != 400 {
				t.Errorf("round %d: %d transfers, and nobody noticed", round, len(all))
			}
			j.Close()
		case errors.Is(err, ErrCorrupt):
			found++
			saved(t, broken, 0, 0).Close()
		default:
			t.Errorf("round %d: %v", round, err)
		}
	}
	t.Logf("%d of %d were found", found, rounds)
	if found < rounds/3 {
		t.Errorf("only %d of %d were found", found, rounds)
	}
}

func TestALogThatIsGoneAfterAKillIsNoticed(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, filepath.Join(dir, "journal.db"))
	put(t, j, Setting{"a", "b"})
	left := taken(t, dir)
	for _, end := range []string{walEnd, shmEnd} {
		if err := os.Remove(filepath.Join(left, "journal.db"+end)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := thorough(t, left); !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := thorough(t, dir); err != nil {
		t.Errorf("after a clean end: %v", err)
	}
}

func TestARescueIsTakenUpWhereItWasInterrupted(t *testing.T) {
	for name, gone := range map[string][]string{"nothing is removed": nil, "the log is": {walEnd, shmEnd}, "all are": besideEnds} {
		t.Run(name, func(t *testing.T) {
			dir := crashed(t)
			path := filepath.Join(dir, "journal.db")
			alter(t, path+walEnd, zeroed(0, 1<<30))
			// As far as the new journal being whole.
			whole := filepath.Join(dir, "journal.rebuilt-20261124-093000.db")
			if err := rewrite(t.Context(), whole, &salvaged{}, []Change{Setting{"rescued", "yes"}}); err != nil {
				t.Fatal(err)
			}
			for _, end := range gone {
				if err := os.Remove(path + end); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("a command does not wait for the agent: %v", err)
			}
			j, err := thorough(t, dir)
			if err != nil {
				t.Fatal(err)
			}
			if values, err := j.Settings(t.Context()); err != nil || values["rescued"] != "yes" || exists(whole) {
				t.Errorf("%v, %v", values, err)
			}
		})
	}
}

func TestARescueThatFailsLeavesEverythingAsItWas(t *testing.T) {
	dir := crashed(t)
	alter(t, filepath.Join(dir, "journal.db-wal"), zeroed(0, 1<<30))
	was := contents(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Rescue(ctx, filepath.Join(dir, "journal.db"), time.Now(), func(Rescued) []Change { return nil }); err == nil {
		t.Fatal("it succeeded")
	}
	for end, data := range contents(t, dir) {
		if !bytes.Equal(was[end], data) {
			t.Errorf("%q has changed", end)
		}
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "journal.db") && !strings.HasPrefix(e.Name(), "journal.damaged-") {
			t.Errorf("left behind: %s, %v", e.Name(), err)
		}
	}
}

func TestDamageThatShowsWhileAJournalIsOpenIsTold(t *testing.T) {
	dir := crashed(t)
	path := filepath.Join(dir, "journal.db")
	j, err := thorough(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-j.Damaged():
		t.Fatal("a whole one is told as damaged")
	default:
	}
	// The disk loses what it holds, and nothing of it is remembered.
	alter(t, path, zeroed(4096, 1<<30))
	if _, err := os.Stat(path + walEnd); err == nil { // else all of it had been written into the journal itself
		alter(t, path+walEnd, zeroed(0, 1<<30))
	}
	for i := int64(1); i <= 400; i++ {
		if _, err := j.Timeline(t.Context(), i); err != nil {
			break
		}
	}
	if _, err := j.Transfers(t.Context(), Query{}); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("got %v", err)
	}
	<-j.Damaged()
	_ = j.Close() // it may fail, and must end
	if _, err := thorough(t, dir); !errors.Is(err, ErrCorrupt) {
		t.Errorf("it is opened as if it were whole: %v", err)
	}
}

func TestTheIndexInMemoryIsReadAsItIs(t *testing.T) {
	dir := crashed(t)
	index, err := readIndex(filepath.Join(dir, "journal.db-shm"))
	log, err2 := readLog(filepath.Join(dir, "journal.db-wal"))
	if err := errors.Join(err, err2); err != nil || index.frames == 0 || index.frames != log.frames || index.salt != log.salt || log.torn != 0 {
		t.Errorf("%+v, %+v, %v", index, log, err)
	}
	alter(t, filepath.Join(dir, "journal.db-shm"), func(data []byte) []byte {
		binary.NativeEndian.PutUint32(data[16:], 1<<20)
		return data
	})
	if index, err := readIndex(filepath.Join(dir, "journal.db-shm")); err != nil || index.frames != 0 {
		t.Errorf("an index that does not hold together is believed: %+v, %v", index, err)
	}
}

// TestAnOpeningThatFailsAfterAKillIsNotTakenForALostLog opens what a kill left with something that fails: the closing that
// follows folds the log into the file.
func TestAnOpeningThatFailsAfterAKillIsNotTakenForALostLog(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, filepath.Join(dir, "journal.db"))
	put(t, j, Setting{"a", "b"})
	beside := single(dsn(filepath.Join(dir, "journal.db")))
	defer beside.Close()
	tables, err := version(t.Context(), beside)
	if err != nil {
		t.Fatal(err)
	}
	setVersion := func(db *sql.DB, to int) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", to)); err != nil {
			t.Fatal(err)
		}
	}
	setVersion(beside, tables+1)
	left := taken(t, dir)
	path := filepath.Join(left, "journal.db")
	if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, ErrNewer) {
		t.Fatal(err)
	}
	db := single(dsn(path))
	setVersion(db, tables)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := thorough(t, left)
	if err != nil {
		t.Fatal(err)
	}
	if values, err := again.Settings(t.Context()); err != nil || values["a"] != "b" {
		t.Errorf("%v, %v", values, err)
	}
}

package watcher

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// whole is the home's journal as it lies on the disk while the engine runs: what a kill leaves.
func (r *rig) whole() map[string][]byte {
	r.t.Helper()
	files := map[string][]byte{}
	for _, end := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(filepath.Join(r.home, journalFile+end))
		if err == nil {
			files[end] = data
		}
	}
	return files
}

// layJournal lays a journal down that was taken with whole.
func (r *rig) layJournal(files map[string][]byte) {
	r.t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		path := filepath.Join(r.home, journalFile+end)
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			r.t.Fatal(err)
		}
		if data, there := files[end]; there {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

// told is what a person is told of no company.
func (r *rig) told() string {
	r.t.Helper()
	o, err := r.Overview(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var codes []string
	for _, p := range o.Problems {
		codes = append(codes, p.Code)
	}
	return strings.Join(codes, " ")
}

func TestADamagedJournalIsRebuiltAndAPersonIsTold(t *testing.T) {
	for name, damage := range map[string]func(map[string][]byte){
		"no database":      func(f map[string][]byte) { f[""] = []byte("gone") },
		"emptied":          func(f map[string][]byte) { f[""] = nil },
		"its log is gone":  func(f map[string][]byte) { delete(f, "-wal"); delete(f, "-shm") },
		"its log is empty": func(f map[string][]byte) { f["-wal"] = nil },
		"its log is zero":  func(f map[string][]byte) { clear(f["-wal"]) },
		"its log is cut":   func(f map[string][]byte) { f["-wal"] = f["-wal"][:len(f["-wal"])/2] },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slow, func(t *testing.T, r *rig) {
				r.start()
				r.pass(time.Second)
				done, flying, waiting := orders(1, 1), orders(100, 1), orders(200, 1)
				r.drop(acme, "Outbox/orders/done.json", done)
				r.drain()
				r.stop()
				r.start() // so that some of it is in the database and some in the log
				r.drop(acme, "Outbox/orders/flying.json", flying)
				r.drop(acme, "Outbox/orders/waiting.json", waiting)
				r.pass(5 * time.Second)
				files := r.whole()
				r.stop()
				damage(files)
				r.layJournal(files)

				r.start()
				if told := r.told(); told != "journalRebuilt" {
					t.Errorf("told %q", told)
				}
				r.drain()
				r.invariants(acme, [][]byte{done, flying, waiting}, false)
				kept, err := filepath.Glob(filepath.Join(r.home, "journal.damaged-*.db"))
				if err != nil || len(kept) != 1 {
					t.Errorf("kept aside: %v, %v", kept, err)
				}

				// The same once more is noticed.
				r.drop(acme, "Outbox/orders/again.json", done)
				r.pass(time.Minute)
				if again := r.named("again.json"); again.State != journal.Held {
					t.Errorf("the same content is %s", again.State)
				}
				r.rescue.at = r.rescue.at.Add(-rescuedFor)
				if told := r.told(); told != "" {
					t.Errorf("still told %q", told)
				}
			})
		})
	}
}

func TestACommandLeavesADamagedJournalToTheAgent(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		files := r.whole()
		r.stop()
		clear(files["-wal"])
		r.layJournal(files)
		options := r.options
		options.Agent = false
		_, err := Open(t.Context(), options)
		told, is := errors.AsType[*ProblemError](err)
		if !is || told.Problem.Code != "journalDamaged" {
			t.Errorf("got %v", err)
		}
		if after := r.whole(); !bytes.Equal(after["-wal"], files["-wal"]) || !bytes.Equal(after[""], files[""]) {
			t.Error("it was changed")
		}
	})
}

// A journal that is older than what happened is the worst of it: by its word files would be sent that are at the platform.
func TestAfterAJournalFellBackNothingIsSentTwice(t *testing.T) {
	for _, age := range []time.Duration{time.Second, 11 * time.Second, 40 * time.Second} {
		t.Run(age.String(), func(t *testing.T) {
			inBubble(t, sandbox.Options{Pace: 10 * time.Second}, func(t *testing.T, r *rig) {
				r.start()
				r.pass(time.Second)
				var contents [][]byte
				for i := range 4 {
					contents = append(contents, orders(1+100*i, 1))
					r.drop(acme, "Outbox/orders/"+string(rune('a'+i))+".json", contents[i])
				}
				r.pass(age)
				early := r.whole()
				r.pass(30 * time.Second)
				late := r.whole()
				r.stop()
				// The old log under the new index: as a disk leaves it that lost what it was told to keep.
				late["-wal"] = early["-wal"][:len(early["-wal"])-4096]
				r.layJournal(late)
				r.start()
				r.drain()
				r.invariants(acme, contents, false)
			})
		})
	}
}

func TestRandomDamageNeverLosesOrDoublesAFile(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	rounds := 8
	if testing.Short() {
		rounds = 4
	}
	for range rounds {
		seed := random.Uint64()
		inBubble(t, slow, func(t *testing.T, r *rig) {
			random := rand.New(rand.NewPCG(seed, 1))
			r.start()
			r.pass(time.Second)
			var contents [][]byte
			for i := range 6 {
				contents = append(contents, orders(1+100*i, 1))
				r.drop(acme, "Outbox/orders/"+string(rune('a'+i))+".json", contents[i])
			}
			r.pass(time.Duration(random.IntN(90)) * time.Second)
			files := r.whole()
			r.stop()
			end := []string{"", "-wal"}[random.IntN(2)]
			if data := files[end]; random.IntN(4) == 0 {
				files[end] = data[:random.IntN(len(data))]
			} else {
				at := random.IntN(len(data))
				for i := at; i < min(len(data), at+1+random.IntN(2000)); i++ {
					data[i] = byte(random.Uint32())
				}
			}
			r.layJournal(files)
			r.start()
			r.drain()
			r.invariants(acme, contents, false)
			if t.Failed() {
				t.Logf("seed %d, %q\n%s", seed, end, r.log)
			}
		})
	}
}

// spoilt is a journal that turns out to be damaged while it is open.
type spoilt struct {
	Journal

	damaged chan struct{}
}

func (s spoilt) Damaged() <-chan struct{} { return s.damaged }

func TestARunEndsWhenItsJournalTurnsOutToBeDamaged(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		damaged := make(chan struct{})
		r.options.Journal = func(ctx context.Context) (Journal, error) {
			j, err := journal.Open(ctx, filepath.Join(r.home, journalFile), journal.Options{})
			return spoilt{j, damaged}, err
		}
		e, err := Open(t.Context(), r.options)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { close(damaged) })
		began := time.Now()
		err = e.Run(t.Context())
		told, is := errors.AsType[*ProblemError](err)
		if !is || !errors.Is(err, ErrJournalDamaged) || told.Problem.Code != "journalDamaged" || time.Since(began) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestADamagedJournalThatCannotBeSetAsideStopsTheAgentInWords(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, journalFile)
	if err := os.WriteFile(file, []byte("no journal at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := &Engine{options: Options{Home: home, Agent: true}.fill(), now: time.Now}
	e.log = e.options.Logger
	told, is := errors.AsType[*ProblemError](e.openJournal(ctx))
	if !is || told.Problem.Code != "journalUnsaved" || !errors.Is(told, journal.ErrCorrupt) {
		t.Errorf("got %v", told)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "no journal at all" {
		t.Errorf("it is %q, %v", text, err)
	}
}

func TestADamagedJournalWithoutRoomForACopyIsRefusedInWords(t *testing.T) {
	e := &Engine{options: Options{Home: "/home/desk", Agent: true, Journal: func(context.Context) (Journal, error) {
		return nil, errors.Join(journal.ErrFull, journal.ErrCorrupt)
	}}}
	told, is := errors.AsType[*ProblemError](e.openJournal(t.Context()))
	if !is || told.Problem.Code != "diskFull" {
		t.Errorf("got %v", told)
	}
}

package watcher

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// powerCut stops the engine as the power's end would: it had no time to say that it ended.
func (r *rig) powerCut() {
	r.t.Helper()
	r.stop()
	r.change(journal.Setting{Key: settingAlive, Value: time.Now().UTC().Format(time.RFC3339)})
}

// change puts something into the journal of an engine that does not run.
func (r *rig) change(changes ...journal.Change) {
	r.t.Helper()
	j, err := journal.Open(r.t.Context(), filepath.Join(r.home, journalFile), journal.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := j.Put(r.t.Context(), changes...); err != nil {
		r.t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// move moves a file of a company by hand.
func (r *rig) move(company, from, to string) {
	r.t.Helper()
	root := filepath.Join(r.desk, company)
	if err := os.MkdirAll(filepath.Dir(filepath.Join(root, to)), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, from), filepath.Join(root, to)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) only(want int) {
	r.t.Helper()
	found, err := r.journal.Transfers(r.t.Context(), journal.Query{})
	if err != nil || len(found) != want {
		r.t.Errorf("%d transfers, want %d; %v\n%s", len(found), want, err, r.log)
	}
}

func TestRenamesThatAPowerCutUndidAreMadeAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration // how far the journey is when the power goes
		back string        // where the file is found then
	}{
		{"sent, found aside", 5 * time.Second, "aside"},
		{"sent, found where it was dropped", 5 * time.Second, "Outbox/orders/a.json"},
		{"accepted, found aside", time.Hour, "aside"},
		{"accepted, found where it was dropped", time.Hour, "Outbox/orders/a.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, slow, func(t *testing.T, r *rig) {
				r.start()
				content := orders(1, 1)
				r.drop(acme, "Outbox/orders/a.json", content)
				r.pass(c.wait)
				sent := r.named("a.json")
				back := c.back
				if back == "aside" {
					back = courier.Aside(sent.ID)
				}
				r.powerCut()
				r.change(journal.Stepped{Transfer: func() journal.Transfer { sent.UpdatedAt = time.Now().UTC(); return sent }()})
				r.move(acme, sent.Path, back)
				r.start()
				r.drain()
				r.expect("a.json", journal.Accepted)
				r.only(1)
				r.invariants(acme, [][]byte{content}, true)
				if places := r.places(acme)[hashOf(content)]; len(places) != 1 || places[0] != sent.Path {
					t.Errorf("it lies at %v", places)
				}
			})
		})
	}
}

func TestARenameThatAPowerCutUndidIsMadeAgainWhileItsResultIsAwaited(t *testing.T) {
	inBubble(t, sandbox.Options{ResultDelay: time.Hour}, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(5 * time.Second)
		sent := r.expect("a.json", journal.Accepted)
		r.powerCut()
		r.move(acme, sent.Path, courier.Aside(sent.ID))
		r.start()
		r.pass(5 * time.Second)
		if places := r.places(acme)[hashOf(content)]; len(places) != 1 || places[0] != sent.Path {
			t.Errorf("it lies at %v", places)
		}
		r.pass(3 * time.Hour)
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestAFileDraggedBackFromSentAfterACleanEndIsANewDrop(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Hour)
		sent := r.expect("a.json", journal.Accepted)
		r.stop()
		r.move(acme, sent.Path, "Outbox/orders/a.json")
		r.start()
		r.pass(time.Minute)
		if again := r.expect("a.json", journal.Held); again.ID == sent.ID {
			t.Error("it is the same transfer")
		}
		r.only(2)
	})
}

func TestAFileAsideThatTheJournalDoesNotKnowIsForAPersonToDecide(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		content := orders(1, 1)
		if err := os.MkdirAll(filepath.Join(r.desk, acme, "Outbox/.sending"), 0o700); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/.sending/0193-lost", content)
		r.start()
		r.pass(time.Minute)
		stray := r.expect("0193-lost.json", journal.Unknown)
		if stray.Problem == nil || stray.Problem.Code != "fileStray" || len(r.platform.Files()) != 0 {
			t.Errorf("%+v", stray)
		}
		if files := r.files(acme); files != "Sent/Unclear/0193-lost.json\nSent/Unclear/0193-lost.unclear.txt" {
			t.Errorf("files:\n%s", files)
		}
		if err := r.Resolve(t.Context(), stray.ID, false, ""); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAClaimThatWasNotWrittenDownGoesOn(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(10 * time.Second)
		queued := r.expect("a.json", journal.Queued)
		r.powerCut()
		r.move(acme, queued.Path, courier.Aside(queued.ID))
		r.start()
		r.pass(time.Minute)
		r.expect("a.json", journal.Queued)
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drain()
		r.expect("a.json", journal.Accepted)
		r.only(1)
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestWhatAnEarlierConnectionLeftGoesOnOverTheNewOne(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		contents := [][]byte{orders(1, 1), orders(100, 1)}
		r.drop(acme, "Outbox/orders/a.json", contents[0])
		r.pass(10 * time.Second)
		r.stop()
		old := filepath.Join(r.home, "connections", "connectionacmeltd.json")
		var record accountRecord
		if err := readKept(disk.OS(), old, &record); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
		record.ID, record.Vault = "connectionanew", "connectionacmeltd"
		if err := writeKept(disk.OS(), filepath.Join(r.home, "connections", "connectionanew.json"), record); err != nil {
			t.Fatal(err)
		}
		r.start()
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/b.json", contents[1])
		r.drain()
		r.expect("a.json", journal.Accepted)
		r.expect("b.json", journal.Accepted)
		r.invariants(acme, contents, true)
	})
}

// With a platform that takes files in one step nobody can tell a lost answer from a lost file.
func TestInOneStepALostAnswerIsForAPersonToDecide(t *testing.T) {
	profile := sage.DefaultProfile()
	profile.Upload = sage.OneStep
	o := slow
	o.Profile = profile
	inBubble(t, o, func(t *testing.T, r *rig) {
		path := filepath.Join(r.home, "profile.json")
		if err := os.WriteFile(path, []byte(`{"upload":"one-step"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		r.reprofile(path)
		r.start()
		contents := [][]byte{orders(1, 1), orders(100, 1)}
		r.platform.AddFault(sandbox.Fault{Kind: sandbox.FaultDropAnswer, Op: sandbox.OpCreate, Times: 1})
		r.drop(acme, "Outbox/orders/lost.json", contents[0])
		r.pass(10 * time.Minute)
		lost := r.expect("lost.json", journal.Unknown)
		if lost.Problem.Code != "answerLost" {
			t.Errorf("%v", lost.Problem)
		}
		r.drop(acme, "Outbox/orders/fine.json", contents[1])
		r.pass(2 * time.Hour)
		r.expect("fine.json", journal.Accepted)
		if n := len(r.platform.Files()); n != 2 {
			t.Errorf("the platform has %d files", n)
		}
		r.invariants(acme, contents, false)
		note, err := os.ReadFile(filepath.Join(r.desk, acme, "Sent/Unclear/lost.unclear.txt"))
		if err != nil || !strings.Contains(string(note), "lost.json") {
			t.Errorf("%q, %v", note, err)
		}
	})
}

// reprofile has the company's connection use a profile.
func (r *rig) reprofile(path string) {
	r.t.Helper()
	file := filepath.Join(r.home, "connections", "connectionacmeltd.json")
	var record accountRecord
	if err := readKept(disk.OS(), file, &record); err != nil {
		r.t.Fatal(err)
	}
	record.Profile = path
	if err := writeKept(disk.OS(), file, record); err != nil {
		r.t.Fatal(err)
	}
}

func TestWithoutAnAgentACommandAnswersForAFile(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(time.Hour)
		r.drop(acme, "Outbox/orders/b.json", content)
		r.pass(time.Minute)
		held := r.expect("b.json", journal.Held)
		options := r.options
		options.Agent = false
		e, err := Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Resolve(t.Context(), held.ID, false, ""); err == nil {
			t.Error("it answered beside the agent")
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		r.stop()
		e, err = Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Resolve(t.Context(), held.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		page, err := e.Transfers(t.Context(), Query{States: []journal.State{journal.Cancelled}})
		if err != nil || len(page.Transfers) != 1 {
			t.Errorf("%+v, %v", page, err)
		}
		if files := r.files(acme); !strings.Contains(files, "Outbox/Held/b.json") {
			t.Errorf("files:\n%s", files)
		}
		if err := e.Run(t.Context()); err == nil {
			t.Error("it ran")
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAFileThatWasMovedUnnotedIsTriedAgainFromWhereItIs(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", []byte(`no JSON at all`))
		r.pass(10 * time.Minute)
		refused := r.expect("a.json", journal.Unchecked)
		r.stop()
		refused.From = "Outbox/orders/a.json" // it was moved, and the journal's disk was full just then
		r.change(journal.Stepped{Transfer: refused})
		options := r.options
		options.Agent = false
		e, err := Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Retry(t.Context(), refused.ID); err != nil {
			t.Fatal(err)
		}
		tried, err := e.Transfer(t.Context(), refused.ID)
		if err != nil || tried.State != journal.Queued || !strings.HasSuffix(tried.Path, "Outbox/orders/a.json") {
			t.Errorf("it is %s at %s: %v", tried.State, tried.Path, err)
		}
		if files := r.files(acme); !strings.Contains(files, "Outbox/orders/a.json") {
			t.Errorf("files:\n%s", files)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

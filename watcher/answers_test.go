package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

func TestTheSameContentIsHeldUntilAPersonAnswers(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 2)
		r.drop(acme, "Outbox/orders/monday.json", content)
		r.pass(10 * time.Minute)
		r.drop(acme, "Outbox/orders/tuesday.json", content)
		r.drop(acme, "Outbox/orders/wednesday.json", content)
		r.drop(acme, "Outbox/orders/other.json", orders(500, 1))
		r.pass(10 * time.Minute)
		held := r.expect("tuesday.json", journal.Held)
		left := r.expect("wednesday.json", journal.Held)
		r.expect("other.json", journal.Accepted)
		if held.Problem == nil || held.Problem.Code != "duplicate" || held.Problem.Args["other"] != "monday.json" {
			t.Errorf("held for %v", held.Problem)
		}
		if err := r.Resolve(t.Context(), left.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		if err := r.Resolve(t.Context(), held.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		r.pass(10 * time.Minute)
		r.expect("tuesday.json", journal.Accepted)
		r.expect("wednesday.json", journal.Cancelled)
		if files := r.files(acme); !strings.Contains(files, "Outbox/Held/wednesday.json") {
			t.Errorf("files:\n%s", files)
		}
		if n := len(r.platform.Files()); n != 3 {
			t.Errorf("the platform has %d files", n)
		}
	})
}

func TestAFileWhoseScopeIsNotClearWaitsForAPersonsWord(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/clear.json", orders(1, 1))
		r.drop(acme, "Outbox/what.json", []byte(`[{"colour":"green"}]`))
		r.pass(10 * time.Minute)
		r.expect("clear.json", journal.Accepted)
		held := r.expect("what.json", journal.Held)
		if held.Problem == nil || held.Problem.Code != "scopeUnclear" || held.Scope != "" {
			t.Errorf("held %+v", held)
		}
		if err := r.Resolve(t.Context(), held.ID, true, ""); !errors.Is(err, ErrInvalid) {
			t.Errorf("without a scope: %v", err)
		}
		if err := r.Resolve(t.Context(), held.ID, true, "orders"); err != nil {
			t.Fatal(err)
		}
		r.pass(10 * time.Minute)
		r.expect("what.json", journal.Unchecked) // it is no file of orders, and now that is known
	})
}

func TestPausedFilesWaitAndWhatWasSentIsFollowed(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(5 * time.Second)
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/b.json", orders(100, 1))
		r.pass(time.Hour)
		r.expect("a.json", journal.Accepted)
		waiting := r.expect("b.json", journal.Queued)
		shown, err := r.Transfer(t.Context(), waiting.ID)
		if err != nil || shown.Waits == nil || shown.Waits.Code != "paused" {
			t.Errorf("waits %v, %v", shown.Waits, err)
		}
		r.stop()
		r.start()
		r.pass(time.Hour)
		r.expect("b.json", journal.Queued)
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		r.expect("b.json", journal.Accepted)
	})
}

func TestAQueuedFileCanBeTakenBackEditedAndRemoved(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"back.json", "edited.json", "removed.json", "broken.json", "stays.json"} {
			r.drop(acme, "Outbox/orders/"+name, orders(1+100*i, 1))
		}
		r.pass(10 * time.Second)
		if err := r.Cancel(t.Context(), r.expect("back.json", journal.Queued).ID); err != nil {
			t.Fatal(err)
		}
		edited := orders(900, 2)
		was := r.named("edited.json")
		r.drop(acme, "Outbox/orders/edited.json", edited)
		r.drop(acme, "Outbox/orders/broken.json", []byte(`[{]`))
		if err := os.Remove(filepath.Join(r.desk, acme, "Outbox/orders/removed.json")); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Minute)
		r.expect("back.json", journal.Cancelled)
		r.expect("removed.json", journal.Cancelled)
		r.expect("broken.json", journal.Unchecked)
		if now := r.expect("edited.json", journal.Queued); now.ID != was.ID || now.SHA256 != hashOf(edited) || now.Sequence != was.Sequence {
			t.Errorf("edited: %+v", now)
		}
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		got := r.expect("edited.json", journal.Accepted)
		if got.ID != was.ID || len(r.platform.Files()) != 2 {
			t.Errorf("the platform has %d files", len(r.platform.Files()))
		}
		files := r.files(acme)
		if !strings.Contains(files, "Outbox/Held/back.json") || strings.Contains(files, "Outbox/orders") {
			t.Errorf("files:\n%s", files)
		}
	})
}

func TestAFileThatIsDraggedOutOfHeldIsANewDrop(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(10 * time.Second)
		first := r.named("a.json")
		if err := r.Cancel(t.Context(), first.ID); err != nil {
			t.Fatal(err)
		}
		r.pass(10 * time.Second)
		if err := os.Rename(filepath.Join(r.desk, acme, "Outbox/Held/a.json"), filepath.Join(r.desk, acme, "Outbox/orders/a.json")); err != nil {
			t.Fatal(err)
		}
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(10 * time.Minute)
		if again := r.expect("a.json", journal.Accepted); again.ID == first.ID {
			t.Error("it is the same transfer")
		}
	})
}

func TestARenameInOutboxIsTheSameTransfer(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(10 * time.Second)
		first := r.named("a.json")
		if err := os.Rename(filepath.Join(r.desk, acme, "Outbox/orders/a.json"), filepath.Join(r.desk, acme, "Outbox/orders/b.json")); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Minute)
		if now := r.expect("b.json", journal.Queued); now.ID != first.ID {
			t.Errorf("another transfer: %+v", now)
		}
	})
}

func TestARefusedFileCanBeTriedAgain(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.platform.EndNext(sandbox.Failed); err != nil {
			t.Fatal(err)
		}
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(2 * time.Hour)
		refused := r.expect("a.json", journal.Refused)
		if err := r.Retry(t.Context(), refused.ID); err != nil {
			t.Fatal(err)
		}
		r.pass(2 * time.Hour)
		if got := r.expect("a.json", journal.Accepted); got.ID != refused.ID {
			t.Error("it became another transfer")
		}
		if n := len(r.platform.Files()); n != 2 {
			t.Errorf("the platform has %d records", n)
		}
	})
}

func TestAnAcceptedFileIsSentASecondTimeOnlyWhenAskedTo(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Hour)
		first := r.expect("a.json", journal.Accepted)
		if err := r.SendAgain(t.Context(), first.ID); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		page, err := r.Transfers(t.Context(), Query{})
		if err != nil || len(page.Transfers) != 2 || page.Transfers[0].State != journal.Accepted {
			t.Fatalf("%+v, %v\n%s", page, err, r.log)
		}
		if n := len(r.platform.Files()); n != 2 {
			t.Errorf("the platform has %d files", n)
		}
		files := r.files(acme)
		if !strings.Contains(files, "Sent/"+month()+"/a (2).json") || !strings.Contains(files, "Inbox/results/a (2).result.json") {
			t.Errorf("files:\n%s", files)
		}
	})
}

func TestFilesAreAddedAsCopies(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Second)
		from := t.TempDir()
		if err := os.MkdirAll(filepath.Join(from, "folder", "deeper"), 0o700); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"one.json", "folder/two.json", "folder/deeper/three.json", "folder/picture.png"} {
			if err := os.WriteFile(filepath.Join(from, name), orders(1+100*i, 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := r.AddFiles(t.Context(), acme, "", []string{filepath.Join(from, "one.json"), filepath.Join(from, "folder"), filepath.Join(from, "none.json")})
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("a file that is not there: %v", err)
		}
		r.pass(time.Hour)
		for _, name := range []string{"one.json", "two.json", "three.json"} {
			r.expect(name, journal.Accepted)
		}
		if _, err := os.Stat(filepath.Join(from, "one.json")); err != nil {
			t.Errorf("the original is gone: %v", err)
		}
		if err := r.AddFiles(t.Context(), "nobody", "", nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown company: %v", err)
		}
	})
}

package outbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postroom/watcher/disk"
)

// heard waits for a notice that fits.
func heard(t *testing.T, notices <-chan Notice, fits func(Notice) bool) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case n := <-notices:
			if fits(n) {
				return
			}
		case <-timeout:
			t.Fatal("never heard")
		}
	}
}

func named(name string) func(Notice) bool {
	return func(n Notice) bool { return n.Name == name && !n.Lost }
}

func newNotifier(t *testing.T) *Notifier {
	t.Helper()
	n, err := NewNotifier(nil)
	if err != nil {
		t.Skip("no events here:", err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestTheNotifierTellsWhatHappensInAFolder(t *testing.T) {
	n := newNotifier(t)
	dir, elsewhere := t.TempDir(), t.TempDir()
	notices := make(chan Notice, 1000)
	stop, err := n.Watch(dir+string(filepath.Separator), func(n Notice) { notices <- n })
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "a.json")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	heard(t, notices, named("a.json"))
	if err := os.WriteFile(filepath.Join(elsewhere, "b.json"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(elsewhere, "b.json"), filepath.Join(dir, "b.json")); err != nil {
		t.Fatal(err)
	}
	heard(t, notices, named("b.json"))
	if _, err := n.Watch(dir, func(Notice) {}); err == nil {
		t.Error("watched twice")
	}
	stop()
	stop()
	stop, err = n.Watch(dir, func(n Notice) { notices <- n })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	heard(t, notices, named("a.json"))
}

func TestTheNotifierTellsThatAWatchedFolderIsGone(t *testing.T) {
	n := newNotifier(t)
	dir := filepath.Join(t.TempDir(), "orders")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	notices := make(chan Notice, 1000)
	stop, err := n.Watch(dir, func(n Notice) { notices <- n })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	heard(t, notices, func(n Notice) bool { return n.Lost })
}

func TestTheNotifierTellsEveryoneThatEventsWereLost(t *testing.T) {
	n := newNotifier(t)
	notices := make(chan Notice, 10)
	for range 3 {
		stop, err := n.Watch(t.TempDir(), func(n Notice) { notices <- n })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	n.lost()
	for range 3 {
		heard(t, notices, func(n Notice) bool { return n.Lost })
	}
	if _, err := n.Watch(filepath.Join(t.TempDir(), "none"), func(Notice) {}); err == nil {
		t.Error("a folder that is not there is watched")
	}
}

// real is a Watcher on a real folder with real events.
func real(tb testing.TB, scopes []Scope, deliver func(context.Context, []Finding) error) (dir string, w *Watcher) {
	tb.Helper()
	dir = tb.TempDir()
	for _, s := range scopes {
		if err := disk.OS().MkdirAll(filepath.Join(dir, Folder, s.Name)); err != nil {
			tb.Fatal(err)
		}
	}
	n, err := NewNotifier(nil)
	if err != nil {
		tb.Skip("no events here:", err)
	}
	w, err = New(Options{FS: disk.OS(), Events: n, Checker: checker(), Folder: dir, Scopes: scopes, Ignore: DefaultIgnore(), Deliver: deliver})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		<-done
		if err := n.Close(); err != nil {
			tb.Error(err)
		}
	})
	return dir, w
}

func TestARealDropIsTold(t *testing.T) {
	found := make(chan Finding, 10)
	dir, _ := real(t, both, func(_ context.Context, all []Finding) error {
		for _, f := range all {
			found <- f
		}
		return nil
	})
	want := func(kind Kind, path string) Finding {
		t.Helper()
		select {
		case f := <-found:
			if f.Kind != kind || f.Path != path {
				t.Fatalf("told %+v, want %v %s", f, kind, path)
			}
			return f
		case <-time.After(20 * time.Second):
			t.Fatalf("%v %s was never told", kind, path)
		}
		return Finding{}
	}
	name := filepath.Join(dir, Folder, "orders", "a.json")
	if err := os.WriteFile(name, []byte(text([]any{order("1")})), 0o600); err != nil {
		t.Fatal(err)
	}
	want(Settled, "Outbox/orders/a.json")
	if err := os.Rename(name, filepath.Join(dir, Folder, "b.json")); err != nil {
		t.Fatal(err)
	}
	want(Settled, "Outbox/b.json")
	want(Gone, "Outbox/orders/a.json")
	if err := os.RemoveAll(filepath.Join(dir, Folder, "orders")); err != nil {
		t.Fatal(err)
	}
	for _, err := os.Stat(filepath.Join(dir, Folder, "orders")); err != nil; _, err = os.Stat(filepath.Join(dir, Folder, "orders")) {
		<-time.After(10 * time.Millisecond) // until the folder is made again
	}
	if err := os.WriteFile(name, []byte(text([]any{order("2")})), 0o600); err != nil {
		t.Fatal(err)
	}
	want(Settled, "Outbox/orders/a.json")
}

// BenchmarkDrops is how fast files of 2 KB go through, from the drop to the telling: 8 folders, real events, the
// contract check and the hash included.
func BenchmarkDrops(b *testing.B) {
	const folders = 8
	var scopes []Scope
	for i := range folders {
		scopes = append(scopes, Scope{Name: fmt.Sprint("orders", i), Contract: "order"})
	}
	told := make(chan int, 1000)
	dir, _ := real(b, scopes, func(_ context.Context, found []Finding) error {
		for _, f := range found {
			if f.Kind != Settled {
				b.Errorf("told %+v", f)
			}
		}
		told <- len(found)
		return nil
	})
	content := []byte(text([]any{order("1"), order("2")}))
	b.SetBytes(int64(len(content)))
	b.ReportMetric(float64(len(content)), "bytes/file")
	b.ResetTimer()
	for i := range b.N {
		name := filepath.Join(dir, Folder, fmt.Sprint("orders", i%folders), fmt.Sprint(i, ".json"))
		if err := os.WriteFile(name, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for n := 0; n < b.N; n += <-told {
	}
}

// BenchmarkLatency is how long an idle Watcher takes to tell a file of 2 KB after its last byte.
func BenchmarkLatency(b *testing.B) {
	for _, way := range []string{"write", "rename", "rename of an older file"} {
		b.Run(way, func(b *testing.B) {
			told := make(chan struct{}, 10)
			dir, _ := real(b, both[:1], func(context.Context, []Finding) error { told <- struct{}{}; return nil })
			content := []byte(text([]any{order("1"), order("2")}))
			i := 0
			for b.Loop() {
				i++
				name := filepath.Join(dir, Folder, "orders", fmt.Sprint(i, ".json"))
				at := name
				if way != "write" {
					at += ".part"
				}
				if err := os.WriteFile(at, content, 0o600); err != nil {
					b.Fatal(err)
				}
				if way == "rename of an older file" {
					then := time.Now().Add(-3 * time.Second)
					if err := os.Chtimes(at, then, then); err != nil {
						b.Fatal(err)
					}
				}
				if at != name {
					if err := os.Rename(at, name); err != nil {
						b.Fatal(err)
					}
				}
				<-told
			}
		})
	}
}

package outbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"postroom/watcher/disk"
)

const benchMany = 100_000

// BenchmarkSweep tells what one sweep of an Outbox with 100,000 files takes: the first, which looks at each, and those
// after it, which read all names and look at few files; and how much memory a file costs that the engine knows of.
func BenchmarkSweep(b *testing.B) {
	folder := b.TempDir()
	fillOutbox(b, folder, benchMany)
	full := filepath.Join(folder, filepath.FromSlash(Folder), "orders")
	before := heapInUse()
	b.Run("first", func(b *testing.B) {
		var took sweepTimes
		for b.Loop() {
			took.of(sweeping(b, folder, nil).sweepAll)
		}
		took.report(b)
	})
	b.Run("known", func(b *testing.B) {
		w := sweeping(b, folder, knownIn(b, full))
		held := heapInUse() - before
		var took sweepTimes
		for b.Loop() {
			took.of(w.sweepAll)
		}
		b.ReportMetric(float64(held)/benchMany, "B/file")
		took.report(b)
		runtime.KeepAlive(w)
	})
}

// sweepTimes are what sweeps took: by the clock, of which the quickest says most on a busy machine, and of the processors.
type sweepTimes struct {
	all, least, processor time.Duration
}

func (s *sweepTimes) of(sweep func()) {
	began, used := time.Now(), processTime()
	sweep()
	took := time.Since(began)
	s.all += took
	s.processor += processTime() - used
	if s.least == 0 || took < s.least {
		s.least = took
	}
}

func (s *sweepTimes) report(b *testing.B) {
	n := float64(b.N) * float64(time.Millisecond)
	b.ReportMetric(float64(s.all)/n, "ms")
	b.ReportMetric(float64(s.least)/float64(time.Millisecond), "least-ms")
	b.ReportMetric(float64(s.processor)/n, "cpu-ms")
	b.ReportMetric(0, "ns/op")
}

// fillOutbox makes an Outbox with so many files of a few contents.
func fillOutbox(b *testing.B, folder string, files int) {
	b.Helper()
	orders := filepath.Join(folder, Folder, "orders")
	if err := os.MkdirAll(orders, 0o700); err != nil {
		b.Fatal(err)
	}
	source := ""
	for i := range files {
		name := filepath.Join(orders, fmt.Sprintf("order %d of November.json", i))
		var err error
		if i%10_000 == 0 {
			source = name
			err = os.WriteFile(name, []byte(`[]`), 0o600)
		} else {
			err = os.Link(source, name) // a tenth of the time that a file of its own takes to be made
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// knownIn is what the journal would know of a folder's files.
func knownIn(b *testing.B, full string) []Known {
	b.Helper()
	fsys := disk.OS()
	entries, err := fsys.ReadDir(full)
	if err != nil {
		b.Fatal(err)
	}
	known := make([]Known, len(entries))
	for i, e := range entries {
		info, err := fsys.Lstat(filepath.Join(full, e.Name))
		if err != nil {
			b.Fatal(err)
		}
		known[i] = Known{Path: Folder + "/orders/" + e.Name, Info: info}
	}
	return known
}

// sweeping is a Watcher as it is when Run begins, without what tells others.
func sweeping(b *testing.B, folder string, known []Known) *Watcher {
	b.Helper()
	w, err := New(Options{
		FS: disk.OS(), Checker: checker(), Folder: folder, Scopes: []Scope{{Name: "orders", Contract: "orders"}}, Known: known,
		Deliver: func(context.Context, []Finding) error { return nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	w.start, w.clock = time.Now(), readClock(time.Now)
	w.setScopes(w.options.Scopes)
	return w
}

// heapInUse is the memory that is held after everything that can be given back has been.
func heapInUse() int64 {
	var m runtime.MemStats
	for range 2 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // no heap is that large
}

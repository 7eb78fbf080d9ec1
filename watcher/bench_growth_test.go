package watcher

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// BenchmarkGrowth does the same work in homes in which 1,000, 10,000 and 100,000 files wait, in 1, 10 and 100 companies:
// what it costs must not grow faster than they do. It tells, of the waiting files, what a start takes and what memory each
// holds; then of 1,000 files more what their taking over costs; and what one look at the main window's frame does.
func BenchmarkGrowth(b *testing.B) {
	for _, files := range []int{1_000, 10_000, 100_000} {
		for _, companies := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("files=%d/companies=%d", files, companies), func(b *testing.B) {
				var g growth
				for b.Loop() {
					g.measure(b, files, companies)
				}
				n := float64(b.N)
				b.ReportMetric(g.held/n/float64(files), "B/file")
				b.ReportMetric(float64(g.start.clock.Microseconds())/n/float64(files), "start-us/file")
				b.ReportMetric(float64(g.start.processor.Microseconds())/n/float64(files), "start-cpu-us/file")
				b.ReportMetric(float64(g.taken.processor.Microseconds())/n/growthMore, "cpu-us/new-file")
				b.ReportMetric(float64(g.look.Microseconds())/n/1000, "overview-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// growthMore is how many files are dropped beside those that wait.
const growthMore = 1_000

// growth is what was measured, summed up.
type growth struct {
	held  float64 // bytes
	start spent
	taken spent
	look  time.Duration
}

func (g *growth) measure(b *testing.B, files, companies int) {
	b.Helper()
	rounds := []float64{}
	if files <= growthFew {
		for range 4 {
			once := begin(b, files, companies)
			once.stop()
			rounds = append(rounds, once.held)
		}
	}
	begun := begin(b, files, companies)
	defer begun.stop()
	e, outboxes := begun.engine, begun.outboxes
	rounds = append(rounds, begun.held)
	slices.Sort(rounds)
	g.held += rounds[len(rounds)/2]
	g.start.add(begun.start)

	aside := b.TempDir()
	for i := range growthMore {
		if err := os.WriteFile(filepath.Join(aside, benchName(files+i)), benchContent(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	since := measure()
	for i := range growthMore {
		name := benchName(files + i)
		if err := os.Rename(filepath.Join(aside, name), filepath.Join(outboxes[i%companies], name)); err != nil {
			b.Fatal(err)
		}
	}
	for waitingIn(e) < files+growthMore {
		time.Sleep(time.Millisecond)
	}
	g.taken.add(since())

	began := time.Now()
	if _, err := e.Overview(b.Context()); err != nil {
		b.Fatal(err)
	}
	g.look += time.Since(began)
}

// growthFew is how many files are too few for one measurement of memory: what an engine happens to hold besides, up to 1 MB
// more or less, would be told as theirs. The median of five counts then.
const growthFew = 10_000

// begun is an engine in which files wait.
type begun struct {
	engine   *Engine
	outboxes []string
	stop     func()
	held     float64 // bytes more than one holds in which none waits
	start    spent
}

func begin(b *testing.B, files, companies int) begun {
	b.Helper()
	options, outboxes := benchHome(b, newInstant(b).URL, companies)
	fillQueue(b, options, outboxes, files)
	empty := heapAlone(b, companies)
	since := measure()
	e, stop := benchEngine(b, options, companies)
	start := since()
	held := heapHeld() - empty
	runtime.KeepAlive(e)
	return begun{engine: e, outboxes: outboxes, stop: stop, held: held, start: start}
}

func benchName(i int) string { return fmt.Sprintf("order %d of November.json", i) }

func waitingIn(e *Engine) int {
	n := 0
	for _, c := range e.allCompanies() {
		c.mu.Lock()
		n += len(c.waiting)
		c.mu.Unlock()
	}
	return n
}

// heapAlone is the memory with an engine that runs on as many companies and in which nothing waits.
func heapAlone(b *testing.B, companies int) float64 {
	b.Helper()
	options, _ := benchHome(b, newInstant(b).URL, companies)
	e, stop := benchEngine(b, options, companies)
	defer stop()
	held := heapHeld()
	runtime.KeepAlive(e)
	return held
}

// heapHeld is what is held of it once all that can be given back has been, and the first sweeps are over: until a second
// has given nothing back that 1,000 files would show.
func heapHeld() float64 {
	var m runtime.MemStats
	least := ^uint64(0)
	for still := 0; still < 3; still++ {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc+growthNoise < least {
			still = 0
		}
		least = min(least, m.HeapAlloc)
		time.Sleep(300 * time.Millisecond)
	}
	return float64(least)
}

// growthNoise is how many bytes more or less nobody looks at.
const growthNoise = 10_000

// fillQueue has so many files wait in Outboxes, in turn, as the journal of a paused engine has them.
func fillQueue(b *testing.B, options Options, outboxes []string, files int) {
	b.Helper()
	j, err := journal.Open(b.Context(), filepath.Join(options.Home, journalFile), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	changes := []journal.Change{journal.Setting{Key: settingPaused, Value: time.Now().Format(time.RFC3339)}}
	fsys, source := disk.OS(), ""
	for i := range files {
		at := i % len(outboxes)
		name := filepath.Join(outboxes[at], benchName(i))
		if i%10_000 == 0 {
			err = os.WriteFile(name, benchContent(i), 0o600)
			source = name
		} else {
			err = os.Link(source, name) // a tenth of the time that a file of its own takes to be made
		}
		if err != nil {
			b.Fatal(err)
		}
		info, err := fsys.Lstat(name)
		if err != nil {
			b.Fatal(err)
		}
		lies := "Outbox/orders/" + filepath.Base(name)
		changes = append(changes, journal.Added{Transfer: journal.Transfer{
			ID: transferID(time.Now()), Sequence: j.NextSequence(), Connection: benchConnection(at), Company: benchCompany(at),
			Domain: "ecommerce", Scope: "orders", Name: filepath.Base(name), State: journal.Queued, Path: lies, Origin: lies,
			Size: info.Size, ModTime: info.ModTime, Identity: info.Identity, SHA256: hashOf([]byte(strconv.Itoa(i))),
			CreatedAt: time.Now(), UpdatedAt: time.Now(),
		}})
		if len(changes) >= 1000 || i == files-1 {
			if err := j.Put(b.Context(), changes...); err != nil {
				b.Fatal(err)
			}
			changes = changes[:0]
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

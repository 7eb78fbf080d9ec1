package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

const benchFiles = 10_000

// BenchmarkCarry10k carries 10,000 different files of 2 KB over 8 lanes and over 64, from their drop until the last is
// durably sent, to a platform that answers at once; in turn with the bare loop, since what matters is the one beside the
// other. By the processor's time the two can be compared on a busy machine too.
func BenchmarkCarry10k(b *testing.B) {
	for _, lanes := range []int{8, 64} {
		b.Run("lanes="+strconv.Itoa(lanes), func(b *testing.B) {
			var engine, bare spent
			for b.Loop() {
				bare.add(bareLoop(b, lanes))
				engine.add(carry10k(b, lanes))
			}
			files := float64(b.N) * benchFiles
			b.ReportMetric(files/engine.clock.Seconds(), "files/s")
			b.ReportMetric(files/bare.clock.Seconds(), "bare-files/s")
			b.ReportMetric(100*bare.clock.Seconds()/engine.clock.Seconds(), "%-of-bare")
			b.ReportMetric(float64(engine.processor.Microseconds())/files, "cpu-us/file")
			b.ReportMetric(float64(bare.processor.Microseconds())/files, "bare-cpu-us/file")
			b.ReportMetric(float64(engine.commits)/files, "commits/file")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCarryAlone is the engine's part of it, to be profiled; BenchmarkBareLoop is the other part.
func BenchmarkCarryAlone(b *testing.B) { benchAlone(b, carry10k) }

func BenchmarkBareLoop(b *testing.B) { benchAlone(b, bareLoop) }

func benchAlone(b *testing.B, carry func(*testing.B, int) spent) {
	for _, lanes := range []int{1, 8, 64} {
		b.Run("lanes="+strconv.Itoa(lanes), func(b *testing.B) {
			var all spent
			for b.Loop() {
				all.add(carry(b, lanes))
			}
			files := float64(b.N) * benchFiles
			b.ReportMetric(files/all.clock.Seconds(), "files/s")
			b.ReportMetric(float64(all.processor.Microseconds())/files, "cpu-us/file")
			b.ReportMetric(float64(all.commits)/files, "commits/file")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// sentCounter is a journal that counts the transfers that are durably sent.
type sentCounter struct {
	*journal.Journal
	sent atomic.Int64
	done chan struct{} // closed when all are
}

func (c *sentCounter) Put(ctx context.Context, changes ...journal.Change) error {
	if err := c.Journal.Put(ctx, changes...); err != nil {
		return err
	}
	for _, change := range changes {
		if step, ok := change.(journal.Stepped); ok && step.Transfer.State == journal.Sent && c.sent.Add(1) == benchFiles {
			close(c.done)
		}
	}
	return nil
}

// carry10k measures the engine.
func carry10k(b *testing.B, lanes int) spent {
	b.Helper()
	options, outboxes := benchHome(b, newInstant(b).URL, lanes)
	counter := &sentCounter{done: make(chan struct{})}
	options.Journal = func(ctx context.Context) (Journal, error) {
		j, err := journal.Open(ctx, filepath.Join(options.Home, journalFile), journal.Options{})
		counter.Journal = j
		return counter, err
	}
	desk := newBenchDesk(b, outboxes)
	_, stop := benchEngine(b, options, lanes)
	before := counter.Commits()
	since := measure()
	desk.drop(b)
	<-counter.done
	used := since()
	used.commits = counter.Commits() - before
	stop()
	return used
}

// benchDesk is a person with many files aside, and the Outboxes that these are dropped into in turn.
type benchDesk struct {
	aside    string
	outboxes []string
}

func newBenchDesk(b *testing.B, outboxes []string) benchDesk {
	b.Helper()
	d := benchDesk{aside: b.TempDir(), outboxes: outboxes}
	for i := range benchFiles {
		if err := os.WriteFile(filepath.Join(d.aside, strconv.Itoa(i)+".json"), benchContent(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return d
}

// drop renames every file into its Outbox; dropped hears of each.
func (d benchDesk) drop(b *testing.B, dropped ...func(i int)) {
	b.Helper()
	for i := range benchFiles {
		name := strconv.Itoa(i) + ".json"
		if err := os.Rename(filepath.Join(d.aside, name), filepath.Join(d.outboxes[i%len(d.outboxes)], name)); err != nil {
			b.Fatal(err)
		}
		for _, hear := range dropped {
			hear(i)
		}
	}
}

// bareLoop does what nobody can leave out: the same drop, the same requests, the same four durable commits a file shared by
// the lanes, the same reading and the same two renames. It is told of each file, and knows no crash, no edit and no failure.
func bareLoop(b *testing.B, lanes int) spent {
	b.Helper()
	platform := newInstant(b).URL
	options, outboxes := benchHome(b, platform, lanes)
	j, err := journal.Open(b.Context(), filepath.Join(options.Home, journalFile), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	client, err := sage.New(sage.Options{BaseURL: platform})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	desk := newBenchDesk(b, outboxes)
	since := measure()
	var running sync.WaitGroup
	queues := make([]chan int, lanes)
	for lane := range lanes {
		queues[lane] = make(chan int, benchFiles)
		running.Go(func() {
			keys := sage.NewKeys(client, vault.Keys(options.Vault, benchConnection(lane)), sage.KeysOptions{})
			session := client.Session("ecommerce", keys)
			for i := range queues[lane] {
				if err := bareFile(b.Context(), j, session, outboxes[lane], i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	desk.drop(b, func(i int) { queues[i%lanes] <- i })
	for _, queue := range queues {
		close(queue)
	}
	running.Wait()
	used := since()
	used.commits = j.Commits()
	return used
}

func bareFile(ctx context.Context, j *journal.Journal, session *sage.Session, outbox string, i int) error {
	name := filepath.Join(outbox, strconv.Itoa(i)+".json")
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !json.Valid(content) {
		return errors.New("not valid")
	}
	t := journal.Transfer{
		ID: transferID(time.Now()), Sequence: j.NextSequence(), Connection: "c", Company: "c", Scope: "orders", Name: name, State: journal.Queued,
		Path: name, Size: int64(len(content)), SHA256: hashOf(content), CreatedAt: time.Now(), UpdatedAt: time.Now(),
	}
	if err := j.Put(ctx, journal.Added{Transfer: t}); err != nil {
		return err
	}
	aside := filepath.Join(filepath.Dir(outbox), t.ID)
	if err := os.Rename(name, aside); err != nil {
		return err
	}
	t.State = journal.Claimed
	if err := j.Put(ctx, journal.Stepped{Transfer: t}); err != nil {
		return err
	}
	created, err := session.Create(ctx, "orders", sage.NewFile{Name: t.Name, Size: t.Size, IdempotencyKey: t.ID})
	if err != nil {
		return err
	}
	t.State = journal.Created
	if err := j.Put(ctx, journal.Stepped{Transfer: t}); err != nil {
		return err
	}
	body := sage.Body{Size: t.Size, Open: func() (io.ReadCloser, error) { return os.Open(aside) }}
	if err := session.Send(ctx, created, body); err != nil {
		return err
	}
	t.State = journal.Sent
	if err := j.Put(ctx, journal.Stepped{Transfer: t}); err != nil {
		return err
	}
	if err := os.Rename(aside, filepath.Join(outbox, "..", "..", "Sent", t.ID)); err != nil {
		return err
	}
	_, err = session.Track(ctx, created.TrackingURL)
	return err
}

package watcher

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

const (
	benchLanes = 8
	benchFiles = 10_000
)

// instant is a platform on a real socket that answers at once, takes every content and accepts it.
type instant struct {
	*httptest.Server
	made atomic.Int64
}

func newInstant(b *testing.B) *instant {
	p := &instant{}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	b.Cleanup(p.Close)
	return p
}

func (p *instant) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost:
		id := strconv.FormatInt(p.made.Add(1), 10)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"fileId":"`+id+`","uploadUrl":"`+p.URL+`/up/`+id+`","trackingUrl":"`+p.URL+`/track/`+id+`"}`)
	case r.Method == http.MethodPut:
		_, _ = io.Copy(io.Discard, r.Body)
	case strings.HasPrefix(r.URL.Path, "/track/"):
		_, _ = io.WriteString(w, `{"status":"accepted"}`)
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"code":2435,"message":"nothing there"}`)
	}
}

// sentCounter is a journal that counts the transfers that are durably sent.
type sentCounter struct {
	Journal
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

// benchContent is a file of about 2 KB that differs from every other.
func benchContent(n int) []byte {
	content := orders(n*10, 1)
	if len(content) < 2048 {
		content = append(content, bytes.Repeat([]byte(" "), 2048-len(content))...)
	}
	return content
}

// benchHome is a home with one company for each lane.
func benchHome(b *testing.B, platform string) (Options, []string) {
	b.Helper()
	home, desk := b.TempDir(), b.TempDir()
	options := Options{Home: home, Agent: true, Vault: vault.Memory()}
	var outboxes []string
	if err := os.MkdirAll(filepath.Join(home, "connections"), 0o700); err != nil {
		b.Fatal(err)
	}
	for i := range benchLanes {
		a := Account{
			ID: fmt.Sprintf("connection%d", i), Company: fmt.Sprintf("Company %d", i), Domain: "ecommerce", Platform: platform,
			Folder: filepath.Join(desk, strconv.Itoa(i)), ConnectedAt: time.Now(),
		}
		for _, item := range []vault.Item{vault.Secret, vault.InitialKey, vault.CurrentKey} {
			if err := options.Vault.Set(b.Context(), a.ID, item, sage.NewSecret("secret")); err != nil {
				b.Fatal(err)
			}
		}
		outbox := filepath.Join(a.Folder, "Outbox", "orders")
		for _, folder := range []string{outbox, filepath.Join(a.Folder, "Sent"), filepath.Join(a.Folder, "Failed"), filepath.Join(a.Folder, "Inbox")} {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				b.Fatal(err)
			}
		}
		if err := writeKept(disk.OS(), filepath.Join(home, "connections", a.ID+".json"), accountRecord{Account: a}); err != nil {
			b.Fatal(err)
		}
		outboxes = append(outboxes, outbox)
	}
	return options, outboxes
}

// carry10k measures from the moment at which all files lie in Outbox until the last is durably sent.
func carry10k(b *testing.B) float64 {
	b.Helper()
	options, outboxes := benchHome(b, newInstant(b).URL)
	counter := &sentCounter{done: make(chan struct{})}
	options.Journal = func(ctx context.Context) (Journal, error) {
		j, err := journal.Open(ctx, filepath.Join(options.Home, journalFile), journal.Options{})
		counter.Journal = j
		return counter, err
	}
	aside := b.TempDir()
	for i := range benchFiles {
		if err := os.WriteFile(filepath.Join(aside, strconv.Itoa(i)+".json"), benchContent(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	e, err := Open(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := e.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	for e.linkOf("connection7") == nil || e.companyOf("Company 7").watch() == nil {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	for i := range benchFiles {
		name := strconv.Itoa(i) + ".json"
		if err := os.Rename(filepath.Join(aside, name), filepath.Join(outboxes[i%benchLanes], name)); err != nil {
			b.Fatal(err)
		}
	}
	<-counter.done
	took := time.Since(began)
	cancel()
	running.Wait()
	if err := e.Close(); err != nil {
		b.Error(err)
	}
	return benchFiles / took.Seconds()
}

// bareLoop does what nobody can leave out: the same requests, the same four durable commits a file shared by the lanes,
// the same reading and the same two renames. It knows no crash, no edit and no failure.
func bareLoop(b *testing.B) float64 {
	b.Helper()
	platform := newInstant(b).URL
	options, outboxes := benchHome(b, platform)
	j, err := journal.Open(b.Context(), filepath.Join(options.Home, journalFile), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	for i := range benchFiles {
		if err := os.WriteFile(filepath.Join(outboxes[i%benchLanes], strconv.Itoa(i)+".json"), benchContent(i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	client, err := sage.New(sage.Options{BaseURL: platform})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	began := time.Now()
	var lanes sync.WaitGroup
	for lane := range benchLanes {
		lanes.Go(func() {
			keys := sage.NewKeys(client, vault.Keys(options.Vault, fmt.Sprintf("connection%d", lane)), sage.KeysOptions{})
			session := client.Session("ecommerce", keys)
			for i := lane; i < benchFiles; i += benchLanes {
				if err := bareFile(b.Context(), j, session, outboxes[lane], i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	lanes.Wait()
	return benchFiles / time.Since(began).Seconds()
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

// BenchmarkCarry10k carries 10,000 different files of 2 KB over 8 lanes to a platform that answers at once, in turn with the
// bare loop: what matters is the one beside the other.
func BenchmarkCarry10k(b *testing.B) {
	var engine, bare float64
	for b.Loop() {
		bare += bareLoop(b)
		engine += carry10k(b)
	}
	b.ReportMetric(engine/float64(b.N), "files/s")
	b.ReportMetric(bare/float64(b.N), "bare-files/s")
	b.ReportMetric(100*engine/bare, "%-of-bare")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCarryAlone is the engine's part of it, to be profiled.
func BenchmarkCarryAlone(b *testing.B) {
	var engine float64
	for b.Loop() {
		engine += carry10k(b)
	}
	b.ReportMetric(engine/float64(b.N), "files/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBareLoop is the other part.
func BenchmarkBareLoop(b *testing.B) {
	var bare float64
	for b.Loop() {
		bare += bareLoop(b)
	}
	b.ReportMetric(bare/float64(b.N), "files/s")
	b.ReportMetric(0, "ns/op")
}

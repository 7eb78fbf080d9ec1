package watcher

import (
	"bytes"
	"context"
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
)

// What the benchmarks run on: a platform that costs next to nothing, a home with as many companies as are wanted, and a
// measure that tells processor time from the clock's.

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

// benchContent is a file of about 2 KB that differs from every other.
func benchContent(n int) []byte {
	content := orders(n*10, 1)
	if len(content) < 2048 {
		content = append(content, bytes.Repeat([]byte(" "), 2048-len(content))...)
	}
	return content
}

// benchHome is a home with so many companies, each with one connection and thus one lane, and where files are dropped.
func benchHome(b *testing.B, platform string, companies int) (Options, []string) {
	b.Helper()
	home, desk := b.TempDir(), b.TempDir()
	options := Options{Home: home, Agent: true, Vault: vault.Memory()}
	var outboxes []string
	if err := os.MkdirAll(filepath.Join(home, "connections"), 0o700); err != nil {
		b.Fatal(err)
	}
	for i := range companies {
		a := Account{
			ID: benchConnection(i), Company: benchCompany(i), Domain: "ecommerce", Platform: platform,
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

func benchConnection(i int) string { return fmt.Sprintf("connection%d", i) }

func benchCompany(i int) string { return fmt.Sprintf("Company %d", i) }

// benchEngine runs an engine until stop, and comes back once it watches the Outboxes of so many companies.
func benchEngine(b *testing.B, options Options, companies int) (e *Engine, stop func()) {
	b.Helper()
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
	for i := range companies {
		for e.linkOf(benchConnection(i)) == nil || e.companyOf(benchCompany(i)).watch() == nil {
			time.Sleep(time.Millisecond)
		}
	}
	return e, func() {
		cancel()
		running.Wait()
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	}
}

// spent is what some work took: by the clock, of the processors (user and system time, the platform's share and that of
// whoever drops files with it, 0 where the system does not tell), and in commits of the journal.
type spent struct {
	clock, processor time.Duration
	commits          int64
}

func (s *spent) add(other spent) {
	s.clock += other.clock
	s.processor += other.processor
	s.commits += other.commits
}

// measure begins to measure; what it gives tells what was spent since.
func measure() func() spent {
	began, used := time.Now(), processTime()
	return func() spent { return spent{clock: time.Since(began), processor: processTime() - used} }
}

//go:build linux && !headless

package desktop

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// BenchmarkFirstFrame opens the window of an agent with 10,000 transfers in its journal, and measures from the start of its
// process until a person can see it. The aim is 1 s.
func BenchmarkFirstFrame(b *testing.B) {
	s := newSession(b)
	program := windowProgram(b)
	company := connectPractice(b, s)
	fillJournal(b, filepath.Join(s.dir, "home"), company, 10_000)
	home := s.agent(b)
	dial(b, home)

	var whole time.Duration
	for b.Loop() {
		began := time.Now()
		window := exec.Command(program, "window", "--home", home)
		out, err := window.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := window.Start(); err != nil {
			b.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		whole += time.Since(began)
		if err != nil || !strings.Contains(line, `"shown":true`) {
			b.Errorf("the window said %q: %v", line, err)
		}
		_ = window.Process.Kill()
		_ = window.Wait()
	}
	b.ReportMetric(float64(whole.Milliseconds())/float64(b.N), "ms-to-first-frame")
}

// connectPractice has an agent connect a company, and end.
func connectPractice(b *testing.B, s *session) watcher.Connection {
	b.Helper()
	home := filepath.Join(s.dir, "home")
	agent := runAgent(b, s.program, home)
	client := dial(b, home)
	if _, err := client.Practice(b.Context()); err != nil {
		b.Fatal(err)
	}
	connections, err := client.Connections(b.Context())
	if err != nil || len(connections) != 1 {
		b.Fatalf("%d connections: %v", len(connections), err)
	}
	endAgent(b, agent)
	return connections[0]
}

// fillJournal writes a history of accepted files.
func fillJournal(b *testing.B, home string, of watcher.Connection, n int) {
	b.Helper()
	if err := os.MkdirAll(home, 0o700); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	j, err := journal.Open(ctx, filepath.Join(home, "journal.db"), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now().Add(-24 * time.Hour)
	changes := make([]journal.Change, n)
	for i := range changes {
		at := began.Add(time.Duration(i) * time.Second)
		changes[i] = journal.Added{Transfer: journal.Transfer{
			ID: fmt.Sprintf("transfer-%06d", i), Sequence: j.NextSequence(), Connection: of.ID, Company: of.Company, Domain: of.Domain,
			Scope: "orders", Name: fmt.Sprintf("orders-%d.json", i), State: journal.Accepted, Path: fmt.Sprintf("Sent/2026-11/orders-%d.json", i),
			SHA256: fmt.Sprintf("%064x", i), Records: 40, CreatedAt: at, SentAt: at, EndedAt: at, UpdatedAt: at,
		}}
	}
	if err := j.Put(ctx, changes...); err != nil {
		b.Fatal(err)
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

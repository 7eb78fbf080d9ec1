package watcher

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/contract"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// noEvents are a system that tells of no changes: folders are swept.
type noEvents struct{}

func (noEvents) Watch(string, func(outbox.Notice)) (func(), error) {
	return nil, errors.New("no events in a bubble")
}

// rig is a home, a desk with companies' folders, a platform and an engine, within a test's bubble.
type rig struct {
	t        *testing.T
	platform *sandbox.Sandbox
	home     string
	desk     string
	log      *safeLog
	options  Options

	*Engine
	stop func() // ends Run and closes the engine; may be called twice
}

const acme = "Acme Ltd"

// safeLog is a log that can be read while others write to it.
type safeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Bytes are what was written so far.
func (l *safeLog) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}

func (l *safeLog) String() string { return string(l.Bytes()) }

// newRig must be called within a bubble. The platform processes at once unless o says otherwise.
func newRig(t *testing.T, o sandbox.Options) *rig {
	t.Helper()
	r := &rig{t: t, home: t.TempDir(), desk: t.TempDir(), log: new(safeLog)}
	o.BaseURL = rigPlatform
	platform, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
	})
	r.platform = platform
	r.options = Options{
		Home: r.home, Agent: true, Vault: vault.Memory(), Transport: platform.RoundTripper(), Events: noEvents{}, Version: "test",
		Random: func() float64 { return 0 },
		Logger: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	return r
}

// connect records a company that has given its consent.
func (r *rig) connect(company string) Account {
	r.t.Helper()
	made, err := r.platform.Connect(sandbox.Setup{Company: company})
	if err != nil {
		r.t.Fatal(err)
	}
	a := Account{
		ID: "connection" + strings.ToLower(strings.ReplaceAll(company, " ", "")), Company: company, Domain: "ecommerce", Folder: filepath.Join(r.desk, company),
		Platform: rigPlatform, ConnectedAt: time.Now(),
	}
	for item, value := range map[vault.Item]sage.Secret{
		vault.Secret: made.Secret, vault.InitialKey: made.InitialKey, vault.CurrentKey: made.InitialKey,
	} {
		if err := r.options.Vault.Set(r.t.Context(), a.ID, item, value); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, folder := range []string{"Outbox/orders", "Inbox", "Sent", "Failed"} {
		if err := os.MkdirAll(filepath.Join(a.Folder, folder), 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(r.home, "connections"), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := writeKept(r.fileSystem(), filepath.Join(r.home, "connections", a.ID+".json"), accountRecord{Account: a}); err != nil {
		r.t.Fatal(err)
	}
	return a
}

func (r *rig) fileSystem() disk.FS { return r.options.fill().FS }

// start opens the engine and runs it.
func (r *rig) start() {
	r.t.Helper()
	e, err := Open(r.t.Context(), r.options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Engine = e
	ctx, cancel := context.WithCancel(r.t.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := e.Run(ctx); err != nil {
			r.t.Errorf("Run: %v\n%s", err, r.log)
		}
	})
	r.stop = sync.OnceFunc(func() {
		cancel()
		ended.Wait()
		if err := e.Close(); err != nil {
			r.t.Errorf("Close: %v", err)
		}
	})
	r.t.Cleanup(r.stop)
}

// drop writes a file into a folder of a company and lets it age past any doubt.
func (r *rig) drop(company, path string, content []byte) {
	r.t.Helper()
	name := filepath.Join(r.desk, company, filepath.FromSlash(path))
	if err := os.WriteFile(name, content, 0o600); err != nil {
		r.t.Fatal(err)
	}
	stamp := time.Now().Add(-time.Minute) // the bubble's clock is not the file system's
	if err := os.Chtimes(name, stamp, stamp); err != nil {
		r.t.Fatal(err)
	}
}

// pass lets time go by.
func (r *rig) pass(d time.Duration) {
	time.Sleep(d) // of the bubble
	synctest.Wait()
}

// drain lets time go by until every journey has ended, or three hours are over.
func (r *rig) drain() {
	r.t.Helper()
	for step := 5 * time.Second; step < 3*time.Hour; step *= 2 {
		r.pass(step)
		if r.ended() {
			return
		}
	}
}

// ended tells whether no journey goes on by itself and nothing lies in Outbox that is looked at.
func (r *rig) ended() bool {
	r.t.Helper()
	open, err := r.journal.Open(r.t.Context(), "", 0, 1)
	if err != nil {
		r.t.Fatal(err)
	}
	files := r.files(acme)
	return len(open) == 0 && !strings.Contains(files, "Outbox/orders/") && !strings.Contains(files, "Outbox/.sending/")
}

// named gives the newest transfer of a name.
func (r *rig) named(name string) journal.Transfer {
	r.t.Helper()
	found, err := r.journal.Transfers(r.t.Context(), journal.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(t journal.Transfer) bool { return t.Name == name })
	if i < 0 {
		r.t.Fatalf("no transfer of %s among %d\n%s", name, len(found), r.log)
	}
	return found[i]
}

// expect fails unless the transfer is in a state.
func (r *rig) expect(name string, state journal.State) journal.Transfer {
	r.t.Helper()
	t := r.named(name)
	if t.State != state {
		r.t.Fatalf("%s is %s, want %s; problem %v, cause %v\n%s", name, t.State, state, t.Problem, t.Cause, r.log)
	}
	return t
}

// files lists what lies in a company's folder, hidden files and empty folders left out.
func (r *rig) files(company string) string {
	r.t.Helper()
	var files []string
	root := filepath.Join(r.desk, company)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(root, path)
		if !d.IsDir() && d.Name() != outboxLock {
			files = append(files, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(files, "\n")
}

// timeline is a transfer's, in kinds.
func (r *rig) timeline(t journal.Transfer) string {
	r.t.Helper()
	entries, err := r.journal.Timeline(r.t.Context(), t.Sequence)
	if err != nil {
		r.t.Fatal(err)
	}
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
	}
	return strings.Join(kinds, " ")
}

// blameless fails if the client did anything that the contract forbids, or the platform has a file more than once.
func (r *rig) blameless() {
	r.t.Helper()
	if v := r.platform.Violations(); len(v) > 0 {
		r.t.Errorf("the platform complains: %v", v)
	}
}

func orders(from, n int) []byte { return sandbox.SampleOrdersFrom(from, n) }

// recordID is the id of a file's n-th record.
func recordID(t *testing.T, content []byte, n int) string {
	t.Helper()
	i := 0
	for record, err := range contract.Records(bytes.NewReader(content), "orders") {
		if err != nil {
			t.Fatal(err)
		}
		if i == n {
			return record.ID
		}
		i++
	}
	t.Fatalf("no record %d", n)
	return ""
}

package watcher

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// victimEnv tells the test's own binary to be the process that is killed.
const victimEnv = "POSTROOM_TEST_VICTIM"

// victim is what the process that is killed needs to know. It comes over its standard input, since no key may travel in an
// environment.
type victim struct {
	Home   string
	Secret string
	Key    string
}

func (v victim) options() Options {
	options := Options{Home: v.Home, Agent: true, Vault: vault.Memory(), Logger: slog.New(slog.DiscardHandler), Pace: outbox.Pace{Settle: 10 * time.Millisecond}}
	for item, value := range map[vault.Item]string{vault.Secret: v.Secret, vault.InitialKey: v.Key, vault.CurrentKey: v.Key} {
		if err := options.Vault.Set(context.Background(), "connectionacmeltd", item, sage.NewSecret(value)); err != nil {
			panic(err)
		}
	}
	return options
}

// stepper asks before each effect, and after it, whether the process may go on: a line out, a byte in.
type stepper struct {
	mu sync.Mutex // one effect at a time, so that the lines are a story
	in io.Reader
}

func (s *stepper) effect(name string, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ask("before " + name)
	err := do()
	s.ask("after " + name)
	return err
}

func (s *stepper) ask(line string) {
	fmt.Println(line)
	var answer [1]byte
	if _, err := io.ReadFull(s.in, answer[:]); err != nil {
		os.Exit(0) // the parent is gone
	}
}

type steppedFS struct {
	disk.FS
	*stepper
}

func (f steppedFS) Move(from, to string) error {
	return f.effect("move "+filepath.Base(from), func() error { return f.FS.Move(from, to) })
}

type steppedJournal struct {
	Journal
	*stepper
}

func (j steppedJournal) Put(ctx context.Context, changes ...journal.Change) error {
	name := fmt.Sprintf("%T", changes[0])
	if step, ok := changes[0].(journal.Stepped); ok {
		name = string(step.Transfer.State)
	}
	return j.effect("put "+name, func() error { return j.Journal.Put(ctx, changes...) })
}

type steppedNet struct {
	under http.RoundTripper
	*stepper
}

func (n steppedNet) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if strings.Contains(r.URL.Path, "latest") { // lists are another story
		return n.under.RoundTrip(r)
	}
	err = n.effect(r.Method, func() error {
		resp, err = n.under.RoundTrip(r)
		return err
	})
	return resp, err
}

// TestVictim is the process that is killed; run by itself it is nothing.
func TestVictim(t *testing.T) {
	if os.Getenv(victimEnv) == "" {
		t.Skip("only as the process that another test kills")
	}
	in := bufio.NewReader(os.Stdin)
	var v victim
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &stepper{in: in}
	options := v.options()
	options.FS = steppedFS{disk.OS(), s}
	options.Transport = steppedNet{http.DefaultTransport, s}
	options.Journal = func(ctx context.Context) (Journal, error) {
		j, err := journal.Open(ctx, filepath.Join(v.Home, journalFile), journal.Options{})
		return steppedJournal{j, s}, err
	}
	e, err := Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(e.Run(t.Context()))
}

// TestAKillAtAnyStepLosesAndDoublesNothing kills a real process with a real folder, journal and socket before and after
// each of its steps, and has another one go on.
func TestAKillAtAnyStepLosesAndDoublesNothing(t *testing.T) {
	for n := 0; ; n++ {
		over := false
		t.Run(fmt.Sprint(n), func(t *testing.T) { over = killAt(t, n) })
		if t.Failed() || over {
			t.Logf("%d steps", n)
			return
		}
	}
}

// killAt kills at the n-th line, and tells that there was none: the journey was over before.
func killAt(t *testing.T, n int) (over bool) {
	platform, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer platform.Close()
	server := httptest.NewServer(platform.Handler())
	defer server.Close()
	if err := platform.SetBaseURL(server.URL); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, platform: platform, home: t.TempDir(), desk: t.TempDir(), log: new(safeLog)}
	v := r.prepareVictim(server.URL)
	content := orders(1, 2)
	r.drop(acme, "Outbox/orders/a.json", content)
	at, over := r.runVictim(v, n)
	r.options = v.options()
	r.start()
	for began := time.Now(); !r.ended() && time.Since(began) < 20*time.Second; {
		time.Sleep(10 * time.Millisecond) // a real process's end is waited for in real time
	}
	r.stop()
	e, err := Open(t.Context(), r.options)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r.Engine = e
	r.invariants(acme, [][]byte{content}, true)
	if t.Failed() {
		t.Logf("killed %s; now\n%s", at, r.files(acme))
	}
	return over
}

// prepareVictim connects a company whose profile waits for nothing.
func (r *rig) prepareVictim(platform string) victim {
	r.t.Helper()
	made, err := r.platform.Connect(sandbox.Setup{Company: acme})
	if err != nil {
		r.t.Fatal(err)
	}
	profile := filepath.Join(r.home, "profile.json")
	if err := os.WriteFile(profile, []byte(`{"trackFirst":"20ms"}`), 0o600); err != nil {
		r.t.Fatal(err)
	}
	a := Account{
		ID: "connectionacmeltd", Company: acme, Domain: "ecommerce", Folder: filepath.Join(r.desk, acme), Platform: platform,
		Profile: profile, ConnectedAt: time.Now(),
	}
	for _, folder := range []string{"Outbox/orders", "Inbox", "Sent", "Failed"} {
		if err := os.MkdirAll(filepath.Join(a.Folder, folder), 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := writeKept(disk.OS(), filepath.Join(r.home, "connections", a.ID+".json"), accountRecord{Account: a}); err != nil {
		r.t.Fatal(err)
	}
	return victim{Home: r.home, Secret: made.Secret.Reveal(), Key: made.InitialKey.Reveal()}
}

// runVictim lets the process go n steps, then kills it: SIGKILL, or what the system has in its place.
func (r *rig) runVictim(v victim, n int) (at string, over bool) {
	r.t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.timeout=60s")
	command.Env = append(os.Environ(), victimEnv+"=1")
	in, err := command.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // killed, which is what was wanted
	}()
	if err := json.NewEncoder(in).Encode(v); err != nil {
		r.t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	defer func() {
		_ = command.Process.Kill()
		for range lines { // until it has ended
		}
	}()
	for i := 0; ; i++ {
		select {
		case line, open := <-lines:
			if !open {
				r.t.Fatal("the process ended by itself")
			}
			if i == n {
				return line, false
			}
			if _, err := in.Write([]byte{'\n'}); err != nil {
				r.t.Fatal(err)
			}
		case <-time.After(400 * time.Millisecond):
			if i > 0 {
				return "at rest", true
			}
		}
	}
}

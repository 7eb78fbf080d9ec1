package sandbox_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

func TestTheStateSurvivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by itself")
	o := sandbox.Options{Dir: dir}
	c := connect(t, o)
	waiting := c.call("POST", "/api/developers", registration()).want(t, 201, 0).text("registrationUrl")
	sent := c.upload("sent.json", sandbox.SampleOrders(2))
	c.key = c.rotate().want(t, 200, 0).text("apikey")
	must(t, c.SetInstalled("", false))
	held := c.upload("held.json", sandbox.SampleOrders(1))
	c.RefuseRecord("A-1001", "No.")
	must(t, c.Close())

	r := newRig(t, o)
	again := &connected{r, c.key, c.secret}
	if got := again.result(sent); len(got) != 2 {
		t.Errorf("the result is %+v", got)
	}
	if got := again.status(held); got != "available" {
		t.Errorf("status %s", got)
	}
	again.create("next.json", 5).want(t, 423, 2400)
	again.get(latestProducts).want(t, 404, 2435)
	must(t, again.SetInstalled("", true))
	if got := again.result(held); got[0].Errors[0].Message != "No." {
		t.Errorf("the result is %+v", got)
	}
	if got := again.Installations()[0].Connections[0].Rotations; got != 1 {
		t.Errorf("%d rotations", got)
	}
	must(t, again.SolveCaptcha(waiting))
	again.call("POST", "/api/developers", registration()).want(t, 400, 2200)
	again.polite()
}

func TestNothingAnsweredIsForgottenByAProcessThatIsKilled(t *testing.T) {
	dir := t.TempDir()
	c := connect(t, sandbox.Options{Dir: dir})
	a := c.create("a.json", 10, "Idempotency-Key", "T-1").want(t, 201, 0)
	// What a killed process leaves is what is in the files now, with a last line that is cut.
	left := copyOf(t, dir)
	f, err := os.OpenFile(filepath.Join(left, "sandbox.log"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"seq":99,"kind":"fi`)
	must(t, errors.Join(err, f.Close()))
	must(t, os.WriteFile(filepath.Join(left, "contents", "half"), []byte("x"), 0o600))

	again := &connected{newRig(t, sandbox.Options{Dir: left}), c.key, c.secret}
	b := again.create("a.json", 10, "Idempotency-Key", "T-1").want(t, 201, 0)
	if string(a.body) != string(b.body) {
		t.Errorf("before %s, after %s", a.body, b.body)
	}
	if _, err := os.Stat(filepath.Join(left, "contents", "half")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half an upload is kept: %v", err)
	}
}

// copyOf is the log of a directory in another one.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.Mkdir(filepath.Join(to, "contents"), 0o700))
	data, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(to, "sandbox.log"), data, 0o600))
	return to
}

func TestADirectoryHasOneSandbox(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, sandbox.Options{Dir: dir})
	if _, err := sandbox.New(sandbox.Options{Dir: dir}); !errors.Is(err, sandbox.ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	must(t, r.Close())
	newRig(t, sandbox.Options{Dir: dir})
}

func TestADamagedStateIsAnErrorThatNamesTheLine(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "sandbox.log"), []byte("{}\nnonsense\n{}\n"), 0o600))
	_, err := sandbox.New(sandbox.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("opened: %v", err)
	}
	must(t, os.Remove(filepath.Join(dir, "sandbox.log")))
	newRig(t, sandbox.Options{Dir: dir}) // the failed one holds no lock
}

func TestTheDirectoryHoldsNoKeyAndNoSecret(t *testing.T) {
	dir := t.TempDir()
	c := connect(t, sandbox.Options{Dir: dir})
	first := c.key
	c.key = c.rotate().want(t, 200, 0).text("apikey")
	c.upload("a.json", sandbox.SampleOrders(1))
	must(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 && name != dir {
			t.Errorf("others can read %s: %v", name, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(name)
		must(t, err)
		for _, secret := range []string{first, c.key, c.secret} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s holds a key or a secret", name)
			}
		}
		return nil
	}))
}

func TestFilesAndCallsGoOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		l := &listener{answers: []int{500}}
		o := sandbox.Options{Dir: dir, Pace: time.Second, Callbacks: l}
		r := newRig(t, o)
		made, err := r.Connect(callable())
		must(t, err)
		c := &connected{r, made.InitialKey.Reveal(), ""}
		a := c.upload("a.json", sandbox.SampleOrders(1))
		time.Sleep(500 * time.Millisecond)
		must(t, c.Close())
		if len(l.heard()) != 1 {
			t.Fatalf("%d calls", len(l.heard()))
		}
		again := &connected{newRig(t, o), c.key, ""}
		time.Sleep(time.Minute)
		if got := again.status(a); got != "accepted" {
			t.Errorf("status %s", got)
		}
		calls := l.heard()
		if len(calls) != 2 || !strings.Contains(calls[1].body, c.key) {
			t.Errorf("calls %+v", calls)
		}
	})
}

func TestLargeContentIsNotKeptInMemory(t *testing.T) {
	c := connect(t, sandbox.Options{Unchecked: true, Limits: sandbox.Limits{MaxFile: 64 << 20}})
	const size = 20 << 20
	a := c.create("large.json", size).want(t, 201, 0)
	c.put(a.text("uploadUrl"), io.LimitReader(zeros{}, size), "Content-Type", "application/json").want(t, 200, 0)
	stored, err := c.Content(a.text("fileId"))
	must(t, err)
	n, err := io.Copy(io.Discard, stored)
	if err != nil || n != size {
		t.Errorf("%d bytes are kept: %v", n, err)
	}
	if _, inFile := stored.(*os.File); !inFile {
		t.Errorf("it is kept in a %T", stored)
	}
	must(t, stored.Close())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

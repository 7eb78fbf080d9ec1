package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

var checker = sync.OnceValue(func() *contract.Checker {
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	return c
})

var wall = time.Date(2026, 11, 24, 10, 15, 0, 0, time.UTC)

// desk is a company's folder with an Inbox.
type desk struct {
	*Inbox
	t   *testing.T
	dir string
}

func open(t *testing.T, fsys disk.FS) desk {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, witness), 0o700); err != nil {
		t.Fatal(err)
	}
	return reopen(t, fsys, dir)
}

func reopen(t *testing.T, fsys disk.FS, dir string) desk {
	t.Helper()
	b, err := New(Options{FS: fsys, Checker: checker(), Folder: dir, Now: func() time.Time { return wall }})
	if err != nil {
		t.Fatal(err)
	}
	return desk{b, t, dir}
}

// from makes a Fetch of a text.
func from(content string) Fetch {
	return func(_ context.Context, w io.Writer) error {
		for rest := content; len(rest) > 0; { // in pieces, as from a network
			n := min(len(rest), 1000)
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
}

// breaking writes a part and fails.
func breaking(part string, err error) Fetch {
	return func(_ context.Context, w io.Writer) error {
		if _, e := io.WriteString(w, part); e != nil {
			return e
		}
		return err
	}
}

func (d desk) read(path string) string {
	d.t.Helper()
	data, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(path)))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(data)
}

func (d desk) put(path, content string) {
	d.t.Helper()
	name := filepath.Join(d.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// files lists every file below the company's folder.
func (d desk) files() []string {
	d.t.Helper()
	var all []string
	err := filepath.WalkDir(d.dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(d.dir, name)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

func (d desk) has(want ...string) {
	d.t.Helper()
	if got := d.files(); !slices.Equal(got, want) {
		d.t.Fatalf("there are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

const (
	resultPath = "Inbox/results/november.result.json"
	answer     = `[{"id":"1","status":"accepted","sageId":"S1"},{"id":"2","status":"rejected","errors":[{"code":17,"message":"no customer"}]},{"id":"3","status":"ok"}]`
)

func result(fetch Fetch) ResultSource {
	return ResultSource{Path: resultPath, Scope: "orders", Contract: "orderResult", Fetch: fetch}
}

func TestPrepareMakesTheFoldersAndClearsWhatACrashLeft(t *testing.T) {
	d := open(t, disk.OS())
	d.put("Inbox/.incoming/.products.json.1.postroom-part", "half")
	d.put("Inbox/.incoming/theirs.txt", "a person's")
	d.put("Inbox/results/.x.1.postroom-part", "not where ours are")
	for range 2 {
		if err := d.Prepare(t.Context(), []string{"products", "customers"}); err != nil {
			t.Fatal(err)
		}
	}
	d.has("Inbox/.incoming/theirs.txt", "Inbox/results/.x.1.postroom-part")
	for _, folder := range []string{"Inbox/results", "Inbox/products/history", "Inbox/products/changes", "Inbox/customers/history"} {
		if info, err := os.Stat(filepath.Join(d.dir, folder)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

func TestADriveThatIsAwayIsNotMadeAgain(t *testing.T) {
	d := open(t, disk.OS())
	away := reopen(t, disk.OS(), filepath.Join(d.dir, "away"))
	if err := away.Prepare(t.Context(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := away.LayResult(t.Context(), result(from(answer))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := away.LayList(t.Context(), list("[]")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	d.has()
}

func TestAResultIsLaidDownAndCounted(t *testing.T) {
	d := open(t, disk.OS())
	got, err := d.LayResult(t.Context(), result(from(answer)))
	if err != nil {
		t.Fatal(err)
	}
	want := Result{Path: resultPath, Size: int64(len(answer)), SHA256: sum(answer), Records: 3, Refused: 1}
	if got.Problem != nil {
		t.Errorf("problem %+v", got.Problem)
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if d.read(resultPath) != answer {
		t.Error("other content")
	}
	d.has(resultPath)
	var reasons []string
	for o, err := range d.Outcomes(t.Context(), resultPath) {
		if err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, o.ID+":"+o.Reason)
	}
	if len(reasons) != 3 || !strings.Contains(reasons[1], "no customer") {
		t.Errorf("outcomes %q", reasons)
	}
}

func TestAResultThatIsThereAlreadyIsTakenAsLaidDown(t *testing.T) {
	d := open(t, disk.OS())
	first, err := d.LayResult(t.Context(), result(from(answer)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.LayResult(t.Context(), result(from(answer)))
	if err != nil || again != first {
		t.Fatalf("got %+v, %v", again, err)
	}
	d.has(resultPath)
}

func TestAResultNeverReplacesAnotherFile(t *testing.T) {
	d := open(t, disk.OS())
	d.put(resultPath, "a person's")
	if _, err := d.LayResult(t.Context(), result(from(answer))); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("got %v, want fs.ErrExist", err)
	}
	if d.read(resultPath) != "a person's" {
		t.Fatal("replaced")
	}
	d.has(resultPath)
}

func TestAResultThatIsNotAsItsContractWantsIsKeptAndMarked(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON":       "<html>502 Bad Gateway</html>",
		"cut":           answer[:len(answer)-10],
		"nothing":       "",
		"another thing": "17",
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, disk.OS())
			got, err := d.LayResult(t.Context(), result(from(content)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Problem == nil || got.Problem.Code != "resultMismatch" || got.Problem.Args["reason"] == "" {
				t.Errorf("problem %+v", got.Problem)
			}
			if d.read(resultPath) != content {
				t.Error("not kept as it came")
			}
		})
	}
}

func TestARefusedRecordIsCountedAsFarAsAResultCanBeRead(t *testing.T) {
	d := open(t, disk.OS())
	got, err := d.LayResult(t.Context(), result(from(`{"results":[{"id":"1","status":"rejected"},{"id":"2","status":"accepted"},{"id":`)))
	if err != nil || got.Records == 0 || got.Refused != 1 || got.Problem == nil {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAnInterruptedFetchLeavesNothing(t *testing.T) {
	broken := errors.New("connection reset")
	d := open(t, disk.OS())
	if _, err := d.LayResult(t.Context(), result(breaking(answer, broken))); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	source := list("")
	source.Fetch = breaking(products(3), broken)
	if _, err := d.LayList(t.Context(), source); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := d.LayResult(ctx, result(func(ctx context.Context, w io.Writer) error {
		cancel()
		return from(answer)(ctx, w)
	})); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	d.has()
}

func TestNamesFromElsewhereCannotLeave(t *testing.T) {
	d := open(t, disk.OS())
	for _, bad := range []string{
		"", "Inbox/results", "Inbox/results/", "Inbox/results/../../x.json", "Inbox/x.json", "/etc/passwd", "../x", "Inbox/results/.hidden",
		"Inbox/results/a/b.json", "Outbox/orders/a.json", "Inbox/results/..",
	} {
		source := result(from(answer))
		source.Path = bad
		if _, err := d.LayResult(t.Context(), source); err == nil {
			t.Errorf("result at %q", bad)
		}
		for _, err := range d.Outcomes(t.Context(), bad) {
			if err == nil {
				t.Errorf("outcomes of %q", bad)
			}
		}
		for _, err := range d.Changes(t.Context(), bad) {
			if err == nil {
				t.Errorf("changes of %q", bad)
			}
		}
		source2 := list(products(1))
		source2.Previous = bad
		if _, err := d.LayList(t.Context(), source2); err == nil && bad != "" {
			t.Errorf("previous %q", bad)
		}
	}
	for _, bad := range []string{"", "..", "../x", "a/b", `a\b`, "con", "results", "Results", ".incoming", "a:b", "x\x00", "a."} {
		source := list(products(1))
		source.Scope = bad
		if _, err := d.LayList(t.Context(), source); err == nil {
			t.Errorf("scope %q", bad)
		}
		if err := d.Prepare(t.Context(), []string{bad}); err == nil {
			t.Errorf("prepared scope %q", bad)
		}
	}
}

func TestNothingIsLaidDownWhereADriveWasUnplugged(t *testing.T) {
	d := open(t, disk.OS())
	if err := os.Remove(filepath.Join(d.dir, witness)); err != nil { // what is left is the empty folder it was mounted at
		t.Fatal(err)
	}
	if _, err := d.LayResult(t.Context(), result(from(answer))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a result: %v", err)
	}
	if _, err := d.LayList(t.Context(), list(products(1))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a list: %v", err)
	}
	if entries, err := os.ReadDir(d.dir); err != nil || len(entries) != 0 {
		t.Errorf("written beside the drive: %v, %v", entries, err)
	}
}

func TestAFolderThatIsALinkIsNotFollowed(t *testing.T) {
	d := open(t, disk.OS())
	outside := t.TempDir()
	if err := os.MkdirAll(filepath.Join(d.dir, "Inbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(d.dir, "Inbox", "results")); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := d.LayResult(t.Context(), result(from(answer))); !errors.Is(err, disk.ErrNotRegular) {
		t.Fatalf("got %v", err)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Fatalf("written outside: %v, %v", entries, err)
	}
}

func TestEveryFailureOfAResultCanBeRepeated(t *testing.T) {
	for n := range 100 {
		d := open(t, disk.OS())
		faulty := reopen(t, disktest.Faults{FS: disk.OS(), Before: disktest.Nth(n, false)}, d.dir)
		got, err := faulty.LayResult(t.Context(), result(from(answer)))
		if err == nil && got.Refused == 1 && n > 10 {
			return
		}
		if _, e := os.Stat(filepath.Join(d.dir, filepath.FromSlash(resultPath))); e == nil && d.read(resultPath) != answer {
			t.Fatalf("partial after a failure at %d", n)
		}
		if err := d.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		got, err = d.LayResult(t.Context(), result(from(answer)))
		if err != nil || got.Refused != 1 {
			t.Fatalf("repeated after a failure at %d: %+v, %v", n, got, err)
		}
		d.has(resultPath)
	}
	t.Fatal("never ended")
}

package watcher

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/journal"
)

// large tells whether a test runs in its full size, which takes minutes, or in one that takes a second.
func large() bool { return os.Getenv("POSTROOM_LARGE") != "" }

func TestJSONAMillionLevelsDeepIsExplainedAndHoldsUpNothing(t *testing.T) {
	const levels = 1_000_000
	inBubble(t, slow, func(t *testing.T, r *rig) {
		deep := map[string]string{
			"lists.json":        strings.Repeat("[", levels),
			"closed.json":       strings.Repeat("[", levels) + strings.Repeat("]", levels),
			"objects.json":      strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels),
			"in a record.json":  `[{"id": "W-1", "x": ` + strings.Repeat(`[{"y":`, levels/2) + "0" + strings.Repeat("}]", levels/2) + "}]",
			"under a name.json": `{"orders": ` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "}",
		}
		r.start()
		for name, text := range deep {
			r.drop(acme, "Outbox/orders/"+name, []byte(text))
			r.drop(acme, "Outbox/straight "+name, []byte(text))
		}
		r.drop(acme, "Outbox/orders/good.json", orders(1, 1))
		r.pass(3 * time.Minute)
		r.expect("good.json", journal.Accepted)
		for name, text := range deep {
			for _, name := range []string{name, "straight " + name} {
				got := r.expect(name, journal.Unchecked)
				if got.Problem == nil || got.Problem.Code != string(contract.CodeTooDeep) || got.Problem.Args["expected"] != "1000" || got.Problem.Args["line"] != "1" {
					t.Errorf("%s: %+v", name, got.Problem)
				}
				if got.Size != int64(len(text)) || got.Path != "Failed/"+name {
					t.Errorf("%s is %d bytes at %s", name, got.Size, got.Path)
				}
			}
		}
		if n := len(r.platform.Files()); n != 1 {
			t.Errorf("the platform has %d files", n)
		}
	})
}

func TestAHugeFileIsExplainedAndHoldsUpNothing(t *testing.T) {
	size := int64(64 << 20)
	if large() {
		size = 2 << 30
	}
	inBubble(t, slow, func(t *testing.T, r *rig) {
		files := map[string]struct{ begins, ends, code string }{
			"zeros.json":    {"", "", string(contract.CodeCut)},
			"a text.json":   {`[{"id": "`, `"}]`, string(contract.CodeControlCharacter)},
			"reserved.json": {`[{"id": "W-1"},`, "", string(contract.CodeCut)},
		}
		for name, file := range files {
			at := filepath.Join(r.desk, acme, "Outbox", "orders", name)
			sparse(t, at, size, file.begins, file.ends)
		}
		r.start()
		r.drop(acme, "Outbox/orders/good.json", orders(1, 1))
		r.pass(3 * time.Minute)
		r.expect("good.json", journal.Accepted)
		r.pass(10 * time.Minute)
		for name, file := range files {
			got := r.expect(name, journal.Unchecked)
			if got.Problem == nil || got.Problem.Code != file.code {
				t.Errorf("%s: %+v, want %s", name, got.Problem, file.code)
			}
			if info, err := os.Stat(filepath.Join(r.desk, acme, filepath.FromSlash(got.Path))); err != nil || info.Size() != size || got.Path != "Failed/"+name {
				t.Errorf("%s lies at %s: %v", name, got.Path, err)
			}
		}
		if n := len(r.platform.Files()); n != 1 {
			t.Errorf("the platform has %d files", n)
		}
	})
}

// sparse makes a file of zeros that takes no room, but for its ends.
func sparse(t *testing.T, name string, size int64, begins, ends string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stamp := time.Now().Add(-time.Minute)
	for _, err := range []error{
		f.Truncate(size), writeAt(f, 0, begins), writeAt(f, size-int64(len(ends)), ends), f.Sync(), os.Chtimes(name, stamp, stamp),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func writeAt(f *os.File, at int64, text string) error {
	_, err := f.WriteAt([]byte(text), at)
	return err
}

func TestAFolderOfVeryManyFilesIsTakenOver(t *testing.T) {
	many := 1_500
	if large() {
		many = 100_000
	}
	inBubble(t, slow, func(t *testing.T, r *rig) {
		if err := r.platform.SetInstalled(acme, false); err != nil { // so that one is on its way and the others wait
			t.Fatal(err)
		}
		folder := filepath.Join(r.desk, acme, "Outbox", "orders")
		stamp := time.Now().Add(-time.Minute)
		template := orders(1, 1)
		id := recordID(t, template, 0)
		for i := range many {
			name := filepath.Join(folder, fmt.Sprintf("%06d.json", i))
			content := bytes.ReplaceAll(template, []byte(id), fmt.Appendf(nil, "%s-%d", id, i))
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(name, stamp, stamp); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		r.start()
		for time.Since(began) < 24*time.Hour {
			r.pass(10 * time.Second)
			if counts := r.counts(t); counts.OnTheirWay == many {
				break
			}
		}
		if counts := r.counts(t); counts != (Counts{OnTheirWay: many}) {
			t.Fatalf("%+v of %d after %v", counts, many, time.Since(began))
		}
		page := must(r.Transfers(t.Context(), Query{Limit: 50}))(t)
		if len(page.Transfers) != 50 || page.Next == "" {
			t.Errorf("%d transfers on a page", len(page.Transfers))
		}
		if files := r.platform.Files(); len(files) != 1 {
			t.Errorf("the platform has %d files", len(files))
		}
		r.blameless()
	})
}

func (r *rig) counts(t *testing.T) Counts {
	t.Helper()
	return must(r.Overview(t.Context()))(t).Companies[0].Counts
}

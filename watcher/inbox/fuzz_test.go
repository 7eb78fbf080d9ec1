package inbox

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
)

// FuzzNothingLeavesTheInbox lays files down under whatever names a profile, a journal or a dropped file may bring, and
// looks at the whole company's folder and what is around it afterwards.
func FuzzNothingLeavesTheInbox(f *testing.F) {
	for _, name := range []string{
		"orders", "../x", "..", ".", "", "/etc", "a/b", `a\b`, "C:", "CON", "nul.json", "a:b", "a.", "a ", " a", ".hidden", ".incoming", "results", "Results", "RESULTS",
		"history", "changes", "x\x00y", "x\ny", "\u202egpj", "\xff", "a*", "products.json", "products/../../Outbox/orders", "InBox", strings.Repeat("ä", 127), strings.Repeat("a", 255),
		strings.Repeat("a", 300), "e\u0301", "é", "ﬀ", "../../outside/evil", "orders (2)", "products 2026-11-24 101500", "desktop.ini", "~", "-", "$(x)",
	} {
		f.Add(name, name+".result.json", "Inbox/"+name+"/history/"+name+" 2026-11-24 101500.json", `[{"id":"1"}]`)
		f.Add("products", "Inbox/results/"+name+".json", name, `[]`)
	}
	f.Fuzz(func(t *testing.T, scope, result, previous, content string) {
		around := t.TempDir()
		company := filepath.Join(around, "company")
		put := func(name, text string) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(filepath.Join(around, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(around, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put("outside/evil", "untouched")
		put("company/Outbox/orders/mine.json", "untouched")
		before := snapshot(t, around)
		b, err := New(Options{FS: disk.OS(), Folder: company, Checker: checker(), Now: func() time.Time { return time.Date(2026, 11, 24, 10, 15, 0, 0, time.UTC) }})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		fetch := func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		}
		if b.Prepare(ctx, []string{scope}) == nil && disk.ValidName(scope) != nil {
			t.Errorf("folders are made for the scope %q", scope)
		}
		list, listErr := b.LayList(ctx, Source{Scope: scope, At: time.Date(2026, 11, 24, 10, 15, 0, 0, time.UTC), Previous: previous, Fetch: fetch})
		if listErr == nil && disk.ValidName(scope) != nil {
			t.Errorf("a list of %q is laid down", scope)
		}
		laid, resultErr := b.LayResult(ctx, ResultSource{Path: result, Scope: scope, Fetch: fetch})
		if resultErr == nil && (path.Dir(result) != Results || laid.Path != result) {
			t.Errorf("a result is laid down at %q for %q", laid.Path, result)
		}
		for range b.Outcomes(ctx, result) {
			break
		}
		after := snapshot(t, around)
		for name, text := range before {
			if after[name] != text {
				t.Errorf("%s has changed", name)
			}
		}
		for name := range after {
			if _, was := before[name]; !was && !strings.HasPrefix(name, "company/Inbox/") && name != "company/Inbox" {
				t.Errorf("scope %q and result %q make %q", scope, result, name)
			}
		}
		if listErr == nil && !list.Same && after["company/"+list.Path] != content {
			t.Errorf("the list is not at %q", list.Path)
		}
		if resultErr == nil && after["company/"+laid.Path] != content {
			t.Errorf("the result is not at %q", laid.Path)
		}
		for name := range after {
			if strings.HasPrefix(name, "company/Inbox/.incoming/") {
				t.Errorf("%q was left half written", name)
			}
		}
	})
}

// snapshot is what lies in a folder and below: the content of each file, "/" for a folder.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	there := map[string]string{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		relative := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		there[relative] = "/"
		if entry.Type().IsRegular() {
			data, err := os.ReadFile(name)
			there[relative] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}

package watcher

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"postroom/sage"
	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/outbox"
)

// FuzzAScopeThatAProfileAllowsHasItsFolders holds the profile's check and the folders' own rules together: one scope that
// only the former allowed would keep all files of its company from being carried.
func FuzzAScopeThatAProfileAllowsHasItsFolders(f *testing.F) {
	for _, name := range []string{
		"orders", "Orders", "ÓRDENES", "results", "Results", "held", ".x", "x.", "x ", "CON", "con.x", "com1", "com¹", "a\u202eb", "a\u200bb", "\u2028", "a:b", "a/b", "..", "é", "e\u0301", "ſ", "ﬀ",
		"reſults", "ＨＥＬＤ", "\ufeffx", "x\u00a0", "\u3000x", strings.Repeat("a", 100), strings.Repeat("ä", 60), "history", "changes", "ꮟ",
	} {
		f.Add(name, "orders")
		f.Add(name, strings.ToUpper(name))
	}
	checker, err := contract.New()
	if err != nil {
		f.Fatal(err)
	}
	deliver := func(context.Context, []outbox.Finding) error { return nil }
	f.Fuzz(func(t *testing.T, one, two string) {
		scopes := map[string]any{}
		for _, name := range []string{one, two} {
			scopes[name] = map[string]string{"direction": "incoming", "contract": "customer"}
		}
		document, err := json.Marshal(map[string]any{"domains": map[string]any{"other": map[string]any{"scopes": scopes}}})
		if err != nil {
			t.Fatal(err)
		}
		profile, err := sage.LoadProfile(strings.NewReader(string(document)))
		if err != nil {
			return
		}
		folder := t.TempDir()
		if err := disk.OS().Mkdir(filepath.Join(folder, "Outbox")); err != nil {
			t.Fatal(err)
		}
		box, err := inbox.New(inbox.Options{FS: disk.OS(), Folder: folder, Checker: checker})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		var drops []outbox.Scope
		for name := range profile.Domains["other"].Scopes {
			names = append(names, name)
			drops = append(drops, outbox.Scope{Name: name, Contract: "customer"})
		}
		if err := box.Prepare(t.Context(), names); err != nil {
			t.Errorf("%q: %v", names, err)
		}
		if _, err := outbox.New(outbox.Options{FS: disk.OS(), Folder: folder, Checker: checker, Scopes: drops, Deliver: deliver}); err != nil {
			t.Errorf("%q: %v", names, err)
		}
	})
}

package disk_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"postroom/watcher/disk"
)

func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"orders.json":             "orders",
		"orders (2).json":         "orders (2)",
		"orders (2).result.json":  "orders (2)",
		"orders.error.txt":        "orders",
		"orders.unclear.txt":      "orders",
		"orders.tar.gz":           "orders.tar",
		"orders":                  "orders",
		".orders":                 ".orders",
		".result.json":            ".result",
		"a.b.":                    "a.b",
		"ORDERS.JSON":             "ORDERS",
		"Bestellungen März.json":  "Bestellungen März",
		"orders.result.json.json": "orders.result.json",
	} {
		if got := disk.Stem(name); got != want {
			t.Errorf("Stem(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNumbered(t *testing.T) {
	long := strings.Repeat("ä", 126) + "abc" // 255 bytes
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"orders.json", 1, "orders.json"},
		{"orders.json", 2, "orders (2).json"},
		{"orders (2).json", 2, "orders (2) (2).json"},
		{"orders.result.json", 3, "orders (3).result.json"},
		{"orders", 10, "orders (10)"},
		{".hidden", 2, ".hidden (2)"},
		{long, 1, long},
		{long, 2, strings.Repeat("ä", 125) + " (2)"},
	} {
		if got := disk.Numbered(c.name, c.n); got != c.want {
			t.Errorf("Numbered(%q, %d) = %q, want %q", c.name, c.n, got, c.want)
		}
	}
}

func TestBesideTakesTheStem(t *testing.T) {
	if got := disk.Beside("orders (2).json", ".error.txt"); got != "orders (2).error.txt" {
		t.Errorf("got %q", got)
	}
	if got := disk.Beside(strings.Repeat("a", 250)+".json", ".unclear.txt"); len(got) > 255 || !strings.HasSuffix(got, ".unclear.txt") {
		t.Errorf("got %q, %d bytes", got, len(got))
	}
}

func TestALongNameThatIsNoUTF8IsCutAtTheLimit(t *testing.T) {
	name := strings.Repeat("\x93", 255)
	if got := disk.Beside(name, ".result.json"); len(got) != 255 || !strings.HasPrefix(got, name[:200]) {
		t.Errorf("%d bytes, %q", len(got), got)
	}
	if got := disk.Numbered(name, 2); len(got) != 255 || !strings.HasSuffix(got, "\x93 (2)") {
		t.Errorf("%d bytes, %q", len(got), got)
	}
}

func TestFoldComparesAsPeopleSee(t *testing.T) {
	for _, same := range [][2]string{
		{"Orders.JSON", "orders.json"},
		{"Bestellungen Ma\u0308rz", "bestellungen m\u00e4rz"}, // decomposed and composed
		{"STRASSE", "straße"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"\u13cf.json", "\uab9f.json"}, // Cherokee, which folds the other way round
		{"\u13f3", "\u13fb"},
	} {
		if disk.Fold(same[0]) != disk.Fold(same[1]) {
			t.Errorf("%q and %q differ", same[0], same[1])
		}
	}
	if disk.Fold("orders") == disk.Fold("order") {
		t.Error("different names are the same")
	}
}

func TestValidName(t *testing.T) {
	for _, good := range []string{
		"orders", "orders (2).json", "Müller & Söhne GmbH", "日本語.json", "a.b.c", "console", "com", "com10", "lpt", "nulls.json",
		"a'b", "100%", "#1", "$x", "~x", strings.Repeat("a", 255), ".hidden",
	} {
		if err := disk.ValidName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", ".", "..", "a/b", `a\b`, "../a", "C:", "C:a", "a:stream", "a::$DATA", "a*", "a?", `a"b`, "a<b", "a>b", "a|b",
		"a.", "a ", " a", "a\x00", "a\nb", "a\x7f", "a\u0085b", "con", "CON", "Con.json", "con .txt", "nul.tar.gz", "AUX",
		"com1", "COM9.json", "com¹", "LPT².txt", "com0", "conin$", "CONOUT$", "\xff", "a\u202egpj.exe", "a\u200bb", "\ufeffa",
		strings.Repeat("a", 256), strings.Repeat("ä", 128),
	} {
		if err := disk.ValidName(bad); !errors.Is(err, disk.ErrName) {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestSafeNameKeepsWhatItCan(t *testing.T) {
	for text, want := range map[string]string{
		"Acme Ltd":                  "Acme Ltd",
		"Müller / Söhne GmbH & Co.": "Müller - Söhne GmbH & Co",
		"  Acme   Ltd  ":            "Acme Ltd",
		"../../etc":                 "-..-etc",
		"...":                       "_",
		"":                          "_",
		"\x00\u202e":                "_",
		"CON":                       "_CON",
		"nul.json":                  "_nul.json",
		"C:\\Windows":               "C--Windows",
		".hidden":                   "hidden",
		"a\tb\nc":                   "a b c",
		"/":                         "-",
	} {
		if got := disk.SafeName(text); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestNamesGivesEachFileItsOwn(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "Orders.JSON"), "")
	put(t, filepath.Join(dir, "orders (3).json"), "")
	n := disk.NewNames(disk.OS())
	for _, want := range []string{"orders (2).json", "orders (4).json", "orders (5).json"} {
		if got, err := n.Free(dir, "orders.json"); err != nil || got != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	if got, err := n.Free(dir, "ma\u0308rz.json"); err != nil || got != "ma\u0308rz.json" {
		t.Fatalf("the name was changed to %q, %v", got, err)
	}
	if got, err := n.Free(dir, "M\u00c4RZ.json"); err != nil || got != "M\u00c4RZ (2).json" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestNamesLooksAtTheFoldersBeside(t *testing.T) {
	dir := t.TempDir()
	sent, results := filepath.Join(dir, "sent"), filepath.Join(dir, "results")
	if err := disk.OS().MkdirAll(results); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(results, "orders.result.json"), "")
	n := disk.NewNames(disk.OS())
	got, err := n.Free(sent, "orders.json", disk.Companion{Folder: results, End: ".result.json"})
	if err != nil || got != "orders (2).json" {
		t.Fatalf("got %q, %v", got, err)
	}
	if got, err := n.Free(results, "orders (2).result.json"); err != nil || got != "orders (2) (2).result.json" {
		t.Fatalf("the companion's name was given out twice: %q, %v", got, err)
	}
}

func TestNamesReadsAFolderAgainAfterForget(t *testing.T) {
	dir := t.TempDir()
	n := disk.NewNames(disk.OS())
	if got, _ := n.Free(dir, "a"); got != "a" {
		t.Fatalf("got %q", got)
	}
	n.Forget(dir)
	if got, _ := n.Free(dir, "a"); got != "a" {
		t.Fatalf("got %q", got)
	}
}

func TestMoveFreeStepsOverNamesTakenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	n := disk.NewNames(disk.OS())
	to := filepath.Join(dir, "to")
	if err := disk.OS().Mkdir(to); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Free(to, "other"); err != nil { // the folder has been read by now
		t.Fatal(err)
	}
	put(t, filepath.Join(to, "a.json"), "a person's")
	got, err := n.MoveFree(put(t, filepath.Join(dir, "x"), "ours"), to, "a.json")
	if err != nil || got != "a (2).json" {
		t.Fatalf("got %q, %v", got, err)
	}
	if content(t, filepath.Join(to, "a.json")) != "a person's" {
		t.Fatal("replaced")
	}
}

func TestNamesAreGivenOutOnceToManyAtATime(t *testing.T) {
	dir := t.TempDir()
	n := disk.NewNames(disk.OS())
	var mu sync.Mutex
	given := make(map[string]bool)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				name, err := n.Free(dir, "orders.json")
				mu.Lock()
				if err != nil || given[name] {
					t.Errorf("%q given out twice, or %v", name, err)
				}
				given[name] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(given) != 4000 {
		t.Fatalf("%d names", len(given))
	}
}

func TestNamesForgetsTheFolderReadLongestAgo(t *testing.T) {
	n := disk.NewNames(disk.OS())
	dir := t.TempDir()
	if _, err := n.Free(dir, "a"); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if _, err := n.Free(filepath.Join(dir, "other", fmt.Sprint(i)), "a"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := n.Free(dir, "a"); got != "a" || err != nil {
		t.Fatalf("still remembered after 40 others: %q, %v", got, err)
	}
}

func BenchmarkNamesSameName(b *testing.B) {
	dir := b.TempDir()
	n := disk.NewNames(disk.OS())
	for b.Loop() {
		if _, err := n.Free(dir, "orders.json"); err != nil {
			b.Fatal(err)
		}
	}
}

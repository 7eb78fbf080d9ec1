package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

func product(id string, more ...string) string {
	p := fmt.Sprintf(`{"id":%q,"name":"Product %s","netPrice":9.50,"tax":20,"discountByUnit":false`, id, id)
	for _, m := range more {
		p += "," + m
	}
	return p + "}"
}

// products is a list of n products.
func products(n int) string {
	all := make([]string, n)
	for i := range n {
		all[i] = product(fmt.Sprint(i))
	}
	return array(all...)
}

func array(records ...string) string { return "[" + strings.Join(records, ",") + "]" }

var hour = 0

// list is a list of products of the platform, an hour later than the one before.
func list(content string) Source {
	hour++
	return Source{Scope: "products", Contract: "product", At: wall.Add(time.Duration(hour) * time.Hour), Fetch: from(content)}
}

func (d desk) lay(source Source) List {
	d.t.Helper()
	l, err := d.LayList(d.t.Context(), source)
	if err != nil {
		d.t.Fatal(err)
	}
	return l
}

// changed reads a file of changes as "kind id fields".
func (d desk) changed(l List) []string {
	d.t.Helper()
	var all []string
	for c, err := range d.Changes(d.t.Context(), l.Changes) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(c.Kind+" "+c.ID+" "+strings.Join(c.Fields, ",")))
	}
	return all
}

func TestTheFirstListIsTheNewestAndAKeptVersion(t *testing.T) {
	d := open(t, disk.OS())
	content := products(412)
	l := d.lay(Source{Scope: "products", Contract: "product", At: wall, Fetch: from(content)})
	want := List{
		Path: "Inbox/products/history/products 2026-11-24 101500.json", Newest: "Inbox/products/products.json",
		Size: int64(len(content)), SHA256: sum(content), Records: 412, First: true,
	}
	if l != want {
		t.Errorf("got %+v, want %+v", l, want)
	}
	d.has(l.Path, l.Newest)
	if d.read(l.Path) != content || d.read(l.Newest) != content {
		t.Error("other content")
	}
}

func TestWhatChangedBetweenTwoListsIsTold(t *testing.T) {
	d := open(t, disk.OS())
	before := array(product("a"), product("b"), product("c"), product("d"), `{"id":5,"name":"five"}`, `{"name":"no id"}`)
	after := array(product("new"), product("a"), product("c", `"brand":"X"`), `{"discountByUnit":false,"netPrice":10,"tax":20,"name":"Pro\u0064uct d","id":"d"}`,
		`{"id":5,"name":"five"}`, `{"name":"no id, other"}`)
	first := d.lay(list(before))
	second := d.lay(list(after))
	if second.Added != 2 || second.Changed != 2 || second.Removed != 2 || second.First || second.Records != 6 {
		t.Errorf("%+v", second)
	}
	want := []string{"added new", "changed c brand", "changed d netPrice", "added", "removed b", "removed"}
	if got := d.changed(second); !slices.Equal(got, want) {
		t.Errorf("changes %q, want %q", got, want)
	}
	if d.read(first.Path) != before || d.read(second.Path) != after || d.read(second.Newest) != after {
		t.Error("other content")
	}
	d.has(second.Changes, first.Path, second.Path, second.Newest)

	var whole struct {
		List, Before                     string
		Changes                          []Change
		Records, Added, Changed, Removed int
	}
	if err := json.Unmarshal([]byte(d.read(second.Changes)), &whole); err != nil {
		t.Fatal(err)
	}
	if whole.Before != first.Path || whole.List != "products" || len(whole.Changes) != 6 || whole.Added != 2 || whole.Records != 6 {
		t.Errorf("%+v", whole)
	}
	if whole.Changes[0].Label != "Product new" {
		t.Errorf("label %q", whole.Changes[0].Label)
	}
}

func TestTheWayAListIsWrittenIsNoChange(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(array(`{"id":"a","name":"Caf\u00e9","addresses":[{"city":"X","id":"1"}],"tax":20.0}`, product("b"))))
	l := d.lay(list(`{"products": [` + product("b") + `, {"addresses" : [ {"id":"1","city":"X"} ], "name":"Café", "id":"a", "tax" : 20.0}]}`))
	if l.Added+l.Changed+l.Removed != 0 || l.Same {
		t.Errorf("%+v, %q", l, d.changed(l))
	}
	l = d.lay(list(array(`{"id":"a","name":"Café","addresses":[{"city":"X","id":"1"}],"tax":20}`, product("b"))))
	if got := d.changed(l); !slices.Equal(got, []string{"changed a tax"}) {
		t.Errorf("a number written otherwise may be another amount: %q", got)
	}
}

func TestTheSameListIsNotLaidDownTwice(t *testing.T) {
	d := open(t, disk.OS())
	first := d.lay(list(products(3)))
	again := d.lay(list(products(3)))
	if !again.Same || again.Path != first.Path || again.Records != 3 || again.Newest != first.Newest {
		t.Errorf("%+v", again)
	}
	d.has(first.Path, first.Newest)
	if err := os.Remove(filepath.Join(d.dir, first.Newest)); err != nil {
		t.Fatal(err)
	}
	d.lay(list(products(3)))
	d.has(first.Path, first.Newest)
}

func TestShrunkenAndEmptyListsAreLaidDownAndMarked(t *testing.T) {
	for name, c := range map[string]struct {
		before, after int
		code          string
	}{
		"half is no shrinking": {10, 5, ""},
		"less than half":       {10, 4, "listShrunken"},
		"nothing":              {10, 0, "listEmpty"},
		"nothing at first":     {-1, 0, "listEmpty"},
		"nothing after nothing": {
			0, 0, "listEmpty",
		},
		"growing": {1, 100, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, disk.OS())
			if c.before >= 0 {
				d.lay(list(products(c.before)))
			}
			content := products(c.after) + " "
			l := d.lay(list(content))
			code := ""
			if l.Problem != nil {
				code = l.Problem.Code
			}
			if code != c.code {
				t.Errorf("marked %q, want %q", code, c.code)
			}
			if d.read(l.Newest) != content {
				t.Error("not laid down")
			}
			if c.before > 0 {
				doubtful := strings.Contains(d.read(l.Changes), `"doubtful":true`)
				if doubtful != (c.code != "") || l.Removed != max(c.before-c.after, 0) {
					t.Errorf("doubtful %v, removed %d", doubtful, l.Removed)
				}
			}
		})
	}
}

func TestAListThatIsNotAsItsContractWantsIsLaidDownAndMarked(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(products(2)))
	content := array(product("0"), `{"id":"1"}`)
	l := d.lay(list(content))
	if l.Problem == nil || l.Problem.Code != "listMismatch" || l.Problem.Args["reason"] != "missingProperty" || l.Problem.Args["record"] != "2" {
		t.Errorf("problem %+v", l.Problem)
	}
	if l.Changed != 1 || d.read(l.Newest) != content {
		t.Errorf("%+v", l)
	}
}

func TestAListThatCannotBeReadIsKeptAndTheNewestStays(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON": "<html>502 Bad Gateway</html>",
		"cut":     products(5)[:200],
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, disk.OS())
			first := d.lay(list(products(5)))
			l := d.lay(list(content))
			if l.Problem == nil || l.Problem.Code != "listUnreadable" || l.Newest != "" || l.Changes != "" {
				t.Errorf("%+v", l)
			}
			if d.read(l.Path) != content || d.read(first.Newest) != products(5) {
				t.Error("other content")
			}
			source := list(products(6))
			source.Previous = first.Path
			if next := d.lay(source); next.Added != 1 || next.First {
				t.Errorf("the next one: %+v", next)
			}
			if next := d.lay(list(products(7))); next.Added != 1 {
				t.Errorf("the one after: %+v", next)
			}
		})
	}
}

func TestAVersionBeforeThatCannotBeReadIsNoReasonToStop(t *testing.T) {
	d := open(t, disk.OS())
	bad := d.lay(list("<html>"))
	source := list(products(3))
	source.Previous = bad.Path
	if l := d.lay(source); !l.First || l.Records != 3 || l.Newest == "" || l.Problem != nil {
		t.Errorf("%+v", l)
	}
}

func TestAnEditedNewestIsKept(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(products(3)))
	d.put("Inbox/products/products.json", "a person's notes")
	l := d.lay(list(products(4)))
	if l.Added != 1 {
		t.Errorf("compared with something else: %+v", l)
	}
	kept := ""
	for _, name := range d.files() {
		if strings.Contains(name, "(edited)") {
			kept = name
		}
	}
	if kept == "" || d.read(kept) != "a person's notes" || !strings.Contains(kept, "/history/") {
		t.Fatalf("there are %q", d.files())
	}
	if d.read(l.Newest) != products(4) {
		t.Error("other content")
	}
	if next := d.lay(list(products(5))); next.Added != 1 {
		t.Errorf("compared with the edited one: %+v", next)
	}
}

func TestARemovedNewestIsLaidDownAgainAndComparedAllTheSame(t *testing.T) {
	d := open(t, disk.OS())
	first := d.lay(list(products(3)))
	if err := os.Remove(filepath.Join(d.dir, first.Newest)); err != nil {
		t.Fatal(err)
	}
	if l := d.lay(list(products(4))); l.Added != 1 || l.First || d.read(l.Newest) != products(4) {
		t.Errorf("%+v", l)
	}
}

func TestAClearedHistoryIsNoLoss(t *testing.T) {
	d := open(t, disk.OS())
	first := d.lay(list(products(3)))
	if err := os.RemoveAll(filepath.Join(d.dir, "Inbox/products/history")); err != nil {
		t.Fatal(err)
	}
	source := list(products(4))
	source.Previous = first.Path
	l := d.lay(source)
	if l.Added != 1 || l.First {
		t.Errorf("not compared with the newest: %+v", l)
	}
	all := ""
	for _, name := range d.files() {
		all += d.read(name) + "\n"
	}
	if !strings.Contains(all, products(3)+"\n") {
		t.Error("the newest was replaced without a kept version")
	}
}

func TestTwoListsOfOneSecondKeepTheirOwnVersions(t *testing.T) {
	d := open(t, disk.OS())
	a, b := list(products(1)), list(products(2))
	b.At = a.At
	first, second := d.lay(a), d.lay(b)
	if first.Path == second.Path || d.read(first.Path) != products(1) || d.read(second.Path) != products(2) {
		t.Errorf("%q and %q", first.Path, second.Path)
	}
	if third := d.lay(list(products(3))); third.Added != 1 {
		t.Errorf("compared with the wrong one: %+v", third)
	}
}

func TestRepeatedIDsAreOneRecord(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(array(product("a"), product("a"), product("b"))))
	l := d.lay(list(array(product("a"), product("a", `"x":1`), product("c"), product("c"))))
	if l.Added != 1 || l.Changed != 1 || l.Removed != 1 || l.Records != 4 {
		t.Errorf("%+v", l)
	}
	if got := d.changed(l); len(got) != 3 {
		t.Errorf("changes %q", got)
	}
}

func TestEveryFailureOfAListCanBeRepeated(t *testing.T) {
	before, after := array(product("a"), product("b")), array(product("a", `"x":1`), product("c"))
	source := Source{Scope: "products", Contract: "product", At: wall.Add(time.Hour), Fetch: from(after)}
	var want []string
	for n := range 300 {
		d := open(t, disk.OS())
		first := d.lay(Source{Scope: "products", Contract: "product", At: wall, Fetch: from(before)})
		source.Previous = first.Path
		faulty := reopen(t, disktest.Faults{FS: disk.OS(), Before: disktest.Nth(n, false)}, d.dir)
		_, err := faulty.LayList(t.Context(), source)
		if newest := d.read("Inbox/products/products.json"); newest != before && newest != after {
			t.Fatalf("after a failure at %d the newest holds %q", n, newest)
		}
		if err == nil && n > 20 {
			d.has(want...)
			return
		}
		if err := d.Prepare(t.Context(), []string{"products"}); err != nil {
			t.Fatal(err)
		}
		l, err := d.LayList(t.Context(), source)
		if err != nil || l.Added != 1 || l.Changed != 1 || l.Removed != 1 || l.First || l.Same {
			t.Fatalf("repeated after a failure at %d: %+v, %v", n, l, err)
		}
		if want == nil {
			want = d.files()
		}
		d.has(want...)
		if d.read(first.Path) != before || d.read(l.Path) != after || d.read(l.Newest) != after {
			t.Fatalf("other content after a failure at %d", n)
		}
	}
	t.Fatal("never ended")
}

func TestANewestThatIsHeldOpenIsLaidDownLater(t *testing.T) {
	d := open(t, disk.OS())
	first := d.lay(list(products(1)))
	held := true
	fsys := disktest.Faults{FS: disk.OS(), Before: func(op disktest.Op, _ string) error {
		if op == disktest.Rename && held {
			return disk.ErrBusy
		}
		return nil
	}}
	windows := reopen(t, fsys, d.dir)
	source := list(products(2))
	source.Previous = first.Path
	if _, err := windows.LayList(t.Context(), source); !errors.Is(err, disk.ErrBusy) {
		t.Fatalf("got %v", err)
	}
	held = false
	l, err := windows.LayList(t.Context(), source)
	if err != nil || l.Added != 1 || d.read(l.Newest) != products(2) {
		t.Fatalf("%+v, %v", l, err)
	}
	d.has(l.Changes, first.Path, l.Path, l.Newest)
}

func TestChangesStopWhenNobodyListens(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(products(1)))
	l := d.lay(list(products(10)))
	for range d.Changes(t.Context(), l.Changes) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range d.Changes(ctx, l.Changes) {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	const many = 100_000
	dir := b.TempDir()
	if err := os.Mkdir(filepath.Join(dir, witness), 0o700); err != nil {
		b.Fatal(err)
	}
	box, err := New(Options{FS: disk.OS(), Checker: checker(), Folder: dir})
	if err != nil {
		b.Fatal(err)
	}
	contents := [2]string{products(many), products(many + 1)}
	b.SetBytes(int64(len(contents[0])))
	i := 0
	for b.Loop() {
		i++
		source := list(contents[i%2])
		if _, err := box.LayList(b.Context(), source); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAChangedRecordTellsWhatItsPropertiesWereAndAre(t *testing.T) {
	d := open(t, disk.OS())
	d.lay(list(array(
		`{"id":"a","name":"Table","netPrice":9.50,"tax":20,"brand":"Oak","addresses":[{"city":"X"}],"note":"two\nlines"}`, product("b"),
	)))
	l := d.lay(list(array(
		`{"id":"a","name":"Table","netPrice":11,"tax":20,"category":null,"addresses":[{"city":"Y"}],"note":"one"}`, product("b"),
	)))
	var got []Value
	for c, err := range d.Changes(t.Context(), l.Changes) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c.Values...)
	}
	want := []Value{
		{"addresses", Composite, Composite}, {"brand", "Oak", ""}, {"category", "", ""}, {"netPrice", "9.50", "11"}, {"note", "two lines", "one"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestWhatPropertiesWereIsKeptForNoMoreThanAPersonReads(t *testing.T) {
	const many = maxValued + 5
	priced := func(price int) string {
		all := make([]string, many)
		for i := range many {
			all[i] = fmt.Sprintf(`{"id":"%d","netPrice":%d}`, i, price)
		}
		return array(all...)
	}
	d := open(t, disk.OS())
	d.lay(list(priced(1)))
	l := d.lay(list(priced(2)))
	valued, named := 0, 0
	for c, err := range d.Changes(t.Context(), l.Changes) {
		if err != nil {
			t.Fatal(err)
		}
		valued, named = valued+len(c.Values), named+len(c.Fields)
	}
	if valued != maxValued || named != many {
		t.Errorf("%d values and %d names of %d changed records", valued, named, many)
	}
}

func TestAListIsComparedWithTheOneThatIsTrustedAndReplacesTheOneThatIsNot(t *testing.T) {
	d := open(t, disk.OS())
	first := d.lay(list(products(10)))
	shrunken := list(products(2))
	shrunken.Previous = first.Path
	doubtful := d.lay(shrunken)
	whole := list(products(11))
	whole.Previous, whole.Last = first.Path, doubtful.Path
	l := d.lay(whole)
	if l.Added != 1 || l.Changed+l.Removed != 0 || d.read(l.Newest) != products(11) {
		t.Errorf("%+v", l)
	}
	for _, name := range d.files() {
		if strings.Contains(name, "(edited)") {
			t.Errorf("%s is taken for a person's", name)
		}
	}
	back := list(products(10))
	back.Previous, back.Last = first.Path, l.Path
	if got := d.lay(back); !got.Same || got.Path != first.Path || d.read(got.Newest) != products(10) {
		t.Errorf("the trusted one again: %+v", got)
	}
	back = list(products(2))
	back.Previous, back.Last = first.Path, doubtful.Path
	if got := d.lay(back); !got.Same || got.Path != doubtful.Path || d.read(got.Newest) != products(2) {
		t.Errorf("the doubtful one again: %+v", got)
	}
}

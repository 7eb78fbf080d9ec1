package courier

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
	"postroom/watcher/journal"
)

func TestContentIsAllThatWasHashedOrAnError(t *testing.T) {
	long := strings.Repeat("0123456789", 5000)
	for _, c := range []struct {
		name    string
		content string
		spoil   func(string) string
		want    error
	}{
		{"short", "content", nil, nil},
		{"long", long, nil, nil},
		{"exactly what is held back", strings.Repeat("x", heldBack), nil, nil},
		{"one more", strings.Repeat("x", heldBack+1), nil, nil},
		{"empty", "", nil, nil},
		{"longer", "content", func(s string) string { return s + "!" }, errEdited},
		{"shorter", long, func(s string) string { return s[:len(s)-1] }, errEdited},
		{"much shorter", long, func(s string) string { return s[:10] }, errEdited},
		{"changed at its beginning", long, func(s string) string { return "X" + s[1:] }, errEdited},
		{"changed at its end", long, func(s string) string { return s[:len(s)-1] + "X" }, errEdited},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			record := d.put(Aside("T1"), c.content)
			if c.spoil != nil {
				if err := os.WriteFile(full(d.root, Aside("T1")), []byte(c.spoil(c.content)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			body, err := d.body(&record).Open()
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			got, err := io.ReadAll(body)
			if !errors.Is(err, c.want) || c.want == nil && string(got) != c.content {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if c.want != nil && len(got) >= len(c.content) && len(got) > 0 {
				t.Errorf("all of what is not the file went out: %d bytes", len(got))
			}
		})
	}
}

func TestContentIsFoundWhereAPowerCutLeftIt(t *testing.T) {
	d := newDesk(t)
	record := d.put("Outbox/orders/a.json", "content")
	record.State, record.Path = journal.Created, Aside("T1")
	body, err := d.content(record)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
	os.Remove(full(d.root, "Outbox/orders/a.json"))
	if _, err := d.content(record); !errors.Is(err, errMissing) {
		t.Errorf("nowhere: %v", err)
	}
	record.Path = ""
	if _, err := d.content(record); !errors.Is(err, errMissing) {
		t.Errorf("taken away: %v", err)
	}
}

func TestAFileIsNotAtFaultWhileItsWholeFolderCannotBeLookedAt(t *testing.T) {
	d := newDesk(t)
	record := d.put("Outbox/.sending/T1", "content")
	for _, c := range []struct {
		fails []disktest.Op
		want  FailureKind
	}{
		{[]disktest.Op{disktest.Open}, Unreadable},
		{[]disktest.Op{disktest.Open, disktest.Lstat}, Later},
	} {
		p := d.porterOn(disktest.Faults{FS: disk.OS(), Before: func(op disktest.Op, _ string) error {
			if slices.Contains(c.fails, op) {
				return disktest.ErrFault
			}
			return nil
		}})
		_, err := p.content(record)
		if got := Judge(t.Context(), err).Kind; got != c.want {
			t.Errorf("where %v fail it is %v, want %v: %v", c.fails, got, c.want, err)
		}
	}
}

func TestADriveThatComesBackBetweenTwoLooksHadTheFile(t *testing.T) {
	d := newDesk(t)
	record := d.put(Aside("T1"), "content")
	record.State, record.Path = journal.Created, Aside("T1")
	if err := os.Rename(d.root, d.root+" away"); err != nil {
		t.Fatal(err)
	}
	d.Porter = d.porterOn(disktest.Faults{FS: disk.OS(), Before: func(op disktest.Op, name string) error {
		if op == disktest.Lstat && name == full(d.root, "Outbox") {
			_ = os.Rename(d.root+" away", d.root)
		}
		return nil
	}})
	content, err := d.content(record)
	if err != nil {
		t.Fatal(err)
	}
	content.Close()
}

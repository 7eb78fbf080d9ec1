package watcher

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postroom/watcher/journal"
)

func testMasker(names ...string) *masker {
	m := &masker{salt: []byte("salt"), people: regexp.MustCompile(`\b(?:ana|desk7)\b`)}
	m.known = m.replacer("/home/ana/.config/postroom", []Connection{{Company: "Acme Ltd", Folder: "/files/Acme Ltd"}}, names)
	return m
}

func TestNamesAreMaskedWhereverTheyStandInALine(t *testing.T) {
	m := testMasker("Jane Doe.json", "Jane Doe")
	for _, c := range []struct{ line, keeps string }{
		{`time=2026-11-24T10:00:00Z level=WARN msg="a file was not added" file="/home/bob/Jane Doe.json" error="open /home/bob/Jane Doe.json: permission denied"`, "permission denied"},
		{`time=2026-11-24T10:00:00Z level=INFO msg="a company's files were found" company="Acme Ltd" open=3 took=12ms`, "open=3 took=12ms"},
		{`time=2026-11-24T10:00:00Z level=WARN msg="gone" folder="/files/Acme Ltd/Outbox/orders" error="beginning Jane Doe.json in /files/Acme Ltd/Outbox/orders: no room"`, "Outbox/orders: no room"},
		{`time=2026-11-24T10:00:00Z level=WARN msg="held" error="/files/Acme Ltd/Outbox/.postroom.lock is held by ana on desk7 (home /home/ana/x)"`, ".postroom.lock is held by"},
		{`time=2026-11-24T10:00:00Z level=WARN msg="found" file=secret-customer.json`, "file=file-"},
		{`time=2026-11-24T10:00:00Z level=DEBUG msg=call url=https://platform.example/api/files/latest status=200`, "https://platform.example/api/files/latest status=200"},
		{`panic: open /files/Acme Ltd/Sent/2026-11/unknown to journal.json: gone`, "/Sent/2026-11/file-"},
		{`a line with C:\Users\bob\Desktop\Jane Doe.json in it`, `C:\Users\file-`},
	} {
		got := m.line(c.line)
		for _, name := range []string{"Jane", "Doe", "Acme", "bob", "ana", "desk7", "secret-customer", "unknown to journal"} {
			if strings.Contains(got, name) {
				t.Errorf("%q still holds %q", got, name)
			}
		}
		if !strings.Contains(got, c.keeps) {
			t.Errorf("%q lost %q", got, c.keeps)
		}
	}
}

func TestAMarkIsTheSameForTheSameNameAndNotInAnotherBundle(t *testing.T) {
	m, other := testMasker("a name.json", "a name"), testMasker("a name.json")
	other.salt = []byte("another salt")
	for volume, want := range map[string]string{"/ (ext4)": "/ (ext4)", "/srv (nfs4)": "/srv (nfs4)", "C:": "C:", "": ""} {
		if got := m.value("volume", volume); got != want {
			t.Errorf("the volume %q becomes %q", volume, got)
		}
	}
	if got := m.value("volume", "/media/bob/Stick of Bob (vfat)"); strings.Contains(strings.ToLower(got), "bob") || !strings.HasSuffix(got, "(vfat)") {
		t.Errorf("a person's volume becomes %q", got)
	}
	if m.value("name", "a name.json") != m.text("a name.json") {
		t.Error("one name has two marks")
	}
	if m.file("a name.json") == other.file("a name.json") {
		t.Error("a name can be looked up by its mark")
	}
}

func TestSupportHasNoNameAndNoContent(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.options.LogLines = func(most int) ([]string, error) {
			lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
			return lines[max(0, len(lines)-most):], nil
		}
		r.start()
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/Jane Doe's orders.json", content)
		r.drop(acme, "Outbox/orders/broken for Smith.json", []byte(`[{"id":}]`))
		r.drain()
		if err := r.AddFiles(t.Context(), acme, "", []string{filepath.Join(r.desk, "never there.json")}); err == nil {
			t.Fatal("a file was added that is not there")
		}
		sent := filepath.Join(r.desk, acme, filepath.FromSlash(r.expect("Jane Doe's orders.json", journal.Accepted).Path))
		if err := os.WriteFile(sent, []byte("[]"), 0o600); err != nil { // so that a finding names it
			t.Fatal(err)
		}
		for _, names := range []bool{false, true} {
			s, err := r.Support(t.Context(), names)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "Smith") {
				t.Error("a name that nothing is told of stands in it")
			}
			for _, name := range []string{"Jane", "Acme", "never there", r.desk} {
				if strings.Contains(string(text), name) != names {
					t.Errorf("with names %t: %q stands in it: %t", names, name, !names)
				}
			}
			if id := recordID(t, content, 0); strings.Contains(string(text), id) {
				t.Errorf("a file's content stands in it: %s", id)
			}
			if len(s.Log) < 5 || len(s.Log) > LogLines || s.Journal.Transfers != 2 || len(s.Findings) < 10 || len(s.Connections) != 1 || s.Go == "" {
				t.Errorf("it lacks something: %d lines, %+v, %d findings", len(s.Log), s.Journal, len(s.Findings))
			}
		}
	})
}

func TestAKeyInALogIsStruckOutOfSupport(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		key, err := r.platform.InitialKey(acme, "ecommerce")
		if err != nil {
			t.Fatal(err)
		}
		r.options.LogLines = func(int) ([]string, error) {
			return []string{"first", "a library that knows no better says " + key.Reveal()}, nil
		}
		r.start()
		r.pass(time.Second)
		s, err := r.Support(t.Context(), true)
		if err != nil || len(s.Log) != 2 || strings.Contains(s.Log[1], key.Reveal()) || !strings.Contains(s.Log[1], "***") {
			t.Errorf("the log says %q, %v", s.Log, err)
		}
	})
}

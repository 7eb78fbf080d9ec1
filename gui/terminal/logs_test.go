package terminal

import (
	"fmt"
	stdlog "log"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postroom/watcher"
)

func TestWhatLibrariesRepeatOfTheWireIsLeftOut(t *testing.T) {
	var text strings.Builder
	out := stdlog.New(libraries{slog.New(slog.NewTextHandler(&text, nil))}, "", 0)
	out.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", "HTTP/1.1 200 OK\r\napikey: k-0123456789", nil)
	out.Print("http: TLS handshake error from 127.0.0.1: EOF")
	out.Printf("one mark alone \" and more")
	if said := text.String(); strings.Contains(said, "k-0123456789") || !strings.Contains(said, "Unsolicited response") || !strings.Contains(said, "err=<nil>") ||
		!strings.Contains(said, "handshake error from 127.0.0.1: EOF") || strings.Count(said, "\n") != 3 {
		t.Errorf("%s", said)
	}
}

func TestTheLogIsForThisUserAlone(t *testing.T) {
	home := t.TempDir()
	var watched strings.Builder
	log, lines, file, err := openLog(home, &watched, false)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("constant words", slog.String("company", "Acme"))
	log.Debug("too much")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "logs", logFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := lines.last(10)
	if err != nil {
		t.Fatal(err)
	}
	for where, said := range map[string]string{
		"the file": string(text), "the terminal": watched.String(), "memory": strings.Join(kept, "\n"),
	} {
		if !strings.Contains(said, "company=Acme") || strings.Contains(said, "too much") {
			t.Errorf("%s holds %q", where, said)
		}
	}
	private(t, path, filepath.Dir(path))
}

func TestTheLastLinesAreKeptInMemoryAndFoundInTheFiles(t *testing.T) {
	kept := new(lastLines)
	for i := range watcher.LogLines + 10 {
		fmt.Fprintf(kept, "line %d\n", i)
	}
	newest, err := kept.last(watcher.LogLines)
	if err != nil || len(newest) != watcher.LogLines || newest[0] != "line 10" || newest[len(newest)-1] != fmt.Sprintf("line %d", watcher.LogLines+9) {
		t.Errorf("kept %d lines from %q to %q, %v", len(newest), newest[0], newest[len(newest)-1], err)
	}

	home := t.TempDir()
	if lines, err := loggedLines(home)(5); err != nil || len(lines) != 0 {
		t.Errorf("of a home without a log: %q, %v", lines, err)
	}
	dir, err := logsDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"postroom-2026-11-22T10-00-00.000.log": "too old\n", "postroom-2026-11-23T10-00-00.000.log": "a\nb\n", logFile: "c\nd\n", "agent.err": "x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if lines, err := loggedLines(home)(3); err != nil || strings.Join(lines, " ") != "b c d" {
		t.Errorf("found %q, %v", lines, err)
	}
}

func TestATerminalShowsAHostileNameAndDoesNotObeyIt(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2J\x1b]0;x\a.json": "a\uFFFD[2J\uFFFD]0;x\uFFFD.json", "a\u009b31m": "a\uFFFD31m", "one\r\ntwo": "one\uFFFD\uFFFDtwo", "\xff\xfe": "\uFFFD",
		"invoice\u202egpj.exe": "invoice\uFFFDgpj.exe", "\u2066x\u2069": "\uFFFDx\uFFFD", "Bestellung März 日本 🦊": "Bestellung März 日本 🦊", "": "",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

package watcher

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"postroom/watcher/disk"
)

// bareEngine is an engine on a home without a journal and a vault: as much as reading state files needs.
func bareEngine(home string) *Engine {
	options := Options{Home: home, Logger: slog.New(slog.DiscardHandler)}.fill()
	return &Engine{
		options: options, log: options.Logger, fs: options.FS, now: options.Now, hub: newHub(), custody: newCustody(),
		links: map[string]*link{}, companies: map[string]*company{}, onboarding: newOnboarding(),
	}
}

// stateFiles are what a home has besides the journal, the vault and the logs.
var stateFiles = []string{"settings.json", "connections/c1.json", "callbacks.json", "drafts/d1.json"}

// FuzzStateFilesAreReadRepairedOrRefused puts anything in the place of a state file, opens the home and saves settings.
func FuzzStateFilesAreReadRepairedOrRefused(f *testing.F) {
	for which := range stateFiles {
		for _, content := range []string{
			"", "null", "[]", "{", `{"a":1}{"b":2}`, "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", strings.Repeat("[", 20_000), "\x00\x00\x00",
			`{"language":"../../x","theme":"<b>","notify":1}`, `{"notify":"none","sameFile":"leave","ignore":["*"],"keepSentDays":-1}`, `{"ignore":["[","\u0000",""],"quietFrom":"25:00"}`,
			`{"proxy":"http://me:hunter2@proxy:1","callbackListen":":0","documentsRoot":"relative/../.."}`, `{"proxy":"socks5://x","callbackListen":"0.0.0.0:99999"}`, `{"later":{"a":[1]},"theme":"dark"}`,
			`{"id":"c1","company":"Acme","domain":"ecommerce","folder":"/x","platform":"https://platform.test"}`, `{"id":"c2","company":"Acme","domain":"ecommerce","folder":"/x","platform":"https://platform.test"}`,
			`{"id":"c1","company":"A\u0000","domain":"..","folder":"x","platform":"http://evil.example"}`, `{"id":"c1","company":"A","domain":"d","folder":"/x","platform":"https://me:hunter2@p.test","earlier":["../../x"],"vault":"../x"}`,
			`{"ID":"c1","Company":"A","DOMAIN":"d","folder":"/../..","platform":"https://platform.test","connectedAt":"yesterday"}`,
			`{"registrations":{"r":{"token":"a-token-0123456789","path":"/x","createdAt":"never"}}}`, `{"registrations":{"r":{"token":"","path":""},"s":null}}`, `{"registrations":[]}`,
			`{"id":"d1","step":"ids","passcode":"A","candidates":["../x","d1-1","d1-1"],"createdAt":"2026-11-24T10:00:00Z"}`, `{"id":"other","step":"nonsense","attempts":-1}`,
		} {
			f.Add(uint8(which), content)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, content string) {
		home := t.TempDir()
		name := filepath.Join(home, filepath.FromSlash(stateFiles[int(which)%len(stateFiles)]))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		first, second := bareEngine(home), bareEngine(home)
		for _, e := range []*Engine{first, second} {
			readState(t, e)
		}
		if !reflect.DeepEqual(first.settings(), second.settings()) {
			t.Errorf("the same settings are read as %+v and %+v", first.settings(), second.settings())
		}
		if left, err := os.ReadFile(name); err != nil || string(left) != content {
			t.Errorf("reading has changed the file: %v", err)
		}
		saveSettings(t, home, first)
		if stateFiles[int(which)%len(stateFiles)] != settingsFile {
			if left, err := os.ReadFile(name); err != nil || string(left) != content {
				t.Errorf("saving settings has changed %s: %v", name, err)
			}
		}
	})
}

func TestStateFilesOfAMillionLevelsAreDamaged(t *testing.T) {
	for _, name := range stateFiles {
		home := t.TempDir()
		path := filepath.Join(home, filepath.FromSlash(name))
		content := `{"later":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + "}"
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		var into map[string]any
		if err := readKept(disk.OS(), path, &into); !errors.Is(err, errDamaged) || len(err.Error()) > 1000 {
			t.Errorf("%s: %v", name, err)
		}
		e := bareEngine(home)
		readState(t, e)
		saveSettings(t, home, e)
	}
}

// readState reads all there is of a home, and looks at what it made of it.
func readState(t *testing.T, e *Engine) {
	t.Helper()
	explained := func(what string, err error) {
		if err == nil {
			return
		}
		if text := err.Error(); !errors.Is(err, errDamaged) && !errors.Is(err, ErrNotFound) && !errors.Is(err, fs.ErrNotExist) || len(text) > 1000 || strings.Contains(text, "hunter2") {
			t.Errorf("%s: %.300q is no explanation", what, text)
		}
	}
	if err := e.openSettings(context.Background()); err != nil {
		t.Errorf("settings keep the program from starting: %v", err)
	}
	settings := e.settings()
	if unusable := settings.invalid(); len(unusable) > 0 {
		t.Errorf("unusable settings are in force: %v", unusable)
	}
	if settings.DocumentsRoot == "" || settings.Notify == "" {
		t.Errorf("settings without a value: %+v", settings)
	}
	records, err := e.readRecords()
	explained("connections", err)
	for _, record := range records {
		if record.ID != "c1" || record.Company == "" || !filepath.IsAbs(record.Folder) || !strings.HasPrefix(strings.ToLower(record.Platform), "http") {
			t.Errorf("a connection that leads astray: %+v", record)
		}
	}
	book, err := e.readCallbacks()
	explained("callbacks", err)
	if err == nil && book.Registrations == nil {
		t.Error("callbacks without a table")
	}
	_, err = e.readDrafts()
	explained("drafts", err)
}

// saveSettings saves what is in force, and reads it back.
func saveSettings(t *testing.T, home string, e *Engine) {
	t.Helper()
	wanted := e.settings()
	wanted.Theme = "dark"
	if err := e.SaveSettings(context.Background(), wanted); err != nil {
		t.Fatalf("the settings cannot be saved any more: %v", err)
	}
	again := bareEngine(home)
	if err := again.openSettings(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := again.settings(); !reflect.DeepEqual(got, e.settings()) || got.Theme != "dark" {
		t.Errorf("saved %+v, read %+v", e.settings(), got)
	}
	var whole map[string]any
	if err := readKept(disk.OS(), filepath.Join(home, settingsFile), &whole); err != nil {
		t.Errorf("what was saved cannot be read: %v", err)
	}
}

package support

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

func TestAFindingIsSaidInTheDoctorsWordsOrThoseOfItsProblem(t *testing.T) {
	w := assets.For("en")
	for _, c := range []struct {
		finding watcher.Finding
		line    string
	}{
		{watcher.Finding{Level: watcher.LevelWell, Problem: watcher.Problem{Code: "roomGood", Args: map[string]string{"folder": "/a", "bytes": "12300000000"}}}, "well  12\u00a0GB are free where /a is."},
		{watcher.Finding{Level: watcher.LevelWell, Problem: watcher.Problem{Code: "contentGood", Args: map[string]string{"company": "Acme", "count": "1"}}}, "well  Acme: the 1 file in Sent is as it was sent."},
		{watcher.Finding{Level: watcher.LevelWrong, Problem: watcher.Problem{Code: "paused"}}, "WRONG  Sending is paused. Choose Resume when files may go."},
		{watcher.Finding{Level: watcher.LevelNote, Problem: watcher.Problem{Code: "lockUnread", Args: map[string]string{"folder": "/a\x1b[2J"}}}, "note  Who carries the files of /a\uFFFD[2J cannot be read just now."},
	} {
		if got := Line(w, c.finding); got != c.line {
			t.Errorf("said %q, want %q", got, c.line)
		}
	}
}

func TestABundleNeverReplacesAFileAndIsForItsUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)))
	if filepath.Base(path) != "postroom-support-20261124-093000.zip" {
		t.Errorf("it is called %s", filepath.Base(path))
	}
	s := watcher.Support{Log: []string{"a line"}, Findings: []watcher.Finding{{Level: watcher.LevelWell, Problem: watcher.Problem{Code: "lockFree"}}}}
	if err := Save(path, assets.For("en"), s, Program{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, assets.For("en"), s, Program{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second one at the same place: %v", err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("it has the mode %v, %v", info.Mode(), err)
	}
	bundle, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	texts := map[string]string{}
	for _, part := range bundle.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		texts[part.Name] = string(text)
	}
	if len(texts) != 9 || texts["log.txt"] != "a line\n" || !strings.Contains(texts["versions.json"], `"program": "1.2.3"`) ||
		!strings.HasPrefix(texts["doctor.txt"], "well  Nobody else") || !strings.Contains(texts["README.txt"], "any name of a file") {
		t.Errorf("it holds %q", texts)
	}
}

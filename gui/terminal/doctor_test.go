package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postroom/watcher"
)

func (f *fake) Settings(context.Context) (watcher.Settings, error) { return f.settings, f.refuses }

func (f *fake) Doctor(context.Context) ([]watcher.Finding, error) { return f.findings, f.refuses }

// sick is an engine that finds one thing of each level.
func sick() *fake {
	f := busy()
	f.overview.Version = "1.2.3"
	f.findings = []watcher.Finding{
		finding("room", watcher.LevelWell, "roomGood", map[string]string{"folder": "/files", "bytes": "12300000000"}),
		finding("lock", watcher.LevelNote, "lockUnread", map[string]string{"folder": "/files"}),
		finding("room", watcher.LevelWrong, "diskFull", map[string]string{"folder": "/other\x1b[2J"}),
	}
	return f
}

func TestTheDoctorSaysWhatIsWellAndWhatToDo(t *testing.T) {
	c, out := testConsole(t)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	d, err := c.diagnose(t.Context(), &reached{engine: sick()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.tellDiagnosis(d); statusOf(err) != statusFailed || !strings.Contains(explain(c.words, err), "1 thing is not as it should be") {
		t.Errorf("it ends with %v", err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, want := range []string{
		"well  The agent runs (version 1.2.3).", "well  Agent and command are the same version, 1.2.3.",
		"well  Postroom does not start by itself when you log in, as the settings want it.",
		"well  12\u00a0GB are free where /files is.", "note  Who carries the files of /files cannot be read just now.",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "WRONG  There is too little room") || !strings.Contains(last, "Make some room") || strings.Contains(last, "\x1b") {
		t.Errorf("what is wrong reads %q", last)
	}
}

func TestTheDoctorsLinesAreOneObjectForPrograms(t *testing.T) {
	c, out := testConsole(t)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	c.asJSON = true
	f := sick()
	f.overview.Version, f.settings.StartAtLogin = "1.0.0", true
	d, err := c.diagnose(t.Context(), &reached{engine: f})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.tellDiagnosis(d)
	var got struct {
		Well     bool
		Findings []struct {
			Check, Level, Code, Says, Do string
			Args                         map[string]string
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("put out %q, %v", out, err)
	}
	wrong := map[string]bool{}
	for _, f := range got.Findings {
		if f.Says == "" {
			t.Errorf("%s says nothing", f.Code)
		}
		if f.Level == "wrong" {
			wrong[f.Code] = f.Do != ""
		}
	}
	if got.Well || !wrong["diskFull"] || !wrong["versionOther"] || !wrong["loginLost"] || len(wrong) != 3 {
		t.Errorf("well %t, wrong %v", got.Well, wrong)
	}
}

func TestAHomeThatCannotBeOpenedIsFoundWrong(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "journal.db"), bytes.Repeat([]byte("no journal "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	got := command(t, "", "doctor", "--json", "--home", home)
	if got.status != statusFailed || !strings.Contains(got.out, `"journalDamaged"`) || !strings.Contains(got.out, `"well":false`) {
		t.Errorf("it ended with %d, put out %s and said %s", got.status, got.out, got.err)
	}
}

func TestWhereAllIsWellTheDoctorEndsWell(t *testing.T) {
	c, out := testConsole(t)
	if err := c.tellDiagnosis(diagnosis{Well: true}); err != nil || out.String() != "All is well.\n" {
		t.Errorf("ended with %v and said %q", err, out)
	}
}

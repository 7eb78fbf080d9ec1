package terminal

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartAtLoginIsWrittenAndTakenAway(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	entry := newLoginEntry(filepath.Join(config, "postroom"), slog.New(slog.DiscardHandler))
	path := filepath.Join(config, "autostart", "postroom.desktop")
	if err := entry.Set(false); err != nil {
		t.Fatal("taking away what is not there: ", err)
	}
	if err := entry.Set(true); err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := entry.There(); err != nil || !there {
		t.Errorf("an entry that was written is there: %t, %v", there, err)
	}
	if err := entry.Set(true); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(path); err != nil || !os.SameFile(first, again) {
		t.Errorf("an entry that is right was written again: %v", err)
	}
	if err := entry.Set(false); err != nil {
		t.Fatal(err)
	}
	if there, err := entry.There(); err != nil || there {
		t.Errorf("an entry that was taken away is there: %t, %v", there, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("%d files are left: %v", len(left), err)
	}
}

func TestAnotherHomesEntryIsLeftAlone(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	own := newLoginEntry(filepath.Join(config, "postroom"), nil)
	if err := own.Set(true); err != nil {
		t.Fatal(err)
	}
	if err := newLoginEntry("/somewhere/else", nil).Set(false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(config, "autostart", "postroom.desktop")); err != nil {
		t.Error("trying Postroom out took the person's own start at login away")
	}
}

// TestExecIsReadBackAsItWasMeant reads the line as the Desktop Entry Specification says: first the escapes of a value, then
// the quoting of Exec.
func TestExecIsReadBackAsItWasMeant(t *testing.T) {
	for _, arg := range []string{
		"/usr/bin/postroom", "/opt/a b/postroom", `/odd"name`, `/back\slash`, "/do$llar", "/tick`s", "/50%/postroom", "/new\nline", "/ñ/€",
	} {
		text := string(desktopEntry(arg, []string{"run"}))
		_, line, _ := strings.Cut(text, "\nExec=")
		line, _, _ = strings.Cut(line, "\n")
		if got := firstOfExec(line); got != arg {
			t.Errorf("%q is read back as %q from %s", arg, got, line)
		}
		if !strings.HasSuffix(line, `"run"`) {
			t.Errorf("the command is lost: %s", line)
		}
	}
}

// firstOfExec is the first argument of an Exec line.
func firstOfExec(line string) string {
	line = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(line)
	var arg strings.Builder
	for i := 1; i < len(line) && line[i] != '"'; i++ {
		if line[i] == '\\' || line[i] == '%' {
			i++
		}
		arg.WriteByte(line[i])
	}
	return arg.String()
}

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileInTheTrashCanBeTakenBack(t *testing.T) {
	data, desk := t.TempDir(), t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	name := filepath.Join(desk, "orders 100% ñ.json")
	for _, content := range []string{"first", "second"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Trash(name); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it is there still: %v", err)
		}
	}
	for as, want := range map[string]string{"orders 100% ñ.json": "first", "orders 100% ñ 2.json": "second"} {
		kept, err := os.ReadFile(filepath.Join(data, "Trash", "files", as))
		if err != nil || string(kept) != want {
			t.Errorf("%s: %q, %v", as, kept, err)
		}
		note, err := os.ReadFile(filepath.Join(data, "Trash", "info", as+".trashinfo"))
		if err != nil || !strings.Contains(string(note), "Path="+desk+"/orders%20100%25%20%C3%B1.json\n") {
			t.Errorf("%s: %q, %v", as, note, err)
		}
	}
	if err := Trash(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

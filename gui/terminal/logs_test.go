package terminal

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheLogIsForThisUserAlone(t *testing.T) {
	home := t.TempDir()
	var watched strings.Builder
	log, file, err := openLog(home, &watched, false)
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
	for where, said := range map[string]string{"the file": string(text), "the terminal": watched.String()} {
		if !strings.Contains(said, "company=Acme") || strings.Contains(said, "too much") {
			t.Errorf("%s holds %q", where, said)
		}
	}
	private(t, path, filepath.Dir(path))
}

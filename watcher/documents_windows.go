package watcher

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// documentsRoot is where new company folders are proposed: "Postroom" in the user's documents, wherever these have
// been moved to.
func documentsRoot() string {
	if documents, err := windows.KnownFolderPath(windows.FOLDERID_Documents, windows.KF_FLAG_DEFAULT); err == nil {
		return filepath.Join(documents, "Postroom")
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		return filepath.Join(home, "Postroom")
	}
	return filepath.Join(os.TempDir(), "Postroom")
}

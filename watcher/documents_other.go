//go:build !windows

package watcher

import (
	"os"
	"path/filepath"
)

// documentsRoot is where new company folders are proposed: "Postroom" in the user's documents, or in the home
// directory of one who has none.
func documentsRoot() string {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return filepath.Join(os.TempDir(), "Postroom") // a service without a home; it is told its folder
	}
	documents := filepath.Join(home, "Documents")
	if info, err := os.Stat(documents); err == nil && info.IsDir() {
		return filepath.Join(documents, "Postroom")
	}
	return filepath.Join(home, "Postroom")
}

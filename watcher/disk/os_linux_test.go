package disk

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHeldTellsAWriterFromAReader(t *testing.T) {
	name := write(t, filepath.Join(t.TempDir(), "a.json"), "[]")
	if OS().Held(name) {
		t.Fatal("held by nobody")
	}
	reader, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if OS().Held(name) {
		t.Fatal("a reader counts as a writer")
	}
	writer, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !OS().Held(name) {
		t.Error("the writer is not seen")
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if OS().Held(name) {
		t.Error("held after the writer closed it")
	}
	if OS().Held(filepath.Join(filepath.Dir(name), "none")) {
		t.Error("held, and not there")
	}
}

func TestALocalFolderIsNotRemote(t *testing.T) {
	if OS().Remote(t.TempDir()) {
		t.Skip("the test's folder is on a network drive")
	}
	if OS().Remote("/none/there") {
		t.Error("a folder that is not there is remote")
	}
}

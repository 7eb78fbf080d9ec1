package support

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

// Program is the process that saves a bundle.
type Program struct {
	Version string
	Window  bool // it is built with one
}

// Name is what a bundle that is saved at a moment is called.
func Name(at time.Time) string { return "postroom-support-" + at.Format("20060102-150405") + ".zip" }

// Save writes a bundle to a file of this user alone. The error is os.ErrExist when something is there already; what was
// begun and failed is taken away.
func Save(path string, w *assets.Words, s watcher.Support, by Program) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing the bundle for support: %w", err)
	}
	if err := errors.Join(write(file, w, s, by), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the bundle for support: %w", err), os.Remove(path))
	}
	return nil
}

// versions is versions.json.
type versions struct {
	Program string   `json:"program"`
	Engine  string   `json:"engine"`
	Agent   bool     `json:"agent"` // an agent has answered
	Go      string   `json:"go"`
	System  string   `json:"system"`
	Cores   int      `json:"cores"`
	Window  bool     `json:"window"`
	Modules []string `json:"modules"`
}

func write(to io.Writer, w *assets.Words, s watcher.Support, by Program) error {
	readme := "cmd.support.readme"
	if s.Names {
		readme = "cmd.support.readme.names"
	}
	lines := make([]string, len(s.Findings))
	for i, f := range s.Findings {
		lines[i] = Line(w, f)
	}
	bundle := zip.NewWriter(to)
	for _, part := range []struct {
		name  string
		value any // text as it is, everything else as JSON
	}{
		{"README.txt", w.Say(readme)},
		{"versions.json", versions{by.Version, s.Version, s.Agent, s.Go, s.System, runtime.NumCPU(), by.Window, s.Modules}},
		{"settings.json", s.Settings},
		{"connections.json", s.Connections},
		{"problems.json", s.Problems},
		{"journal.json", s.Journal},
		{"doctor.txt", strings.Join(lines, "\n")},
		{"doctor.json", s.Findings},
		{"log.txt", strings.Join(s.Log, "\n")},
	} {
		if err := add(bundle, part.name, part.value); err != nil {
			return err
		}
	}
	return bundle.Close()
}

func add(bundle *zip.Writer, name string, value any) error {
	text, isText := value.(string)
	if !isText {
		data, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			return err
		}
		text = string(data)
	}
	part, err := bundle.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Now()})
	if err == nil {
		_, err = io.WriteString(part, text+"\n")
	}
	return err
}

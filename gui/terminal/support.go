package terminal

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

func (c *console) supportCommand() *cobra.Command {
	var out string
	var names bool
	var from passphraseSource
	command := c.command("support", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		if _, err := from.handOver(ctx, e); err != nil {
			return err
		}
		return c.support(ctx, e, out, names)
	})
	command.Flags().StringVar(&out, "out", "", c.words.Say("flag.support.out"))
	command.Flags().BoolVar(&names, "with-names", false, c.words.Say("flag.support.withNames"))
	from.flag(command.Flags(), c)
	return command
}

// support writes what the engine tells, and what only this process sees, into a file that never replaces another.
func (c *console) support(ctx context.Context, e *reached, out string, names bool) error {
	s, err := e.Support(ctx, names)
	if err != nil {
		return err
	}
	agent, err := c.aboutAgent(ctx, e)
	if err != nil {
		return err
	}
	login, err := c.aboutLogin(ctx, e)
	if err != nil {
		return err
	}
	s.Findings = append(append(agent, login), s.Findings...)
	if out == "" {
		out = "postroom-support-" + time.Now().Format("20060102-150405") + ".zip"
	}
	path, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return toldError{c.words.Say("cmd.support.there", map[string]any{"file": path}), err}
	}
	if err != nil {
		return fmt.Errorf("writing the bundle for support: %w", err)
	}
	if err := errors.Join(c.writeSupport(file, s), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the bundle for support: %w", err), os.Remove(path))
	}
	key := "cmd.support"
	if names {
		key = "cmd.support.names"
	}
	return c.result(struct {
		File  string `json:"file"`
		Names bool   `json:"names"`
	}{path, names}, c.words.Say(key, map[string]any{"file": path}))
}

// writeSupport lays a Support out in files that a person can read through before they hand it on.
func (c *console) writeSupport(to io.Writer, s watcher.Support) error {
	bundle := zip.NewWriter(to)
	now := time.Now()
	add := func(name string, content []byte) error {
		w, err := bundle.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now})
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}
	var doctor strings.Builder
	for _, f := range s.Findings {
		doctor.WriteString(c.findingLine(c.findingStatus(f)) + "\n")
	}
	key := "cmd.support.readme"
	if s.Names {
		key = "cmd.support.readme.names"
	}
	for _, part := range []struct {
		name  string
		value any // text as it is, everything else as JSON
	}{
		{"README.txt", c.words.Say(key) + "\n"},
		{"versions.json", struct {
			Command string   `json:"command"`
			Engine  string   `json:"engine"`
			Agent   bool     `json:"agent"`
			Go      string   `json:"go"`
			System  string   `json:"system"`
			Cores   int      `json:"cores"`
			Window  bool     `json:"window"`
			Modules []string `json:"modules"`
		}{c.parts.Version, s.Version, s.Agent, s.Go, s.System, runtime.NumCPU(), c.parts.Window != nil, s.Modules}},
		{"settings.json", s.Settings},
		{"connections.json", s.Connections},
		{"problems.json", s.Problems},
		{"journal.json", s.Journal},
		{"doctor.txt", doctor.String()},
		{"doctor.json", s.Findings},
		{"log.txt", strings.Join(s.Log, "\n") + "\n"},
	} {
		content, isText := part.value.(string)
		if !isText {
			data, err := json.MarshalIndent(part.value, "", "  ")
			if err != nil {
				return err
			}
			content = string(data) + "\n"
		}
		if err := add(part.name, []byte(content)); err != nil {
			return err
		}
	}
	return bundle.Close()
}

package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"postroom/assets"
)

// console is one run of the program: what it was given, and where its words go.
type console struct {
	parts Parts
	words *assets.Words
	log   *slog.Logger // of everything that is not a result

	// Common flags.
	homeFlag    string
	profileFlag string
	asJSON      bool
	verbose     bool

	home    string // absolute, once a command runs
	profile string // absolute, "" the built-in one
}

// result puts out one result: with --json the value on a line of its own, otherwise the sentence.
func (c *console) result(value any, sentence string) error {
	var err error
	if c.asJSON {
		encoder := json.NewEncoder(c.parts.Out)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(value)
	} else {
		_, err = fmt.Fprintln(c.parts.Out, sentence)
	}
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// tell says something that is not a result.
func (c *console) tell(key string, args ...map[string]any) {
	_, _ = fmt.Fprintln(c.parts.Err, c.words.Say(key, args...)) // nobody is left to hear that this failed
}

// newLog is the log of a command: warnings to standard error, everything with --verbose.
func newLog(to io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level}))
}

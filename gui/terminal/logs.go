package terminal

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/natefinch/lumberjack.v2"
)

// How much of the agent's log is kept: far more than the last thousand lines that support asks for.
const (
	logFile     = "postroom.log"
	logMegabyte = 5
	logFiles    = 4
	logDays     = 90
)

// logsDir is the folder of the logs in a home, made for this user alone.
func logsDir(home string) (string, error) {
	dir := filepath.Join(home, "logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the folder of the logs: %w", err)
	}
	return dir, nil
}

// libraries take what libraries write by package log. Some repeat what came over the wire, as net/http does of an answer
// that nobody asked for, and with it whatever a server puts there: what stands in quotation marks is left out.
type libraries struct{ log *slog.Logger }

func (l libraries) Write(line []byte) (int, error) {
	said := string(line)
	if first, last := strings.IndexByte(said, '"'), strings.LastIndexByte(said, '"'); first >= 0 {
		said = said[:first+1] + "…" + said[last:]
	}
	l.log.Info("a library says", "what", strings.TrimSpace(said))
	return len(line), nil
}

// openLog opens the agent's log: a file in the home that is rotated, the last lines in memory, and also, when it is not nil,
// somewhere a person watches. Secrets are of a type that prints as stars, so none of them ever holds one.
func openLog(home string, also io.Writer, verbose bool) (*slog.Logger, *lastLines, io.Closer, error) {
	dir, err := logsDir(home)
	if err != nil {
		return nil, nil, nil, err
	}
	file := &lumberjack.Logger{ // makes its files with mode 0600
		Filename: filepath.Join(dir, logFile), MaxSize: logMegabyte, MaxBackups: logFiles - 1, MaxAge: logDays,
	}
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	lines := new(lastLines)
	handlers := []slog.Handler{slog.NewTextHandler(file, options), slog.NewTextHandler(lines, options)}
	if also != nil {
		handlers = append(handlers, slog.NewTextHandler(also, options))
	}
	return slog.New(slog.NewMultiHandler(handlers...)), lines, file, nil
}

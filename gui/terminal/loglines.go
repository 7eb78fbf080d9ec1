package terminal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"postroom/watcher"
)

// lastLines keeps the last lines that were written to it, for support: also those that a full disk keeps out of the file.
type lastLines struct {
	mu    sync.Mutex // guards what follows
	lines [watcher.LogLines]string
	next  int // where the next one goes, counted on for ever
}

// Write keeps a line. A slog handler writes one at a time, whole.
func (l *lastLines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(text) {
		l.lines[l.next%len(l.lines)] = strings.TrimRight(string(line), "\r\n")
		l.next++
	}
	return len(text), nil
}

// last are the newest of them, the oldest first.
func (l *lastLines) last(most int) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(most, l.next, len(l.lines))
	newest := make([]string, 0, n)
	for i := l.next - n; i < l.next; i++ {
		newest = append(newest, l.lines[i%len(l.lines)])
	}
	return newest, nil
}

// loggedLines are the last lines that an agent of a home has left in its files, for when none runs.
func loggedLines(home string) func(most int) ([]string, error) {
	return func(most int) ([]string, error) {
		dir := filepath.Join(home, "logs")
		files, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("looking for the log: %w", err)
		}
		var lines []string
		for _, name := range newestFirst(files) {
			older, err := tailOf(filepath.Join(dir, name), most-len(lines))
			if err != nil {
				return lines, err
			}
			if lines = append(older, lines...); len(lines) >= most {
				break
			}
		}
		return lines, nil
	}
}

// newestFirst are the names of an agent's log files. Those that were put aside have their time in their names.
func newestFirst(files []fs.DirEntry) []string {
	stem := strings.TrimSuffix(logFile, filepath.Ext(logFile))
	var aside []string
	current := false
	for _, file := range files {
		switch name := file.Name(); {
		case name == logFile:
			current = true
		case strings.HasPrefix(name, stem+"-") && filepath.Ext(name) == filepath.Ext(logFile):
			aside = append(aside, name)
		}
	}
	slices.Sort(aside)
	slices.Reverse(aside)
	if current {
		aside = slices.Insert(aside, 0, logFile)
	}
	return aside
}

// longestLine bounds a line of a log file that is read, in bytes.
const longestLine = 1 << 20

// tailOf are the last lines of a file.
func tailOf(path string, most int) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	defer file.Close()
	kept := new(lastLines)
	scanner := bufio.NewScanner(io.LimitReader(file, 2*logMegabyte<<20))
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		if _, err := kept.Write(scanner.Bytes()); err != nil {
			return nil, err
		}
	}
	if err := scanner.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) { // what stands before that is told
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return kept.last(most)
}

package terminal

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// practicePace is how long each phase takes on a practice company's platform: long enough to be seen.
const practicePace = 1500 * time.Millisecond

// startPractice starts the platform of a home's practice company. It keeps its state, so that the company is still
// there after a restart, and its address where that is still free.
func (c *console) startPractice(ctx context.Context) (*servedSandbox, error) {
	dir := filepath.Join(c.home, "practice")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	options := SandboxOptions{Dir: filepath.Join(dir, "platform"), Pace: practicePace, Logger: c.log}
	note := filepath.Join(dir, "address")
	if last, err := os.ReadFile(note); err == nil && isLoopback(strings.TrimSpace(string(last))) {
		if s, err := c.startSandbox(ctx, strings.TrimSpace(string(last)), options); err == nil {
			return s, nil
		}
	}
	s, err := c.startSandbox(ctx, "127.0.0.1:0", options)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(note, []byte(strings.TrimPrefix(s.url, "http://")), 0o600); err != nil {
		c.log.Warn("the practice company's platform will have another address next time", "error", err)
	}
	return s, nil
}

// isLoopback tells whether an address leads to this computer alone. The note of the last address is a file like any
// other, and must not open the platform to the network.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

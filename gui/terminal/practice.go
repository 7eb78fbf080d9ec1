package terminal

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"postroom/watcher"
)

// practicePace is how long each phase takes on a practice company's platform: long enough to be seen.
const practicePace = 1500 * time.Millisecond

// practicePlatform is the platform of a home's practice company, once the engine has asked for it.
type practicePlatform struct {
	*console
	mu     sync.Mutex // guards served; never held over an effect
	served *servedSandbox
}

// start is what the engine calls, one at a time.
func (p *practicePlatform) start(ctx context.Context) (watcher.Practised, error) {
	served, err := p.startPractice(ctx)
	if err != nil {
		return watcher.Practised{}, err
	}
	p.mu.Lock()
	p.served = served
	p.mu.Unlock()
	return watcher.Practised{Platform: served.url, Consent: served.Consent, IDs: served.IDs}, nil
}

// stop ends it, after the engine.
func (p *practicePlatform) stop() {
	p.mu.Lock()
	served := p.served
	p.mu.Unlock()
	if served == nil {
		return
	}
	if err := served.stop(); err != nil {
		p.log.Warn("the practice company's platform was not closed cleanly", slog.Any("error", err))
	}
}

// startPractice starts the platform of a home's practice company. It keeps its state, so that the company is still
// there after a restart, and its address where that is still free.
func (c *console) startPractice(ctx context.Context) (*servedSandbox, error) {
	dir := filepath.Join(c.home, "practice")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the practice company's platform: %w", err)
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
		c.log.Warn("the practice company's platform will have another address next time", slog.Any("error", err))
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

package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"postroom/watcher"
	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// locks are of the home and of Outboxes; a dead process holds none.
type locks struct {
	mu   sync.Mutex // guards held
	held map[string]*gate.Process
}

// locker is the door for one life.
type locker struct {
	locks   *locks
	process *gate.Process
	fsys    disk.FS
	there   func(path string) bool // that the folder of a lock is there
}

type lock struct {
	locker
	path string
}

func (l locker) Lock(_ context.Context, path string, _ watcher.Holder) (watcher.Lock, error) {
	if _, err := l.fsys.Lstat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	if other := l.locks.held[path]; other != nil && other != l.process && !dead(other) {
		return nil, &watcher.HeldError{Path: path, Holder: watcher.Holder{User: other.Name()}}
	}
	l.locks.held[path] = l.process
	return lock{l, path}, nil
}

func (l lock) Alive(watcher.Holder) error {
	there := l.there(l.path) // no effect: it is looked at every 20 s, for hours
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	if l.locks.held[l.path] != l.process || !there {
		return fmt.Errorf("the lock %s: %w", l.path, fs.ErrNotExist)
	}
	return nil
}

func (l lock) Release() error {
	l.locks.mu.Lock()
	defer l.locks.mu.Unlock()
	if l.locks.held[l.path] == l.process {
		delete(l.locks.held, l.path)
	}
	return nil
}

func dead(p *gate.Process) bool {
	select {
	case <-p.Dead():
		return true
	default:
		return false
	}
}

// exclude is the door to what only one process of the home does at a time. There is but one here.
func exclude(context.Context, string) (func() error, error) {
	return func() error { return nil }, nil
}

// draws make IDs and jitter from the seed and from what they are for, so that two that are drawn at the same moment
// cannot be swapped.
type draws struct {
	seed  uint64
	life  string
	start time.Time

	mu  sync.Mutex // guards nth
	nth map[string]uint64
}

func newDraws(seed uint64, life string, start time.Time) *draws {
	return &draws{seed: seed, life: life, start: start, nth: make(map[string]uint64)}
}

func (d *draws) sum(what string, n uint64) [sha256.Size]byte {
	text := binary.BigEndian.AppendUint64(nil, d.seed)
	text = binary.BigEndian.AppendUint64(text, n)
	return sha256.Sum256(append(append(text, d.life...), what...))
}

func (d *draws) unique(what string) [16]byte {
	d.mu.Lock()
	d.nth[what]++
	n := d.nth[what]
	d.mu.Unlock()
	sum := d.sum(what, n)
	return [16]byte(sum[:16])
}

func (d *draws) random() float64 {
	n := uint64(time.Since(d.start)) * 0x9e3779b97f4a7c15
	n = (n ^ d.seed ^ n>>29) * 0xbf58476d1ce4e5b9
	return float64(n>>11) / (1 << 53)
}

// lines is a log that several goroutines write to.
type lines struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

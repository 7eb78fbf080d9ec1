package watcher

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a lock that another process holds is tried again.
const lockPoll = 50 * time.Millisecond

// turns let one at a time work on a thing that has a name: first within this process, in the order of asking, then
// among the processes of the home. Waiting is on a channel, never on a mutex, since effects happen during a turn.
type turns struct {
	mu     sync.Mutex // guards queues; nothing blocks under it
	queues map[string]chan struct{}
}

// turn waits for its turn at name; release ends it and may be called once.
func (e *Engine) turn(ctx context.Context, name string) (release func(), err error) {
	queue := e.onboarding.turns.queue(name)
	select {
	case queue <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for %s: %w", name, context.Cause(ctx))
	}
	exclude := e.options.Exclude
	if exclude == nil {
		exclude = e.lockFile
	}
	unlock, err := exclude(ctx, name)
	if err != nil {
		<-queue
		return nil, fmt.Errorf("waiting for %s: %w", name, err)
	}
	return func() {
		if err := unlock(); err != nil {
			e.log.Warn("a lock was not released", "lock", name, "error", err)
		}
		<-queue
	}, nil
}

func (t *turns) queue(name string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.queues == nil {
		t.queues = map[string]chan struct{}{}
	}
	queue, ok := t.queues[name]
	if !ok {
		queue = make(chan struct{}, 1)
		t.queues[name] = queue
	}
	return queue
}

// lockFile holds home/locks/<name>.lock. The file stays when it is released: removing it would let two processes
// hold two files of one name.
func (e *Engine) lockFile(ctx context.Context, name string) (func() error, error) {
	dir := filepath.Join(e.options.Home, "locks")
	if err := e.fs.MkdirAll(dir); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, name+".lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLockContext(ctx, lockPoll)
	if err == nil && !held {
		err = ErrBusy
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock.Close, nil
}

package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	homeLock   = "agent.lock"
	outboxLock = ".postroom.lock"

	heartbeat  = 20 * time.Second  // between signs of life in an Outbox's lock
	strangers  = 5 * heartbeat / 2 // how long the lock of another computer is watched for a sign of life
	lockFormat = 4 << 10           // bytes of a lock file that are read
)

// lockHome takes the home for this agent.
func (e *Engine) lockHome(ctx context.Context) error {
	lock, err := e.options.Locks.Lock(ctx, filepath.Join(e.options.Home, homeLock), e.holder())
	if err != nil {
		return heldProblem("homeHeld", e.options.Home, err)
	}
	e.locks = append(e.locks, lock)
	return nil
}

// heldProblem says in words who holds what was wanted. Other errors pass.
func heldProblem(code, folder string, err error) error {
	held, is := errors.AsType[*HeldError](err)
	if !is {
		return fmt.Errorf("taking %s: %w", folder, err)
	}
	told := refuse(ErrBusy, code, "folder", folder, "user", held.Holder.User, "computer", held.Holder.Computer)
	told.Cause = held
	return told
}

// holder is this process, for its locks.
func (e *Engine) holder() Holder {
	h := Holder{Home: e.options.Home, Process: os.Getpid(), Alive: e.now().UTC()}
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	if name, err := os.Hostname(); err == nil {
		h.Computer = name
	}
	return h
}

// FileLocks is the real Locker: the system's lock on a file, which a crash gives back, and in the file who holds it.
//
// Between computers that share a drive the system's lock may not be seen. So one that another computer has left its name
// in is watched for a while first: while its sign of life changes, by whatever clock, it is held. A drive that knows no
// locks at all is kept by signs of life alone.
type FileLocks struct{}

type fileLock struct {
	path string
	lock *flock.Flock
	file os.FileInfo // the file that is locked
}

// Lock takes the lock at path. The folder must be there.
func (FileLocks) Lock(ctx context.Context, path string, h Holder) (Lock, error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	unknown := errors.Is(err, errors.ErrUnsupported)
	if err != nil && !unknown {
		return nil, errors.Join(err, lock.Close())
	}
	if !held && !unknown {
		return nil, errors.Join(heldBy(path), lock.Close())
	}
	if err := watchStranger(ctx, path, h, unknown); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	l := &fileLock{path: path, lock: lock}
	if l.file, err = os.Stat(path); err == nil {
		err = l.Alive(h)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

// watchStranger waits for a sign of life of another computer that has its name in the lock, or of anybody who has where
// the system's lock says nothing.
func watchStranger(ctx context.Context, path string, h Holder, anybody bool) error {
	first, err := readHolder(path)
	if err != nil || first.Computer == "" || first.Computer == h.Computer && !anybody {
		return nil //nolint:nilerr // an empty or damaged note names nobody
	}
	timer := time.NewTimer(strangers)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	if later, err := readHolder(path); err == nil && !later.Alive.Equal(first.Alive) {
		return &HeldError{Path: path, Holder: later}
	}
	return nil
}

func heldBy(path string) error {
	h, err := readHolder(path)
	if err != nil {
		h = Holder{User: "?", Computer: "?", Home: "?"}
	}
	return &HeldError{Path: path, Holder: h}
}

// The first byte is what the system locks, which on Windows nobody else can read then; the note begins behind it.
const noteAt = 1

func readHolder(path string) (Holder, error) {
	f, err := os.Open(path)
	if err != nil {
		return Holder{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, noteAt, lockFormat))
	if err != nil {
		return Holder{}, err
	}
	var h Holder
	return h, json.Unmarshal(text, &h)
}

// Alive writes the sign of life.
func (l *fileLock) Alive(h Holder) error {
	there, err := os.Stat(l.path)
	if err == nil && !os.SameFile(there, l.file) {
		err = errors.New("another file took its place")
	}
	if err == nil {
		err = writeHolder(l.path, h)
	}
	if err != nil {
		return fmt.Errorf("keeping the lock %s: %w", l.path, err)
	}
	return nil
}

func writeHolder(path string, h Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text, noteAt)
	return errors.Join(err, f.Truncate(noteAt+int64(len(text))), f.Close())
}

// Release gives the lock back. The file stays, so that two processes never hold two files of one name; it names nobody
// then.
func (l *fileLock) Release() error {
	var err error
	if there, statErr := os.Stat(l.path); statErr == nil && os.SameFile(there, l.file) {
		err = writeHolder(l.path, Holder{})
	}
	return errors.Join(err, l.lock.Close())
}

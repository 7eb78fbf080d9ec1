package watcher

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"postroom/watcher/disk"
)

const (
	homeLock   = "agent.lock"
	outboxLock = ".postroom.lock"

	heartbeat  = 20 * time.Second  // between signs of life in an Outbox's lock
	strangers  = 5 * heartbeat / 2 // how long somebody else's lock is watched for a sign of life
	together   = 3 * time.Second   // within which two that take a lock at the same time have both written their names
	lockFormat = 8 << 10           // bytes of a lock file that are read
	noteLength = 1 << 10           // bytes of a note, unless a home has a very long name
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
// Between computers that share a drive the system's lock may not be seen, or there is none. So one in which somebody else
// has left a name is watched for a while first: while its sign of life changes, it is held. What is compared is never a
// clock of another computer with ours, but what is written there now with what was written when we began to watch, by our
// own elapsed time. And each sign of life looks first whether the note is still ours: of two that took the lock in the same
// moment, or of one that was asleep for longer than others wait, only the one who wrote last goes on.
type FileLocks struct {
	// Remote tells that a path lies on a drive that other computers may share; nil: none does.
	Remote func(path string) bool

	system func(path string) systemLock // nil: the system's
}

// systemLock is the system's lock on a file. *flock.Flock is the real one.
type systemLock interface {
	TryLock() (bool, error)
	Close() error
}

type fileLock struct {
	path  string
	lock  systemLock
	file  os.FileInfo // the file that is locked
	token string      // by which we know our own note again
	beat  uint64
}

// note is what a lock's file says.
type note struct {
	Holder

	Token string `json:"token,omitempty"` // of one taking of the lock
	Beat  uint64 `json:"beat,omitempty"`  // rises with each sign of life, whatever the clock does
}

// Lock takes the lock at path. The folder must be there. It takes up to strangers where somebody has left a name.
func (l FileLocks) Lock(ctx context.Context, path string, h Holder) (Lock, error) {
	if _, err := plain(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lock := l.of(path)
	held, err := lock.TryLock()
	unknown := errors.Is(err, errors.ErrUnsupported)
	if err != nil && !unknown {
		return nil, errors.Join(err, lock.Close())
	}
	if !held && !unknown {
		return nil, errors.Join(heldBy(path), lock.Close())
	}
	taken, err := l.take(ctx, path, h, unknown)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	taken.lock = lock
	return taken, nil
}

func (l FileLocks) of(path string) systemLock {
	if l.system != nil {
		return l.system(path)
	}
	return flock.New(path, flock.SetPermissions(0o600))
}

// take writes our name where nobody else's is alive. Unknown: there is no lock of the system's.
func (l FileLocks) take(ctx context.Context, path string, h Holder, unknown bool) (*fileLock, error) {
	if err := watchStranger(ctx, path, h, unknown); err != nil {
		return nil, err
	}
	taken := &fileLock{path: path, token: rand.Text()}
	if unknown {
		if err := makeLockFile(path); err != nil {
			return nil, err
		}
	}
	var err error
	if taken.file, err = plain(path); err == nil {
		err = taken.write(h)
	}
	if err == nil && (unknown || l.Remote != nil && l.Remote(path)) {
		// Somebody else may have found it free in the same moment.
		if err = wait(ctx, together, nil); err == nil {
			err = taken.mine()
		}
	}
	return taken, err
}

// makeLockFile makes the file where no lock of the system's has done so.
func makeLockFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// watchStranger waits for a sign of life of somebody else who has a name in the lock; of anybody, where the system's lock
// says nothing. A note of an earlier life of ours is no stranger's: the system's lock, which this computer sees, is free.
func watchStranger(ctx context.Context, path string, h Holder, anybody bool) error {
	first, err := readNote(path)
	ours := first.User == h.User && first.Computer == h.Computer && first.Home == h.Home
	if err != nil || first.Computer == "" || ours && !anybody {
		return nil //nolint:nilerr // an empty or damaged note names nobody
	}
	if err := wait(ctx, strangers, nil); err != nil {
		return err
	}
	later, err := readNote(path)
	if err == nil && later.Computer != "" && (later.Token != first.Token || later.Beat != first.Beat || !later.Alive.Equal(first.Alive)) {
		return &HeldError{Path: path, Holder: later.Holder}
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
	n, err := readNote(path)
	return n.Holder, err
}

// plain tells about a lock's file. A link, a pipe or a folder in its place is a *disk.BlockedError: nothing is read through
// it, and nothing written.
func plain(path string) (os.FileInfo, error) {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &disk.BlockedError{Path: path}
	}
	return info, err
}

func readNote(path string) (n note, err error) {
	if _, err := plain(path); err != nil {
		return n, err
	}
	f, err := os.Open(path)
	if err != nil {
		return n, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, noteAt, lockFormat))
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(text, &n)
}

// Alive writes the sign of life, if the lock is still ours.
func (l *fileLock) Alive(h Holder) error {
	err := l.ours()
	if err == nil {
		err = l.write(h)
	}
	if err != nil {
		return fmt.Errorf("keeping the lock %s: %w", l.path, err)
	}
	return nil
}

// ours fails when another file, or another name, stands where ours did. A note that cannot be understood is written anew.
func (l *fileLock) ours() error {
	there, err := plain(l.path)
	if err != nil {
		return err
	}
	if !os.SameFile(there, l.file) {
		return errors.New("another file took its place")
	}
	if n, err := readNote(l.path); err == nil && n.Token != "" && n.Token != l.token {
		return &HeldError{Path: l.path, Holder: n.Holder}
	}
	return nil
}

// mine fails unless the note is certainly ours.
func (l *fileLock) mine() error {
	if n, err := readNote(l.path); err != nil || n.Token != l.token {
		return errors.Join(heldBy(l.path), err)
	}
	return nil
}

func (l *fileLock) write(h Holder) error {
	l.beat++
	return writeNote(l.path, note{Holder: h, Token: l.token, Beat: l.beat})
}

// writeNote writes over what is there in one piece, which is always of the same length: of two that write at the same
// time the note of one is there, never parts of both.
func writeNote(path string, n note) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if len(text) < noteLength {
		text = append(text, bytes.Repeat([]byte(" "), noteLength-len(text))...)
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
	if l.ours() == nil {
		err = writeNote(l.path, note{})
	}
	return errors.Join(err, l.lock.Close())
}

// Package disktest has what tests need of a file system: one that fails when it is told to.
// Only tests import it.
package disktest

import (
	"errors"
	"sync"

	"postroom/watcher/disk"
)

// ErrFault is the error of an operation that was made to fail.
var ErrFault = errors.New("made to fail")

// Op is an operation on a file system or an open file.
type Op string

// The operations.
const (
	Open    Op = "open"
	Create  Op = "create"
	Lstat   Op = "lstat"
	ReadDir Op = "readdir"
	Mkdir   Op = "mkdir"
	Rename  Op = "rename"
	Move    Op = "move"
	Remove  Op = "remove"
	SyncDir Op = "syncdir"
	Read    Op = "read"
	Write   Op = "write"
	Sync    Op = "sync"
	Close   Op = "close"
	Stat    Op = "stat"
)

// Faults is a file system that asks before each operation whether it shall fail. Before is called with the
// operation and the (old) name, from any goroutine, and returns the error to fail with, or nil.
type Faults struct {
	disk.FS
	Before func(op Op, name string) error
}

// Nth makes a Before that lets n operations pass and fails the next one, or, with forever, all from there on.
// Reading names alone, which changes nothing, counts too.
func Nth(n int, forever bool) func(Op, string) error {
	var mu sync.Mutex
	return func(Op, string) error {
		mu.Lock()
		defer mu.Unlock()
		n--
		if n == -1 || forever && n < 0 {
			return ErrFault
		}
		return nil
	}
}

// Open opens a file whose reads may fail too.
func (f Faults) Open(name string) (disk.File, error) {
	return f.open(Open, name, f.FS.Open)
}

// Create makes a file whose writes may fail too.
func (f Faults) Create(name string) (disk.File, error) {
	return f.open(Create, name, f.FS.Create)
}

func (f Faults) open(op Op, name string, open func(string) (disk.File, error)) (disk.File, error) {
	if err := f.Before(op, name); err != nil {
		return nil, err
	}
	opened, err := open(name)
	if err != nil {
		return nil, err
	}
	return file{opened, f.Before, name}, nil
}

// Lstat may fail.
func (f Faults) Lstat(name string) (disk.Info, error) {
	if err := f.Before(Lstat, name); err != nil {
		return disk.Info{}, err
	}
	return f.FS.Lstat(name)
}

// ReadDir may fail.
func (f Faults) ReadDir(name string) ([]disk.Entry, error) {
	if err := f.Before(ReadDir, name); err != nil {
		return nil, err
	}
	return f.FS.ReadDir(name)
}

// Mkdir may fail.
func (f Faults) Mkdir(name string) error {
	if err := f.Before(Mkdir, name); err != nil {
		return err
	}
	return f.FS.Mkdir(name)
}

// MkdirAll may fail, as Mkdir.
func (f Faults) MkdirAll(name string) error {
	if err := f.Before(Mkdir, name); err != nil {
		return err
	}
	return f.FS.MkdirAll(name)
}

// Rename may fail.
func (f Faults) Rename(oldName, newName string) error {
	if err := f.Before(Rename, oldName); err != nil {
		return err
	}
	return f.FS.Rename(oldName, newName)
}

// Move may fail.
func (f Faults) Move(oldName, newName string) error {
	if err := f.Before(Move, oldName); err != nil {
		return err
	}
	return f.FS.Move(oldName, newName)
}

// Remove may fail.
func (f Faults) Remove(name string) error {
	if err := f.Before(Remove, name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// SyncDir may fail.
func (f Faults) SyncDir(name string) error {
	if err := f.Before(SyncDir, name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

type file struct {
	disk.File
	before func(Op, string) error
	name   string
}

func (f file) Read(p []byte) (int, error) {
	if err := f.before(Read, f.name); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f file) ReadAt(p []byte, at int64) (int, error) {
	if err := f.before(Read, f.name); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

func (f file) Write(p []byte) (int, error) {
	if err := f.before(Write, f.name); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f file) Sync() error {
	if err := f.before(Sync, f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f file) Stat() (disk.Info, error) {
	if err := f.before(Stat, f.name); err != nil {
		return disk.Info{}, err
	}
	return f.File.Stat()
}

// Close closes the file in any case, and may tell a failure.
func (f file) Close() error { return errors.Join(f.before(Close, f.name), f.File.Close()) }

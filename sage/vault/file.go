package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"postroom/sage"
)

const lockPoll = 50 * time.Millisecond // how often another process's lock on the file is tried again

// File is the vault in one file, encrypted with a passphrase. It is locked until Unlock is called. Several
// processes may use the same file: each sees what the others store.
type File struct {
	path string
	work int           // factor of scrypt for what is written
	turn chan struct{} // holds a token while the file is read or written

	mu         sync.Mutex  // guards what follows
	passphrase sage.Secret // zero while locked
	items      map[string]sage.Secret
	seen       stamp // the file as it was when items was read
}

// stamp tells one state of the file from another.
type stamp struct {
	size    int64
	modTime time.Time
}

// OpenFile is the vault in the file at path, which need not exist. Nothing is read yet.
func OpenFile(path string) *File {
	return &File{path: path, work: workFactor, turn: make(chan struct{}, 1)}
}

// Exists reports whether the file is there, locked or not.
func (f *File) Exists() bool {
	_, err := os.Stat(f.path)
	return err == nil
}

// Kind is "file".
func (f *File) Kind() string { return "file" }

// Locked reports whether Unlock is still to be called.
func (f *File) Locked() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.passphrase.IsZero()
}

// Unlock opens the file, or makes it when it is missing. The error is ErrPassphrase for a wrong passphrase and
// ErrDamaged for a file that is no vault.
func (f *File) Unlock(ctx context.Context, passphrase sage.Secret) error {
	if passphrase.IsZero() {
		return fmt.Errorf("vault: unlocking %s: %w", f.path, ErrPassphrase)
	}
	err := f.locked(ctx, func() error {
		items, seen, err := readVault(f.path, passphrase)
		if errors.Is(err, fs.ErrNotExist) {
			items = map[string]sage.Secret{}
			seen, err = f.write(passphrase, items)
		}
		if err == nil {
			f.remember(passphrase, items, seen)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("vault: unlocking %s: %w", f.path, err)
	}
	return nil
}

// Get returns an item; see Vault.
func (f *File) Get(ctx context.Context, connection string, item Item) (sage.Secret, error) {
	var value sage.Secret
	err := f.locked(ctx, func() error {
		items, _, err := f.current()
		if err != nil {
			return err
		}
		var ok bool
		if value, ok = items[account(connection, item)]; !ok {
			return ErrNotFound
		}
		return nil
	})
	if err != nil {
		return sage.Secret{}, failed("reading", connection, item, err)
	}
	return value, nil
}

// Set stores an item; see Vault.
func (f *File) Set(ctx context.Context, connection string, item Item, value sage.Secret) error {
	return f.setAll(ctx, connection, []entry{{item, value}})
}

// Delete removes a connection's items; see Vault.
func (f *File) Delete(ctx context.Context, connection string) error {
	err := f.change(ctx, func(items map[string]sage.Secret) error {
		for _, item := range Items() {
			delete(items, account(connection, item))
		}
		return nil
	})
	if err != nil {
		return failed("removing", connection, "items", err)
	}
	return nil
}

// setAll stores the entries in one step: all of them or none.
func (f *File) setAll(ctx context.Context, connection string, entries []entry) error {
	var at Item
	err := f.change(ctx, func(items map[string]sage.Secret) error {
		for _, e := range entries {
			at = e.item
			if err := apply(items, connection, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return failed("storing", connection, at, err)
	}
	return nil
}

// change reads the items, lets edit change a copy, and writes it when it differs.
func (f *File) change(ctx context.Context, edit func(items map[string]sage.Secret) error) error {
	return f.locked(ctx, func() error {
		items, passphrase, err := f.current()
		if err != nil {
			return err
		}
		changed := maps.Clone(items)
		if err := edit(changed); err != nil {
			return err
		}
		if maps.EqualFunc(items, changed, sage.Secret.Equal) {
			return nil
		}
		seen, err := f.write(passphrase, changed)
		if err != nil {
			return err
		}
		f.remember(passphrase, changed, seen)
		return nil
	})
}

// current are the items as the file has them now. It is called with the file locked.
func (f *File) current() (map[string]sage.Secret, sage.Secret, error) {
	f.mu.Lock()
	passphrase, items, seen := f.passphrase, f.items, f.seen
	f.mu.Unlock()
	if passphrase.IsZero() {
		return nil, sage.Secret{}, ErrLocked
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, sage.Secret{}, err
	}
	if stampOf(info) == seen {
		return items, passphrase, nil
	}
	items, seen, err = readVault(f.path, passphrase)
	if err != nil {
		return nil, sage.Secret{}, err
	}
	f.remember(passphrase, items, seen)
	return items, passphrase, nil
}

func (f *File) remember(passphrase sage.Secret, items map[string]sage.Secret, seen stamp) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passphrase, f.items, f.seen = passphrase, items, seen
}

// locked runs do while neither another goroutine nor another process uses the file.
func (f *File) locked(ctx context.Context, do func() error) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-f.turn }()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	return do()
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime()} }

package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// store keeps contents: what was uploaded, the results, the lists. With a directory each is a file of its own;
// without one small ones are in memory and large ones in a temporary directory, so that a client can be tested with
// files that no memory should hold.
type store struct {
	dir string // "" keeps small contents in memory

	mu    sync.Mutex // guards what follows; never held over a file
	small map[string][]byte
	spool string // the temporary directory, once there is one
}

// inMemory is the largest content kept in memory, in bytes.
const inMemory = 8 << 20

func newStore(dir string) *store {
	if dir != "" {
		dir = filepath.Join(dir, "contents")
	}
	return &store{dir: dir, small: map[string][]byte{}}
}

// errTooLarge says that there is more than the limit.
var errTooLarge = errors.New("more than the limit")

// write stores all of r under a name, which is new. Hint is its size in bytes where one was told, else negative.
// More than limit bytes are errTooLarge. After an error nothing is kept.
func (st *store) write(name string, r io.Reader, hint, limit int64) (content, error) {
	d := st.create(name, hint)
	n, err := io.Copy(d, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errTooLarge
	}
	if err != nil {
		d.discard()
		return content{}, err
	}
	return d.commit()
}

// draft is a content that is being written. It ends with commit or discard.
type draft struct {
	st    *store
	name  string
	small bytes.Buffer
	file  *os.File // once it is too large for the memory
	size  int64
	sum   hash.Hash
}

func (st *store) create(name string, hint int64) *draft {
	d := &draft{st: st, name: name, sum: sha256.New()}
	if st.dir == "" && hint > 0 && hint <= inMemory {
		d.small.Grow(int(hint) + bytes.MinRead)
	}
	return d
}

// Write implements io.Writer.
func (d *draft) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	d.sum.Write(p)
	if d.file == nil && d.st.dir == "" && d.size <= inMemory {
		return d.small.Write(p)
	}
	if err := d.open(); err != nil {
		return 0, err
	}
	return d.file.Write(p)
}

// open moves what there is into a file.
func (d *draft) open() error {
	if d.file != nil {
		return nil
	}
	dir, err := d.st.place()
	if err != nil {
		return err
	}
	d.file, err = os.OpenFile(filepath.Join(dir, d.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: storing a content: %w", err)
	}
	if _, err := d.file.Write(d.small.Bytes()); err != nil {
		return fmt.Errorf("sandbox: storing a content: %w", err)
	}
	d.small = bytes.Buffer{}
	return nil
}

// commit keeps what was written.
func (d *draft) commit() (content, error) {
	c := content{Name: d.name, Size: d.size, SHA256: hex.EncodeToString(d.sum.Sum(nil))}
	if d.file == nil && d.st.dir != "" { // nothing was written
		if err := d.open(); err != nil {
			return content{}, err
		}
	}
	if d.file == nil {
		d.st.mu.Lock()
		d.st.small[d.name] = d.small.Bytes()
		d.st.mu.Unlock()
		return c, nil
	}
	if err := d.file.Close(); err != nil {
		d.st.remove(d.name)
		return content{}, fmt.Errorf("sandbox: storing a content: %w", err)
	}
	return c, nil
}

// discard keeps nothing.
func (d *draft) discard() {
	if d.file != nil {
		_ = d.file.Close()
		d.st.remove(d.name)
	}
}

// place is the directory for what is not in memory, which is made when missing.
func (st *store) place() (string, error) {
	if st.dir == "" {
		return st.spoolDir()
	}
	if err := os.MkdirAll(st.dir, 0o700); err != nil {
		return "", fmt.Errorf("sandbox: making the directory of contents: %w", err)
	}
	return st.dir, nil
}

// spoolDir is the temporary directory for what is too large for the memory.
func (st *store) spoolDir() (string, error) {
	st.mu.Lock()
	dir := st.spool
	st.mu.Unlock()
	if dir != "" {
		return dir, nil
	}
	made, err := os.MkdirTemp("", "postroom-sandbox-")
	if err != nil {
		return "", fmt.Errorf("sandbox: making room for a large file: %w", err)
	}
	st.mu.Lock()
	if st.spool == "" {
		st.spool, dir = made, made
	} else {
		dir = st.spool
	}
	st.mu.Unlock()
	if dir != made {
		_ = os.Remove(made) // empty: another one was made meanwhile
	}
	return dir, nil
}

// open reads a stored content. The caller closes it.
func (st *store) open(c content) (io.ReadCloser, error) {
	st.mu.Lock()
	data, small := st.small[c.Name]
	dir := or(st.dir, st.spool)
	st.mu.Unlock()
	if small {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	f, err := os.Open(filepath.Join(dir, c.Name))
	if err != nil {
		return nil, fmt.Errorf("sandbox: opening a content: %w", err)
	}
	return f, nil
}

// remove forgets a content.
func (st *store) remove(name string) {
	st.mu.Lock()
	_, small := st.small[name]
	delete(st.small, name)
	dir := or(st.dir, st.spool)
	st.mu.Unlock()
	if !small && dir != "" && name != "" {
		_ = os.Remove(filepath.Join(dir, name)) // what stays is swept away with the next start
	}
}

// sweep removes what an interrupted upload left behind.
func (st *store) sweep(known map[string]bool) error {
	list, err := os.ReadDir(st.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sandbox: reading the directory of contents: %w", err)
	}
	for _, e := range list {
		if !known[e.Name()] {
			_ = os.Remove(filepath.Join(st.dir, e.Name())) // in the way of nothing
		}
	}
	return nil
}

// close removes the temporary directory.
func (st *store) close() error {
	st.mu.Lock()
	dir := st.spool
	st.mu.Unlock()
	if dir == "" {
		return nil
	}
	return os.RemoveAll(dir)
}

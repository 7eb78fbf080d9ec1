package inbox

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"postroom/watcher/disk"
)

// arrived is a file that has been fetched whole and lies where nobody looks. Close gives it up unless it has been
// laid down.
type arrived struct {
	*disk.Staged
	size int64
	sum  string // SHA-256, lower-case hex
}

// counted counts and hashes what passes.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// fetch has the content of a file written to a hidden place.
func (b *Inbox) fetch(ctx context.Context, full string, fetch Fetch) (*arrived, error) {
	if err := b.ensure(incoming); err != nil {
		return nil, err
	}
	staged, err := disk.Stage(b.fsys, b.full(incoming), filepath.Base(full))
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	out := bufio.NewWriterSize(staged, 64<<10)
	count := &counted{w: io.MultiWriter(out, hash)}
	err = fetch(ctx, count)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, staged.Close())
	}
	return &arrived{Staged: staged, size: count.n, sum: hex.EncodeToString(hash.Sum(nil))}, nil
}

// again makes another file of what arrived. It is laid down by now, and read from there.
func (b *Inbox) again(ctx context.Context, got *arrived, kept, full string) (*arrived, error) {
	f, err := b.fsys.Open(kept)
	if err != nil {
		return nil, err
	}
	fresh, err := b.fetch(ctx, full, func(_ context.Context, w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if fresh.sum != got.sum {
		return nil, errors.Join(fmt.Errorf("%s changed while it was copied", kept), fresh.Close())
	}
	return fresh, nil
}

// holds tells whether the file at full has the very content that arrived. One that is not there, or is no file, has
// not.
func (b *Inbox) holds(full string, got *arrived) (bool, error) {
	f, err := b.fsys.Open(full)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, disk.ErrNotRegular):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("comparing with %s: %w", full, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size != got.size {
		return false, err
	}
	sum, err := sumOf(f)
	return sum == got.sum, err
}

func sumOf(r io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

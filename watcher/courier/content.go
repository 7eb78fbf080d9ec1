package courier

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"

	"postroom/sage"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// body is a transfer's content as it was checked: whole, or an error before its last bytes.
func (p *Porter) body(t *journal.Transfer) sage.Body {
	record := *t
	return sage.Body{Size: record.Size, Open: func() (io.ReadCloser, error) { return p.content(record) }}
}

func (p *Porter) content(t journal.Transfer) (io.ReadCloser, error) {
	at := t.Lies()
	if at == "" {
		return nil, errMissing
	}
	f, err := p.fsys.Open(full(p.root, at))
	if errors.Is(err, fs.ErrNotExist) {
		if at, err = p.Find(t); err == nil {
			f, err = p.fsys.Open(full(p.root, at))
		}
	}
	switch {
	case errors.Is(err, errNowhere):
		return nil, errMissing
	case err != nil:
		return nil, p.local(&t, err)
	}
	return &verified{file: f, sum: sha256.New(), want: t.SHA256, left: t.Size, local: func(err error) error { return p.local(&t, err) }}, nil
}

// heldBack is how many bytes at the end of a file are given out only once the hash of all of it is known to be right.
const heldBack = 4096

// verified reads a file and gives its last bytes only if all of them are what was hashed before. What is not exactly
// that is errEdited, before the end.
type verified struct {
	file  disk.File
	sum   hash.Hash
	want  string // lower-case hex
	left  int64  // bytes not read from the file yet
	end   []byte // the last bytes, verified
	known bool   // end has been read
	local func(error) error
}

// Read gives the next bytes.
func (v *verified) Read(b []byte) (int, error) {
	if v.left > heldBack {
		if int64(len(b)) > v.left-heldBack {
			b = b[:v.left-heldBack]
		}
		n, err := v.file.Read(b)
		v.sum.Write(b[:n])
		v.left -= int64(n)
		return n, v.judged(err)
	}
	if !v.known {
		if err := v.finish(); err != nil {
			return 0, err
		}
	}
	if len(v.end) == 0 {
		return 0, io.EOF
	}
	n := copy(b, v.end)
	v.end = v.end[n:]
	return n, nil
}

// finish reads the end and one byte more, which must not be there.
func (v *verified) finish() error {
	end := make([]byte, v.left+1)
	n, err := io.ReadFull(v.file, end)
	switch {
	case err == nil:
		return errEdited // longer
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return v.local(err)
	case int64(n) != v.left:
		return errEdited
	}
	v.sum.Write(end[:n])
	if hex.EncodeToString(v.sum.Sum(nil)) != v.want {
		return errEdited
	}
	v.end, v.known, v.left = end[:n], true, 0
	return nil
}

func (v *verified) judged(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return errEdited // shorter
	}
	return v.local(err)
}

// Close closes the file.
func (v *verified) Close() error { return v.file.Close() }

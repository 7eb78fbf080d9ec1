package watcher

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"unicode/utf16"
	"unicode/utf8"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// correctable tells whether a file failed the check for nothing but how its characters are written, so that a copy can be
// made that says the same.
func correctable(t *journal.Transfer) bool {
	if t.State != journal.Unchecked || t.Lies() == "" || t.Problem == nil {
		return false
	}
	code := contract.Code(t.Problem.Code)
	return code == contract.CodeBOM || code == contract.CodeUTF16
}

// SendCorrected makes a copy of a file that was refused for a byte order mark or for being UTF-16, as UTF-8 without one, and
// drops it into Outbox under a name that is free. The file itself stays in Failed as it is. Only where that loses nothing.
func (e *Engine) SendCorrected(ctx context.Context, id string) (Placed, error) {
	t, err := e.transfer(ctx, id)
	if err != nil {
		return Placed{}, err
	}
	if !correctable(&t) {
		return Placed{}, refuse(ErrWrongState, "tooLate", "name", t.Name, "state", string(t.State))
	}
	folder := e.folderOf(t.Company)
	if folder == "" {
		return Placed{}, refuse(ErrNotFound, "companyUnknown", "company", t.Company)
	}
	source, err := disk.Under(folder, t.Lies())
	if err != nil {
		return Placed{}, err
	}
	fsys := disk.Within(e.fs, folder)
	if err := disk.Way(fsys, source); err != nil {
		return Placed{}, err
	}
	placed := Placed{File: source, Scope: t.Scope}
	into := filepath.Join(folder, filepath.FromSlash(path.Join(outbox.Folder, t.Scope)))
	if placed.Path, err = e.correctInto(ctx, fsys, source, into, t.Name); err != nil {
		return Placed{}, fmt.Errorf("making a correct copy of %s: %w", source, err)
	}
	// The copy speaks for the file from now on. If this fails, a person puts it aside.
	if err := e.Dismiss(ctx, id); err != nil {
		e.log.Info("a file that was sent as a correct copy was not put aside", "transfer", id, "error", err)
	}
	return placed, nil
}

// correctInto writes the copy where nobody looks, makes certain that nothing was lost, and lays it down.
func (e *Engine) correctInto(ctx context.Context, fsys disk.FS, source, into, name string) (string, error) {
	in, err := fsys.Open(source)
	if err != nil {
		return "", err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return "", err
	}
	if e.short(into, info.Size) {
		return "", refuse(nil, "diskFull", "folder", into)
	}
	staged, err := disk.Stage(fsys, into, name)
	if err != nil {
		return "", err
	}
	defer func() { _ = staged.Close() }() // laid down by then, or given up
	if err := corrected(staged, &interrupted{ctx: ctx, r: in}); err != nil {
		if errors.Is(err, errLossy) {
			return "", refuse(ErrInvalid, "notCorrectable", "name", name)
		}
		return "", err
	}
	names := disk.NewNames(fsys)
	for {
		free, err := names.Free(into, name)
		if err != nil {
			return "", err
		}
		at := filepath.Join(into, free)
		if err := staged.Move(at); !errors.Is(err, fs.ErrExist) {
			return at, err
		}
	}
}

// errLossy: the characters cannot be written as UTF-8 and back without a difference.
var errLossy = errors.New("not without a loss")

// corrected writes text as UTF-8 without a byte order mark. errLossy where something would not come back the same: half a
// character, or half of a pair that makes one.
func corrected(to io.Writer, from io.Reader) error {
	in, out := bufio.NewReader(from), bufio.NewWriter(to)
	head, _ := in.Peek(3)
	var order binary.ByteOrder
	mark := 0
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		mark = 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		mark, order = 2, binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		mark, order = 2, binary.BigEndian
	case len(head) >= 2 && head[0] != 0 && head[1] == 0: // JSON begins with a sign of ASCII
		order = binary.LittleEndian
	case len(head) >= 2 && head[0] == 0 && head[1] != 0:
		order = binary.BigEndian
	default:
		return errLossy
	}
	if _, err := in.Discard(mark); err != nil {
		return err
	}
	var err error
	if order == nil { // it is UTF-8, and only the mark goes
		_, err = io.Copy(out, in)
	} else {
		err = fromUTF16(out, in, order)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// fromUTF16 writes UTF-16 as UTF-8. Every pair of halves has one form in each, so that nothing is lost where all are whole.
func fromUTF16(to *bufio.Writer, from *bufio.Reader, order binary.ByteOrder) error {
	var two [2]byte
	unit := func() (rune, error) {
		_, err := io.ReadFull(from, two[:])
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errLossy
		}
		return rune(order.Uint16(two[:])), err
	}
	for {
		r, err := unit()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if utf16.IsSurrogate(r) {
			second, err := unit()
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if r = utf16.DecodeRune(r, second); err != nil || r == utf8.RuneError {
				return errLossy
			}
		}
		if _, err := to.WriteRune(r); err != nil {
			return err
		}
	}
}

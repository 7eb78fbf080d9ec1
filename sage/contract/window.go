package contract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"unicode/utf8"
)

const (
	chunk    = 64 << 10 // bytes read at a time
	rewindAt = 1 << 20  // bytes up to which the beginning of a wrapped file is kept to be read again
	behind   = 512      // bytes that are kept behind the next one to parse, for what is said of a text that just ended
)

// errTooLarge is the window's word for a record over MaxRecord.
var errTooLarge = errors.New("contract: the record is too large")

// window is the part of a file that is in memory: what is not read yet, and behind it as much as is still needed.
// Offsets are those of the file. It knows the line and column of every offset it holds.
type window struct {
	ctx    context.Context
	source io.Reader
	tee    func([]byte) // sees all bytes once, in order; nil when nobody asks
	limit  int          // bytes of a record

	first *[2 * chunk]byte // what buf was at first

	buf  []byte
	pos  int   // index of the next byte to parse
	base int64 // offset of buf[0]
	err  error // of the source, once it came
	eof  bool  // it is io.EOF

	outer int64 // from here bytes are kept to be read again, while they are few; -1: none
	inner int64 // from here bytes are kept, for a record; -1: none

	overflow int64 // where the record began that is too large

	known place // a place at or before all that is kept
	near  place // another one, further on: where the last record began
}

// place is an offset with its line and column, both from 1; the column counts characters.
type place struct {
	offset int64
	line   int
	column int
}

func newWindow(ctx context.Context, source io.Reader, tee func([]byte), limit int) *window {
	buf, _ := buffers.Get().(*[2 * chunk]byte)
	return &window{
		ctx: ctx, source: source, tee: tee, limit: limit, first: buf,
		buf: buf[:0], outer: -1, inner: -1, known: place{line: 1, column: 1},
	}
}

// buffers are those that windows begin with: most files are smaller than one.
var buffers = sync.Pool{New: func() any { return new([2 * chunk]byte) }}

// close gives the buffer back. Nothing of the window may be used any more.
func (w *window) close() {
	w.buf = nil
	buffers.Put(w.first)
}

// offset is that of the next byte to parse.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill reads more bytes, dropping what is no longer needed, and reports whether there are any. At the end of the
// file, and after an error, there are none. Either way buf, pos and base may have changed.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	w.drop()
	if w.inner >= 0 && len(w.buf)-int(w.inner-w.base) > w.limit {
		w.err, w.overflow = errTooLarge, w.inner
		return false
	}
	if cap(w.buf)-len(w.buf) < chunk {
		grown := make([]byte, len(w.buf), 2*cap(w.buf))
		copy(grown, w.buf)
		w.buf = grown
	}
	for empty := 0; ; {
		if w.err = w.ctx.Err(); w.err != nil {
			return false
		}
		n, err := w.source.Read(w.buf[len(w.buf) : len(w.buf)+chunk])
		if w.tee != nil && n > 0 {
			w.tee(w.buf[len(w.buf) : len(w.buf)+n])
		}
		w.buf = w.buf[:len(w.buf)+n]
		w.err, w.eof = err, err == io.EOF
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
		if empty++; empty == 100 {
			w.err = io.ErrNoProgress
			return false
		}
	}
}

// drop forgets the bytes that nobody needs any more.
func (w *window) drop() {
	from := w.back()
	if w.inner >= 0 {
		from = min(from, w.inner)
	}
	if w.outer >= 0 {
		if w.offset()-w.outer > rewindAt {
			w.outer = -1
		} else {
			from = min(from, w.outer)
		}
	}
	if w.known.offset < from {
		w.known = w.place(from)
	}
	n := int(from - w.base)
	if n == 0 {
		return
	}
	w.buf = w.buf[:copy(w.buf, w.buf[n:])]
	w.base = from
	w.pos -= n
}

// back is as far back as bytes are always held, at the beginning of a character.
func (w *window) back() int64 {
	i := max(w.pos-behind, 0)
	for least := i - utf8.UTFMax; i > max(least, 0) && i < len(w.buf) && !utf8.RuneStart(w.buf[i]); { // bytes that are no UTF-8 have none
		i--
	}
	return w.base + int64(i)
}

// peek is the next byte; false at the end.
func (w *window) peek() (byte, bool) {
	if w.pos == len(w.buf) && !w.fill() {
		return 0, false
	}
	return w.buf[w.pos], true
}

// ahead are up to n of the next bytes.
func (w *window) ahead(n int) []byte {
	for len(w.buf)-w.pos < n && w.fill() {
	}
	return w.buf[w.pos:min(w.pos+n, len(w.buf))]
}

// bytes are those between two offsets that are both held.
func (w *window) bytes(from, to int64) []byte { return w.buf[from-w.base : to-w.base] }

// place is the line and column of an offset at or after the known place.
func (w *window) place(offset int64) place {
	at := w.known
	if at.offset < w.near.offset && w.near.offset <= offset {
		at = w.near
	}
	text := w.bytes(max(at.offset, w.base), offset)
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		at.line += n
		at.column = 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	at.column += utf8.RuneCount(text)
	at.offset = offset
	return at
}

// keep keeps the bytes of a record from here on.
func (w *window) keep() int64 {
	w.inner = w.offset()
	w.near = w.place(w.inner)
	return w.inner
}

// release ends what keep began.
func (w *window) release() { w.inner = -1 }

// drain reads the source to its end, so that all bytes are seen. The error is the source's own.
func (w *window) drain() error {
	w.pos, w.outer, w.inner = len(w.buf), -1, -1
	if errors.Is(w.err, errTooLarge) {
		w.err = nil
	}
	for w.fill() {
		w.pos = len(w.buf)
	}
	if w.eof {
		return nil
	}
	return w.err
}

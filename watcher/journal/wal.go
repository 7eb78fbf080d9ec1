package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The ends of the names of SQLite's files beside the database: the write-ahead log, and its index in shared memory.
const (
	walEnd = "-wal"
	shmEnd = "-shm"
)

// The layout of a write-ahead log, https://sqlite.org/fileformat2.html#walformat.
const (
	walHeader   = 32
	walVersion  = 3007000
	frameHeader = 24
	leastPage   = 512
	mostPage    = 65536
)

// inspectLog looks at the write-ahead log before SQLite does, which believes it up to the first frame that does not fit
// and silently forgets the rest: right for a commit that a power cut tore, of which nobody was told, wrong for commits that
// were acknowledged. Then files might be sent a second time. The error is ErrCorrupt when such commits are gone:
//   - the log cannot begin as it does;
//   - behind the first frame that does not fit lie frames of more than one commit. Each is durable before the next begins,
//     so that only the last can be torn;
//   - the index in shared memory has seen more frames than there are. It is written after the log is durable.
//
// That the log is gone as a whole is for the mark in use to tell, see markInUse.
func inspectLog(path string) error {
	index, err := readIndex(path + shmEnd)
	if err != nil {
		return err
	}
	log, err := readLog(path + walEnd)
	if err != nil {
		return err
	}
	switch {
	case log.size == 0 && index.frames > index.kept:
		return fmt.Errorf("%w: its log is gone, with %d frames", ErrCorrupt, index.frames-index.kept)
	case log.size == 0:
		return nil
	case !log.begun:
		return fmt.Errorf("%w: its log cannot be read", ErrCorrupt)
	case log.torn > 1:
		return fmt.Errorf("%w: its log is broken off after frame %d", ErrCorrupt, log.frames)
	case index.salt == log.salt && index.frames > log.frames:
		return fmt.Errorf("%w: its log has %d of %d frames", ErrCorrupt, log.frames, index.frames)
	}
	return nil
}

// logState is what a write-ahead log says of itself.
type logState struct {
	size   int64
	begun  bool   // its header is whole
	salt   uint64 // of its present round; frames of earlier ones are left over behind
	frames int    // up to the last whole commit
	torn   int    // commits of this round that begin or end behind the first frame that does not fit
}

func readLog(path string) (state logState, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return state, err
	}
	state.size = info.Size()
	if state.size == 0 {
		return state, nil
	}
	header := make([]byte, walHeader)
	if _, err := io.ReadFull(f, header); err != nil {
		return state, unlessShort(err)
	}
	magic, page := binary.BigEndian.Uint32(header), int(binary.BigEndian.Uint32(header[8:]))
	sum := checksum{order: binary.LittleEndian}
	if magic&1 == 1 {
		sum.order = binary.BigEndian
	}
	sum.add(header[:24])
	state.begun = magic&^1 == 0x377f0682 && binary.BigEndian.Uint32(header[4:]) == walVersion &&
		page >= leastPage && page <= mostPage && page&(page-1) == 0 && sum.is(header[24:])
	if state.begun {
		state.salt = binary.BigEndian.Uint64(header[16:])
		err = state.read(f, page, sum)
	}
	return state, err
}

// read goes through the frames.
func (s *logState) read(r io.Reader, page int, sum checksum) error {
	frame := make([]byte, frameHeader+page)
	whole, open := true, false // open: frames of this round were seen behind the break that no commit has ended yet
	for n := 1; ; n++ {
		if _, err := io.ReadFull(r, frame); err != nil {
			if open {
				s.torn++
			}
			return unlessShort(err)
		}
		ours := binary.BigEndian.Uint64(frame[8:]) == s.salt
		ends := binary.BigEndian.Uint32(frame[4:]) != 0
		if whole {
			sum.add(frame[:8])
			sum.add(frame[frameHeader:])
			whole = ours && binary.BigEndian.Uint32(frame) != 0 && sum.is(frame[16:])
		}
		switch {
		case whole && ends:
			s.frames = n
		case !whole && ours && ends:
			s.torn, open = s.torn+1, false
		case !whole && ours:
			open = true
		}
	}
}

// unlessShort makes the end of a file no error: what is not there counts as torn.
func unlessShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// checksum is SQLite's, over words of the log's byte order.
type checksum struct {
	order binary.ByteOrder
	a, b  uint32
}

func (c *checksum) add(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		c.a += c.order.Uint32(data) + c.b
		c.b += c.order.Uint32(data[4:]) + c.a
	}
}

func (c *checksum) is(written []byte) bool {
	return binary.BigEndian.Uint32(written) == c.a && binary.BigEndian.Uint32(written[4:]) == c.b
}

// indexState is what the index in shared memory knows of the log.
type indexState struct {
	salt   uint64
	frames int // of the log that are committed
	kept   int // of these that are in the database too
}

// readIndex reads the index's header. One that does not hold together says nothing: it is rebuilt whenever nobody has it
// open, and is no part of what is kept.
func readIndex(path string) (state indexState, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	defer f.Close()
	header := make([]byte, 100) // the header twice, and how far the database has caught up
	if _, err := io.ReadFull(f, header); err != nil {
		return state, unlessShort(err)
	}
	first, second := header[:48], header[48:96]
	sum := checksum{order: binary.NativeEndian}
	sum.add(first[:40])
	good := string(first) == string(second) && binary.NativeEndian.Uint32(first) == walVersion && first[12] == 1 &&
		sum.a == binary.NativeEndian.Uint32(first[40:]) && sum.b == binary.NativeEndian.Uint32(first[44:])
	if !good {
		return state, nil
	}
	state.salt = binary.BigEndian.Uint64(first[32:]) // as in the log, where it was copied from
	state.frames = int(binary.NativeEndian.Uint32(first[16:]))
	state.kept = int(binary.NativeEndian.Uint32(header[96:]))
	return state, nil
}

package watcher

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// transferID is a UUID of version 7 for what: they sort by the time at which they were made.
func (e *Engine) transferID(now time.Time, what string) string {
	return uuid(now, e.options.Unique(what))
}

// uuid makes random bytes a UUID of version 7.
func uuid(now time.Time, b [16]byte) string {
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(b[6:8])))
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// unique is the real door for IDs.
func unique(string) (b [16]byte) {
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return b
}

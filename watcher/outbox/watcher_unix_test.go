//go:build unix

package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"syscall"
	"testing"
	"time"

	"postroom/watcher/disk/disktest"
)

// Windows does not let a file be changed while it is read.
func TestAFileThatChangesWhileItIsReadIsNotTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		fault := func(op disktest.Op, name string) error {
			if op == disktest.Read && name == "Outbox/orders/a.json" {
				w.set(func() { w.fault = nil })
				w.put("Outbox/orders/a.json", `[{"id":"3"}]`, -time.Millisecond)
			}
			return nil
		}
		w.set(func() { w.fault = fault })
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells()
		w.pass(time.Second)
		found := w.tells("settled orders/a.json")
		sum := sha256.Sum256([]byte(`[{"id":"3"}]`))
		if found[0].SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatal("the hash is that of other content")
		}
	})
}

func TestAPipeIsExplainedAndNotOpened(t *testing.T) {
	inWorld(t, func(w *world) {
		if err := syscall.Mkfifo(w.full("Outbox/orders/pipe.json"), 0o600); err != nil {
			t.Skip("no pipes here:", err)
		}
		w.start()
		w.pass(time.Hour)
		w.tells()
		w.shows("orders/pipe.json fileIsDevice")
		if n := w.looked(disktest.Open, "Outbox/orders/pipe.json"); n != 0 {
			t.Error("opened")
		}
	})
}

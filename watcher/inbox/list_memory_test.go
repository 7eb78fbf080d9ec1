//go:build !race

package inbox

import (
	"runtime"
	"testing"
	"time"

	"postroom/watcher/disk"
)

// The race detector multiplies memory, and takes half a minute for it.

func TestALargeListNeedsLittleMemory(t *testing.T) {
	const many = 100_000
	d := open(t, disk.OS())
	d.lay(list(products(many)))
	content := products(many + 10)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	source := list(content)
	fetch := source.Fetch
	source.Fetch = fetch
	done := make(chan List)
	go func() { done <- d.lay(source) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case l := <-done:
			if l.Added != 10 || l.Records != many+10 {
				t.Fatalf("%+v", l)
			}
			// 24 bytes a record and list, some for growing, and what the reader of records holds.
			if more := int64(peak) - int64(before.HeapInuse); more > 40<<20 {
				t.Errorf("%d MB more for %d records", more>>20, many)
			}
			return
		case <-tick.C:
			runtime.ReadMemStats(&after)
			peak = max(peak, after.HeapInuse)
		}
	}
}

package watcher

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkIdle tells what share of a core companies cost in which nothing happens, over 20 seconds.
func BenchmarkIdle(b *testing.B) {
	for _, companies := range []int{3, 100} {
		b.Run(fmt.Sprintf("companies=%d", companies), func(b *testing.B) {
			options, _ := benchHome(b, newInstant(b).URL, companies)
			_, stop := benchEngine(b, options, companies)
			time.Sleep(2 * time.Second) // the first looks are over
			var all spent
			for b.Loop() {
				since := measure()
				time.Sleep(20 * time.Second)
				all.add(since())
			}
			stop()
			b.ReportMetric(100*all.processor.Seconds()/all.clock.Seconds(), "%-of-a-core")
			b.ReportMetric(0, "ns/op")
		})
	}
}

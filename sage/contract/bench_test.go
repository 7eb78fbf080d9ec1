package contract

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// orders is a file of orders that is made while it is read, so that a gigabyte of it needs no disk.
type orders struct {
	size    int64 // bytes to make, about
	made    int64
	number  int
	pending []byte
	record  []byte
}

func (o *orders) Read(b []byte) (int, error) {
	if len(o.pending) == 0 {
		switch {
		case o.made == 0:
			o.record = []byte(anOrder(1_000_000))
			o.pending = append(o.pending, '[')
		case o.made < 0:
			return 0, io.EOF
		case o.made >= o.size:
			o.pending, o.made = append(o.pending, ']'), -2
		}
		if o.made >= 0 {
			if o.number > 0 {
				o.pending = append(o.pending, ',')
			}
			o.number++
			o.pending = append(o.pending, o.record...)
		}
	}
	n := copy(b, o.pending)
	o.pending = o.pending[:copy(o.pending, o.pending[n:])]
	if o.made >= 0 {
		o.made += int64(n)
	}
	return n, nil
}

// BenchmarkCheckGigabyte checks a file of a gigabyte, and says what it cost.
func BenchmarkCheckGigabyte(b *testing.B) {
	checker, err := New()
	if err != nil {
		b.Fatal(err)
	}
	gigabyte(b, func(r io.Reader) {
		report, err := checker.Check(context.Background(), r, "order", "orders")
		if err != nil || report.Problem != nil {
			b.Fatal(err, report.Problem)
		}
	})
}

// BenchmarkScanGigabyte asks only whether it is complete.
func BenchmarkScanGigabyte(b *testing.B) {
	gigabyte(b, func(r io.Reader) {
		if scanned, err := Scan(r); err != nil || !scanned.Complete {
			b.Fatal(err, scanned)
		}
	})
}

func gigabyte(b *testing.B, read func(io.Reader)) {
	const size = 1 << 30
	b.SetBytes(size)
	var peak uint64
	for b.Loop() {
		peak = max(peak, extraMemory(func() { read(&orders{size: size}) }))
	}
	b.ReportMetric(float64(peak)/(1<<20), "MB-extra")
	b.ReportMetric(0, "ns/op")
}

// extraMemory is the most that the heap grew while do ran, looked at every few milliseconds.
func extraMemory(do func()) uint64 {
	debug.FreeOSMemory()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				runtime.ReadMemStats(&now)
				if now.HeapInuse > before.HeapInuse {
					most = max(most, now.HeapInuse-before.HeapInuse)
				}
			case <-done:
				peak <- most
				return
			}
		}
	}()
	do()
	close(done)
	return <-peak
}

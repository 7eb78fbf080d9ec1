//go:build unix

package watcher

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkIdle tells what share of a core three companies cost in which nothing happens, over 20 seconds.
func BenchmarkIdle(b *testing.B) {
	options, _ := benchHome(b, newInstant(b).URL)
	for i := range benchLanes - 3 {
		if err := os.Remove(filepath.Join(options.Home, "connections", "connection"+string(rune('0'+i))+".json")); err != nil {
			b.Fatal(err)
		}
	}
	e, err := Open(b.Context(), options)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = e.Run(ctx) })
	time.Sleep(2 * time.Second)
	var used, took time.Duration
	for b.Loop() {
		before, began := processTime(b), time.Now()
		time.Sleep(20 * time.Second)
		used += processTime(b) - before
		took += time.Since(began)
	}
	cancel()
	running.Wait()
	if err := e.Close(); err != nil {
		b.Error(err)
	}
	b.ReportMetric(100*used.Seconds()/took.Seconds(), "%-of-a-core")
	b.ReportMetric(0, "ns/op")
}

func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkCPU is the processor time a carried file costs, beside that of the bare loop's: less noisy than the clock.
func BenchmarkCPU(b *testing.B) {
	for name, run := range map[string]func(*testing.B) float64{"engine": carry10k, "bare": bareLoop} {
		b.Run(name, func(b *testing.B) {
			var used time.Duration
			for b.Loop() {
				before := processTime(b)
				run(b)
				used += processTime(b) - before
			}
			b.ReportMetric(float64(used.Microseconds())/float64(b.N)/benchFiles, "cpu-us/file")
			b.ReportMetric(0, "ns/op")
		})
	}
}

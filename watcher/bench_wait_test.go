package watcher

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkDropToFirstRequest drops 200 small files, one at a time into an idle lane, and tells how long it takes until the
// platform hears of each: by rename from elsewhere, and by writing in place.
func BenchmarkDropToFirstRequest(b *testing.B) {
	b.Run("rename", func(b *testing.B) {
		dropToFirstRequest(b, func(aside, name string, content []byte) (time.Time, error) {
			if err := os.WriteFile(aside, content, 0o600); err != nil {
				return time.Time{}, err
			}
			return time.Now(), os.Rename(aside, name)
		})
	})
	b.Run("write", func(b *testing.B) {
		dropToFirstRequest(b, func(_, name string, content []byte) (time.Time, error) {
			err := os.WriteFile(name, content, 0o600)
			return time.Now(), err
		})
	})
}

func dropToFirstRequest(b *testing.B, drop func(aside, name string, content []byte) (time.Time, error)) {
	platform := newInstant(b)
	first := make(chan time.Time, 1)
	serve := platform.Config.Handler
	platform.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			first <- time.Now()
		}
		serve.ServeHTTP(w, r)
	})
	options, outboxes := benchHome(b, platform.URL, 1)
	_, stop := benchEngine(b, options, 1)
	defer stop()
	time.Sleep(500 * time.Millisecond) // the first sweeps are over
	aside := b.TempDir()
	var took []time.Duration
	const files = 200
	for b.Loop() {
		for i := range files {
			name := fmt.Sprintf("%d-%d.json", b.N, len(took))
			began, err := drop(filepath.Join(aside, name), filepath.Join(outboxes[0], name), benchContent(100_000+len(took)))
			if err != nil {
				b.Fatal(err)
			}
			took = append(took, (<-first).Sub(began))
			time.Sleep(time.Duration(20+i%30) * time.Millisecond) // the lane is idle again
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "ms-p99")
	b.ReportMetric(0, "ns/op")
}

const benchLanes = 8

// BenchmarkRestart opens an engine on a home with 10,000 open transfers and tells how long it takes until their lanes go on.
func BenchmarkRestart(b *testing.B) {
	platform := newInstant(b)
	options, outboxes := benchHome(b, platform.URL, benchLanes)
	fillQueue(b, options, outboxes, benchFiles)
	for b.Loop() {
		e, err := Open(b.Context(), options)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = e.Run(ctx) })
		for ready := 0; ready < benchLanes; {
			ready = 0
			for _, l := range e.allLinks() {
				if lane := l.lane("orders"); lane != nil {
					if id, _ := lane.inHand(); id != "" {
						ready++
					}
				}
			}
			time.Sleep(time.Millisecond)
		}
		b.StopTimer()
		cancel()
		running.Wait()
		if err := e.Close(); err != nil {
			b.Error(err)
		}
		b.StartTimer()
	}
}

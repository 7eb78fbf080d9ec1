package sage

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"
)

const (
	megabyte   = 1 << 20
	mostMemory = 32 * megabyte // what a gigabyte up or down may cost
)

// carrier is a platform on loopback that swallows content of a size, and gives as much.
func carrier(tb testing.TB, size int64) *Session {
	c, _ := served(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return
		}
		io.Copy(w, io.LimitReader(zeros{}, size))
	}))
	return session(c)
}

func upload(tb testing.TB, s *Session, size int64) {
	body := Body{Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }}
	if err := s.Send(tb.Context(), Created{UploadURL: "/u"}, body); err != nil {
		tb.Fatal(err)
	}
}

func download(tb testing.TB, s *Session, size int64) {
	if n, err := s.Download(tb.Context(), "/d", io.Discard, 0); n != size || err != nil {
		tb.Fatalf("%d bytes, %v", n, err)
	}
}

func TestLargeFilesCostLittleMemory(t *testing.T) {
	const size = 128 * megabyte
	s := carrier(t, size)
	for name, carry := range map[string]func(testing.TB, *Session, int64){"upload": upload, "download": download} {
		if cost := peak(func() { carry(t, s, size) }); cost > mostMemory/2 {
			t.Errorf("%s: %d MB", name, cost/megabyte)
		}
	}
}

func BenchmarkUpload1GB(b *testing.B)   { benchmark(b, upload) }
func BenchmarkDownload1GB(b *testing.B) { benchmark(b, download) }

func benchmark(b *testing.B, carry func(testing.TB, *Session, int64)) {
	const size = 1 << 30
	s := carrier(b, size)
	b.SetBytes(size)
	var most int64
	for b.Loop() {
		most = max(most, peak(func() { carry(b, s, size) }))
	}
	b.ReportMetric(float64(most)/megabyte, "peak-heap-MB")
	if most > mostMemory {
		b.Errorf("a gigabyte costs %d MB", most/megabyte)
	}
}

// peak runs f and gives by how much the heap grew at most meanwhile, in bytes.
func peak(f func()) int64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, stop := context.WithCancel(context.Background())
	var most uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for ctx.Err() == nil {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
			<-ticks.C
		}
	})
	f()
	stop()
	wg.Wait()
	return max(0, int64(most)-int64(before.HeapInuse))
}

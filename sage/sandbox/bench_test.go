package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"postroom/sage/sandbox"
)

// BenchmarkFiles is a create, a PUT and a look at tracking for each file of 2 KB, over 8 lanes: what the sandbox
// takes of a client's measured time.
func BenchmarkFiles(b *testing.B) {
	order := sandbox.SampleOrders(1)
	for name, o := range map[string]sandbox.Options{
		"unchecked":           {Unchecked: true},
		"checked":             {},
		"unchecked-directory": {Unchecked: true, Dir: "here"},
	} {
		b.Run(name, func(b *testing.B) {
			if o.Dir != "" {
				o.Dir = b.TempDir()
			}
			o.BaseURL = base
			s, err := sandbox.New(o)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			b.ResetTimer()
			files := make(chan int)
			var lanes sync.WaitGroup
			for lane := range 8 {
				made, err := s.Connect(sandbox.Setup{Company: fmt.Sprint("Company ", lane)})
				if err != nil {
					b.Fatal(err)
				}
				lanes.Go(func() {
					key := made.InitialKey.Reveal()
					for range files {
						if err := oneFile(s.RoundTripper(), key, order); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for i := range b.N {
				files <- i
			}
			close(files)
			lanes.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

func oneFile(platform http.RoundTripper, key string, content []byte) error {
	var created struct{ UploadURL, TrackingURL string }
	if err := exchange(platform, "POST", base+orders, key, []byte(`{"fileName":"a.json"}`), &created); err != nil {
		return err
	}
	if err := exchange(platform, "PUT", created.UploadURL, key, content, nil); err != nil {
		return err
	}
	var tracked struct{ Status string }
	if err := exchange(platform, "GET", created.TrackingURL, key, nil, &tracked); err != nil {
		return err
	}
	if tracked.Status != "accepted" {
		return errors.New(tracked.Status)
	}
	return nil
}

func exchange(platform http.RoundTripper, method, address, key string, content []byte, into any) error {
	req, err := http.NewRequest(method, address, bytes.NewReader(content))
	if err != nil {
		return err
	}
	req.Header.Set("apikey", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := platform.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		return fmt.Errorf("%d %s: %w", resp.StatusCode, raw, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

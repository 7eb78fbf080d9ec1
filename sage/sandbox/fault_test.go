package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

func TestDroppedConnectionsDifferInWhatWasDone(t *testing.T) {
	content := sandbox.SampleOrders(1)
	for kind, received := range map[sandbox.FaultKind]bool{
		sandbox.FaultDropRequest: false, sandbox.FaultDropMidway: false, sandbox.FaultDropAnswer: true,
		sandbox.FaultErrorAfter: true, sandbox.FaultTruncate: true, sandbox.FaultError: false,
		sandbox.FaultThrottle: false, sandbox.FaultPage: false,
	} {
		t.Run(string(kind), func(t *testing.T) {
			c := connect(t, sandbox.Options{})
			a := c.create("a.json", len(content)).want(t, 201, 0)
			c.AddFault(sandbox.Fault{Kind: kind, Op: sandbox.OpSend, Times: 1})
			got, err := c.try("PUT", a.text("uploadUrl"), content, "apikey", c.key)
			if err == nil && got.status == 200 && got.header.Get("Content-Type") == "application/json" {
				t.Errorf("nothing went wrong: %s", got.body)
			}
			if done := c.Files()[0].Status == sandbox.Accepted; done != received {
				t.Errorf("the file is %s", c.Files()[0].Status)
			}
			if n := len(c.Faults()); n != 0 {
				t.Errorf("%d faults are left", n)
			}
			if !received {
				c.put(a.text("uploadUrl"), content).want(t, 200, 0)
			}
			c.polite()
		})
	}
}

func TestAnErrorSaysWhenToTryAgain(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultThrottle, RetryAfter: 1500 * time.Millisecond, Times: 1})
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Status: 502, RetryAfter: time.Minute, Times: 1})
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Times: 1})
	if a := c.get(latestProducts).want(t, 429, 1429); a.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if a := c.get(latestProducts).want(t, 502, 1500); a.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if a := c.get(latestProducts).want(t, 503, 1500); a.header.Get("Retry-After") != "" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	c.get(latestProducts).want(t, 404, 2435)
}

func TestAFaultKeepsToItsOperationItsTurnAndItsNumber(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Op: sandbox.OpLatest, Skip: 1, Times: 2})
	id := c.AddFault(sandbox.Fault{Kind: sandbox.FaultThrottle, Op: sandbox.OpCreate})
	var got []int
	for range 5 {
		got = append(got, c.get(latestProducts).status)
	}
	if want := []int{404, 503, 503, 404, 404}; !equal(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
	for range 3 {
		c.create("a.json", 1).want(t, 429, 1429)
	}
	c.RemoveFault(id)
	c.create("a.json", 1).want(t, 201, 0)
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultError})
	c.ClearFaults()
	c.create("a.json", 1).want(t, 201, 0)
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAFaultByChanceHappensToSome(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Chance: 0.5})
	failed := 0
	for range 400 {
		if c.get(latestProducts).status == 503 {
			failed++
		}
	}
	if failed < 100 || failed > 300 {
		t.Errorf("%d of 400 failed", failed)
	}
}

func TestLatencyAddsUpAndEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{})
		c.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Wait: time.Second})
		c.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Wait: 2 * time.Second})
		start := time.Now()
		c.get(latestProducts).want(t, 404, 2435)
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("took %s", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+latestProducts, nil)
		must(t, err)
		if _, err := c.RoundTripper().RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a request that is over: %v", err)
		}
		if d := time.Since(start); d != 4*time.Second {
			t.Errorf("the sandbox held the caller for %s", d)
		}
	})
}

func TestASlowBodyComesInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{})
		list := sandbox.SampleProducts(20)
		must(t, c.Publish("", "products", list))
		address := c.get(latestProducts).text("downloadUrl")
		c.AddFault(sandbox.Fault{Kind: sandbox.FaultSlowBody, Op: sandbox.OpDownload, Wait: time.Second, Times: 1})
		start := time.Now()
		a := c.get(address).want(t, 200, 0)
		if !bytes.Equal(a.body, list) || time.Since(start) < 20*time.Second {
			t.Errorf("%d of %d bytes in %s", len(a.body), len(list), time.Since(start))
		}
	})
}

func TestATruncatedBodyIsAnErrorAfterItsBeginning(t *testing.T) {
	c := connect(t, sandbox.Options{})
	list := sandbox.SampleProducts(20)
	must(t, c.Publish("", "products", list))
	address := c.get(latestProducts).text("downloadUrl")
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultTruncate, Op: sandbox.OpDownload, Times: 1})
	a, err := c.try("GET", address, nil, "apikey", c.key)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(a.body) != len(list)/2 {
		t.Errorf("%d of %d bytes: %v", len(a.body), len(list), err)
	}
}

func TestWithoutANetworkThereIsNoOtherHost(t *testing.T) {
	c := connect(t, sandbox.Options{})
	_, err := c.try("GET", "https://example.com/", nil)
	if _, ok := errors.AsType[*net.DNSError](err); !ok {
		t.Errorf("reached another host: %v", err)
	}
	c.AddFault(sandbox.Fault{Kind: sandbox.FaultDropRequest})
	_, err = c.try("GET", latestProducts, nil, "apikey", c.key)
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a dropped connection: %v", err)
	}
}

func TestABodyOfAnotherLengthThanAnnouncedIsNotSent(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	for _, announced := range []int{len(content) + 1, len(content) - 1} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, a.text("uploadUrl"), io.NopCloser(bytes.NewReader(content)))
		must(t, err)
		req.ContentLength = int64(announced)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("apikey", c.key)
		if _, err := c.RoundTripper().RoundTrip(req); err == nil || !strings.Contains(err.Error(), "ContentLength") {
			t.Errorf("%d bytes announced of %d: %v", announced, len(content), err)
		}
	}
	if got := c.status(a); got != "awaitingUpload" {
		t.Errorf("status %s", got)
	}
}

// Over a real connection a client sees the same.
func TestFaultsOverAConnection(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	must(t, r.SetBaseURL(server.URL))
	made, err := r.Connect(sandbox.Setup{})
	must(t, err)
	list := sandbox.SampleProducts(40)
	must(t, r.Publish("", "products", list))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	defer client.CloseIdleConnections()
	get := func(address string) (*http.Response, []byte, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		req.Header.Set("apikey", made.InitialKey.Reveal())
		resp, err := client.Do(req)
		if err != nil {
			return nil, nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, body, err
	}
	latest := r.call("GET", latestProducts, nil, "apikey", made.InitialKey.Reveal()).want(t, 200, 0)
	address := latest.text("downloadUrl")
	if !strings.HasPrefix(address, server.URL) {
		t.Fatalf("downloadUrl %s", address)
	}
	for kind, check := range map[sandbox.FaultKind]func(*http.Response, []byte, error) bool{
		sandbox.FaultDropRequest: func(_ *http.Response, _ []byte, err error) bool { return errors.Is(err, io.EOF) },
		sandbox.FaultDropAnswer:  func(_ *http.Response, _ []byte, err error) bool { return errors.Is(err, io.EOF) },
		sandbox.FaultTruncate: func(_ *http.Response, body []byte, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && len(body) == len(list)/2
		},
		sandbox.FaultSlowBody: func(_ *http.Response, body []byte, err error) bool { return err == nil && bytes.Equal(body, list) },
		sandbox.FaultError: func(resp *http.Response, _ []byte, err error) bool {
			return err == nil && resp.StatusCode == http.StatusServiceUnavailable
		},
	} {
		r.AddFault(sandbox.Fault{Kind: kind, Times: 1, Wait: time.Millisecond})
		if resp, body, err := get(address); !check(resp, body, err) {
			t.Errorf("%s: %v, %d bytes, %v", kind, resp, len(body), err)
		}
	}
}

func TestAClientThatWritesStillHearsARefusal(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	must(t, r.SetBaseURL(server.URL))
	made, err := r.Connect(sandbox.Setup{})
	must(t, err)
	c := &connected{r, made.InitialKey.Reveal(), ""}
	a := c.create("a.json", 3<<20).want(t, 201, 0)
	must(t, r.ExpireKey("", ""))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, a.text("uploadUrl"), bytes.NewReader(make([]byte, 3<<20)))
		must(t, err)
		req.Header.Set("apikey", c.key)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatalf("the refusal is not heard: %v", err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("answered %d", resp.StatusCode)
		}
	}
}

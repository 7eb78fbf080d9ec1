package sage

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLatestIsReadTolerantly(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for body, want := range map[string]Latest{
		`{"fileId":"f","timestamp":"2026-11-24T10:00:00Z","size":12,"downloadUrl":"/d"}`:       {FileID: "f", Timestamp: at, Size: 12, DownloadURL: platform + "/d"},
		`{"FILEID":7,"Timestamp":1795514400000,"size":"12","download_url":"https://s.test/d"}`: {FileID: "7", Timestamp: at, Size: 12, DownloadURL: "https://s.test/d"},
		`{"downloadUrl":"/d","timestamp":"yesterday","size":"large"}`:                          {Size: -1, DownloadURL: platform + "/d"},
	} {
		var calls record
		got, err := session(over(t, calls.of(says(200, body)))).Latest(t.Context(), "products", "")
		must(t, err)
		if got != want {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
		if asked := calls.one(t); asked.method != "GET" || asked.path != "/api/domains/ecommerce/scopes/products/files/latest" || asked.header.Get("If-None-Match") != "" || asked.header.Get("apikey") != "key-initial" {
			t.Errorf("%+v", asked)
		}
	}
}

func TestLatestAsksConditionally(t *testing.T) {
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		says(200, `{"downloadUrl":"/d"}`)(w, r)
	})
	first, err := session(c).Latest(t.Context(), "products", "")
	must(t, err)
	again, err := session(c).Latest(t.Context(), "products", first.ETag)
	must(t, err)
	if first.ETag != `"v1"` || first.NotModified || again != (Latest{ETag: `"v1"`, NotModified: true, Size: -1}) {
		t.Errorf("%+v, %+v", first, again)
	}
}

func TestNothingThereIsNoFailure(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{{404, `{"code":2435}`, ErrNothingThere}, {204, ``, ErrNothingThere}, {200, `{}`, ErrMalformed}, {400, `{"code":2010}`, ErrScopeInvalid}} {
		_, err := session(over(t, says(c.status, c.body))).Latest(t.Context(), "products", "")
		wantError(t, err, c.want)
		if errors.Is(c.want, ErrNothingThere) && Do(err) != ActionNothing {
			t.Errorf("%d: %s", c.status, Do(err))
		}
	}
	// A bare 404 is a gateway's word: it must not pass for an empty scope, nor a key's trial for passed.
	_, err := session(over(t, says(404, `<html>`))).Latest(t.Context(), "products", "")
	if err == nil || errors.Is(err, ErrNothingThere) {
		t.Errorf("%v", err)
	}
}

func TestDownloadsAreWholeOrAnError(t *testing.T) {
	text := `[{"id":"1","netPrice":1.10}]` + "\n"
	var out strings.Builder
	n, err := session(over(t, says(200, text))).Download(t.Context(), "/d", &out, 0)
	must(t, err)
	if n != int64(len(text)) || out.String() != text {
		t.Errorf("%d bytes: %q", n, out.String())
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		limit   int64
		want    error
	}{
		"shorter than announced": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, text)
		}, 0, ErrTruncated},
		"connection lost": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, text)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 0, ErrTruncated},
		"larger than allowed": {says(200, text), 5, ErrTooBig},
		"larger, not announced": {func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				io.WriteString(w, text)
				w.(http.Flusher).Flush()
			}
		}, 50, ErrTooBig},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := io.WriteString(w, text); err != nil {
					return
				}
			}
		}, 1 << 20, ErrTooBig},
		"a part": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, text)
		}, 0, ErrTruncated},
		"a web page": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, "<html>log in</html>")
		}, 0, ErrMalformed},
		"packed in another way": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, text)
		}, 0, ErrMalformed},
		"packed in name only": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, text)
		}, 0, ErrMalformed},
		"not there": {says(404, `{"code":2410}`), 0, ErrFileNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := served(t, c.handler)
			n, err := session(client).Download(t.Context(), "/d", io.Discard, c.limit)
			if !errors.Is(err, c.want) || n != 0 {
				t.Errorf("%d bytes, %v; want %v", n, err, c.want)
			}
		})
	}
}

func TestWhatWasPackedWithoutBeingAskedIsUnpacked(t *testing.T) {
	pack := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
		return b.Bytes()
	}
	packed := func(data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Errorf("asked for %s", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(data)
		}
	}
	whole := pack(`{"status":"accepted"}`)
	c, _ := served(t, packed(whole))
	tracking, err := session(c).Track(t.Context(), "/t")
	must(t, err)
	var out strings.Builder
	n, err := session(c).Download(t.Context(), "/d", &out, 0)
	must(t, err)
	if tracking.Final != Accepted || n != 21 || out.String() != `{"status":"accepted"}` {
		t.Errorf("%+v, %d, %q", tracking, n, out.String())
	}
	c, _ = served(t, packed(whole[:len(whole)-4]))
	_, err = session(c).Download(t.Context(), "/d", io.Discard, 0)
	wantError(t, err, ErrTruncated)
	c, _ = served(t, packed(pack(strings.Repeat(" ", 10<<20))))
	_, err = session(c).Download(t.Context(), "/d", io.Discard, 1<<20)
	wantError(t, err, ErrTooBig)
	_, err = session(c).Track(t.Context(), "/t")
	wantError(t, err, ErrTooBig)
}

// full is a disk without room.
type full struct{ err error }

func (f full) Write(p []byte) (int, error) { return 0, f.err }

func TestOurOwnDisksErrorIsNotTheNetworks(t *testing.T) {
	errFull := errors.New("no space left")
	_, err := session(over(t, says(200, `[]`))).Download(t.Context(), "/d", full{errFull}, 0)
	if !errors.Is(err, errFull) || errors.Is(err, ErrNetwork) {
		t.Errorf("%v", err)
	}
	_, err = session(over(t, says(200, `[]`))).Download(t.Context(), "/d", full{}, 0)
	if !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v", err)
	}
}

func TestDownloadsFollowARotation(t *testing.T) {
	var calls record
	var out strings.Builder
	c := over(t, calls.of(inTurn(says(401, ``), says(200, `{"apikey":"key-two"}`), says(200, `[]`))))
	n, err := session(c).Download(t.Context(), "/d", &out, 0)
	must(t, err)
	if got := calls.all(); n != 2 || out.String() != "[]" || got[2].header.Get("apikey") != "key-two" {
		t.Errorf("%d %q %+v", n, out.String(), got)
	}
}

package callback

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzWhateverComesInIsAnsweredAndNothingOfItRepeated sends hostile calls to every path.
func FuzzWhateverComesInIsAnsweredAndNothingOfItRepeated(f *testing.F) {
	f.Add("POST", "/approval/token-1", "", "application/json", `{"apikey":"k","expires":900}`)
	f.Add("GET", "/approval/token-1", "apikey=k&expires=1795521600000", "", "")
	f.Add("PUT", "/hooks/sage", "%zz", "multipart/form-data", "\xef\xbb\xbf[{}]")
	f.Add("POST", "/notification/token-2", "a;b", ";;", `{"data":{"scope":1e999}}`)
	f.Add("POST", "/approval/../approval/token-1", "", "a/b; c=\"", "apikey=%00&apiKey=x")
	f.Add("POST", "/approval/token-1", "code=1", "application/json", `{"access":[{"token":"k"}],"until":9e9}`)
	for _, kind := range []string{"application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "\x00", ""} {
		for _, body := range []string{
			`{"apikey":"a-long-key-0001","company":"a-long-key-0001","domain":"x a-long-key-0001 y","passcode":"A-LONG-KEY-0001"}`,
			"apikey=a-long-key-0001&domain=%61-long-key-0001", `[[[[]]]]`, `{"apikey":{"apikey":"k"}}`, `{"ApiKey":null,"API_KEY":"k"}`, strings.Repeat("[", 70_000), "\xff\xfe{\x00",
			`{"apikey":"` + strings.Repeat("k", 5000) + `"}`, `{"apikey":"k\u0000"}`, `{"apikey":"k"}{"apikey":"l"}`, strings.Repeat("apikey=k&", 8000),
		} {
			f.Add("POST", "/approval/token-1", "", kind, body)
			f.Add("PUT", "/notification/token-2", body, kind, body)
		}
	}
	for _, method := range []string{"HEAD", "DELETE", "CONNECT", "TRACE", "PATCH", "OPTIONS", "post", ""} {
		f.Add(method, "/approval/token-1", "apikey=k", "", "")
	}
	for _, path := range []string{"/approval/", "/approval/token-1/", "/approval//token-1", "/x/approval/token-1", "/approval/token-1/..", "/APPROVAL/token-1", "/hooks/sage/", "//hooks/sage", "/approval/\x00"} {
		f.Add("POST", path, "", "application/json", `{"apikey":"k"}`)
	}
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		for _, change := range []func(*Options){nil, follow(renamed()), follow(inTheQuery())} {
			h := listen(t, change)
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
			r.Header["Content-Type"] = []string{kind}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code == 200 != (len(h.from) == 1) {
				t.Fatalf("%d and %d calls heard", w.Code, len(h.from))
			}
			if w.Code == 500 || w.Body.Len() > 64 {
				t.Fatalf("%d %q", w.Code, w.Body)
			}
			for _, a := range h.approvals {
				if a.Key.IsZero() || !printable(a.Key.Reveal()) || len(a.Key.Reveal()) > maxKey || !utf8.ValidString(a.Company+a.Domain+a.Passcode) {
					t.Fatalf("an approval that cannot be used: %q %+v", a.Key.Reveal(), a)
				}
				// "***" and what is shown of the rest: a key of one sign is in everything.
				if shown := fmt.Sprintf("%+v %v %#v", a, a, a); len(a.Key.Reveal()) > 8 && strings.Contains(shown, a.Key.Reveal()) {
					t.Fatalf("the key is in what an approval shows of itself")
				}
				for _, field := range []string{a.Passcode, a.Domain, a.Company, a.ApplicationID.Reveal()} {
					if len(field) > maxField {
						t.Fatalf("a field of %d bytes", len(field))
					}
				}
			}
			again := listen(t, change)
			second := httptest.NewRecorder()
			r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Method, r.URL, r.Header["Content-Type"] = method, &url.URL{Path: path, RawQuery: query}, []string{kind}
			again.ServeHTTP(second, r)
			if second.Code != w.Code || fmt.Sprint(again.from, len(again.approvals)) != fmt.Sprint(h.from, len(h.approvals)) {
				t.Fatalf("the same call is answered %d and %d", w.Code, second.Code)
			}
		}
	})
}

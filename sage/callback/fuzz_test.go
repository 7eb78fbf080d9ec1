package callback

import (
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
			}
		}
	})
}

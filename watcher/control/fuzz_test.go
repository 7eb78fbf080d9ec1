package control

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// routes are the names of all calls, read from where they are written down: a new one is tried without being named here.
func routes(t testing.TB) []string {
	t.Helper()
	source, err := os.ReadFile("wire.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range regexp.MustCompile(`= call\[.*\]\{"([a-z-]+)"\}`).FindAllSubmatch(source, -1) {
		names = append(names, string(found[1]))
	}
	if len(names) < 40 {
		t.Fatalf("only the calls %v were found", names)
	}
	return names
}

// secretOfCalls is what a call may carry and what must not stand in any answer or log line.
const secretOfCalls = "oPeN-sEsAmE-4711-0815"

// FuzzEveryRouteAnswersWhateverComes calls every route with any method, path, kind and body.
func FuzzEveryRouteAnswersWhateverComes(f *testing.F) {
	bodies := []string{
		"", "{}", "null", "[]", "1", `"x"`, "{", `{"id":"t1"}`, `{"ID":"t1"}`, `{"id":1}`, `{"id":{}}`, `{"id":"../../etc"}`, `{"id":"\u0000"}`, `{"id":"t1"}{"id":"t2"}`, `{"id":"t1"} x`,
		`{"passphrase":"` + secretOfCalls + `"}`, `{"passphrase":["` + secretOfCalls + `"]}`, `{"passphrase":"` + secretOfCalls, `{"id":"d1","key":"` + secretOfCalls + `"}`, `{"id":"d1","key":{"` + secretOfCalls + `":1}}`,
		`{"id":"d1","developer":"` + secretOfCalls + `","application":7}`, `{"paths":["/etc/passwd","\u0000","../x",""]}`, `{"company":"A","paths":null}`, `{"paths":"x"}`, `{"minutes":1e400}`, `{"minutes":-5}`,
		`{"limit":-1,"states":["nonsense"],"search":"%' OR 1=1 --"}`, `{"theme":"dark","ignore":["*"]}`, strings.Repeat("[", 20_000), `{"a":` + strings.Repeat("[", 20_000), "\xff\xfe", "\xef\xbb\xbf{}",
		`{"later":1}`, `{"id":"t1","id":"t2"}`, "{}\n\n", strings.Repeat(" ", 5000) + "{}",
	}
	routes := routes(f)
	for i, body := range bodies {
		f.Add(http.MethodPost, pathPrefix+routes[i%len(routes)], "", "application/json", body)
		f.Add(http.MethodPost, pathPrefix+callUnlockVault.name, "", "application/json", body)
		f.Add(http.MethodPost, pathPrefix+callPasteKey.name, "", "application/json; charset=utf-8", body)
	}
	for _, route := range routes {
		f.Add(http.MethodPost, pathPrefix+route, "", "application/json", `{"id":"t1"}`)
		f.Add(http.MethodGet, pathPrefix+route, "id=t1", "", "")
		f.Add(http.MethodPost, pathPrefix+route, "", "text/plain", "{}")
	}
	for _, path := range []string{"", "/", "/v1", "/v1/", "/v1//overview", "/v1/../v1/stop", "/v2/overview", "/v1/stop/", "/V1/stop", "/v1/%73top", "*", "/v1/overview\x00", "http://x/v1/stop", "/debug/pprof/"} {
		f.Add(http.MethodPost, path, "", "application/json", "{}")
	}
	for _, method := range []string{"PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PATCH", "post", "", "GET\r\nX: y"} {
		f.Add(method, pathPrefix+callStop.name, "", "application/json", "{}")
	}
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		if path == eventsPath {
			return // a stream, which has tests of its own
		}
		var log bytes.Buffer
		was := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		defer slog.SetDefault(was)
		engine := newRecorder()
		code, answer, asked := ask(engine, method, path, query, kind, body)
		if again, second, askedAgain := ask(newRecorder(), method, path, query, kind, body); again != code || second != answer || askedAgain != asked {
			t.Fatalf("the same call is answered %d %q and %d %q", code, answer, again, second)
		}
		if asked > 1 || asked == 1 && code != http.StatusOK || code == http.StatusInternalServerError {
			t.Fatalf("%d after %d calls of the engine", code, asked)
		}
		if asked == 1 && (method != http.MethodPost || !strings.HasPrefix(path, pathPrefix) || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(kind)), "application/json")) {
			t.Fatalf("%s %s with %q reaches the engine: a page in a browser could send it", method, path, kind)
		}
		if strings.Contains(log.String(), secretOfCalls) {
			t.Fatalf("the log repeats what the call carries: %s", log.String())
		}
		if code == http.StatusBadRequest && strings.HasPrefix(path, pathPrefix) {
			var f failure
			if err := json.Unmarshal([]byte(answer), &f); err != nil || f.Message == "" || strings.Contains(answer, secretOfCalls) {
				t.Fatalf("%q explains nothing, or repeats what came", answer)
			}
		}
		if len(answer) > 4<<10 {
			t.Fatalf("an answer of %d bytes", len(answer))
		}
	})
}

// ask makes one call and gives the status, the answer and how often the engine was asked.
func ask(engine *recorder, method, path, query, kind, body string) (code int, answer string, asked int) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
	r.RequestURI = path
	r.Header["Content-Type"] = []string{kind}
	w := httptest.NewRecorder()
	Handler(engine).ServeHTTP(w, r)
	data, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(data), len(engine.asked)
}

func TestAMillionLevelsAreRefusedByEveryCall(t *testing.T) {
	body := strings.Repeat("[", 1_000_000)
	for _, route := range routes(t) {
		for _, body := range []string{body, `{"id":` + body, `{"later":` + body} {
			if code, answer, asked := ask(newRecorder(), http.MethodPost, pathPrefix+route, "", "application/json", body); code != http.StatusBadRequest || asked != 0 || len(answer) > 200 {
				t.Errorf("%s: %d %.100s", route, code, answer)
			}
		}
	}
}

func TestTheHostileCallsReachEveryRoute(t *testing.T) {
	for _, route := range routes(t) {
		if code, answer, asked := ask(newRecorder(), http.MethodPost, pathPrefix+route, "", "application/json", "{}"); code != http.StatusOK || asked != 1 {
			t.Errorf("%s: %d %s, the engine was asked %d times", route, code, answer, asked)
		}
	}
}

package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
)

func tokenOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query().Get("token")
}

func TestATokenLetsInOnceAndForAMinute(t *testing.T) {
	d := newDesk(t, office())
	page := d.open()
	c := newCaller(t, page)
	if got := c.get(c.root + "/enter?token=" + newToken()); got.status != http.StatusForbidden {
		t.Errorf("a token that was never given out: %d", got.status)
	}
	if got := c.get(page.URL); got.status != http.StatusOK || got.header.Get("Set-Cookie") == "" {
		t.Fatalf("the first time: %d %v", got.status, got.header)
	}
	if got := c.get(page.URL); got.status != http.StatusForbidden || got.header.Get("Set-Cookie") != "" || !strings.Contains(got.body, "used already") {
		t.Errorf("the second time: %d %s", got.status, got.body)
	}
	late := d.open()
	d.wait(tokenTime)
	if got := c.get(late.URL); got.status != http.StatusForbidden {
		t.Errorf("after a minute: %d", got.status)
	}
}

func TestAskingWithoutReadingDoesNotUseATokenUp(t *testing.T) {
	d := newDesk(t, office())
	page := d.open()
	c := newCaller(t, page)
	if got := c.do(http.MethodHead, page.URL, nil); got.status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD came to %d", got.status)
	}
	if got := c.get(page.URL); got.status != http.StatusOK {
		t.Errorf("after HEAD: %d", got.status)
	}
}

func TestWithoutTheCookieNothingIsShownOrDone(t *testing.T) {
	f := office()
	d := newDesk(t, f)
	c, other := d.letIn(), d.letIn()
	mine := c.http.Jar
	for name, cookies := range map[string]http.CookieJar{"no cookie": nil, "another browser's": other.http.Jar, "a guess": jar{{Name: cookieName, Value: newToken()}}} {
		c.http.Jar = cookies
		for _, path := range []string{"", "file/t3", "list/l1", "events"} {
			if got := c.get(c.base + path); got.status != http.StatusForbidden || strings.Contains(got.body, "orders-") {
				t.Errorf("%s: %s came to %d: %s", name, path, got.status, got.body)
			}
		}
		if got := c.post("pause", nil); got.status != http.StatusForbidden {
			t.Errorf("%s: pausing came to %d", name, got.status)
		}
	}
	if len(f.done) != 0 {
		t.Errorf("done: %q", f.done)
	}
	c.http.Jar = mine
	if got := c.get(c.base); got.status != http.StatusOK {
		t.Errorf("with its own cookie: %d", got.status)
	}
	d.wait(sessionTime)
	if got := c.get(c.base); got.status != http.StatusForbidden {
		t.Errorf("half a day later: %d", got.status)
	}
}

func TestTheCookieGoesToNoOtherPort(t *testing.T) {
	d := newDesk(t, office())
	page := d.open()
	c := newCaller(t, page)
	cookie := (&http.Response{Header: c.get(page.URL).header}).Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Domain != "" || cookie.MaxAge != 0 {
		t.Errorf("the cookie is %v", cookie)
	}
	// A browser sends a cookie to every port of a computer, but only below its path.
	if path, ok := strings.CutPrefix(cookie.Path, sessionPath); !ok || len(strings.TrimSuffix(path, "/")) < 26 {
		t.Errorf("whoever listens on another port can have it asked for: %s", cookie.Path)
	}
	if strings.Contains(cookie.Path, cookie.Value) || strings.Contains(page.URL, cookie.Value) {
		t.Error("the address tells the cookie")
	}
}

func TestAForeignNameForThisComputerIsRefused(t *testing.T) {
	d := newDesk(t, office())
	c := d.letIn()
	named := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "0.0.0.0:80", "[::]:80", "127.0.0.1:80:80", "x@127.0.0.1", "2130706433"} {
		if got := c.do(http.MethodGet, c.base, nil, named(host)); got.status != http.StatusMisdirectedRequest && got.status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d", host, got.status)
		}
	}
	for _, host := range []string{"127.0.0.1:1234", "localhost:8080", "localhost", "[::1]:8080"} { // through a tunnel too
		if got := c.do(http.MethodGet, c.base, nil, named(host)); got.status != http.StatusOK {
			t.Errorf("%s is answered with %d", host, got.status)
		}
	}
}

func TestAnotherSiteCannotPressAButton(t *testing.T) {
	f := office()
	d := newDesk(t, f)
	c := d.letIn()
	own := strings.TrimPrefix(c.root, "http://")
	for name, change := range map[string]func(http.Header){
		"cross-site":              func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
		"another port":            func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") },
		"typed in":                func(h http.Header) { h.Set("Sec-Fetch-Site", "none") },
		"an old browser":          func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "http://evil.example") },
		"an old browser, hidden":  func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "null") },
		"an old one, other port":  func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "http://127.0.0.1:1") },
		"an old one, over https":  func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Set("Origin", "https://"+own) },
		"nothing said":            func(h http.Header) { h.Del("Sec-Fetch-Site"); h.Del("Origin") },
		"a claim beside the fact": func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site"); h.Set("Origin", "http://"+own) },
	} {
		for _, path := range []string{"pause", "resume", "check", "file/t4/cancel", "file/t2/retry"} {
			if got := c.post(path, nil, func(r *http.Request) { change(r.Header) }); got.status != http.StatusForbidden {
				t.Errorf("%s: %s came to %d", name, path, got.status)
			}
		}
	}
	for name, form := range map[string]string{"none": "", "another's": d.letIn().form, "a guess": newToken()} {
		if got := c.post("pause", url.Values{"form": {form}}); got.status != http.StatusForbidden {
			t.Errorf("a form with %s mark came to %d", name, got.status)
		}
	}
	if got := c.get(c.base + "pause"); got.status == http.StatusOK || got.status == http.StatusSeeOther {
		t.Errorf("a link that pauses came to %d", got.status)
	}
	if len(f.done) != 0 {
		t.Fatalf("done: %q", f.done)
	}
	got := c.post("pause", nil, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "http://"+own) })
	if got.status != http.StatusSeeOther || len(f.done) != 1 {
		t.Errorf("our own page in an old browser came to %d", got.status)
	}
}

func TestEveryAnswerIsLockedUp(t *testing.T) {
	d := newDesk(t, office())
	c := d.letIn()
	for _, address := range []string{
		c.base, c.base + "file/t3", c.base + "list/l1", c.base + "file/none", c.root + "/enter?token=x", c.root + "/", c.root + "/nothing",
		c.root + "/at/x/", c.root + "/static/style.css", c.root + "/static/page.js", c.root + "/static/none",
	} {
		got := c.get(address)
		for name, want := range map[string]string{
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", address, name, got.header.Get(name))
			}
		}
		csp := got.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "http") {
			t.Errorf("%s may do %q", address, csp)
		}
		if got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s can be read elsewhere", address)
		}
		for _, inline := range []string{"<style", " style=", "javascript:", " onclick", "<script>"} {
			if strings.Contains(got.body, inline) && !strings.HasSuffix(address, ".js") {
				t.Errorf("%s has %q in it, which its own rules forbid", address, inline)
			}
		}
	}
}

func TestTheSiteListensOnLoopbackAndOnlyWhileItIsWanted(t *testing.T) {
	d := newDesk(t, office())
	d.o.Idle = 50 * time.Millisecond
	var page watcher.StatusPage
	var v *serving
	for v == nil { // it may have been idle for too long already
		page = d.open()
		v = d.current()
	}
	host, _, err := net.SplitHostPort(v.listener.Addr().String())
	if err != nil || host != "127.0.0.1" {
		t.Fatalf("it listens on %s, %v", v.listener.Addr(), err)
	}
	<-v.ended // nobody looks
	if _, err := net.Dial("tcp", v.listener.Addr().String()); err == nil {
		t.Error("it still listens")
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	again := d.open()
	if again.URL == page.URL {
		t.Error("the same address again")
	}
	d.Close()
	if _, err := d.Open(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after its end it opens: %v", err)
	}
}

// current is the span of serving that goes on; nil for none.
func (d *desk) current() *serving {
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	return d.Site.now
}

func TestClosingEndsWhoListens(t *testing.T) {
	f := office()
	d := newDesk(t, f)
	c := d.letIn()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.base+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := make([]byte, 3)
	if _, err := response.Body.Read(head); err != nil || head[0] != ':' {
		t.Fatalf("%q, %v", head, err)
	}
	d.Close()
	for n := 1; err == nil && n > 0; {
		n, err = response.Body.Read(make([]byte, 100))
	}
	if err == nil {
		t.Error("the stream goes on")
	}
}

func TestTheFileThatLeadsInIsForThisUserAloneAndGoes(t *testing.T) {
	d := newDesk(t, office())
	page := d.open()
	text, err := os.ReadFile(page.File)
	if err != nil || !strings.Contains(string(text), tokenOf(t, page.URL)) || strings.Contains(string(text), "<script") {
		t.Fatalf("%s: %s, %v", page.File, text, err)
	}
	if strings.Contains(page.File, tokenOf(t, page.URL)) {
		t.Error("its name tells the token")
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{page.File: 0o600, d.dir: 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
			}
		}
	}
	newCaller(t, page).get(page.URL)
	if _, err := os.Stat(page.File); err == nil {
		t.Error("it is still there when its token was used")
	}
	late := d.open()
	d.wait(tokenTime)
	d.current().doors.sweep()
	if _, err := os.Stat(late.File); err == nil {
		t.Error("it is still there when its token is too old")
	}
	left := filepath.Join(d.dir, "open-left-by-one-that-was-killed.html")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if _, err := os.Stat(left); err == nil {
		t.Error("what another left behind is still there")
	}
}

func TestTheLogTellsNoSecret(t *testing.T) {
	d := newDesk(t, office())
	page := d.open()
	c := newCaller(t, page)
	entered := c.get(page.URL)
	c.get(page.URL)
	used := d.letIn()
	used.post("pause", nil)
	used.post("check", url.Values{"form": {"wrong"}})
	used.get(used.base + "file/none")
	d.engine.locked(func() { d.engine.refuses = errors.New("disk on fire") })
	used.get(used.base)
	d.Close()
	cookie := (&http.Response{Header: entered.header}).Cookies()[0]
	for what, secret := range map[string]string{
		"the token": tokenOf(t, page.URL), "the cookie": cookie.Value, "the path": strings.Trim(strings.TrimPrefix(cookie.Path, sessionPath), "/"),
		"the other path": strings.Trim(strings.TrimPrefix(used.base, used.root+sessionPath), "/"), "the form's mark": used.form,
		"the other cookie": used.http.Jar.(jar)[0].Value,
	} {
		if secret == "" || strings.Contains(d.logged(), secret) {
			t.Errorf("%s stands in the log:\n%s", what, d.logged())
		}
	}
	if !strings.Contains(d.logged(), "disk on fire") {
		t.Error("what went wrong does not")
	}
}

func TestWhoHoldsConnectionsOpenTakesOnlySoMany(t *testing.T) {
	d := newDesk(t, office())
	c := newCaller(t, d.open())
	var held []net.Conn
	for turned := false; !turned; {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.root, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		if len(held) > mostConnections { // this one is turned away: it ends without a word
			_, err := conn.Read(make([]byte, 1))
			if err == nil {
				t.Fatal("it was answered before it asked")
			}
			turned = true
		}
	}
	for _, conn := range held {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for {
		response, err := c.http.Get(c.root + "/static/icon.svg")
		if err != nil {
			continue // a place is free when the server has seen that it was left
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("afterwards it came to %d, %v", response.StatusCode, err)
		}
		return
	}
}

func TestOnlySoManyAreLetInAtOnce(t *testing.T) {
	d := newDesk(t, office())
	first := d.letIn()
	for range mostSessions {
		d.wait(time.Second)
		d.letIn()
	}
	if got := first.get(first.base); got.status != http.StatusForbidden {
		t.Errorf("the oldest of too many is answered with %d", got.status)
	}
	oldest := d.open()
	for range mostTokens {
		d.wait(time.Millisecond)
		d.open()
	}
	if got := first.get(oldest.URL); got.status != http.StatusForbidden {
		t.Errorf("the oldest of too many tokens came to %d", got.status)
	}
	if files, _ := filepath.Glob(filepath.Join(d.dir, "*")); len(files) != mostTokens {
		t.Errorf("%d files lead in", len(files))
	}
}

package terminal_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// opened is what `web --json` tells.
type opened struct {
	URL    string
	Opened bool
}

// visitor looks at pages as a browser does, with the cookie that it was given.
type visitor struct {
	t      *testing.T
	cookie *http.Cookie
}

// look gives a page's status and text.
func (v *visitor) look(method, address string, form url.Values) (status int, text string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, cookie := range answer.Cookies() {
		v.cookie = cookie
	}
	data, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// fakeBrowser is a computer on which starting a browser writes down the arguments it was started with, and the page in them.
func (c *computer) fakeBrowser() (at *computer, arguments, page string) {
	c.t.Helper()
	dir := c.t.TempDir()
	arguments, page = filepath.Join(dir, "arguments"), filepath.Join(dir, "page")
	script := "#!/bin/sh\ncp \"${1#file://}\" " + page + "\nprintf %s \"$*\" > " + arguments + "\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		c.t.Fatal(err)
	}
	return c.with("PATH="+dir+":"+os.Getenv("PATH"), "DISPLAY=:98"), arguments, page
}

func TestTheStatusPageOfTheRealAgentIsOpenedAndUsed(t *testing.T) {
	_, c, company, agent := atWork(t)
	drop(t, company, "november.json", order("W-1"))
	appears(t, filepath.Join(company, "Inbox", "results", "november.result.json"))
	c.waitForState("november.json", "accepted")

	page := object[opened](c.start("web", "--no-open", "--json"))
	if !strings.HasPrefix(page.URL, "http://127.0.0.1:") || page.Opened {
		t.Fatalf("told %+v", page)
	}
	v := &visitor{t: t}
	status, text := v.look(http.MethodGet, page.URL, nil)
	path := regexp.MustCompile(`/at/[A-Z0-9]+/`).FindString(text)
	if status != http.StatusOK || path == "" {
		t.Fatalf("entering came to %d: %s", status, text)
	}
	base := page.URL[:strings.Index(page.URL, "/enter")] + path
	if status, text = v.look(http.MethodGet, base, nil); status != http.StatusOK || !strings.Contains(text, "november.json") || !strings.Contains(text, "Everything is accepted.") {
		t.Fatalf("the page came to %d: %s", status, text)
	}
	mark := regexp.MustCompile(`name="form" value="([A-Z0-9]+)"`).FindStringSubmatch(text)[1]
	if status, text = v.look(http.MethodPost, base+"pause", url.Values{"form": {mark}}); status != http.StatusOK || !strings.Contains(text, "Sending is paused.") {
		t.Errorf("pausing came to %d: %s", status, text)
	}
	if !c.told("status")[0].Paused {
		t.Error("nothing is paused")
	}
	if lines := c.must("web", "--no-open"); len(lines) != 1 || !strings.Contains(lines[0], "/enter?token=") {
		t.Errorf("in words it put out %q", lines)
	}
	agent.stop()
	if _, err := http.Get(base); err == nil {
		t.Error("the page outlives its agent")
	}
	token := regexp.MustCompile(`token=(\w+)`).FindStringSubmatch(page.URL)[1]
	for what, secret := range map[string]string{"the token": token, "the cookie": v.cookie.Value, "the form's mark": mark, "the path": strings.Trim(path, "/at")} {
		holds(t, c.home, what, secret)
		if strings.Contains(agent.errs.String(), secret) {
			t.Errorf("the agent said %s", what)
		}
	}
}

func TestTheTokenStandsInNoProgramsArguments(t *testing.T) {
	c, arguments, copied := newComputer(t).fakeBrowser()
	agent := c.agent()
	page := object[opened](c.start("web", "--json"))
	if !page.Opened {
		t.Fatalf("no browser was started: %+v", page)
	}
	token := regexp.MustCompile(`token=(\w+)`).FindStringSubmatch(page.URL)[1]
	given, err := os.ReadFile(arguments)
	if err != nil || strings.Contains(string(given), token) || !strings.HasPrefix(string(given), "file://"+c.home) {
		t.Errorf("the browser was started with %q, %v", given, err)
	}
	text, err := os.ReadFile(copied)
	if err != nil || !strings.Contains(string(text), page.URL) {
		t.Errorf("the page that it was given is %q, %v", text, err)
	}
	file := strings.TrimPrefix(string(given), "file://")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", file, info, err)
	}
	agent.stop()
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s outlives its agent: %v", file, err)
	}
}

func TestTheStatusPageStartsTheAgentIfNoneRuns(t *testing.T) {
	c := newComputer(t)
	page := object[opened](c.start("web", "--no-open", "--json"))
	if status, _ := (&visitor{t: t}).look(http.MethodGet, page.URL, nil); status != http.StatusOK {
		t.Errorf("entering came to %d", status)
	}
	c.must("stop")
}

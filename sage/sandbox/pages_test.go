package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

// apikeyIn reads the key that an approvalUrl is called with.
func apikeyIn(r *http.Request) string {
	var body struct{ Apikey string }
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return ""
	}
	return body.Apikey
}

// page reads a page, or presses a button on it.
func (r *rig) page(address string) string {
	r.t.Helper()
	a := r.call("GET", address, nil)
	if a.status != 200 {
		r.t.Fatalf("%s: %d %s", address, a.status, a.body)
	}
	return string(a.body)
}

// press sends a form and returns where it leads.
func (r *rig) press(address string, form url.Values, headers ...string) answer {
	r.t.Helper()
	return r.call("POST", address, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func shows(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not show %q:\n%s", text, page)
		}
	}
}

func TestPagesTakeNamesAsText(t *testing.T) {
	const nasty = `<script>alert("x")</script>`
	r := newRig(t, sandbox.Options{})
	made, err := r.Connect(sandbox.Setup{Company: nasty, Application: nasty + "!"})
	must(t, err)
	c := &connected{r, made.InitialKey.Reveal(), ""}
	a := c.upload(nasty+".json", []byte(`[{"id":"<b>1</b>"}]`))
	for _, address := range []string{"/", "/mailbox", "/sage50", "/sage50/company/1", "/sage50/company/1/file/" + a.text("fileId")} {
		page := r.page(address)
		if strings.Contains(page, "<script") || strings.Contains(page, "<b>1</b>") {
			t.Errorf("%s takes a name for HTML", address)
		}
		if !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s does not show the name", address)
		}
	}
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	a := r.call("GET", "/", nil)
	if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
		t.Errorf("Content-Security-Policy %q", got)
	}
	if strings.Contains(string(a.body), "<script") || strings.Contains(string(a.body), "style=") {
		t.Error("the page has a script or a style in itself")
	}
	if a := r.call("GET", "/assets/style.css", nil); a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/css") {
		t.Errorf("style: %d %s", a.status, a.header.Get("Content-Type"))
	}
	if a := r.call("GET", "/assets/icon.svg", nil); a.status != 200 || a.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon: %d %s", a.status, a.header.Get("Content-Type"))
	}
}

func TestAnotherSiteCannotPressTheButtons(t *testing.T) {
	c := connect(t, sandbox.Options{})
	a := c.press("/sage50/company/1/key", url.Values{"do": {"revoke"}}, "Origin", "https://elsewhere.example")
	if a.status != http.StatusForbidden {
		t.Errorf("answered %d", a.status)
	}
	if got := c.Installations()[0].Connections[0].KeyState; got != sandbox.KeyGood {
		t.Errorf("the key is %s", got)
	}
}

func TestThePagesStandBelowTheBaseURL(t *testing.T) {
	r := newRig(t, sandbox.Options{BaseURL: "http://127.0.0.1:1/try/it"})
	if a := r.call("GET", "http://127.0.0.1:1/try/it", nil); a.status != 301 || a.header.Get("Location") != "/try/it/" {
		t.Errorf("without its slash: %d to %s", a.status, a.header.Get("Location"))
	}
	page := r.page("/")
	shows(t, page, `href="/try/it/mailbox"`, `href="/try/it/assets/style.css"`)
	a := r.call("POST", "/api/developers", registration()).want(t, 201, 0)
	address := a.text("registrationUrl")
	if !strings.HasPrefix(address, "http://127.0.0.1:1/try/it/registration/") {
		t.Fatalf("registrationUrl %s", address)
	}
	shows(t, r.page(address), "Register your application")
	if b := r.press(address, url.Values{"answer": {"0"}}); b.status != 303 || !strings.HasPrefix(b.header.Get("Location"), "/try/it/registration/") {
		t.Errorf("%d to %s", b.status, b.header.Get("Location"))
	}
}

func TestUnknownPagesAndButtonsAreTold(t *testing.T) {
	c := connect(t, sandbox.Options{})
	for _, address := range []string{
		"/nothing", "/registration/x", "/mailbox/x", "/sage50/company/0", "/sage50/company/2", "/sage50/company/x",
		"/sage50/company/1/file/x", "/sage50/company/1/file/x/content", "/sage50/company/1/publish?scope=orders",
		"/sage50/company/1/key?domain=weather",
	} {
		if a := c.call("GET", address, nil); a.status != 404 || !strings.Contains(string(a.body), "There is nothing here") {
			t.Errorf("%s: %d", address, a.status)
		}
	}
	for address, form := range map[string]url.Values{
		"/sage50/company/1/key":                     {"do": {"destroy"}},
		"/sage50/company/1/publish?scope=products":  {"kind": {"sample"}, "count": {"many"}},
		"/sage50/company/1/publish?scope=products ": {"kind": {"sample"}, "count": {"20001"}},
		"/faults/add":     {"kind": {"earthquake"}, "times": {"1"}},
		"/faults/add?":    {"kind": {"latency"}, "times": {"1"}, "seconds": {"-1"}},
		"/faults/remove":  {"id": {"x"}},
		"/faults/end":     {"word": {"processing"}},
		"/sage50/consent": {"decision": {"grant"}, "passcode": {"x"}, "company": {"Acme"}},
	} {
		if a := c.press(address, form); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d", address, a.status)
		}
	}
}

func TestThePasscodePageSaysWhatIsWrong(t *testing.T) {
	var later atomic.Int64
	r := newRig(t, sandbox.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	developer, application := r.registered(registration())
	next := func() string {
		return r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0).text("passcode")
	}
	enter := func(code string) string {
		a := r.press("/sage50/integration", url.Values{"passcode": {code}})
		return r.page(a.header.Get("Location"))
	}
	shows(t, enter("AAA"), "This passcode is not known")
	first, second := next(), next()
	shows(t, enter(first), "there is a newer one")
	shows(t, enter(second), "Share data with Postroom?", "orders, from the application to Sage", "customers, from Sage to the application")
	a := r.press("/sage50/consent", url.Values{"decision": {"deny"}, "passcode": {second}})
	shows(t, r.page(a.header.Get("Location")), "Denied.")
	shows(t, enter(second), "it was refused")
	third := next()
	r.press("/sage50/consent", url.Values{"decision": {"grant"}, "passcode": {third}, "company": {"Acme Ltd"}})
	shows(t, enter(third), "has been used already")
	fourth := next()
	later.Store(int64(time.Hour))
	shows(t, enter(fourth), "has run out")
	shows(t, r.page("/"), "has run out", "allowed", "denied", "replaced by a newer one")
}

func TestButtonsDoWhatTheControlsDo(t *testing.T) {
	c := connect(t, sandbox.Options{})
	press := func(address string, pairs ...string) string {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		a := c.press(address, form)
		if a.status != 303 {
			t.Fatalf("%s: %d %s", address, a.status, a.body)
		}
		return c.page(a.header.Get("Location"))
	}
	shows(t, press("/sage50/company/1/power", "on", "no"), "Sage 50 is off.")
	c.upload("a.json", sandbox.SampleOrders(1))
	shows(t, press("/sage50/company/1/power", "on", "yes"), "Accepted, 1 record")
	for _, x := range [][2]string{
		{"expire", "Key expired"},
		{"lock", "Key locked for a time"},
		{"unlock", "Key expired"},
		{"lock-hard", "Key locked hard"},
		{"revoke", "Key revoked"},
		{"unlock", "Key revoked"},
	} {
		shows(t, press("/sage50/company/1/key", "do", x[0], "domain", "ecommerce"), x[1])
	}
	again, err := c.Connect(sandbox.Setup{})
	must(t, err)
	c.key = again.InitialKey.Reveal()
	shows(t, press("/sage50/company/1/publish?scope=customers", "kind", "sample", "count", "7"), "7 records")
	shows(t, press("/sage50/company/1/publish?scope=customers", "kind", "list", "list", "{"), "no records")
	shows(t, c.page("/sage50/company/1/publish?scope=customers"), "{</textarea>")
	shows(t, press("/faults/add", "kind", "throttle", "op", "create", "times", "3", "seconds", "1.5"),
		"Too many requests", "Creating a file, 3 times, to be tried again after 1.5 s")
	c.create("a.json", 1).want(t, 429, 1429)
	shows(t, press("/faults/remove", "id", "0"), "Everything works.")
	shows(t, press("/faults/quarantine", "on", "yes"), "held in quarantine")
	shows(t, press("/faults/quarantine", "on", "no"), "are not held")
	shows(t, press("/faults/end", "word", "failed"), "Ends as failed, whatever it holds.")
	shows(t, press("/faults/refuse", "id", "A-1001", "reason", "No such product."), "A-1001: No such product.")
	c.call("PUT", c.create("a.json", 1).text("uploadUrl"), []byte("x"), "apikey", c.key, "Content-Type", "text/plain")
	shows(t, c.page("/faults"), "content-type: ")
	shows(t, press("/faults/forget"), "it kept to the contract")
}

func TestAFilesPageShowsItsContentAndItsResult(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(2)
	a := c.upload("a.json", content)
	here := "/sage50/company/1/file/" + a.text("fileId")
	shows(t, c.page(here), "Accepted, 2 records", "A-1001", "Sage 50 number 10451", "SHA-256")
	if got := c.page(here + "/content"); got != string(content) {
		t.Error("the content is another one")
	}
	r, err := c.Result(a.text("fileId"))
	must(t, err)
	defer r.Close()
	want, err := io.ReadAll(r)
	must(t, err)
	if got := c.page(here + "/result"); got != string(want) {
		t.Error("the result is another one")
	}
}

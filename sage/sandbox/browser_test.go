package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"postroom/sage/browsertest"
	"postroom/sage/sandbox"
)

// person uses the pages as somebody at a screen does.
type person struct {
	*rig
	ctx      context.Context
	pictures string
	taken    int
}

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// read is what a page holds.
func read[T any](p *person, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return value
}

// see waits until a page shows a text.
func (p *person) see(text string) {
	p.t.Helper()
	p.do("waiting for "+text, chromedp.WaitVisible(fmt.Sprintf(`//main//*[contains(normalize-space(.), %q)]`, text)))
}

// fits holds that nothing stands out sideways, on a phone and on a desktop.
func (p *person) fits(name string, width int64) {
	p.t.Helper()
	p.do("setting the screen", chromedp.EmulateViewport(width, 800))
	if over := read(p, "measuring", chromedp.Evaluate[int](
		`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); over > 0 {
		p.t.Errorf("%s is %d px too wide at %d px", name, over, width)
	}
}

// picture takes the page at phone and desktop width, light and dark.
func (p *person) picture(name string) {
	p.t.Helper()
	p.taken++
	for _, width := range []int64{390, 1280} {
		p.fits(name, width)
		for _, scheme := range []string{"light", "dark"} {
			p.do("dressing it "+scheme, dress(scheme))
			shot := read(p, "taking "+name, chromedp.FullScreenshot(100))
			file := filepath.Join(p.pictures, fmt.Sprintf("%02d-%s-%d-%s.png", p.taken, name, width, scheme))
			must(p.t, os.WriteFile(file, shot, 0o600))
		}
	}
}

// dress makes a page light or dark.
func dress(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func TestAPersonConnectsSage50InABrowserAndSeesAFileArrive(t *testing.T) {
	ctx := browsertest.New(t)
	key := make(chan string, 1)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/approval" {
			key <- apikeyIn(r)
		}
	}))
	defer app.Close()
	r := newRig(t, sandbox.Options{Pace: 50 * time.Millisecond, Callbacks: &http.Transport{DisableKeepAlives: true}})
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	must(t, r.SetBaseURL(server.URL))
	p := &person{rig: r, ctx: ctx, pictures: pictures(t)}

	p.do("opening the start", chromedp.Navigate(server.URL))
	p.see("None is registered yet")
	p.fits("start-empty", 390)

	reg := registration()
	reg["application"].(object)["approvalUrl"] = app.URL + "/approval"
	reg["application"].(object)["notificationUrl"] = app.URL + "/notification"
	a := r.call("POST", "/api/developers", reg).want(t, 201, 0)
	developer, application := p.solveCaptcha(a.text("registrationUrl"))

	made := r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0)
	p.grant(made.text("passcode"))
	select {
	case k := <-key:
		p.seeFilesArrive(k)
	case <-ctx.Done():
		t.Fatal("the key never came to the approvalUrl")
	}
	p.useTheRest()
	r.polite()
}

func pictures(t *testing.T) string {
	if dir := os.Getenv("SANDBOX_PICTURES"); dir != "" {
		must(t, os.MkdirAll(dir, 0o755))
		return dir
	}
	return t.TempDir()
}

func (p *person) solveCaptcha(address string) (developer, application string) {
	p.do("opening the registrationUrl", chromedp.Navigate(address))
	p.picture("registration")
	p.do("a wrong answer", chromedp.SendKeys("#answer", "99\r"))
	p.see("That is not the answer")
	sum := 0
	for _, name := range []string{"data-left", "data-right"} {
		n, err := strconv.Atoi(read(p, "reading the question", chromedp.AttributeValue("#question", name)).Value)
		must(p.t, err)
		sum += n
	}
	p.do("the right answer", chromedp.SendKeys("#answer", strconv.Itoa(sum)), chromedp.Click("#solve"))
	p.see("You are registered")
	p.fits("registered", 390)
	p.do("opening the mailbox", chromedp.Click("#to-mailbox"), chromedp.WaitVisible(`main a.row`))
	p.fits("mailbox", 390)
	p.do("reading the mail", chromedp.Click(`main a.row`), chromedp.WaitVisible("#developer-id"))
	p.picture("mail")
	return read(p, "the first ID", chromedp.Text("#developer-id")), read(p, "the second ID", chromedp.Text("#application-id"))
}

func (p *person) grant(passcode string) {
	p.do("opening Sage 50", chromedp.Navigate(p.BaseURL()+"/sage50"))
	p.fits("sage50-empty", 390)
	p.do("enabling integration", chromedp.Click(`a[href$="/sage50/integration"]`), chromedp.WaitVisible("#passcode"))
	p.picture("integration")
	p.do("a passcode that is not known", chromedp.SendKeys("#passcode", "aaa aaa aaa"), chromedp.Click("#enter"))
	p.see("This passcode is not known")
	p.do("the passcode", chromedp.Clear("#passcode"), chromedp.SendKeys("#passcode", strings.ToLower(passcode)),
		chromedp.Click("#enter"), chromedp.WaitVisible("#grant"))
	p.do("the company", chromedp.SendKeys("#company", "Acme Ltd"))
	p.picture("consent")
	p.do("allowing it", chromedp.Click("#grant"))
	p.see("Allowed. The application is told its key.")
	p.fits("company-empty", 390)
}

func (p *person) seeFilesArrive(key string) {
	c := &connected{p.rig, key, "s"}
	p.RefuseRecord("A-1002", "Product 77-B is unknown in Sage.")
	a := c.upload("orders 24-11.json", sandbox.SampleOrders(4))
	p.do("looking at the company", chromedp.Navigate(p.BaseURL()+"/sage50/company/1"))
	p.see("orders 24-11.json")
	p.see("1 of 4 records refused") // the page loads itself again
	c.status(a)
	must(p.t, p.SetInstalled("", false))
	c.upload("a file with a name that is much longer than any bookkeeper would ever give to a file of orders.json", sandbox.SampleOrdersFrom(2001, 12))
	p.do("the company again", chromedp.Navigate(p.BaseURL()+"/sage50/company/1"))
	p.see("Waits for Sage 50")
	p.picture("company")
	p.do("the file", chromedp.Click(`//span[text()="orders 24-11.json"]`))
	p.see("Product 77-B is unknown in Sage.")
	p.picture("file")
	p.do("switching Sage 50 on", chromedp.Navigate(p.BaseURL()+"/sage50/company/1"), chromedp.Click("#power"))
	p.see("Sage 50 is on.")
	p.see("Accepted, 12 records")
}

// useTheRest publishes a list, sets a fault and looks at the other pages.
func (p *person) useTheRest() {
	p.do("publishing", chromedp.Click(`a[href*="scope=products"]`), chromedp.WaitVisible("#publish-sample"))
	p.picture("publish")
	p.do("the list", chromedp.Click("#publish-sample"))
	p.see("25 records")
	p.do("locking the key", chromedp.Click(`button[value="lock-hard"]`))
	p.see("Key locked hard")
	p.do("unlocking the key", chromedp.Click(`button[value="unlock"]`))
	p.see("Key good")
	p.do("the first key", chromedp.Click(`a[href*="/key?"]`), chromedp.WaitVisible("#key"))
	p.fits("key", 390)
	p.do("the calls", chromedp.Navigate(p.BaseURL()+"/calls"))
	p.see("answered 200")
	p.fits("calls", 390)
	p.do("the faults", chromedp.Navigate(p.BaseURL()+"/faults"))
	p.see("Everything works.")
	p.do("a fault", chromedp.Click("#add-fault"))
	p.see("The fault is set.")
	p.picture("faults")
	if f := p.Faults(); len(f) != 1 || f[0].Kind != sandbox.FaultLatency || f[0].Wait != 2*time.Second {
		p.t.Errorf("faults: %+v", f)
	}
	p.ClearFaults()
	p.do("the start", chromedp.Navigate(p.BaseURL()))
	p.picture("start")
	p.do("nothing", chromedp.Navigate(p.BaseURL()+"/nothing"))
	p.see("There is nothing here")
}

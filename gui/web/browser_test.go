package web

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"postroom/sage/browsertest"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// person uses the pages as somebody at a screen does.
type person struct {
	*desk
	ctx context.Context
}

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

// read is what a page holds.
func read[T any](p *person, what string, action chromedp.Action[T]) T {
	p.Helper()
	value, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
	return value
}

func evaluate[T any](p *person, script string) T {
	p.Helper()
	return read(p, script, chromedp.Evaluate[T](script))
}

// see waits until a page shows a text.
func (p *person) see(text string) {
	p.Helper()
	p.do("waiting for "+text, chromedp.WaitVisible(fmt.Sprintf(`//main//*[contains(normalize-space(.), %q)]`, text)))
}

// enter goes in as a person does: by the file that leads there.
func (p *person) enter() {
	p.Helper()
	p.do("opening the file that leads in", chromedp.Navigate("file://"+p.open().File), chromedp.WaitVisible("main h1.headline"))
}

// standsOut finds what reaches beyond the edge of the page's text, and fields that are higher than a line.
const standsOut = `(() => {
	const main = document.querySelector("main"), edge = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
	return [...main.querySelectorAll("button, input:not([type=hidden]), select, a, p, h1, .card")].filter(e => {
		const box = e.getBoundingClientRect();
		return box.right > edge + 1 || e.matches("input, button, select") && box.height > 60;
	}).map(e => e.id || e.className || e.textContent);
})()`

// looks takes the page at the window's smallest and its usual width and on a phone, light and dark, and holds that nothing
// stands out sideways. With POSTROOM_PICTURES=folder the pictures are kept.
func (p *person) looks(name string) {
	p.Helper()
	for _, width := range []int64{390, 720, 980} {
		p.do("setting the screen", chromedp.EmulateViewport(width, 680))
		if over := evaluate[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			p.Errorf("%s is %d px too wide at %d px", name, over, width)
		}
		if out := evaluate[[]string](p, standsOut); len(out) > 0 {
			p.Errorf("%s at %d px: out of place are %q", name, width, out)
		}
		dir := os.Getenv("POSTROOM_PICTURES")
		if dir == "" {
			continue
		}
		for _, scheme := range []string{"light", "dark"} {
			p.do("dressing it "+scheme, dress(scheme))
			file := filepath.Join(dir, fmt.Sprintf("web-%s-%d-%s.png", name, width, scheme))
			if err := os.WriteFile(file, read(p, "taking "+name, chromedp.FullScreenshot(100)), 0o600); err != nil {
				p.Fatal(err)
			}
		}
	}
	p.do("setting the screen", chromedp.EmulateViewport(980, 680))
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

// done is what the engine has been asked to do.
func (p *person) done() (all []string) {
	p.engine.locked(func() { all = slices.Clone(p.engine.done) })
	return all
}

func TestAPersonLooksAfterFilesInABrowser(t *testing.T) {
	p := &person{desk: newDesk(t, office()), ctx: browsertest.New(t)}
	p.enter()
	p.see("2 files need you.")
	if at := evaluate[string](p, `location.search + document.referrer`); at != "" {
		t.Errorf("the token or the file is still told: %q", at)
	}
	if cookie := evaluate[string](p, `document.cookie`); cookie != "" {
		t.Errorf("a script reads the cookie: %q", cookie)
	}
	fonts := chromedp.Evaluate[bool](`document.fonts.ready.then(fonts => [...fonts].every(f => f.status === "loaded"))`, chromedp.EvalAwaitPromise)
	if !read(p, "waiting for the fonts", fonts) {
		t.Error("Inter is not loaded")
	}
	p.looks("files")
	p.do("choosing a company", chromedp.Click(`//a[contains(., "Acme Ltd")]`), chromedp.WaitVisible(`//a[@aria-current="page"][contains(., "Acme Ltd")]`))
	p.looks("company")

	p.do("a file that waits", chromedp.Click("#row-t4"), chromedp.WaitVisible("#do-cancel"))
	p.see("orders-24-11b.json")
	p.looks("waiting")
	p.do("taking it back", chromedp.Click("#do-cancel"))
	p.see("Taken back.")
	p.do("the list again", chromedp.Click("#back"), chromedp.WaitVisible("#row-t3"))
	p.do("a file that was refused in part", chromedp.Click("#row-t3"), chromedp.WaitVisible("table tbody"))
	p.see("Customer C-1042 has no e-mail address")
	p.see("must not be sent twice")
	p.looks("refused")
	if again := evaluate[int](p, `document.querySelectorAll("#do-retry, #do-send").length`); again != 0 {
		t.Error("a partly refused file is offered whole again")
	}
	p.do("the list again", chromedp.Click("#back"), chromedp.WaitVisible("#row-l1"))
	p.do("a list from Sage", chromedp.Click("#row-l1"), chromedp.WaitVisible("table tbody"))
	p.see("Garden chair")
	p.looks("list")
	p.do("the list again", chromedp.Click("#back"), chromedp.WaitVisible("#pause"))
	p.do("pausing", chromedp.Click("#pause"))
	p.see("Sending is paused. Your files wait.")
	p.looks("paused")
	p.do("going on", chromedp.Click("#pause"))
	p.see("Sending goes on.")
	p.do("pausing one company", chromedp.Click("#single"))
	p.see("Your files wait.")
	p.do("checking", chromedp.Click("#check"))
	p.see("looks at everything now")
	p.do("searching", chromedp.SendKeys("#text", "23-11\r"), chromedp.WaitVisible("#row-t1"), chromedp.WaitNotPresent("#row-t5"))
	if want := []string{"cancel t4", "pause", "resume", "pause Acme Ltd", "check"}; !slices.Equal(p.done(), want) {
		t.Errorf("the engine was asked for %q, want %q", p.done(), want)
	}
}

func TestAPageFollowsWhatHappensAndKeepsTheFocus(t *testing.T) {
	p := &person{desk: newDesk(t, office()), ctx: browsertest.New(t)}
	p.enter()
	p.do("standing on a row", chromedp.Focus("#row-t5"))
	p.engine.locked(func() {
		p.engine.transfers[0].State, p.engine.transfers[0].Progress = journal.Accepted, nil
		p.engine.transfers[0].Records, p.engine.transfers[0].EndedAt = 17, begun
	})
	select {
	case p.engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t5"}:
	case <-p.ctx.Done():
		t.Fatal("the page does not listen")
	}
	p.see("Accepted, 17 orders")
	if focused := evaluate[string](p, `document.activeElement.id`); focused != "row-t5" {
		t.Errorf("the focus went to %q", focused)
	}
	p.do("typing", chromedp.SendKeys("#text", "nov"))
	p.engine.locked(func() { p.engine.transfers[0].Records = 18 })
	for range 2 { // the second is only taken when the first has been passed on
		select {
		case p.engine.events <- watcher.Event{Kind: watcher.EventAll}:
		case <-p.ctx.Done():
			t.Fatal("the page does not listen")
		}
	}
	if typed := evaluate[string](p, `document.getElementById("text").value`); typed != "nov" {
		t.Errorf("what was typed has become %q", typed)
	}
	p.Close()
	p.do("an agent that has ended", chromedp.WaitVisible("#gone"))
}

func TestNamesAreTextOnEveryPage(t *testing.T) {
	const script = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
	f := office()
	for i := range f.transfers {
		f.transfers[i].Name = script + "\u202e" + f.transfers[i].ID
		f.transfers[i].RemoteStatus, f.transfers[i].Path, f.transfers[i].ResultPath, f.transfers[i].Company = script, script, script, script
		f.transfers[i].Problem = &watcher.Problem{Code: "behind", Args: map[string]string{"name": script}}
	}
	f.details["t3"] = watcher.Detail{
		Timeline: []watcher.TimelineEntry{{Kind: script}, {Kind: "status", Args: map[string]string{"status": script}}},
		Outcomes: []watcher.RecordOutcome{{ID: script, Reason: script}},
	}
	f.overview.Companies[0].Name, f.overview.Companies[1].Name = script, `" onfocus="document.title='owned'" autofocus x="`
	f.overview.Companies[0].Loose = []watcher.LooseFile{{Name: script, Scope: script}}
	f.overview.Companies[0].Connections[0].Lanes[0].Scope = script
	f.lists[0].Scope, f.lists[0].Company, f.lists[0].Path = script, script, script
	f.changes[0] = watcher.RecordChange{ID: script, Kind: script, Label: script, Fields: []string{script}}
	p := &person{desk: newDesk(t, f), ctx: browsertest.New(t)}
	p.enter()
	base := evaluate[string](p, `location.href`)
	for _, path := range []string{"", "file/t3", "list/l1", "?company=%3Cscript%3E&text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&show=%3Cb%3E&scope=javascript:1", "file/%3Cscript%3E"} {
		p.do("opening "+path, chromedp.Navigate(base+path), chromedp.WaitVisible("main"))
		if title := evaluate[string](p, `document.title`); strings.Contains(title, "owned") && !strings.Contains(title, "<") {
			t.Errorf("%q: a name has become a script", path)
		}
		if n := evaluate[int](p, `document.querySelectorAll('main img[src="x"], main script, [onerror], [onfocus]').length`); n != 0 {
			t.Errorf("%q: %d names have become elements", path, n)
		}
		if text := evaluate[string](p, `document.body.innerText + document.title`); strings.Contains(text, "\u202e") {
			t.Errorf("%q: a name reads backwards", path)
		}
	}
}

func TestThePagesSpeakThePersonsLanguage(t *testing.T) {
	f := office()
	f.language = "es"
	p := &person{desk: newDesk(t, f), ctx: browsertest.New(t)}
	p.enter()
	p.see("2 archivos")
	p.looks("files-es")
	if lang := evaluate[string](p, `document.documentElement.lang`); !strings.HasPrefix(lang, "es") {
		t.Errorf("the page says it is in %q", lang)
	}
	p.do("a file", chromedp.Click("#row-t3"), chromedp.WaitVisible("table tbody"))
	p.looks("refused-es")
	left := evaluate[[]string](p, `[...document.body.innerText.matchAll(/\b(page|window|tray|timeline|problem)\.[a-z][A-Za-z.]*/g)].map(m => m[0])`)
	if len(left) != 0 {
		t.Errorf("without words: %q", left)
	}
}

func TestThePagesAreUsedByTheKeyboardAlone(t *testing.T) {
	p := &person{desk: newDesk(t, office()), ctx: browsertest.New(t)}
	p.enter()
	var order []string
	for range 40 {
		p.do("going on", chromedp.KeyEvent("\t"))
		at := evaluate[string](p, `document.activeElement.id || document.activeElement.className`)
		if at == "row-l1" {
			break
		}
		order = append(order, at)
	}
	want := []string{
		"skip", "company-0", "company-1", "company-2", "pause", "check", "show-all", "show-waiting", "show-needsYou", "show-done", "scope", "text", "find",
		"row-t5", "row-t4", "row-t3", "row-t2", "row-t1",
	}
	if !slices.Equal(order, want) {
		t.Errorf("Tab goes %q, want %q", order, want)
	}
	bare := evaluate[[]string](p, `[...document.querySelectorAll("a, button, input:not([type=hidden]), select")]
		.filter(e => !(e.innerText || e.getAttribute("aria-label") || (e.labels && e.labels.length))).map(e => e.outerHTML)`)
	if len(bare) != 0 {
		t.Errorf("without a name for who cannot see them: %q", bare)
	}
	p.do("back to a row, and into it", chromedp.Focus("#row-t4"), chromedp.KeyEvent("\r"), chromedp.WaitVisible("#do-cancel"))
	p.do("taking it back", chromedp.Focus("#do-cancel"), chromedp.KeyEvent("\r"))
	p.see("Taken back.")
}

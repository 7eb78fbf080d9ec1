package onboarding

import (
	"bytes"
	"context"
	"image/png"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/assets"
	"postroom/gui"
	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher"
)

const platformAddress = "http://127.0.0.1:1"

// desk is a person at the wizard: a window without a screen over a real engine, and a platform, all within a test's
// bubble. What is to run on the UI thread waits in a queue until the test lets things settle.
type desk struct {
	t        *testing.T
	platform *sandbox.Sandbox
	wire     *wire
	options  watcher.Options
	log      *bytes.Buffer
	folders  string // where company folders go

	engine gui.Engine
	window fyne.Window
	*Wizard

	language  string
	companies int
	ctx       context.Context
	stop      func() // ends the window and the engine
	settings  watcher.Settings

	mu     sync.Mutex // guards queue and opened
	queue  []func()
	opened []string // in the browser and the file manager
	copied string
	left   []string // the companies that the wizard was left for
	asked  []widgets.Question
	chosen string // the folder that the person chooses
	broken error  // of the browser and the file manager
}

// bubble runs a test at a desk, with its own time.
func bubble(t *testing.T, o sandbox.Options, do func(t *testing.T, d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, log: &bytes.Buffer{}, folders: t.TempDir(), language: "en-GB"}
		d.wire = &wire{bound: map[string]chan net.Conn{}}
		o.BaseURL, o.Callbacks = platformAddress, d.wire.callbacks()
		platform, err := sandbox.New(o)
		if err != nil {
			t.Fatal(err)
		}
		d.platform, d.wire.platform = platform, platform.RoundTripper()
		d.options = watcher.Options{
			Home: t.TempDir(), Vault: vault.Memory(), Transport: d.wire, Listen: d.wire.listen,
			Random: func() float64 { return 0 }, Now: time.Now,
			Logger: slog.New(slog.NewTextHandler(&writer{to: d.log}, nil)),
		}
		test.NewTempApp(t).Settings().SetTheme(widgets.NewTheme("light"))
		d.window = test.NewTempWindow(t, nil)
		d.window.SetPadded(false)
		d.window.Resize(fyne.NewSize(980, 680))
		t.Cleanup(func() {
			synctest.Wait()
			if err := platform.Close(); err != nil {
				t.Error(err)
			}
		})
		d.open("")
		do(t, d)
	})
}

// writer lets several goroutines write a log.
type writer struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// open starts the engine and the wizard, as the start of the program does.
func (d *desk) open(about string) {
	d.t.Helper()
	engine, err := watcher.Open(d.t.Context(), d.options)
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.ctx = ctx
	var running sync.WaitGroup
	running.Go(func() { _ = engine.Onboard(ctx) })
	events, err := engine.Events(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	running.Go(func() {
		for e := range events {
			d.do(func() { d.Changed([]watcher.Event{e}) })
		}
	})
	d.engine = engine
	d.stop = sync.OnceFunc(func() {
		d.Close()
		d.settle()
		cancel()
		running.Wait()
		synctest.Wait()
		if err := engine.Close(); err != nil {
			d.t.Error(err)
		}
	})
	d.t.Cleanup(d.stop)
	if d.settings, err = engine.Settings(ctx); err != nil {
		d.t.Fatal(err)
	}
	d.settings.DocumentsRoot = d.folders
	d.wizard(about)
}

// again ends the program and starts it again, where it goes on with what was left.
func (d *desk) again() {
	d.t.Helper()
	d.stop()
	d.mu.Lock()
	d.queue = nil
	d.mu.Unlock()
	d.open(d.openDraft())
}

// openDraft is the draft that the window would go on with.
func (d *desk) openDraft() string {
	entries, err := os.ReadDir(filepath.Join(d.options.Home, "drafts"))
	if err != nil || len(entries) == 0 {
		return ""
	}
	return strings.TrimSuffix(entries[len(entries)-1].Name(), ".json")
}

func (d *desk) wizard(about string) {
	d.t.Helper()
	drafts, err := d.engine.Drafts(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	note := func(list *[]string, what string) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		*list = append(*list, what)
		return d.broken
	}
	d.Wizard = New(Options{
		Engine: d.engine, Words: assets.For(d.language), Now: time.Now,
		UI: d.do,
		Work: func(do func(context.Context) error, done func(error)) {
			ctx := d.ctx
			go func() {
				err := do(ctx)
				d.do(func() { done(err) })
			}()
		},
		OpenURL:      func(address string) error { return note(&d.opened, address) },
		OpenFolder:   func(folder string) error { return note(&d.opened, folder) },
		ChooseFolder: func(chosen func(string)) { chosen(d.chosen) },
		Copy:         func(text string) { d.copied = text },
		Focus:        func(f fyne.Focusable) { d.window.Canvas().Focus(f) },
		Ask:          func(q widgets.Question) { d.asked = append(d.asked, q) },
		Leave:        func(company string) { d.left = append(d.left, company) },
		Explain:      func(err error) string { return "explained: " + err.Error() },
		Settings:     d.settings, Drafts: drafts, Companies: d.companies,
	}, about)
	d.window.SetContent(widgets.Margin(0, d.Content()))
	d.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyEscape:
			d.Escape()
		case fyne.KeyReturn:
			d.Confirm()
		}
	})
	d.settle()
}

func (d *desk) do(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, f)
}

// settle lets everything happen that is under way, without letting time pass.
func (d *desk) settle() {
	for {
		synctest.Wait()
		d.mu.Lock()
		queue := d.queue
		d.queue = nil
		d.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, f := range queue {
			f()
		}
	}
}

// pass lets time go by.
func (d *desk) pass(span time.Duration) {
	for end := time.Now().Add(span); time.Now().Before(end); {
		time.Sleep(min(time.Second, time.Until(end))) // of the bubble
		d.settle()
	}
}

// find is the first object of a kind that is to be seen and matches.
func find[T fyne.CanvasObject](d *desk, matches func(T) bool) (found T, ok bool) {
	guitest.Walk(d.window.Content(), func(o fyne.CanvasObject) bool {
		if candidate, is := o.(T); is && matches(candidate) {
			found, ok = candidate, true
		}
		return ok
	})
	return found, ok
}

// text is everything that is to be read.
func (d *desk) text() string {
	var b strings.Builder
	guitest.Walk(d.window.Content(), func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *widgets.Text:
			b.WriteString(o.Text + "\n")
		case *widgets.Paragraph:
			b.WriteString(o.Text() + "\n")
		case *code:
			b.WriteString(o.text + "\n")
		}
		return false
	})
	return b.String()
}

func (d *desk) sees(texts ...string) {
	d.t.Helper()
	shown := d.text()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			d.t.Fatalf("%q is not to be read in:\n%s\nlog:\n%s", text, shown, d.log)
		}
	}
}

func (d *desk) seesNot(texts ...string) {
	d.t.Helper()
	shown := d.text()
	for _, text := range texts {
		if strings.Contains(shown, text) {
			d.t.Fatalf("%q is to be read in:\n%s", text, shown)
		}
	}
}

func (d *desk) button(words string) *widgets.Button {
	d.t.Helper()
	b, ok := find(d, func(b *widgets.Button) bool { return b.Text == words })
	if !ok {
		d.t.Fatalf("no button %q in:\n%s", words, d.text())
	}
	return b
}

// press presses a button, or chooses a pill, and waits for what follows.
func (d *desk) press(words string) {
	d.t.Helper()
	d.tap(words)
	d.settle()
}

// tap presses without waiting.
func (d *desk) tap(words string) {
	d.t.Helper()
	if p, ok := find(d, func(p *widgets.Pill) bool { return p.Text == words }); ok {
		test.Tap(p)
		return
	}
	test.Tap(d.button(words))
}

func (d *desk) field(label string) *widgets.Field {
	d.t.Helper()
	f, ok := find(d, func(f *widgets.Field) bool { return f.Label() == label })
	if !ok {
		d.t.Fatalf("no field %q in:\n%s", label, d.text())
	}
	return f
}

// fill types into the field with a label.
func (d *desk) fill(label, text string) {
	d.t.Helper()
	f := d.field(label)
	d.window.Canvas().Focus(f.Entry)
	f.SetText("")
	test.Type(f.Entry, text)
}

// key presses a key as the driver does.
func (d *desk) key(name fyne.KeyName) {
	event := &fyne.KeyEvent{Name: name}
	if focused := d.window.Canvas().Focused(); focused != nil {
		focused.TypedKey(event)
	} else if typed := d.window.Canvas().OnTypedKey(); typed != nil {
		typed(event)
	}
	d.settle()
}

// current is the one draft there is, as the engine has it.
func (d *desk) current() watcher.Draft {
	d.t.Helper()
	drafts, err := d.engine.Drafts(d.ctx)
	if err != nil || len(drafts) == 0 {
		d.t.Fatalf("%d drafts: %v", len(drafts), err)
	}
	return drafts[len(drafts)-1]
}

// look writes what the window shows to the folder that POSTROOM_PICTURES names, for a person to look at.
func (d *desk) look(name string) {
	d.t.Helper()
	folder := os.Getenv("POSTROOM_PICTURES")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, d.window.Canvas().Capture()); err != nil {
		d.t.Fatal(err)
	}
}

// still is an engine that only answers with what a scene needs.
type still struct {
	gui.Engine
	overview watcher.Overview
	draft    watcher.Draft
}

func (s *still) Draft(context.Context, string) (watcher.Draft, error) { return s.draft, nil }

func (s *still) Overview(context.Context) (watcher.Overview, error) { return s.overview, nil }

func (s *still) Connections(context.Context) ([]watcher.Connection, error) {
	return []watcher.Connection{{ID: "scene", Folder: "/home/ana/Postroom/Acme Ltd"}}, nil
}

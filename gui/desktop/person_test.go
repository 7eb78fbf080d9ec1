//go:build linux && !headless

package desktop

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"

	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/watcher/control"
)

// person sits in front of the window: finds words on it, clicks on them, types.
type person struct {
	t      *testing.T
	s      *session
	client *control.Client
	window fyne.Window
	handle uint32
}

const patienceTime = 30 * time.Second

func openWindow(t *testing.T, s *session, client *control.Client) *person {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	onMain <- func() {
		ended <- Run(ctx, Options{
			Engine: client, Ready: func() { close(ready) }, Pictures: make(chan func(image.Image)), Start: s.starts,
			Left:   func() { ended <- nil },
			Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		})
	}
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error("the window: ", err)
			}
		case <-time.After(patienceTime):
			t.Error("the window did not close")
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal("no window: ", err)
	case <-time.After(patienceTime):
		t.Fatal("no window within ", patienceTime)
	}
	p := &person{t: t, s: s, client: client}
	p.ui(func() {
		p.window = fyne.CurrentApp().Driver().AllWindows()[0]
		p.window.(driver.NativeWindow).RunNative(func(handle any) {
			if h, ok := handle.(driver.X11WindowContext); ok {
				p.handle = uint32(h.WindowHandle)
			}
		})
	})
	return p
}

func (p *person) ui(f func()) { fyne.DoAndWait(f) }

// until waits for something to become true; it is looked at ten times a second, as often as the window changes.
func (p *person) until(what string, holds func() bool) {
	p.t.Helper()
	deadline := time.After(patienceTime)
	for !holds() {
		select {
		case <-deadline:
			p.picture("failed")
			p.t.Fatalf("waited in vain for %s; the window says:\n%s", what, strings.Join(p.words(), "\n"))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// spot is a thing on the screen, in the window's pixels.
type spot struct{ x, y, width, height float32 }

func (p *person) look(visit func(fyne.CanvasObject) bool) {
	p.ui(func() {
		canvas := p.window.Canvas()
		if top := canvas.Overlays().Top(); top != nil && guitest.Walk(top, visit) {
			return
		}
		guitest.Walk(canvas.Content(), visit)
	})
}

// textOf is what an object says, "" for what says nothing by itself.
func textOf(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *widgets.Button:
		return o.Text
	case *widgets.Pill:
		return o.Text
	case *widgets.SideItem:
		return o.Text
	case *widgets.Text:
		return o.Text
	case *widgets.Paragraph:
		return o.Text()
	}
	return ""
}

// words are all texts on the screen.
func (p *person) words() (all []string) {
	p.look(func(o fyne.CanvasObject) bool {
		if text := textOf(o); text != "" {
			all = append(all, text)
		}
		return false
	})
	return all
}

func (p *person) sees(text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%q on the screen", text), func() bool {
		for _, word := range p.words() {
			if strings.HasPrefix(word, text) {
				return true
			}
		}
		return false
	})
}

// find is where the first object lies that matches, or false.
func (p *person) find(matches func(fyne.CanvasObject) bool) (at spot, found bool) {
	p.look(func(o fyne.CanvasObject) bool {
		if !matches(o) {
			return false
		}
		scale := p.window.Canvas().Scale()
		corner, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), o.Size()
		at = spot{corner.X * scale, corner.Y * scale, size.Width * scale, size.Height * scale}
		found = true
		return true
	})
	return at, found
}

// click presses the button, pill or place of the sidebar with these words.
func (p *person) click(text string) {
	p.t.Helper()
	p.clickOn(fmt.Sprintf("%q to click on", text), func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *widgets.Button:
			return o.Text == text && !o.Disabled()
		case *widgets.Pill:
			return o.Text == text
		case *widgets.SideItem:
			return o.Text == text
		}
		return false
	})
}

func (p *person) clickOn(what string, matches func(fyne.CanvasObject) bool) {
	p.t.Helper()
	var at spot
	p.until(what, func() (found bool) {
		at, found = p.find(matches)
		return found && !p.scrollTo(at, matches)
	})
	p.xdotool("mousemove", "--window", fmt.Sprint(p.handle), fmt.Sprintf("%.0f", at.x+at.width/2), fmt.Sprintf("%.0f", at.y+at.height/2), "click", "1")
}

// scrollTo turns the wheel until a thing that scrolls lies between the window's head and its foot; true when it had to.
func (p *person) scrollTo(at spot, matches func(fyne.CanvasObject) bool) bool {
	const head, foot = 40, 598
	if !p.scrolls(matches) || at.y >= head && at.y+at.height <= foot {
		return false
	}
	wheel := "5"
	if at.y < head {
		wheel = "4"
	}
	p.xdotool("mousemove", "--window", fmt.Sprint(p.handle), "600", "300", "click", wheel)
	return true
}

// scrolls tells whether the thing stands in something that can be scrolled.
func (p *person) scrolls(matches func(fyne.CanvasObject) bool) (inside bool) {
	p.look(func(o fyne.CanvasObject) bool {
		if s, ok := o.(*container.Scroll); ok && guitest.Walk(s.Content, matches) {
			inside = true
		}
		return inside
	})
	return inside
}

// fill types into the entry below a label.
func (p *person) fill(label, text string) {
	p.t.Helper()
	field := func(o fyne.CanvasObject) bool {
		f, ok := o.(*widgets.Field)
		return ok && f.Label() == label
	}
	var at spot
	p.until(fmt.Sprintf("the field %q", label), func() (found bool) {
		at, found = p.find(field)
		return found && !p.scrollTo(at, field)
	})
	p.xdotool("mousemove", "--window", fmt.Sprint(p.handle), fmt.Sprintf("%.0f", at.x+at.width/2), fmt.Sprintf("%.0f", at.y+40), "click", "1",
		"key", "--clearmodifiers", "ctrl+a")
	p.xdotool("type", "--delay", "4", text)
	p.until(fmt.Sprintf("%q in the field %q", text, label), func() bool {
		typed := ""
		p.look(func(o fyne.CanvasObject) bool {
			if field(o) {
				typed = o.(*widgets.Field).Text()
				return true
			}
			return false
		})
		return typed == text
	})
}

func (p *person) xdotool(args ...string) {
	p.t.Helper()
	if out, err := exec.Command("xdotool", args...).CombinedOutput(); err != nil {
		p.t.Fatalf("xdotool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// drop drops a file on the place with these words, as a file manager does.
func (p *person) drop(text, file string) {
	p.t.Helper()
	at, found := p.find(func(o fyne.CanvasObject) bool { return textOf(o) == text })
	if !found {
		p.t.Fatalf("%q is not on the screen", text)
	}
	x, y := p.origin()
	if err := dropFiles(p.s.display, p.handle, x+int(at.x+at.width/2), y+int(at.y+at.height/2), file); err != nil {
		p.t.Fatal(err)
	}
}

// origin is the window's corner on the screen.
func (p *person) origin() (x, y int) {
	p.t.Helper()
	out, err := exec.Command("xdotool", "getwindowgeometry", "--shell", fmt.Sprint(p.handle)).Output()
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch n, _ := strconv.Atoi(value); name {
		case "X":
			x = n
		case "Y":
			y = n
		}
	}
	return x, y
}

// picture saves what the window shows, where pictures are wanted.
func (p *person) picture(name string) {
	p.t.Helper()
	folder := os.Getenv("POSTROOM_SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(folder, "window-"+name+".png")
	var before []byte
	for range 20 { // until two pictures in a row are the same: all that changed has been painted
		picture, err := exec.Command("import", "-window", fmt.Sprint(p.handle), "rgb:-").Output()
		if err != nil {
			p.t.Fatalf("no picture %s: %v", name, err)
		}
		if bytes.Equal(picture, before) {
			break
		}
		before = picture
	}
	if out, err := exec.Command("import", "-window", fmt.Sprint(p.handle), file).CombinedOutput(); err != nil {
		p.t.Fatalf("no picture %s: %v\n%s", name, err, out)
	}
}

//go:build linux && !headless

package desktop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// key presses keys, one after the other, as xdotool names them: "Tab", "ctrl+f".
func (p *person) key(names ...string) {
	p.t.Helper()
	p.xdotool(append([]string{"key", "--clearmodifiers"}, names...)...)
}

// at is what has the focus, and what it says.
func (p *person) at() (focused fyne.Focusable, name string) {
	p.ui(func() {
		c := p.window.Canvas()
		focused = c.Focused()
		name = guitest.Name(c, focused)
	})
	return focused, name
}

// soon waits for what a key does, which is seen with the next frame.
func (p *person) soon(what string, holds func() bool) {
	p.t.Helper()
	deadline := time.After(patienceTime)
	for !holds() {
		select {
		case <-deadline:
			p.until(what, holds) // which tells what is on the screen
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// tabTo presses Tab until the focus is at what has this name.
func (p *person) tabTo(name string) {
	p.t.Helper()
	var passed []fyne.Focusable
	var names []string
	for {
		before, _ := p.at()
		p.key("Tab")
		var now fyne.Focusable
		var says string
		p.soon(fmt.Sprintf("Tab to lead on from %q", guitest.Name(p.window.Canvas(), before)), func() bool {
			now, says = p.at()
			return now != before
		})
		if says == name {
			return
		}
		if slices.Contains(passed, now) {
			p.t.Fatalf("Tab does not reach %q; it goes to %q", name, names)
		}
		passed, names = append(passed, now), append(names, says)
	}
}

// startsAt waits for the keyboard to be put to where a page begins.
func (p *person) startsAt(name string) {
	p.t.Helper()
	p.soon(fmt.Sprintf("the keyboard to be at %q", name), func() bool {
		_, now := p.at()
		return now == name
	})
}

// write goes to an entry by the Tab key and types into it.
func (p *person) write(label, text string) {
	p.t.Helper()
	if _, now := p.at(); now != label {
		p.tabTo(label)
	}
	p.key("ctrl+a")
	p.typed(label, text)
}

// typed types into the entry that has the focus, and has this label.
func (p *person) typed(label, text string) {
	p.t.Helper()
	p.xdotool("type", "--delay", "4", text)
	p.soon(fmt.Sprintf("%q to be typed into %q", text, label), func() (same bool) {
		p.ui(func() {
			c := p.window.Canvas()
			e, is := c.Focused().(*widgets.Entry)
			same = is && e.Text == text && guitest.Name(c, e) == label
		})
		return same
	})
}

// seesNot waits for words to go.
func (p *person) seesNot(text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%q to go", text), func() bool { return !slices.Contains(p.words(), text) })
}

// TestTheKeyboardAloneGoesFromTheFirstStartToAnAcceptedOrder is a person without a mouse: no pointer is moved in it.
func TestTheKeyboardAloneGoesFromTheFirstStartToAnAcceptedOrder(t *testing.T) {
	if !alone(t) {
		return
	}
	s := newSession(t)
	platform := s.sandbox(t)
	home := s.agent(t)
	p := openWindow(t, s, dial(t, home))
	web := browser{t: t, base: platform}
	connectByKeyboard(p, web, platform)

	p.sees("Drop order files here")
	file := filepath.Join(s.dir, "orders-24-11.json")
	if err := os.WriteFile(file, sandbox.SampleOrders(40), 0o600); err != nil {
		t.Fatal(err)
	}
	s.chooses(t, file)
	p.key("ctrl+o")
	p.transfer("orders-24-11.json", journal.Accepted)
	p.sees("Accepted, 40 orders")

	p.tabTo(fmt.Sprintf("%T", p.list()))
	p.key("Home", "Return")
	p.sees("Open result")
	p.picture("keyboard-details")
	p.key("Escape")
	p.seesNot("Open result")
	if now, _ := p.at(); now != p.list() {
		t.Errorf("after the details the keyboard is at %T", now)
	}
	p.key("ctrl+comma")
	p.sees("Start at login")
	p.key("Escape")
	p.sees("Drop order files here")
	p.key("ctrl+2")
	p.sees("Renewals")
	p.key("Escape")
	p.sees("Drop order files here")
	p.key("ctrl+f")
	search := ""
	p.soon("the keyboard to be in the search", func() bool {
		_, search = p.at()
		return search == words.Say("window.search") || search == words.Say("window.menu.find") // by the room there is
	})
	p.typed(search, "no such file")
	p.seesNot("Accepted, 40 orders")
	p.key("Escape")
	p.sees("Accepted, 40 orders")
	p.key("Delete", "F5")
	p.key("ctrl+w")
	p.sees("Close the window, and then?")
	p.key("Escape")
	p.seesNot("Close the window, and then?")
	p.transfer("orders-24-11.json", journal.Accepted) // and nothing was deleted
}

// connectByKeyboard goes through the wizard.
func connectByKeyboard(p *person, web browser, platform string) {
	p.t.Helper()
	listen := freeAddress(p.t)
	p.sees("Welcome to Postroom")
	p.key("Return")
	p.sees("The two IDs from Sage")
	p.key("Escape")
	p.sees("Welcome to Postroom")
	p.draft(func(d watcher.Draft) bool { return d.Step == watcher.StepWelcome })
	p.key("Return")
	p.startsAt("Paste the whole e-mail")
	p.draft(func(d watcher.Draft) bool { return d.Step == watcher.StepIDs })
	p.tabTo("Register for them")
	p.key("space")
	p.startsAt("Your name")
	p.write("Your name", "Alex Example")
	p.write("E-mail", "alex@example.com")
	p.write("Your company", "Acme Ltd")
	p.write("Its address", "http://"+listen)
	p.tabTo("Advanced")
	p.key("Return")
	p.sees("Listen on")
	p.write("Platform address", platform)
	p.write("Listen on", listen)
	p.key("Return")

	p.sees("Sage sends you an e-mail")
	p.startsAt("Paste the whole e-mail")
	draft := p.draft(func(d watcher.Draft) bool { return d.RegistrationURL != "" })
	web.answerCaptcha(draft.RegistrationURL)
	developer, application := web.readMail()
	p.write("Developer ID", developer)
	p.write("Application ID", application)
	p.key("Return")

	p.sees("A folder for this company")
	p.startsAt("Company")
	p.write("Company", "Acme Ltd")
	p.write("Where its folder is made", p.s.dir)
	p.key("Return")

	p.sees("Enter this passcode in Sage 50")
	draft = p.draft(func(d watcher.Draft) bool { return d.Passcode != "" })
	web.grant(draft.Passcode, "Acme Ltd")
	p.sees("Acme Ltd is connected")
	p.key("Return")
}

// list is the list of files.
func (p *person) list() (found fyne.Focusable) {
	p.look(func(o fyne.CanvasObject) bool {
		if _, is := o.(interface{ ScrollTo(int) }); is {
			found, _ = o.(fyne.Focusable)
		}
		return found != nil
	})
	return found
}

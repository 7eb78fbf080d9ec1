package onboarding

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/watcher"
)

// altered is the engine with some of its calls made otherwise.
type altered struct {
	gui.Engine
	updating time.Duration // how long keeping a draft takes
	silent   error         // of queries
	updates  int
}

func (a *altered) UpdateDraft(ctx context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error) {
	a.updates++
	select {
	case <-time.After(a.updating):
	case <-ctx.Done():
	}
	return a.Engine.UpdateDraft(ctx, id, step, in)
}

func (a *altered) Draft(ctx context.Context, id string) (watcher.Draft, error) {
	if a.silent != nil {
		return watcher.Draft{}, a.silent
	}
	return a.Engine.Draft(ctx, id)
}

func (d *desk) alter() *altered {
	a := &altered{Engine: d.Engine}
	d.Engine = a
	return a
}

func TestTheFirstScreenOffersBothWays(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.sees("Welcome to Postroom", "Try it with a practice company", "Connect your Sage 50")
		d.seesNot("Go on later", "Discard")
		d.press("Not now")
		if !slices.Equal(d.left, []string{""}) {
			t.Errorf("the wizard was left for %q", d.left)
		}
	})
}

func TestWhatIsTypedIsKeptAfterAPauseThoughHalfOfItIsNotValid(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		d.fill("E-mail", "ana@")
		d.fill("Its address", "ht")
		d.fill("Your company", "Acme Ltd")
		d.pass(time.Second)
		if in := d.current().Input; in.Name != "Ana" || in.Firm != "Acme Ltd" || in.Email != "" || in.CallbackBase != "" {
			t.Errorf("kept: %+v", in)
		}
		if got := d.field("E-mail").Text(); got != "ana@" {
			t.Errorf("the field says %q", got)
		}
		d.seesNot("is not an e-mail address")
	})
}

func TestEventsLeaveAloneWhatIsBeingTyped(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		in := d.current().Input
		in.Description = "changed elsewhere"
		if _, err := d.engine.UpdateDraft(d.ctx, d.current().ID, watcher.StepIDs, in); err != nil {
			t.Fatal(err)
		}
		d.Changed([]watcher.Event{{Kind: watcher.EventAll}})
		d.settle()
		if got := d.field("Your name").Text(); got != "Ana" {
			t.Errorf("the field says %q", got)
		}
		if focused, _ := d.window.Canvas().Focused().(*widgets.Entry); focused != d.field("Your name").Entry {
			t.Error("the keyboard is elsewhere")
		}
	})
}

func TestWhatIsKeptWhileTypingDoesNotOvertakeTheButton(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.identifies()
		slow := d.alter()
		slow.updating = 2 * time.Second
		d.fill("Company", "Acme")
		d.pass(time.Second) // it is being kept
		d.tap("Get the passcode")
		d.pass(time.Second / 2)
		d.tap("Get the passcode")
		d.key(fyne.KeyEscape) // nor does the keyboard
		d.pass(10 * time.Second)
		d.sees("Enter this passcode in Sage 50", "An administrator of Acme ")
		if slow.updates != 2 {
			t.Errorf("the draft was kept %d times", slow.updates)
		}
		if n := d.wire.asked("/passcodes"); n != 1 {
			t.Errorf("%d passcodes were asked for", n)
		}
	})
}

func TestAPageThatIsLeftKeepsWhatWasTypedAndItsClockStops(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.press("Back")
		d.fill("Company", "Acme Limited")
		d.Close()
		d.settle()
		if got := d.current().Input.Company; got != "Acme Limited" {
			t.Errorf("the company is %q", got)
		}
		d.wizard(d.current().ID)
		d.press("Get the passcode")
		d.Close()
		time.Sleep(time.Hour)
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.queue) > 2 { // the engine's own events
			t.Errorf("%d things came after the page was closed", len(d.queue))
		}
	})
}

func TestWhatIsMissingIsSaidAtItsField(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("E-mail", "ana@acme.example")
		d.press("Register")
		for _, label := range []string{"Your name", "Your company", "Its address"} {
			if got := d.field(label).Problem(); got != "Fill this in." {
				t.Errorf("%s: %q", label, got)
			}
		}
		if got := d.field("E-mail").Problem(); got != "" {
			t.Errorf("E-mail: %q", got)
		}
		if focused := d.window.Canvas().Focused(); focused != fyne.Focusable(d.field("Your name").Entry) {
			t.Errorf("the keyboard is at %T", focused)
		}
		d.fill("Your name", "A")
		if got := d.field("Your name").Problem(); got != "" {
			t.Errorf("it is still said: %q", got)
		}
		d.press("Someone sends it to me")
		d.press("Register")
		if got := d.field("Their address").Problem(); got != "Fill this in." {
			t.Errorf("Their address: %q", got)
		}
		d.press("I have a developer ID")
		d.press("Register")
		if got := d.field("Developer ID").Problem(); got != "Fill this in." {
			t.Errorf("Developer ID: %q", got)
		}
	})
}

func TestAProblemIsSaidAtTheFieldItIsAbout(t *testing.T) {
	for name, c := range map[string]struct{ label, text, says string }{
		"e-mail":    {"E-mail", "ana at acme", "is not an e-mail address"},
		"address":   {"Its address", "http://acme.example", "others could read it"},
		"platform":  {"Platform address", "http://sage.example", "is not safe"},
		"profile":   {"Platform profile (file)", "/nowhere/profile.json", "is not there"},
		"listening": {"Listen on", "anywhere", "could listen at"},
		"path":      {"Callback path", "hooks", "is not a path"},
		"proxy":     {"Proxy", "ftp://proxy", "is not the address of a proxy"},
		"too long":  {"Your name", strings.Repeat("a", 3000), "too long (Your name)"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
				d.press("Connect Sage 50")
				d.press("Register for them")
				d.press("Advanced")
				d.fill("Your name", "Ana")
				d.fill("E-mail", "ana@acme.example")
				d.fill("Your company", "Acme Ltd")
				d.fill("Its address", "https://acme.example")
				d.fill("Platform address", platformAddress)
				field := d.field(c.label)
				field.SetText(c.text)
				d.pass(time.Second)
				d.press("Advanced") // out of sight
				d.press("Register")
				if !strings.Contains(field.Problem(), c.says) {
					t.Errorf("at the field %q; on the page:\n%s", field.Problem(), d.text())
				}
				d.field(c.label) // it is to be seen
				if d.page.note.Visible() {
					t.Errorf("it is told above the page too: %s %s", d.page.note.Lead, d.page.note.Text)
				}
			})
		})
	}
}

func TestWhatSageRefusesIsSaidAtItsFieldAlsoAfterARestart(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		if _, err := d.platform.Connect(sandbox.Setup{Application: "Postroom"}); err != nil {
			t.Fatal(err)
		}
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		d.fill("E-mail", "ana@acme.example")
		d.fill("Your company", "Acme Ltd")
		d.fill("Its address", "https://acme.example")
		d.press("Advanced")
		d.fill("Platform address", platformAddress)
		d.press("Register")
		for range 2 {
			if got := d.field("Name of the application").Problem(); !strings.HasPrefix(got, "Sage already has an application called Postroom.") {
				t.Errorf("at the field: %q", got)
			}
			d.again()
		}
		d.fill("Name of the application", "Postroom for Acme")
		d.press("Register")
		d.sees("Sage sends you an e-mail")
	})
}

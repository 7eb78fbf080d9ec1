package onboarding

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
)

// tab goes on to what the keyboard reaches next, and says what it is.
func (d *desk) tab() string {
	c := d.window.Canvas()
	guitest.Tab(c)
	d.settle()
	return guitest.Name(c, c.Focused())
}

// reachesAll makes sure that the keyboard reaches everything on the page, seen wherever it is, and puts it back to where it was.
func (d *desk) reachesAll(seen map[string]bool) {
	d.t.Helper()
	c := d.window.Canvas()
	before := c.Focused()
	guitest.SeesFocus(d.t, c, guitest.ReachesAll(d.t, c), seen)
	c.Focus(before)
	d.settle()
}

func TestNothingInTheWizardNeedsAPointer(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.window.Resize(fyne.NewSize(720, 520))
		seen := map[string]bool{}
		d.reachesAll(seen)
		d.key(fyne.KeyReturn)
		d.sees("The two IDs from Sage")
		d.reachesAll(seen)
		d.press("Register for them")
		d.press("Advanced")
		d.reachesAll(seen)
		d.key(fyne.KeyEscape)
		d.sees("Welcome to Postroom")
		d.reachesAll(seen)
		d.awaits()
		d.reachesAll(seen)
		d.press("Someone sent me the key")
		d.reachesAll(seen)
		d.grant()
		d.pass(5 * time.Second)
		d.sees("is connected")
		d.reachesAll(seen)
	})
}

func TestAnEntryOfSeveralLinesLetsTheKeyboardGo(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.window.Canvas().Focus(d.field("Paste the whole e-mail").Entry)
		if at := d.tab(); at != "Developer ID" || d.field("Paste the whole e-mail").Text() != "" {
			t.Errorf("Tab goes to %q and types %q", at, d.field("Paste the whole e-mail").Text())
		}
	})
}

func TestTheKeyboardAloneConnectsACompany(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		typed := func(label, text string) {
			t.Helper()
			for range 40 {
				if d.tab() == label {
					entry := d.window.Canvas().Focused().(*widgets.Entry)
					entry.TypedShortcut(&fyne.ShortcutSelectAll{})
					for _, r := range text {
						entry.TypedRune(r)
					}
					return
				}
			}
			t.Fatalf("Tab does not reach %q in:\n%s", label, d.text())
		}
		reaches := func(words string) {
			t.Helper()
			for range 40 {
				if d.tab() == words {
					return
				}
			}
			t.Fatalf("Tab does not reach %q in:\n%s", words, d.text())
		}
		d.key(fyne.KeyReturn)
		d.sees("The two IDs from Sage")
		d.key(fyne.KeyEscape)
		d.sees("Welcome to Postroom")
		d.key(fyne.KeyReturn)
		reaches("Register for them")
		d.key(fyne.KeySpace)
		var order []string
		for len(order) < 5 {
			order = append(order, d.tab())
		}
		if want := []string{"E-mail", "Your company", "Name of the application", "Web shop: orders, customers, products", "Company settings"}; !slices.Equal(order, want) {
			t.Errorf("Tab goes to %q", order)
		}
		typed("Your name", "Ana")
		typed("E-mail", "ana@acme.example")
		typed("Your company", "Acme Ltd")
		typed("Its address", "http://127.0.0.1:8440")
		reaches("Advanced")
		d.key(fyne.KeyReturn)
		typed("Platform address", platformAddress)
		d.key(fyne.KeyReturn)
		d.sees("Sage sends you an e-mail")
		if focused := d.window.Canvas().Focused(); focused != fyne.Focusable(d.field("Paste the whole e-mail").Entry) {
			t.Errorf("the keyboard is at %T", focused)
		}
		mail := d.mail()
		typed("Developer ID", mail.DeveloperID)
		typed("Application ID", mail.ApplicationID)
		d.key(fyne.KeyReturn)
		d.sees("A folder for this company")
		d.key(fyne.KeyReturn)
		d.sees("Waiting for Sage 50.")
		d.grant()
		d.pass(5 * time.Second)
		d.sees("Acme Ltd is connected")
		d.key(fyne.KeyReturn)
		if !slices.Equal(d.left, []string{"Acme Ltd"}) {
			t.Errorf("the wizard was left for %q", d.left)
		}
	})
}

package onboarding

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/sage/sandbox"
)

// tab goes on to what the keyboard reaches next, and says what it is.
func (d *desk) tab() string {
	d.window.Canvas().FocusNext()
	d.settle()
	switch o := d.window.Canvas().Focused().(type) {
	case *widgets.Entry:
		f, _ := find(d, func(f *widgets.Field) bool { return f.Entry == o })
		return f.Label()
	case *widgets.Button:
		return o.Text
	case *widgets.Pill:
		return o.Text
	default:
		return fmt.Sprintf("%T", o)
	}
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

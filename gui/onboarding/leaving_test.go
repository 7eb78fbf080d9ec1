package onboarding

import (
	"slices"
	"testing"
	"time"

	"postroom/gui/widgets"
	"postroom/sage/sandbox"
)

func TestEveryStepCanBeGoneBackFrom(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		code := d.current().Passcode
		d.press("Back")
		d.sees("A folder for this company")
		d.press("Back")
		d.sees("The two IDs from Sage", "Kept already; it ends in")
		d.press("Register for them")
		d.sees("Sage has been told already.")
		d.press("Next")
		d.sees("Sage sends you an e-mail")
		d.press("Back")
		d.press("Back")
		d.sees("Welcome to Postroom")
		d.press("Connect Sage 50")
		d.press("Next")
		d.sees("A folder for this company")
		d.press("Get the passcode")
		d.sees(grouped(code))
	})
}

func TestWhatIsHalfTypedDoesNotKeepAPersonFromGoingBack(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		d.fill("E-mail", "ana@")
		d.pass(2 * time.Second)
		d.press("Back")
		d.sees("Welcome to Postroom")
		if got := d.current().Input.Name; got != "Ana" {
			t.Errorf("the name is %q", got)
		}
	})
}

func TestWhatWasEnteredCanBeDiscarded(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Back")
		d.press("Discard what I entered")
		if len(d.asked) != 1 || len(d.asked[0].Choices) != 2 {
			t.Fatalf("asked %+v", d.asked)
		}
		d.asked[0].Choices[0].Do(false)
		d.settle()
		if drafts, err := d.engine.Drafts(d.ctx); err != nil || len(drafts) != 0 {
			t.Errorf("%d drafts are left: %v", len(drafts), err)
		}
		if !slices.Equal(d.left, []string{""}) {
			t.Errorf("the wizard was left for %q", d.left)
		}
	})
}

func TestADraftThatGoesElsewhereIsTold(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		if err := d.engine.DropDraft(d.ctx, d.current().ID); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.sees("Welcome to Postroom", "is not there any more")
		d.press("Connect Sage 50")
		d.sees("The two IDs from Sage")
		d.seesNot("is not there any more")
	})
}

func TestThePersonComesBackToTheirFilesAndGoesOnLater(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.Close()
		d.companies = 1
		d.wizard(d.current().ID)
		later, ok := find(d, func(i *widgets.SideItem) bool { return i.Text == "Go on later" })
		if !ok {
			t.Fatal("there is no way back to the files")
		}
		d.look("wizard-later-light")
		later.Tapped(nil)
		if !slices.Equal(d.left, []string{""}) {
			t.Errorf("the wizard was left for %q", d.left)
		}
	})
}

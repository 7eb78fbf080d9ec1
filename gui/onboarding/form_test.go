package onboarding

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
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

func TestIDsAreFoundInTheEMailOrTyped(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Advanced")
		d.fill("Platform address", platformAddress)
		d.press("Next")
		if got := d.field("Paste the whole e-mail").Problem(); !strings.HasPrefix(got, "The two IDs are needed.") {
			t.Errorf("nothing typed: %q", got)
		}
		mail := d.field("Paste the whole e-mail")
		mail.SetText("Hello")
		if got := mail.Problem(); got != "" {
			t.Errorf("a word is no e-mail yet: %q", got)
		}
		mail.SetText("Dear Ana, thank you for your registration. We will come back to you.")
		if got := mail.Problem(); !strings.HasPrefix(got, "The two IDs are not in this text.") {
			t.Errorf("an e-mail without IDs: %q", got)
		}
		mail.SetText("Developer ID: dev-1234567\nApplication ID: app-7654321")
		if mail.Problem() != "" || d.field("Developer ID").Text() != "dev-1234567" || d.field("Application ID").Text() != "app-7654321" {
			t.Errorf("found %q, %q; %q", d.field("Developer ID").Text(), d.field("Application ID").Text(), mail.Problem())
		}
		d.fill("Developer ID", "dev 1")
		d.press("Next")
		if got := d.field("Developer ID").Problem(); !strings.HasPrefix(got, "These do not look like Sage's IDs.") {
			t.Errorf("an ID with a space: %q", got)
		}
		d.fill("Developer ID", "dev-1234567")
		d.press("Next")
		d.sees("A folder for this company")
	})
}

func TestAFurtherApplicationIsRegisteredWithAKnownDeveloper(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		made, err := d.platform.Connect(sandbox.Setup{})
		if err != nil {
			t.Fatal(err)
		}
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.press("I have a developer ID")
		d.fill("Developer ID", "dev-unknown-1")
		d.fill("Name of the application", "Second shop")
		d.press("Someone sends it to me")
		d.fill("Their address", "https://integrator.example/keys")
		d.press("Advanced")
		d.fill("Platform address", platformAddress)
		d.press("Register")
		if got := d.field("Developer ID").Problem(); !strings.HasPrefix(got, "Sage does not know this developer ID.") {
			t.Errorf("at the field: %q\n%s", got, d.text())
		}
		d.fill("Developer ID", made.DeveloperID.Reveal())
		d.press("Register")
		d.sees("Sage sends you an e-mail", "It holds the ID of the new application.")
		if got := d.current().ApprovalURL; got != "https://integrator.example/keys" {
			t.Errorf("Sage was told %q", got)
		}
		if err := d.platform.SolveCaptcha(d.current().RegistrationURL); err != nil {
			t.Fatal(err)
		}
		mails := d.platform.Mailbox()
		d.fill("Application ID", mails[len(mails)-1].ApplicationID)
		d.press("Next")
		d.sees("A folder for this company")
	})
}

func TestABrowserThatDoesNotOpenLeavesTheAddressToCopy(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.broken = errors.New("no browser")
		d.registers()
		address := d.current().RegistrationURL
		d.sees("The browser did not open.", address)
		if d.copied != address {
			t.Errorf("copied %q", d.copied)
		}
		d.pass(5 * time.Second) // the draft's own news do not take it away
		d.sees("The browser did not open.")
		d.broken = nil
		d.press("Open the page again")
		d.fill("Paste the whole e-mail", d.mail().Body)
		d.press("Next")
		d.seesNot("The browser did not open.")
	})
}

func TestTheAddressToListenAtAndTheProxyAreKept(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		d.fill("E-mail", "ana@acme.example")
		d.fill("Your company", "Acme Ltd")
		d.fill("Its address", "https://acme.example")
		d.press("Advanced")
		d.fill("Platform address", platformAddress)
		d.fill("Proxy", "http://proxy.example:8080")
		d.press("Register")
		d.sees("Sage sends you an e-mail")
		if got := d.current().Input.CallbackListen; got != usualListen {
			t.Errorf("it listens at %q", got)
		}
		if s, err := d.engine.Settings(d.ctx); err != nil || s.Proxy != "http://proxy.example:8080" {
			t.Errorf("the proxy is %q, %v", s.Proxy, err)
		}
	})
}

func TestTheFolderIsChosenAndItsWarningsAreTold(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.identifies()
		d.sees("Postroom makes " + filepath.Join(d.folders, "Acme Ltd"))
		d.chosen = filepath.Join(d.folders, "OneDrive - Acme")
		d.press("Choose...")
		d.sees("Postroom makes " + filepath.Join(d.chosen, "Acme Ltd"))
		d.pass(time.Second)
		d.sees("OneDrive copies what is in")
		d.fill("Where its folder is made", d.folders)
		d.pass(time.Second)
		d.seesNot("OneDrive copies")
		d.fill("Where its folder is made", d.options.Home)
		d.press("Get the passcode")
		if got := d.field("Where its folder is made").Problem(); !strings.Contains(got, "keeps its own notes") {
			t.Errorf("at the field: %q", got)
		}
		d.fill("Company", " ")
		d.press("Get the passcode")
		if got := d.field("Company").Problem(); got != "Fill this in." {
			t.Errorf("at the field: %q", got)
		}
	})
}

func TestACallThatTakesLongIsTold(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.identifies()
		d.platform.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Op: sandbox.OpCreatePasscode, Wait: 5 * time.Second, Times: 1})
		d.tap("Get the passcode")
		d.seesNot("One moment")
		d.pass(time.Second)
		d.sees("One moment, asking Sage.")
		if !d.button("Get the passcode").Disabled() || !d.button("Back").Disabled() {
			t.Error("the buttons can be pressed")
		}
		d.pass(5 * time.Second)
		d.sees("Waiting for Sage 50.")
		d.seesNot("One moment")
	})
}

func TestAnEngineThatDoesNotAnswerIsToldAndForgotten(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		engine := d.alter()
		engine.silent = errors.New("nobody there")
		d.Changed([]watcher.Event{{Kind: watcher.EventAll}})
		d.settle()
		d.sees("explained: nobody there", "Waiting for Sage 50.")
		engine.silent = nil
		d.Changed([]watcher.Event{{Kind: watcher.EventAll}})
		d.settle()
		d.seesNot("explained")
	})
}

// TestAVaultIsMadeWhereSomethingFirstNeedsIt is a computer without a keyring.
func TestAVaultIsMadeWhereSomethingFirstNeedsIt(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.options.Vault = vault.OpenFile(filepath.Join(d.options.Home, "vault.age"))
		d.again()
		d.registers()
		d.fill("Paste the whole e-mail", d.mail().Body)
		d.press("Next")
		d.sees("This computer has no place of its own for passwords")
		d.seesNot("Paste the whole e-mail")
		d.fill("New passphrase", "short")
		d.fill("Once more", "shrot")
		d.press("Use this passphrase")
		if got := d.field("Once more").Problem(); got != "This is not the same." {
			t.Errorf("at the second: %q", got)
		}
		d.fill("Once more", "short")
		d.press("Use this passphrase")
		if got := d.field("New passphrase").Problem(); !strings.HasPrefix(got, "This passphrase is too short.") {
			t.Errorf("at the first: %q", got)
		}
		d.fill("New passphrase", "a few good words")
		d.fill("Once more", "a few good words")
		d.key(fyne.KeyReturn)
		d.sees("A folder for this company") // it went on by itself

		d.options.Vault = vault.OpenFile(filepath.Join(d.options.Home, "vault.age"))
		d.again()
		d.press("Get the passcode")
		d.sees("Your access to Sage is locked away")
		d.fill("Passphrase", "some other words")
		d.press("Unlock")
		if got := d.field("Passphrase").Problem(); !strings.HasPrefix(got, "This is not the passphrase") {
			t.Errorf("at the field: %q", got)
		}
		d.fill("Passphrase", "a few good words")
		d.press("Unlock")
		d.sees("Waiting for Sage 50.")
		d.seesNot("Your access to Sage is locked away")
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

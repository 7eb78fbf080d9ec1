package onboarding

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/watcher"
)

// registers goes from the first screen to the e-mail; the key is to come to this computer.
func (d *desk) registers() {
	d.t.Helper()
	d.press("Connect Sage 50")
	d.press("Register for them")
	d.fill("Your name", "Ana")
	d.fill("E-mail", "ana@acme.example")
	d.fill("Your company", "Acme Ltd")
	d.fill("Its address", "http://127.0.0.1:8440")
	d.press("Advanced")
	d.fill("Platform address", platformAddress)
	d.press("Register")
	d.sees("Sage sends you an e-mail", "It goes to ana@acme.example")
}

// mail is what Sage sends once the captcha is solved.
func (d *desk) mail() sandbox.Mail {
	d.t.Helper()
	if err := d.platform.SolveCaptcha(d.current().RegistrationURL); err != nil {
		d.t.Fatal(err)
	}
	mails := d.platform.Mailbox()
	return mails[len(mails)-1]
}

// identifies goes on to the folder.
func (d *desk) identifies() {
	d.t.Helper()
	d.registers()
	d.fill("Paste the whole e-mail", d.mail().Body)
	d.press("Next")
	d.sees("A folder for this company")
}

// awaits goes on to the passcode.
func (d *desk) awaits() {
	d.t.Helper()
	d.identifies()
	d.press("Get the passcode")
	d.sees("Enter this passcode in Sage 50", "Waiting for Sage 50.")
}

// grant is the administrator at Sage 50.
func (d *desk) grant() {
	d.t.Helper()
	if err := d.platform.Grant(d.current().Passcode, "Acme Ltd"); err != nil {
		d.t.Fatal(err)
	}
}

// key is the first key of the company, as somebody else would have received it.
func (d *desk) granted() string {
	d.t.Helper()
	key, err := d.platform.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		d.t.Fatal(err)
	}
	return key.Reveal()
}

func TestFromTheFirstScreenToAConnectedCompany(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		if opened := d.opened; len(opened) != 1 || opened[0] != d.current().RegistrationURL {
			t.Errorf("in the browser: %v", opened)
		}
		d.sees(grouped(d.current().Passcode))
		d.press("Copy")
		if d.copied != d.current().Passcode {
			t.Errorf("copied %q", d.copied)
		}
		d.sees("Copied")
		d.grant()
		d.pass(5 * time.Second)
		folder := filepath.Join(d.folders, "Acme Ltd")
		d.sees("Acme Ltd is connected", folder)
		if !slices.Contains(d.opened, folder) {
			t.Errorf("the folder did not open: %v", d.opened)
		}
		d.press("Drop your first file")
		if !slices.Equal(d.left, []string{"Acme Ltd"}) {
			t.Errorf("the wizard was left for %v", d.left)
		}
		if v := d.platform.Violations(); len(v) > 0 {
			t.Errorf("the platform complains: %v", v)
		}
	})
}

func TestAKeyThatSomebodySentIsPasted(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.identifies()
		d.press("Get the passcode")
		d.wire.mu.Lock()
		clear(d.wire.bound) // no call reaches this computer
		d.wire.mu.Unlock()
		d.grant()
		d.press("Someone sent me the key")
		d.press("Use this key")
		d.sees("Paste the key first.")
		d.fill("The key that was sent to you", "not a key")
		d.press("Use this key")
		if problem := d.field("The key that was sent to you").Problem(); !strings.HasPrefix(problem, "This does not look like a key.") {
			t.Errorf("at the field: %q", problem)
		}
		d.fill("The key that was sent to you", "  "+d.granted()+" ")
		d.press("Use this key")
		d.pass(3 * time.Second)
		d.sees("Acme Ltd is connected")
	})
}

// TestEveryStepSurvivesTheEndOfTheProgram ends the program at every step and starts it again.
func TestEveryStepSurvivesTheEndOfTheProgram(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Connect Sage 50")
		d.again()
		d.sees("The two IDs from Sage", "Paste the whole e-mail")
		d.press("Register for them")
		d.fill("Your name", "Ana")
		d.fill("E-mail", "ana@acme.example")
		d.fill("Your company", "Acme Ltd")
		d.fill("Its address", "http://127.0.0.1:8440")
		d.press("Advanced")
		d.fill("Platform address", platformAddress)
		d.again() // before a pause in which it would be kept
		d.sees("Are you registered with Sage?")
		for label, want := range map[string]string{
			"Your name": "Ana", "E-mail": "ana@acme.example", "Your company": "Acme Ltd", "Its address": "http://127.0.0.1:8440",
			"Platform address": platformAddress,
		} {
			if got := d.field(label).Text(); got != want {
				t.Errorf("%s is %q after the restart", label, got)
			}
		}
		d.press("Register")
		d.again()
		d.sees("Sage sends you an e-mail", "It goes to ana@acme.example")
		d.fill("Paste the whole e-mail", d.mail().Body)
		d.press("Next")
		d.fill("Company", "Acme Limited")
		d.again()
		d.sees("A folder for this company")
		if got := d.field("Company").Text(); got != "Acme Limited" {
			t.Errorf("the company is %q after the restart", got)
		}
		d.press("Get the passcode")
		code := d.current().Passcode
		d.again()
		d.sees("Enter this passcode in Sage 50", grouped(code), "An administrator of Acme Limited")
		if n := d.wire.asked("/passcodes"); n != 1 {
			t.Errorf("%d passcodes were asked for", n)
		}
		d.grant()
		synctest.Wait()
		d.again()
		d.pass(5 * time.Second)
		d.sees("Acme Limited is connected")
		d.again()
		d.sees("Acme Limited is connected")
		if opened := len(d.opened); opened > 2 {
			t.Errorf("the folder opened again by itself: %v", d.opened)
		}
	})
}

func TestAPasscodeThatRanOutIsReplaced(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		first := d.current().Passcode
		d.press("Get a new passcode")
		d.sees(grouped(first), "This passcode is still good.")
		d.pass(14 * time.Minute)
		ring, _ := find(d, func(*widgets.Ring) bool { return true })
		if ring.Text() != "1:00" {
			t.Errorf("the ring says %s", ring.Text())
		}
		d.pass(61 * time.Second)
		d.sees("This passcode ran out, or it was refused in Sage.")
		d.seesNot("Copy")
		if b := d.button("Get a new passcode"); b.Kind != widgets.Filled {
			t.Error("the way on does not stand out")
		}
		d.press("Get a new passcode")
		d.sees("Waiting for Sage 50.")
		if second := d.current().Passcode; second == first {
			t.Error("the passcode is the old one")
		} else {
			d.sees(grouped(second))
		}
		d.grant()
		d.pass(5 * time.Second)
		d.sees("Acme Ltd is connected")
	})
}

func TestAPasscodeThatCannotBeHadIsNotAskedForWithoutEnd(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.identifies()
		d.wire.cut(true)
		d.press("Get the passcode")
		asked := d.wire.asked("/passcodes")
		d.sees("Enter this passcode in Sage 50", "cannot be reached", "There is no passcode yet.")
		d.pass(time.Minute)
		if n := d.wire.asked("/passcodes"); n != asked {
			t.Errorf("it was asked for %d times more by itself", n-asked)
		}
		d.again()
		d.sees("cannot be reached", "There is no passcode yet.")
		d.wire.cut(false)
		d.press("Get a new passcode")
		d.sees(grouped(d.current().Passcode), "Waiting for Sage 50.")
		d.seesNot("cannot be reached")
	})
}

func TestAKeyThatSageRefusesLeadsBackToThePasscode(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.press("Someone sent me the key")
		d.fill("The key that was sent to you", strings.Repeat("wrong0", 6))
		d.press("Use this key")
		d.pass(3 * time.Second)
		d.sees("Trying the connection", "Sage can be reached", "Sage does not accept this key.")
		if n := strings.Count(d.text(), "Sage does not accept this key."); n != 1 {
			t.Errorf("it is told %d times", n)
		}
		d.press("Back to the passcode")
		d.sees("Enter this passcode in Sage 50", grouped(d.current().Passcode), "Waiting for Sage 50.")
		d.grant()
		d.pass(5 * time.Second)
		d.sees("Acme Ltd is connected")
	})
}

func TestATestThatTheNetworkPreventsGoesOnByItself(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.grant()
		d.wire.cut(true)
		d.pass(3 * time.Second)
		d.sees("Trying the connection", "The key is kept safely", "cannot be reached", "Postroom tries again by itself")
		d.press("Try again")
		if n := strings.Count(d.text(), " cannot be reached."); n != 1 {
			t.Errorf("it is told %d times in:\n%s", n, d.text())
		}
		d.again()
		d.sees("Trying the connection", "cannot be reached")
		d.wire.cut(false)
		d.pass(2 * time.Minute)
		d.sees("Acme Ltd is connected")
	})
}

func TestTheTestTicksOneByOne(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.platform.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Op: sandbox.OpLatest, Wait: 20 * time.Second})
		d.grant()
		d.pass(5 * time.Second)
		d.sees("Trying the connection")
		icons := d.icons()
		if !slices.Contains(icons, "status-waiting") || slices.Contains(icons, "status-problem") {
			t.Errorf("icons %v while the platform is slow", icons)
		}
		d.pass(20 * time.Second)
		d.sees("Acme Ltd is connected")
	})
}

// icons are all that are to be seen in the page.
func (d *desk) icons() []string {
	var names []string
	guitest.Walk(d.frame.place, func(o fyne.CanvasObject) bool {
		if i, ok := o.(*widgets.Icon); ok {
			names = append(names, i.Name)
		}
		return false
	})
	return names
}

func TestAPracticeCompanyIsConnectedAtOnce(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.press("Try it")
		d.sees("This Postroom has no practice company.")
		d.options.Practice = func(context.Context) (watcher.Practised, error) {
			return watcher.Practised{
				Platform: platformAddress,
				IDs: func(_ context.Context, registrationURL string) (string, string, error) {
					err := d.platform.SolveCaptcha(registrationURL)
					mail := d.platform.Mailbox()[0]
					return mail.DeveloperID, mail.ApplicationID, err
				},
				Consent: func(_ context.Context, passcode, company string) (string, error) {
					err := d.platform.Grant(passcode, company)
					key, unknown := d.platform.InitialKey(company, "ecommerce")
					return key.Reveal(), errors.Join(err, unknown)
				},
			}, nil
		}
		d.again()
		d.press("Try it")
		d.sees("Practice company is connected", "Nothing leaves this computer.")
	})
}

func TestANewConsentBeginsAtThePasscode(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.awaits()
		d.grant()
		d.pass(5 * time.Second)
		connection := d.current().Connection
		draft, err := d.engine.Reconnect(d.ctx, connection)
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
		d.wizard(draft.ID)
		d.sees("Enter this passcode in Sage 50", "An administrator of Acme Ltd", "Waiting for Sage 50.")
		d.press("Back")
		if !slices.Equal(d.left, []string{""}) {
			t.Errorf("the wizard was left for %q", d.left)
		}
		d.Close()
		d.wizard(draft.ID)
		d.grant()
		d.pass(5 * time.Second)
		d.sees("Acme Ltd is connected")
		if connections, err := d.engine.Connections(d.ctx); err != nil || len(connections) != 1 || connections[0].ID != connection {
			t.Errorf("%+v, %v", connections, err)
		}
	})
}

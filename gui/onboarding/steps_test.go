package onboarding

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

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

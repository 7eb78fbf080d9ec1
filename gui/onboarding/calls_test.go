package onboarding

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher"
)

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

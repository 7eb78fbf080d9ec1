package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"postroom/sage/sandbox"
)

func TestDamagedFilesStopNothingThatCanGoOnWithoutThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.registered(e, r.input())
		for _, name := range []string{callbacksFile, settingsFile, "drafts/damageddraft.json"} {
			if err := os.WriteFile(filepath.Join(r.home, name), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		settle()
		if reports := e.reports(); len(reports) != 1 || reports[0].Code != "callbacksDamaged" {
			t.Errorf("told: %+v", reports)
		}
		if _, err := e.Register(t.Context(), must(e.NewDraft(t.Context(), r.input()))(t).ID); err == nil {
			t.Error("an address was given to Sage that could not be written down")
		}

		d = must(e.RequestPasscode(t.Context(), d.ID))(t) // the key is pasted
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		must(e.PasteKey(t.Context(), d.ID, must(r.platform.InitialKey("Acme", "ecommerce"))(t).Reveal()))(t)
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("with a pasted key: %+v\n%s", d, r.log)
		}

		if err := os.Remove(filepath.Join(r.home, callbacksFile)); err != nil {
			t.Fatal(err)
		}
		settle()
		if reports := e.reports(); len(reports) != 0 {
			t.Errorf("still told: %+v", reports)
		}
	})
}

func TestNoPlaceIsGivenAwayWhileAConnectionCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		d := r.registered(e, r.input())
		if err := os.MkdirAll(filepath.Join(r.home, "connections"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.accountPath("damagedconnection"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := e.RequestPasscode(t.Context(), d.ID)
		if told, ok := errors.AsType[*ProblemError](err); !ok || told.Problem.Code != "connectionDamaged" {
			t.Errorf("told: %v", err)
		}
	})
}

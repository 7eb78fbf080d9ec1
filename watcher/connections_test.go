package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

func TestAConnectionThatCannotBeReadHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.connected(e, r.input())
		good, err := os.ReadFile(e.accountPath(d.Connection))
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"aaaaaaaaaaaa": "{", "bbbbbbbbbbbb": `{"id":"cccccccccccc"}`, "dddddddddddd": string(good),
			"eeeeeeeeeeee": strings.NewReplacer(d.Connection, "eeeeeeeeeeee", rigPlatform, "http://sage.example").Replace(string(good)),
			"ffffffffffff": strings.NewReplacer(d.Connection, "ffffffffffff", r.desk, "desk").Replace(string(good)),
			"gggggggggggg": strings.NewReplacer(d.Connection, "gggggggggggg", "ecommerce", "").Replace(string(good)),
		} {
			if err := os.WriteFile(e.accountPath(name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		accounts, err := e.readAccounts()
		if len(accounts) != 1 || accounts[0].ID != d.Connection || !errors.Is(err, errDamaged) {
			t.Errorf("read: %+v, %v", accounts, err)
		}
		if accounts := must(e.loadAccounts(t.Context()))(t); len(accounts) != 1 {
			t.Errorf("loaded: %+v", accounts)
		}
		if reports := e.reports(); len(reports) != 1 || reports[0].Code != "connectionDamaged" {
			t.Errorf("told: %+v", reports)
		}
		if !e.damaged("aaaaaaaaaaaa") || e.damaged(d.Connection) || e.damaged("zzzzzzzzzzzz") {
			t.Error("damaged is not told from gone")
		}
	})
}

func TestTwoDomainsOfACompanyShareItsFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		shop := r.connected(e, r.input())
		in := r.input()
		in.Email, in.Application, in.Domain = "ben@example.com", "Ledger", "comp-nominalv1"
		ledger := r.connected(e, in)
		a, b := must(e.account(shop.Connection))(t), must(e.account(ledger.Connection))(t)
		if a.Folder != b.Folder || a.ID == b.ID {
			t.Errorf("%+v and %+v", a, b)
		}

		rotated := func() (n int) {
			for _, installation := range r.platform.Installations() {
				for _, connection := range installation.Connections {
					n += connection.Rotations
				}
			}
			return n
		}
		if err := e.Rotate(t.Context(), a.Company, ""); err != nil || rotated() != 2 {
			t.Errorf("all of the company: %d rotations, %v", rotated(), err)
		}
		if err := e.Rotate(t.Context(), a.Company, "ecommerce"); err != nil || rotated() != 3 {
			t.Errorf("one domain: %d rotations, %v", rotated(), err)
		}
		if err := e.Rotate(t.Context(), "nobody", ""); !errors.Is(err, ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		if err := e.Rotate(t.Context(), a.Company, "nothing"); !errors.Is(err, ErrNotFound) {
			t.Errorf("no such domain: %v", err)
		}
	})
}

func TestRenewingTheSecretUnlocksAndIsWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.connected(e, r.input())
		before := must(r.vault.Get(t.Context(), d.ID, vault.Secret))(t)
		if err := r.platform.LockKey(r.input().Company, ""); err != nil {
			t.Fatal(err)
		}
		if err := e.RenewSecret(t.Context(), d.Connection); err != nil {
			t.Fatal(err)
		}
		if now := must(r.vault.Get(t.Context(), d.ID, vault.Secret))(t); now.Equal(before) {
			t.Error("the secret is the same")
		}
		lines := must(e.Renewals(t.Context(), d.Connection))(t)
		if len(lines) != 2 || lines[0].Kind != renewalUnlocked || lines[0].Args["by"] != "person" || lines[1].Kind != renewalConnected {
			t.Errorf("written down: %+v", lines)
		}
		if err := e.RenewSecret(t.Context(), "nosuchconnection"); !errors.Is(err, ErrNotFound) {
			t.Errorf("no such connection: %v", err)
		}
		if err := e.RenewSecret(t.Context(), filepath.Join("..", "settings")); !errors.Is(err, ErrNotFound) {
			t.Errorf("a path: %v", err)
		}
	})
}

func TestARotationThatSageRefusesSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		r.connected(e, r.input())
		if err := r.platform.LockKeyHard(r.input().Company, ""); err != nil {
			t.Fatal(err)
		}
		err := e.Rotate(t.Context(), r.input().Company, "")
		if told, ok := errors.AsType[*ProblemError](err); !ok || told.Problem.Code != "candidateLockedHard" {
			t.Errorf("told %v", err)
		}
	})
}

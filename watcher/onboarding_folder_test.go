package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"postroom/sage"
	"postroom/sage/sandbox"
)

func TestACompanysFolderIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		accounts := []accountRecord{{Account: Account{Company: "Acme", Folder: filepath.Join(r.desk, "Acme")}}}
		for want, in := range map[string]DraftInput{
			"":                 {Company: "Beta", Folder: r.desk},
			"same company":     {Company: "ACME", Folder: r.desk},
			"folderTaken":      {Company: "Acme.", Folder: r.desk},
			"folderNested":     {Company: "Beta", Folder: filepath.Join(r.desk, "acme")},
			"companyElsewhere": {Company: "Acme", Folder: filepath.Join(r.desk, "other")},
			"folderInHome":     {Company: "Beta", Folder: r.home},
			"folderRelative":   {Company: "Beta", Folder: "desk"},
		} {
			err := e.checkPlace(in, accounts)
			code := ""
			if told, ok := errors.AsType[*ProblemError](err); ok {
				code = told.Problem.Code
			}
			if want == "same company" {
				want = ""
			}
			if code != want {
				t.Errorf("%+v: %v", in, err)
			}
		}
		around := DraftInput{Company: filepath.Base(r.desk), Folder: filepath.Dir(r.desk)}
		if err := e.checkPlace(around, accounts); err == nil {
			t.Error("a folder around another company's was taken")
		}
		if err := e.checkPlace(DraftInput{Company: filepath.Base(r.home), Folder: filepath.Dir(r.home)}, nil); err == nil {
			t.Error("the home itself was taken")
		}
	})
}

func TestAFolderThatCannotBeMadeIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		file := filepath.Join(r.desk, "Acme")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		err := e.makePlace(file, sage.Domain{})
		if err == nil || placeProblem(file, err).Problem.Code == "folderForbidden" {
			t.Errorf("a file in its place: %v", err)
		}
		domain := sage.Domain{Scopes: map[string]sage.Scope{
			"orders": {Direction: sage.Outgoing}, "../x": {Direction: sage.Outgoing}, "products": {Direction: sage.Incoming},
		}}
		folder := filepath.Join(r.desk, "Beta")
		for range 2 { // once more does no harm
			if err := e.makePlace(folder, domain); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := os.ReadDir(filepath.Join(folder, "Outbox"))
		if err != nil || len(entries) != 1 || entries[0].Name() != "orders" {
			t.Errorf("in Outbox: %v, %v", entries, err)
		}
		left, err := os.ReadDir(filepath.Join(folder, "Sent"))
		if err != nil || len(left) != 0 {
			t.Errorf("in Sent: %v, %v", left, err)
		}
	})
}

func TestASyncedFolderIsKnownByItsName(t *testing.T) {
	for folder, want := range map[string]string{
		"/home/ann/OneDrive - Shop/Sage": "OneDrive", "/home/ann/Dropbox": "Dropbox", "/Users/ann/Library/Mobile Documents/x": "iCloud",
		"/home/ann/iCloudDrive/x": "iCloud", "/home/ann/Nextcloud2": "Nextcloud", "/home/ann/Dropboxes": "", "/home/ann/Documents": "", "/": "",
	} {
		if got := syncedBy(folder); got != want {
			t.Errorf("%s: %q", folder, got)
		}
	}
}

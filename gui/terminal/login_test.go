package terminal

import (
	"slices"
	"testing"
)

func TestEachHomeHasItsOwnNoteAtLogin(t *testing.T) {
	own, err := ownHome()
	if err != nil {
		t.Fatal(err)
	}
	if loginName(own) != "postroom" || !slices.Equal(loginArgs(own), []string{"run", "--detached"}) {
		t.Errorf("the user's own home is noted as %q with %q", loginName(own), loginArgs(own))
	}
	if loginName("/a") == loginName("/b") || loginName("/a") == "postroom" {
		t.Error("two homes share a note")
	}
	if args := loginArgs("/a b"); !slices.Equal(args, []string{"run", "--detached", "--home", "/a b"}) {
		t.Errorf("another home is started with %q", args)
	}
}

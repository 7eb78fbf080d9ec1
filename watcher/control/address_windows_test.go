package control

import "testing"

func actAsAnotherUser() bool { return false }

func TestAPipesNameDependsOnHomeAndUserAndNotOnCase(t *testing.T) {
	if pipePath(`C:\Users\Ann\postroom`, "S-1") != pipePath(`c:\users\ann\POSTROOM`, "S-1") {
		t.Error("the same home has two pipes")
	}
	if pipePath(`C:\Home`, "S-1") == pipePath(`C:\Home`, "S-2") {
		t.Error("two users share a pipe")
	}
}

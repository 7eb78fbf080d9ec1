package vault

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childEnv is set in a copy of this test program that was started into a session of its own.
const childEnv = "POSTROOM_VAULT_SESSION"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(m.Run()) // the D-Bus library never closes the connection it shares
	}
	goleak.VerifyTestMain(m)
}

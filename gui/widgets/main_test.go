package widgets

import (
	"testing"

	"go.uber.org/goleak"
)

// A window that is gone leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

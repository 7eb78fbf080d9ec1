package onboarding

import (
	"testing"
	"time"

	"postroom/sage/sandbox"
)

func TestTheFirstScreenOffersBothWays(t *testing.T) {
	bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
		d.sees("Welcome to Postroom", "Try it with a practice company", "Connect your Sage 50")
		d.press("Connect Sage 50")
		d.sees("The two IDs from Sage")
		d.pass(time.Second)
	})
}

package wording

import (
	"strings"
	"testing"
	"time"

	"postroom/assets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// waitingFor is a file that waits for a cause.
func waitingFor(state journal.State, cause watcher.Cause) watcher.Transfer {
	return watcher.Transfer{
		Name: "orders-25-11.json", Company: "Acme", State: state, Waits: &cause.Problem, Cause: &cause,
	}
}

func because(code string, args ...string) watcher.Cause {
	c := watcher.Cause{Problem: watcher.Problem{Code: code, Args: map[string]string{}}}
	for i := 0; i+1 < len(args); i += 2 {
		c.Args[args[i]] = args[i+1]
	}
	return c
}

func TestWhyAFileWaitsReadsAsASentenceWithANameInIt(t *testing.T) {
	behind := func(state journal.State, since time.Time, why *watcher.Cause) watcher.Cause {
		c := because("behind", "name", "orders-24-11b.json", "id", "t6")
		c.Ahead = &watcher.Ahead{ID: "t6", Name: "orders-24-11b.json", State: state, Since: since, Cause: why}
		return c
	}
	off := because("sageOff")
	off.SeenAt = at(23, 18, 2, 0)
	never := because("sageOff")
	network := because("networkDown", "host", "sage.example")
	network.Since, network.RetryAt = ago(3*time.Hour), ago(-90*time.Second)
	paused := because("paused")
	paused.Since = at(24, 9, 0, 0)
	for _, c := range []struct {
		cause watcher.Cause
		want  string
	}{
		{behind(journal.Processing, ago(12*time.Minute), nil), "Waits for orders-24-11b.json, which Sage 50 has been processing for 12 minutes."},
		{behind(journal.Processing, ago(2*time.Second), nil), "Waits for orders-24-11b.json, which Sage 50 is processing."},
		{behind(journal.Claimed, ago(2*time.Second), nil), "Waits for orders-24-11b.json, which is being sent."},
		{behind(journal.Processing, ago(time.Hour), &off), "Waits for orders-24-11b.json, which goes first and waits itself. Sage 50 at Acme was last seen yesterday 18:02; it takes files when it is switched on."},
		{because("behind", "name", "orders-24-11b.json"), "Waits for orders-24-11b.json, which goes first."},
		{off, "Sage 50 at Acme was last seen yesterday 18:02; it takes files when it is switched on."},
		{never, "Sage Cloud keeps orders-25-11.json ready for Sage 50 at Acme, which takes files when it is switched on."},
		{network, "sage.example cannot be reached from this computer, for 3 hours now. Check whether this computer is on the internet. Files wait; Postroom tries again by itself. Next try at 10:22."},
		{paused, "Sending for Acme has been paused since 09:00. Choose Resume when files may go."},
	} {
		if got := english().Why(waitingFor(journal.Queued, c.cause)); got != c.want {
			t.Errorf("%s: %q\nwant %q", c.cause.Code, got, c.want)
		}
	}
}

func TestAFileThatGoesOnSaysNothingOfWaiting(t *testing.T) {
	if got := english().Why(watcher.Transfer{State: journal.Processing, Cause: &watcher.Cause{Problem: watcher.Problem{Code: "atSage"}}}); got != "" {
		t.Errorf("one that Sage works on: %q", got)
	}
	if got := english().Why(waitingFor(journal.Accepted, because("paused"))); got != "" {
		t.Errorf("one that has ended: %q", got)
	}
}

func TestACauseThatNobodyHasWordsForIsStillSaid(t *testing.T) {
	if got := english().Why(waitingFor(journal.Queued, because("somethingNew"))); !strings.Contains(got, "somethingNew") {
		t.Errorf("said %q", got)
	}
}

func TestNamesInASentenceCannotTurnItRound(t *testing.T) {
	for _, spoken := range assets.Languages() {
		s := Speaker{Words: assets.For(spoken.Tag), Now: func() time.Time { return now }}
		waits := waitingFor(journal.Queued, because("fileInUse"))
		waits.Name = "invoice\u202egpj.json"
		if got := s.Why(waits); strings.Contains(got, "\u202e") {
			t.Errorf("%s: %q", spoken.Tag, got)
		}
	}
}

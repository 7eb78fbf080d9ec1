package watcher

import (
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

func TestADroppedFileReachesThePlatformAndItsResultComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{Pace: 10 * time.Second})
		r.connect(acme)
		r.start()
		r.drop(acme, "Outbox/orders/november.json", orders(1, 3))
		r.pass(5 * time.Second)
		r.expect("november.json", journal.Validating)
		r.pass(time.Hour)
		got := r.expect("november.json", journal.Accepted)
		want := "Inbox/results/november.result.json\nSent/" + time.Now().Format("2006-01") + "/november.json"
		if files := r.files(acme); files != want {
			t.Errorf("files:\n%s\nwant\n%s", files, want)
		}
		if line := r.timeline(got); line != "dropped checked created sent status status status status accepted result" {
			t.Errorf("timeline %s", line)
		}
		if got.Records != 3 || got.RefusedRecords != 0 || got.ResultState != journal.ResultLaid {
			t.Errorf("got %+v", got)
		}
		r.blameless()
	})
}

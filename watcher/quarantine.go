package watcher

import (
	"time"

	"postroom/watcher/journal"
)

// quarantineLong is after how long a person is told that the platform keeps a file aside: it usually takes minutes, and
// everything of its kind waits behind it. It is a warning; the file has not failed, and goes on when the platform lets go.
const quarantineLong = 8 * time.Hour

// longQuarantined are what a quarantine is called once it is long.
var longQuarantined = map[string]string{
	"fileQuarantined":  "fileQuarantinedLong",
	"scopeQuarantined": "scopeQuarantinedLong",
}

// warned is a cause with a warning in its place where it is a quarantine that has become long.
func (e *Engine) warned(cause *Cause) *Cause {
	long, is := longQuarantined[cause.Code]
	if !is || cause.Since.IsZero() || e.now().Sub(cause.Since) < quarantineLong {
		return cause
	}
	p := newProblem(long, "since", cause.Since.Local().Format(time.DateTime[:len(time.DateTime)-len(":05")]))
	for name, value := range cause.Args {
		p.Args[name] = value
	}
	return causeOf(p, cause.Since, cause.RetryAt)
}

// quarantined tells that a transfer waits for the platform to look at a file.
func quarantined(t *journal.Transfer) bool {
	return t.Cause != nil && longQuarantined[t.Cause.Code] != ""
}

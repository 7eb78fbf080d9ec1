package headline

import (
	"strings"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

// worthTelling is how long a wait has to last before its beginning is told.
const worthTelling = 5 * time.Minute

// Circumstances are since when a transfer waits and when that is tried again, as far as that is worth telling; "" if it
// is not.
func Circumstances(w *assets.Words, t watcher.Transfer, now time.Time) string {
	var told []string
	if t.Cause != nil {
		if since := t.Cause.Since; !since.IsZero() && now.Sub(since) >= worthTelling {
			told = append(told, w.Say("window.advice.since", map[string]any{"time": w.DateTime(since, now)}))
		}
	}
	if next := NextTry(w, t, now); next != "" {
		told = append(told, next)
	}
	return strings.Join(told, " ")
}

// NextTry is when what a transfer waits for is tried again by itself; "" where nobody knows.
func NextTry(w *assets.Words, t watcher.Transfer, now time.Time) string {
	retry := t.NextAttempt
	if t.Cause != nil && retry.IsZero() {
		retry = t.Cause.RetryAt
	}
	if retry.IsZero() || !retry.After(now) {
		return ""
	}
	return w.Say("window.advice.next", map[string]any{"time": w.Time(retry)})
}

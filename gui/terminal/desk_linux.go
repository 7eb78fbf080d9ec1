package terminal

import "postroom/gui/notify"

// hasDesk tells whether the session can show a pop-up.
func hasDesk() bool {
	_, has := notify.SessionBus()
	return has
}

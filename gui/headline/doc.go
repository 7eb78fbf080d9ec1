// Package headline says in one sentence how things stand. The window's headline, the tray's icon and its first
// menu entry all come from here, so that they never disagree. No Fyne enters: the agent has no window.
package headline

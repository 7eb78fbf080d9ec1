// Package tray is Postroom's icon beside the clock, and its menu. It belongs to the agent: no window, no OpenGL and
// no Fyne enter it.
//
// Run keeps the main goroutine, which macOS asks for. It must end after the engine, because the end of the icon
// closes the session bus that the keyring is reached over. Where a session has no bus, or a build for macOS no cgo,
// there is no icon and Run only waits.
package tray

// Package traytest is for tests: the desktop's side of the tray, which reads an icon's properties and menu and
// clicks in it. No program imports it.
package traytest

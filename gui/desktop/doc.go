// Package desktop opens the real window: the one room that imports Fyne's app package, and with it cgo and OpenGL.
// What the window shows is package gui's; here it is only brought onto a screen, or found out in time that it cannot
// be. Built with -tags headless the room is empty.
package desktop

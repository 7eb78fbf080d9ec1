// Package assets is what the program carries inside itself: its words in every language, its fonts, its icons.
//
// It is a leaf: main, gui and watcher may use it, and it uses none of them. It opens no window and imports no
// Fyne, so that the agent and the commands say the same sentences as the window does. What a person reads stands
// in translations/<room>.<language>.json, one file for each room and language; no sentence stands in Go code.
package assets

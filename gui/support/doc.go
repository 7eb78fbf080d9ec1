// Package support says what the doctor has found, and lays down the bundle for whoever helps. The window and the commands
// say and save the same through it. No Fyne enters: the program for servers links it.
//
// A bundle holds what the engine tells for it (watcher.Support) and the versions of the program, in files that a person can
// read through before they hand them on. It never replaces another file and is for its user alone
// (TestABundleNeverReplacesAFileAndIsForItsUserAlone).
package support

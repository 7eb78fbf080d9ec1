// Package onboarding is the wizard: from nothing to a connected company in six steps.
//
// Every step is a draft of the engine's (watcher.Draft), so that closing the program loses nothing; the wizard only
// shows the draft and passes on what a person enters. It holds no key longer than the call that hands it over, opens
// no file and speaks to no platform.
package onboarding

// Package gui is the window: what a person sees of the engine, as Fyne objects.
//
// It knows the engine only as the interface Engine, which the agent's client and the engine itself satisfy. It
// holds no key, opens no journal and keeps nothing on disk but the bundle for support that a person asks for. It is
// given a fyne.App and never makes one, so that its tests need no display and no OpenGL; fyne.io/fyne/v2/app may not be
// imported here.
//
// How it is put together: Window owns what is on the screen and is touched on the UI thread only. The feed, its one
// goroutine, asks the engine for what the screen shows and hands every answer back to the UI thread in one step, at
// most ten times a second however much happens. How the agent itself stands is told by its answers alone, in one band over
// whatever is shown (agent.go, TestAnAgentsStateIsToldByItsAnswers). words.go turns what the engine says into the sentences of a row, of
// the headline and of the details; no other file decides what a state is called.
package gui

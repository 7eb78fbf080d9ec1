// Package notify tells a person outside the window what became of their files: pop-ups of the desktop.
//
// A Notifier listens to the engine, gathers what happened into as few pop-ups as can be, and hands each one to a
// Desk, which is the desktop's own service: D-Bus on Linux, a toast on Windows, the notification centre on macOS, or
// the log where a session has none.
//
// A pop-up carries the place in the window that it is about: a single file's or list's details, or a company's list by the
// filter that fits (TestAClickOpensWhatThePopupTells). A click brings it back: as D-Bus's default action or a button on Linux
// (TestClickOnOurPopupIsHeardAndOnAnothersIsNot), as the toast's activation argument on Windows while the agent runs
// (TestAClickOnAToastBringsBackWhatItShows). On macOS a click is not heard, because a script shows the pop-up.
//
// Two rules hold here. Names of files and texts from a server are data, never code: no shell, no script made of
// them, no markup left unescaped (TestHostileTextsReachTheDaemonAsText, TestToastIsWellFormedWhateverItSays). And
// the same cause is told at most once in each back-off step, however many files fail
// (TestOneCauseIsToldOncePerStep). No content of a file and no key enters a pop-up; no Fyne enters this package.
package notify

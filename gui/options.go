package gui

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"postroom/watcher"
)

// Page is a screen beside the main list: the wizard, a company's connection, the settings. All of its methods are
// called on the UI thread.
type Page interface {
	// Content is shown from then on; it is asked for once.
	Content() fyne.CanvasObject
	// Changed tells what the engine said since the last time, at most ten times a second.
	Changed(events []watcher.Event)
	// Escape is the key; it tells whether the page had a use for it. If not, the window goes back to the list.
	Escape() bool
	// Close is called once when the page is left: what it still waits for is no longer shown.
	Close()
}

// Confirmer is a page that has something to confirm.
type Confirmer interface {
	// Confirm is Return where nothing on the page has the focus.
	Confirm()
}

// PageMaker makes a page. about is the company of a connection page, the draft of the wizard ("" for a new one), and
// empty for the settings.
type PageMaker func(h *Host, about string) Page

// Options is what a window is made of besides the engine. The zero value works; main fills in what only the real
// program has.
type Options struct {
	Wizard     PageMaker // takes the whole window
	Connection PageMaker // beside the sidebar
	Settings   PageMaker // beside the sidebar

	// Version is this window's. An agent of another one is offered to be replaced; "" does not compare.
	Version string
	// StartAgent starts the agent where none runs, RestartAgent replaces the one that does. Either may be nil; they are
	// not called on the UI thread and return when the agent answers.
	StartAgent, RestartAgent func(ctx context.Context) error

	// Show is what the window shows at first, once the engine has answered.
	Show watcher.Target

	Language string // the person's setting: "" follows the system
	Theme    string // the person's setting: "", "light", "dark", "contrast"
	// UsualTheme stands for "", as one of widgets' looks: where the system asks for high contrast, or does not say whether
	// it is light or dark. "" leaves that to Fyne.
	UsualTheme string

	// Do runs a function on the UI thread, in order; fyne.Do unless given.
	Do func(func())
	// Now tells the time; time.Now unless given.
	Now func() time.Time
	// Open shows a file or a folder in the program the system has for it.
	Open func(path string) error
	// Reveal shows a file in its folder; it opens the folder unless given.
	Reveal func(path string) error
	// Choose asks the person for files to send; the system's own dialog unless given. It is not called on the UI
	// thread and may take as long as the person does. No files and no error is a person who changed their mind.
	Choose func(ctx context.Context, title string) ([]string, error)
	// OnClosing is called when the window is to close, with all done that had to be done before; on the UI thread.
	OnClosing func()
	// OnClosed is called when the window has gone.
	OnClosed func()

	Logger *slog.Logger
}

func (o Options) filled(app fyne.App) Options {
	if o.Do == nil {
		o.Do = fyne.Do
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Open == nil {
		o.Open = func(path string) error { return app.OpenURL(fileURL(path)) }
	}
	if o.Reveal == nil {
		open := o.Open
		o.Reveal = func(path string) error { return open(filepath.Dir(path)) }
	}
	if o.Choose == nil {
		o.Choose = ChooseFiles
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// fileURL names a file for the system: "file:///C:/Users/..." on Windows.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if path != "" && path[0] != '/' {
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}

// callTime bounds what one call of the engine may take before the person is told that it does not answer.
const callTime = 30 * time.Second

// patience is the context of one call.
func patience(parent context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(parent, callTime)
}

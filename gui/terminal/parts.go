package terminal

import (
	"context"
	"image"
	"io"
	"log/slog"
	"net/http"
	"time"

	"postroom/watcher"
	"postroom/watcher/control"
)

// Parts are what main builds and hands over.
type Parts struct {
	Version string

	// Sandbox makes a platform for trying out. Nothing is served before the caller serves its Handler.
	Sandbox func(SandboxOptions) (Sandbox, error)

	// Forgetful makes an engine keep keys and secrets in memory only, which is enough for the demonstration.
	Forgetful func(*watcher.Options)

	// Window opens the window and returns when it is closed. It is called on the main goroutine. Nil in builds that
	// have none.
	Window func(context.Context, WindowOptions) error

	In       io.Reader
	Out, Err io.Writer
}

// SandboxOptions say which sandbox is wanted.
type SandboxOptions struct {
	Profile string        // path of a profile file, "" the built-in one
	Dir     string        // where it keeps its state, "" in memory
	Pace    time.Duration // how long each phase of a file takes
	Logger  *slog.Logger
}

// Sandbox is a platform in this process, with the parts a person plays on its pages.
type Sandbox struct {
	Handler    http.Handler
	SetBaseURL func(address string) error
	Close      func() error

	// IDs solves the captcha of a registration and reads the e-mail with the two IDs.
	IDs func(ctx context.Context, registrationURL string) (developerID, applicationID string, err error)
	// Consent enters a passcode in a company's Sage 50 and grants it. It returns the key.
	Consent func(ctx context.Context, passcode, company string) (key string, err error)
	// Publish uploads a new list from a company's Sage 50.
	Publish func(company, scope string, list []byte) error
}

// WindowOptions are what a window is opened with.
type WindowOptions struct {
	Engine   *control.Client                 // the agent's
	Files    []string                        // handed over with the command
	Show     watcher.Target                  // what it shows at first
	Version  string                          // of this program
	Start    func(ctx context.Context) error // starts the agent where none runs, and returns when it answers
	Restart  func(ctx context.Context) error // replaces the one that runs by one of this program
	Ready    func()                          // a person can see the window; called once, on a goroutine of its own
	Left     func()                          // the window was closed and the toolkit does not end: the process is to be ended; may be nil
	Pictures <-chan func(image.Image)        // each is called with a picture of the window, nil if there is none; off the UI thread
	Logger   *slog.Logger
}

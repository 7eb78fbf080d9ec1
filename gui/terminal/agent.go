package terminal

import (
	"context"
	"errors"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cli/browser"
	"golang.org/x/sync/errgroup"

	"postroom/gui/notify"
	"postroom/gui/tray"
	"postroom/gui/web"
	"postroom/watcher"
	"postroom/watcher/control"
)

// grace is how long an agent that was told to stop may take. What it was doing is in the journal; the next one goes
// on from there, so that ending it the hard way loses nothing.
const grace = 4500 * time.Millisecond

// agentSetup is what makes one agent differ from another.
type agentSetup struct {
	from    *passphraseSource
	options func(*watcher.Options)                         // last changes before the engine is opened; may be nil
	ready   func() error                                   // called once the agent answers; may be nil
	guest   func(context.Context, *watcher.Engine) error   // lives beside the engine and ends the agent; may be nil
	login   func(home string, log *slog.Logger) loginEntry // where start at login is written; nil: nowhere
	showLog bool                                           // also write the log to standard error
}

// agent is the engine in this process, with all that belongs to it.
type agent struct {
	*console
	engine  *watcher.Engine
	page    *web.Site // the status page
	login   loginEntry
	opening chan struct{}  // holds a token while a window is being opened
	begun   sync.WaitGroup // windows that are being opened
	gone    chan struct{}  // closed when everything has ended
}

// runAgent carries files until ctx ends or somebody stops the engine. It must be called on the main goroutine. An engine
// that ends because its journal was damaged meanwhile is opened once more, which rebuilds the journal.
func (c *console) runAgent(ctx context.Context, setup agentSetup) error {
	err := c.runAgentOnce(ctx, setup)
	if errors.Is(err, watcher.ErrJournalDamaged) && ctx.Err() == nil {
		setup.ready = nil // that has been said
		if setup.from != nil {
			setup.from = &passphraseSource{fd: -1} // a descriptor is read once; without its passphrase it is asked for
		}
		err = c.runAgentOnce(ctx, setup)
	}
	return err
}

func (c *console) runAgentOnce(ctx context.Context, setup agentSetup) error {
	var also io.Writer
	if setup.showLog {
		also = c.parts.Err
	}
	log, lines, file, err := openLog(c.home, also, c.verbose)
	if err != nil {
		return err
	}
	defer file.Close()
	c.log = log
	slog.SetDefault(log) // also for libraries that only know package log
	stdlog.SetOutput(libraries{log})

	practice := practicePlatform{console: c}
	defer practice.stop()
	options := watcher.Options{
		Home: c.home, Agent: true, Version: c.parts.Version, Profile: c.profile, Logger: log, LogLines: lines.last, Practice: practice.start,
	}
	var page *web.Site // made before anybody can ask for it
	options.StatusPage = func(ctx context.Context) (watcher.StatusPage, error) { return page.Open(ctx) }
	if setup.options != nil {
		setup.options(&options)
	}
	engine, err := watcher.Open(ctx, options)
	if err != nil {
		return err
	}
	page = web.New(web.Options{Engine: engine, Dir: filepath.Join(c.home, "web"), Logger: log})
	listener, err := control.Listen(c.home) //nolint:contextcheck // it bounds itself
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	if setup.from != nil {
		// An agent without a passphrase goes on: it is asked for in the window, or given by `postroom unlock`.
		if _, err := setup.from.handOver(ctx, engine); err != nil {
			return errors.Join(err, listener.Close(), engine.Close())
		}
	}
	a := &agent{console: c, engine: engine, page: page, opening: make(chan struct{}, 1), gone: make(chan struct{})}
	if setup.login != nil {
		a.login = setup.login(c.home, log)
	}
	return a.live(ctx, listener, setup)
}

// live runs everything. The tray has this goroutine and ends last, because its end closes the session bus.
func (a *agent) live(ctx context.Context, listener net.Listener, setup agentSetup) error {
	defer close(a.gone)
	trayLife, endTray := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan error, 1)
	go func() {
		defer endTray()
		worked <- a.work(ctx, listener, setup)
	}()
	tray.Run(trayLife, tray.Options{
		Engine: a.engine, Open: func(ctx context.Context) { a.openWindow(ctx, watcher.Target{}) }, Page: a.showPage, Reveal: a.reveal, Logger: a.log,
	})
	err := <-worked
	a.log.Info("the agent has ended")
	return err
}

// endInTime ends the process when stopping hangs, in a keyring or a desktop that does not answer.
func (a *agent) endInTime() {
	select {
	case <-a.gone:
	case <-time.After(grace):
		a.log.Error("something did not end in time, the agent ends without it")
		os.Exit(statusDone)
	}
}

// work runs the engine with its server, its pop-ups and its guest, and closes it when all have ended.
func (a *agent) work(ctx context.Context, listener net.Listener, setup agentSetup) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	context.AfterFunc(ctx, a.endInTime)
	group, ctx := errgroup.WithContext(ctx)
	desk := notify.OpenDesk(notify.DeskOptions{
		Clicked: func(what watcher.Target) { a.begun.Go(func() { a.openWindow(ctx, what) }) }, Logger: a.log,
	})
	group.Go(func() error {
		defer end() // when somebody stops the engine, the rest ends too
		return a.engine.Run(ctx)
	})
	group.Go(func() error { return control.ServeOn(ctx, a.engine, listener) })
	group.Go(func() error {
		return notify.New(notify.Options{Engine: a.engine, Desk: desk, Logger: a.log}).Run(ctx)
	})
	if a.login != nil {
		group.Go(func() error { return a.keepLogin(ctx) })
	}
	if setup.guest != nil {
		group.Go(func() error {
			defer end()
			return setup.guest(ctx, a.engine)
		})
	}
	a.log.Info("the agent runs", slog.String("version", a.parts.Version), slog.String("home", a.home))
	if setup.ready != nil {
		group.Go(setup.ready)
	}
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	err = errors.Join(err, desk.Close()) // from here on no click begins anything
	a.begun.Wait()
	a.page.Close()
	return errors.Join(err, a.engine.Close())
}

// reveal shows a folder in the system's file manager.
func (a *agent) reveal(ctx context.Context, folder string) {
	if err := browser.OpenFile(folder); err != nil {
		a.log.WarnContext(ctx, "a folder could not be shown", slog.String("folder", folder), slog.Any("error", err))
	}
}

// openWindow opens the window, or brings the one that is open to the front, with what it is to show. When it cannot be
// opened, a pop-up says why. A second wish for the window alone while one is being carried out is the same wish; one for
// something in it waits until there is a window to show it.
func (a *agent) openWindow(ctx context.Context, show watcher.Target) {
	select {
	case a.opening <- struct{}{}:
	default:
		if show == (watcher.Target{}) {
			return
		}
		select {
		case a.opening <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
	_, err := a.startWindow(ctx, show, nil)
	<-a.opening
	if err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "the window could not be opened", slog.Any("error", err))
		a.withoutWindow(ctx, err, a.showPage)
	}
}

// showPage opens the status page in a browser.
func (a *agent) showPage(ctx context.Context) { a.openPage(ctx, a.engine) }

//go:build !headless

package desktop

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver"

	"postroom/gui"
	"postroom/gui/onboarding"
	"postroom/watcher"
)

// Built tells whether this program has a window.
const Built = true

// appID names the program to the system. It stands in FyneApp.toml too, which a plain `go build` does not read.
const appID = "app.postroom.Postroom"

// settingsTime is how long the window waits for the person's settings before it opens without them.
const settingsTime = 3 * time.Second

// Run opens the window and returns when it is closed. It must be called on the main goroutine. Where no window can be
// opened it returns a *watcher.ProblemError that says why, and never leaves a program without one running.
func Run(ctx context.Context, o Options) (err error) {
	if p := noDisplay(); p != nil {
		return &watcher.ProblemError{Problem: *p}
	}
	shown := false
	defer func() {
		// GLFW panics where there is no display; Fyne has no error to return.
		if failed := recover(); failed != nil {
			if shown {
				panic(failed) // of our own making
			}
			o.Logger.Error("the window could not be opened", slog.Any("panic", failed), slog.String("stack", string(debug.Stack())))
			err = &watcher.ProblemError{Problem: problemOf(failed)}
		}
	}()
	program := app.NewWithID(appID)
	beCalm(program)
	leaving := &departure{left: o.Left}
	defer leaving.over()
	window := newWindow(ctx, program, o, leaving)
	defer window.Wait()
	window.Show()
	if !visible(window.Fyne()) {
		return &watcher.ProblemError{Problem: watcher.Problem{Code: "windowNoGraphics"}}
	}
	shown = true
	follow(ctx, program, window, o, leaving)
	return nil
}

func newWindow(ctx context.Context, program fyne.App, o Options, leaving *departure) *gui.Window {
	ctx, cancel := context.WithTimeout(ctx, settingsTime)
	defer cancel()
	settings, err := o.Engine.Settings(ctx)
	if err != nil {
		o.Logger.Warn("the window opens without the person's settings", slog.Any("error", err))
	}
	return gui.NewWindow(program, o.Engine, gui.Options{
		Wizard: onboarding.Page, Connection: gui.ConnectionPage, Settings: gui.SettingsPage,
		Version: o.Version, Show: o.Show, StartAgent: o.Start, RestartAgent: o.Restart,
		Language: settings.Language, Theme: settings.Theme, UsualTheme: systemLook(ctx), OnClosed: program.Quit, Logger: o.Logger,
		OnClosing: leaving.begin,
	})
}

// visible tells whether a window is there. Without OpenGL Fyne makes none, logs that, and would run on. With it, Show
// has painted the first frame.
func visible(w fyne.Window) bool {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return true // nothing to ask
	}
	there := true
	native.RunNative(func(handle any) {
		switch h := handle.(type) {
		case driver.X11WindowContext:
			there = h.WindowHandle != 0
		case driver.WindowsWindowContext:
			there = h.HWND != 0
		case driver.MacWindowContext:
			there = h.NSWindow != 0
		}
	})
	return there
}

// follow runs the window's loop until it is closed or ctx ends, and waits for what was begun for it.
func follow(ctx context.Context, program fyne.App, window *gui.Window, o Options, leaving *departure) {
	ctx, end := context.WithCancel(ctx)
	var beside sync.WaitGroup
	program.Lifecycle().SetOnStarted(func() {
		beside.Go(o.Ready)
		if len(o.Files) > 0 {
			window.Raise(o.Files)
		}
	})
	// Whoever changes the system's look does so in another window, and comes back.
	program.Lifecycle().SetOnEnteredForeground(func() {
		beside.Go(func() {
			look := systemLook(ctx)
			fyne.Do(func() { window.FollowSystem(look) })
		})
	})
	stop := context.AfterFunc(ctx, func() {
		leaving.begin()
		fyne.Do(program.Quit)
	})
	beside.Go(func() { takePictures(ctx, window.Fyne(), o.Pictures, o.Logger) })
	program.Run()
	stop()
	end()
	beside.Wait()
}

// takePictures answers each wish for a picture.
func takePictures(ctx context.Context, w fyne.Window, wishes <-chan func(image.Image), log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case give, more := <-wishes:
			if !more {
				return
			}
			taken, err := picture(w)
			if err != nil {
				log.Error("no picture of the window", slog.Any("error", err))
				taken = nil
			}
			give(taken)
		}
	}
}

// problemOf tells a display that cannot be reached from one that cannot draw, by what GLFW says of it.
func problemOf(failed any) watcher.Problem {
	said := fmt.Sprint(failed)
	if strings.Contains(said, "NotInitialized") || strings.Contains(said, "not initialized") {
		return watcher.Problem{Code: "windowNoDisplay"}
	}
	return watcher.Problem{Code: "windowNoGraphics"}
}

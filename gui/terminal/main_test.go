package terminal

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"postroom/assets"
	"postroom/watcher"
)

// AtEnd clears away what the tests of the whole program made.
var AtEnd func()

func TestMain(m *testing.M) {
	// What a test prints must not depend on where it runs, and nothing may reach the person's own state.
	os.Setenv("LANG", "C.UTF-8")
	os.Setenv("LC_ALL", "C.UTF-8")
	os.Unsetenv(homeVariable)
	os.Unsetenv("CREDENTIALS_DIRECTORY")
	if file := os.Getenv(ClockVariable); file != "" {
		os.Exit(agentByClock(file, os.Args[len(os.Args)-1])) // see startWrongClock
	}
	// lumberjack never ends the goroutine that removes old files.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"),
		goleak.IgnoreAnyFunction("postroom/gui/terminal_test.traceForever"), // the thread that follows processes
		goleak.Cleanup(func(status int) {
			if AtEnd != nil {
				AtEnd()
			}
			os.Exit(status)
		}))
}

// said is what a command put out.
type said struct {
	status   int
	out, err string
}

// command runs one as a person does, without a window and without a sandbox.
func command(t *testing.T, in string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	c := &console{
		parts: Parts{Version: "1.2.3", In: bytes.NewBufferString(in), Out: &out, Err: &errs},
		words: assets.For("en"),
	}
	status := c.execute(t.Context(), args)
	return said{status, out.String(), errs.String()}
}

// testConsole is a console whose words go nowhere.
func testConsole(t *testing.T) (*console, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	return &console{
		parts: Parts{Version: "1.2.3", In: new(bytes.Buffer), Out: &out, Err: new(bytes.Buffer)},
		words: assets.For("en"), log: slog.New(slog.DiscardHandler), home: t.TempDir(),
	}, &out
}

// fake is an engine that answers with what a test puts into it.
type fake struct {
	engine    // what a test does not expect to be called panics
	overview  watcher.Overview
	transfers []watcher.Transfer
	lists     []watcher.List
	findings  []watcher.Finding
	settings  watcher.Settings
	unlocked  string
	refuses   error
}

func (f *fake) Overview(context.Context) (watcher.Overview, error) { return f.overview, f.refuses }

func (f *fake) Connections(context.Context) ([]watcher.Connection, error) {
	var all []watcher.Connection
	for _, company := range f.overview.Companies {
		all = append(all, company.Connections...)
	}
	return all, f.refuses
}

func (f *fake) Lists(context.Context, string) ([]watcher.List, error) { return f.lists, f.refuses }

// Transfers gives pages of at most three, so that tests see several.
func (f *fake) Transfers(_ context.Context, q watcher.Query) (watcher.Page, error) {
	rest := f.transfers
	for i, t := range rest {
		if q.Before == t.ID {
			rest = rest[i+1:]
			break
		}
	}
	page := watcher.Page{Transfers: rest}
	if len(rest) > 3 {
		page = watcher.Page{Transfers: rest[:3], Next: rest[2].ID}
	}
	return page, f.refuses
}

func (f *fake) UnlockVault(_ context.Context, passphrase string) error {
	f.unlocked = passphrase
	return f.refuses
}

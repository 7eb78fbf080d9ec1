package terminal

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/cli/browser"
	"github.com/spf13/cobra"

	"postroom/watcher"
)

// browserTime is how long starting a browser is waited for. What still runs then is the browser itself.
const browserTime = 5 * time.Second

func init() { browser.Stdout, browser.Stderr = io.Discard, io.Discard } // what a browser prints is nobody's concern

// webStatus is the line of `web --json`.
type webStatus struct {
	URL    string `json:"url"`    // lets in once, within a minute
	Opened bool   `json:"opened"` // in a browser, which has used it up
}

// webCommand opens the status page, which needs no window.
func (c *console) webCommand() *cobra.Command {
	var noOpen bool
	command := c.command("web", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if err := c.ensureAgent(ctx); err != nil {
			return err
		}
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		page, err := e.StatusPage(ctx)
		if err != nil {
			return err
		}
		shown := webStatus{URL: page.URL, Opened: !noOpen && hasScreen()}
		if shown.Opened {
			if err := showInBrowser(ctx, page.File); err != nil {
				c.log.Warn("no browser could be started", slog.Any("error", err))
				shown.Opened = false
			}
		}
		if err := c.result(shown, shown.URL); err != nil {
			return err
		}
		c.tellOfPage(shown)
		return nil
	})
	command.Flags().BoolVar(&noOpen, "no-open", false, c.words.Say("flag.web.noOpen"))
	return command
}

// tellOfPage says what the address is good for.
func (c *console) tellOfPage(shown webStatus) {
	if shown.Opened {
		c.tell("cmd.web.opened")
		return
	}
	port := ""
	if address, err := url.Parse(shown.URL); err == nil {
		port = address.Port()
	}
	c.tell("cmd.web.once", map[string]any{"port": port})
}

// hasScreen tells whether a browser that is started can be seen.
func hasScreen() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// showInBrowser opens a page that is a file. Only the file's path stands in the arguments of what is started.
func showInBrowser(ctx context.Context, file string) error {
	began := make(chan error, 1)
	go func() { began <- browser.OpenURL(fileURL(file)) }() // ends with the browser, or with this process
	select {
	case err := <-began:
		return err
	case <-time.After(browserTime):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fileURL is the address of a file, whatever characters its path has.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive of Windows
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// openPage opens the status page in a browser, and says in a pop-up why it cannot.
func (c *console) openPage(ctx context.Context, e interface {
	StatusPage(ctx context.Context) (watcher.StatusPage, error)
},
) {
	page, err := e.StatusPage(ctx)
	if err == nil {
		err = showInBrowser(ctx, page.File)
	}
	if err != nil && ctx.Err() == nil {
		c.log.WarnContext(ctx, "the status page could not be opened", slog.Any("error", err))
		c.popUp(ctx, explain(c.words, err))
	}
}

package terminal

import (
	"context"
	"strings"
	"testing"
	"time"

	"postroom/gui/notify/notifytest"
	"postroom/watcher"
)

func TestAClickOnThePopUpOpensTheStatusPage(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "actions")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("DISPLAY", ":98")
	c, _ := testConsole(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opened, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(ended)
		c.withoutWindow(ctx, &watcher.ProblemError{Problem: watcher.Problem{Code: "windowNoGraphics"}}, func(context.Context) { opened <- struct{}{} })
	}()
	select {
	case shown := <-daemon.Shown:
		if !strings.Contains(shown.Body, "has no OpenGL") || !strings.Contains(shown.Body, "Click here for the status page.") {
			t.Errorf("shown %+v", shown)
		}
		daemon.Click(t, shown.ID)
	case <-ctx.Done():
		t.Fatal("nothing is shown")
	}
	<-ended
	select {
	case <-opened:
	default:
		t.Error("the page was not opened")
	}
}

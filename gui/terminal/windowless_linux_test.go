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
	var pop notifytest.Shown
	select {
	case pop = <-daemon.Shown:
		if !strings.Contains(pop.Body, "has no OpenGL") || !strings.Contains(pop.Body, "Click here for the status page.") {
			t.Errorf("shown %+v", pop)
		}
	case <-ctx.Done():
		t.Fatal("nothing is shown")
	}
	// A click that comes before the daemon has answered is nobody's yet, so there is one more now and then.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for over := false; !over; {
		select {
		case <-again.C:
			daemon.Click(t, pop.ID)
		case <-ended:
			over = true
		}
	}
	select {
	case <-opened:
	default:
		t.Error("the page was not opened")
	}
}

package terminal

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

// ClockVariable makes the tests' own program an agent whose clock is wrong by what stands in a file. The system's clock
// belongs to everybody on the computer and is left alone.
const ClockVariable = "POSTROOM_TEST_CLOCK"

// agentByClock is that agent, for the home that is named.
func agentByClock(file, home string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c := &console{parts: Parts{Version: "test", In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, words: assets.For("en"), homeFlag: home, asJSON: true}
	err := c.settle()
	if err == nil {
		err = c.runAgent(ctx, agentSetup{
			showLog: true,
			options: func(o *watcher.Options) { o.Now = func() time.Time { return time.Now().Add(wrongBy(file)) } },
			ready:   func() error { return c.result(runningLine{true, c.home, os.Getpid()}, "") },
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return statusFailed
	}
	return statusDone
}

// wrongBy reads how far the clock is ahead. It is replaced as a whole whenever it changes.
func wrongBy(file string) time.Duration {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	ahead, _ := time.ParseDuration(strings.TrimSpace(string(text))) // the test writes it
	return ahead
}

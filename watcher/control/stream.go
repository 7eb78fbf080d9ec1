package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"postroom/watcher"
)

const (
	silence        = 60 * time.Second       // without even a heartbeat: the agent hangs, or the machine slept
	firstRetry     = 100 * time.Millisecond // to connect again after the stream broke, doubling
	lastRetry      = 2 * time.Second
	maxUndelivered = 256 // events a listener may be behind before it gets one EventAll instead
)

// Events streams what changes until ctx ends, then closes the channel. When the agent goes away the listener hears
// EventAll, and again once it is back, since nobody can say what happened meanwhile. A listener that falls behind
// gets one EventAll instead of what it missed; requests to raise the window are not among what is dropped.
func (c *Client) Events(ctx context.Context) (<-chan watcher.Event, error) {
	body, err := c.openEvents(ctx)
	if err != nil {
		return nil, err
	}
	heard := make(chan watcher.Event)
	out := make(chan watcher.Event)
	go deliver(heard, out)
	go c.listen(ctx, body, heard)
	return out, nil
}

// openEvents starts one stream; it is the caller's to close.
func (c *Client) openEvents(ctx context.Context) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://postroom"+eventsPath, nil)
	if err != nil {
		return nil, fmt.Errorf("listening to the agent: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, lost(ctx, "events", err)
	}
	c.heard(response)
	if response.StatusCode != http.StatusOK {
		data, _ := io.ReadAll(io.LimitReader(response.Body, maxRequest))
		_ = response.Body.Close()
		return nil, fmt.Errorf("listening to the agent: %w", readFailure(response.StatusCode, data))
	}
	return response.Body, nil
}

// listen reads streams one after the other into heard, and closes it when ctx ends.
func (c *Client) listen(ctx context.Context, body io.ReadCloser, heard chan<- watcher.Event) {
	defer close(heard)
	for {
		readEvents(ctx, body, heard)
		if !tell(ctx, heard, watcher.Event{Kind: watcher.EventAll}) {
			return
		}
		if body = c.reopenEvents(ctx); body == nil {
			return
		}
		if !tell(ctx, heard, watcher.Event{Kind: watcher.EventAll}) {
			_ = body.Close()
			return
		}
	}
}

// reopenEvents tries until the agent is back; nil when ctx ended first.
func (c *Client) reopenEvents(ctx context.Context) io.ReadCloser {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if body, err := c.openEvents(ctx); err == nil {
			return body
		}
	}
}

// readEvents passes on one stream until it breaks, and closes it.
func readEvents(ctx context.Context, body io.ReadCloser, heard chan<- watcher.Event) {
	defer func() { _ = body.Close() }()
	quiet := time.AfterFunc(silence, func() { _ = body.Close() })
	defer quiet.Stop()
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	for lines.Scan() {
		quiet.Reset(silence)
		if len(lines.Bytes()) == 0 {
			continue
		}
		var event watcher.Event
		if json.Unmarshal(lines.Bytes(), &event) != nil {
			return
		}
		if !tell(ctx, heard, event) {
			return
		}
	}
}

func tell(ctx context.Context, heard chan<- watcher.Event, event watcher.Event) bool {
	select {
	case <-ctx.Done():
		return false
	case heard <- event:
		return true
	}
}

// deliver hands events on at the listener's own pace, so that a slow one never holds up the stream. It ends, and
// closes out, when heard is closed; what is undelivered then has no one left to hear it.
func deliver(heard <-chan watcher.Event, out chan<- watcher.Event) {
	defer close(out)
	var pending []watcher.Event
	for {
		var next watcher.Event
		var ready chan<- watcher.Event
		if len(pending) > 0 {
			next, ready = pending[0], out
		}
		select {
		case event, open := <-heard:
			if !open {
				return
			}
			pending = enqueue(pending, event)
		case ready <- next:
			pending = pending[1:]
		}
	}
}

// enqueue adds an event, or puts one EventAll in the place of too many.
func enqueue(pending []watcher.Event, event watcher.Event) []watcher.Event {
	if len(pending) >= maxUndelivered {
		pending = slices.DeleteFunc(pending, func(e watcher.Event) bool {
			return e.Kind != watcher.EventRaise && e.Kind != watcher.EventStopping
		})
		pending = append([]watcher.Event{{Kind: watcher.EventAll}}, pending...)
	}
	if len(pending) < 2*maxUndelivered { // only raises are left over: a flood of them says no more than the first
		pending = append(pending, event)
	}
	return pending
}

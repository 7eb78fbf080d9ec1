package notify

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"postroom/watcher"
)

// The notification service of the freedesktop.org specification.
const (
	serviceName  = "org.freedesktop.Notifications"
	servicePath  = "/org/freedesktop/Notifications"
	serviceCalls = serviceName + "."
)

// callTime bounds everything that one pop-up may take: connecting, asking what the daemon can do, showing.
const callTime = 5 * time.Second

// OpenDesk opens the session's notification service, or the log where the session has no bus. Nothing is sent and
// nothing can fail before the first pop-up: the desktop may come up after the agent.
func OpenDesk(o DeskOptions) Desk {
	if o.Bus == "" {
		address, ok := SessionBus()
		if !ok {
			return ToLog(o.Logger)
		}
		o.Bus = address
	}
	return &busDesk{address: o.Bus, clicked: o.Clicked, log: o.Logger, limit: callTime}
}

// busDesk shows pop-ups over a connection of its own, so that the tray's end or the keyring's does not cut it off.
type busDesk struct {
	address string
	clicked func(watcher.Target)
	log     *slog.Logger
	limit   time.Duration

	link *link // nil until the first pop-up and after a failure; Show and Close alone use it
}

// link is one connection to the bus and the goroutine that listens for clicks on it.
type link struct {
	conn *dbus.Conn
	done chan struct{} // closed when the listener has ended

	mu      sync.Mutex // guards all below
	shown   []shown    // our pop-ups that may still be clicked, oldest first
	showing bool       // the daemon has been asked to show one, and its number is not known yet
	early   []uint32   // clicked meanwhile: one of them may be ours
}

// shown is a pop-up of ours by the number the daemon gave it.
type shown struct {
	id   uint32
	show watcher.Target
}

// Show hands a pop-up to the daemon. After a failure the next pop-up tries on a new connection.
func (d *busDesk) Show(ctx context.Context, p Popup) error {
	ctx, cancel := context.WithTimeout(ctx, d.limit)
	defer cancel()
	if d.link != nil && !d.link.conn.Connected() {
		d.hangUp()
	}
	if d.link == nil {
		if err := d.dial(ctx); err != nil {
			return fmt.Errorf("reaching the session bus: %w", err)
		}
	}
	d.link.begin()
	id, err := notify(ctx, d.link.conn, p)
	if err != nil {
		d.hangUp()
		return fmt.Errorf("showing a pop-up: %w", err)
	}
	if clicked := d.link.remember(shown{id, p.Show}); clicked && d.clicked != nil {
		d.clicked(p.Show)
	}
	return nil
}

// Close hangs up.
func (d *busDesk) Close() error {
	d.hangUp()
	return nil
}

// dial connects within ctx's time. The connection itself lives until it is hung up.
func (d *busDesk) dial(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end) // a bus that does not answer is given up, in the middle of the greeting too
	conn, err := dbus.Connect(d.address, dbus.WithContext(life))
	if err == nil && !stop() {
		err = errors.Join(context.Cause(ctx), conn.Close())
	}
	if err != nil {
		end()
		return err
	}
	l := &link{conn: conn, done: make(chan struct{})}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	go func() {
		defer close(l.done)
		defer end()
		for s := range signals { // closed with the connection
			d.heard(l, s)
		}
	}()
	d.link = l
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(servicePath), dbus.WithMatchInterface(serviceName)); err != nil {
		d.log.Warn("clicks on pop-ups will not be heard", slog.Any("error", err))
	}
	return nil
}

func (d *busDesk) hangUp() {
	if d.link == nil {
		return
	}
	_ = d.link.conn.Close() // it is given up whatever the answer
	<-d.link.done
	d.link = nil
}

// heard acts on a signal about one of our pop-ups. Those of other programs are heard too, and left alone.
func (d *busDesk) heard(l *link, s *dbus.Signal) {
	if len(s.Body) < 2 {
		return
	}
	id, ok := s.Body[0].(uint32)
	if !ok {
		return
	}
	switch s.Name {
	case serviceCalls + "ActionInvoked": // whichever of the actions it was
		if show, ours := l.click(id); ours && d.clicked != nil {
			d.clicked(show)
		}
	case serviceCalls + "NotificationClosed":
		l.forget(id)
	}
}

// manyShown is how many pop-ups are remembered for their clicks.
const manyShown = 100

// begin is called before the daemon is asked to show a pop-up.
func (l *link) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.showing, l.early = true, nil
}

// remember takes up a pop-up that is shown, by its number. It tells whether that has been clicked already: the daemon's answer
// and the click come on different ways.
func (l *link) remember(p shown) (clicked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = slices.DeleteFunc(l.shown, func(old shown) bool { return old.id == p.id }) // of a daemon that began anew
	if len(l.shown) >= manyShown {
		l.shown = slices.Delete(l.shown, 0, 1)
	}
	l.shown = append(l.shown, p)
	clicked = slices.Contains(l.early, p.id)
	l.showing, l.early = false, nil
	return clicked
}

// click tells whether a pop-up that was clicked is ours, and what it shows.
func (l *link) click(id uint32) (show watcher.Target, ours bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.IndexFunc(l.shown, func(p shown) bool { return p.id == id })
	if at >= 0 {
		return l.shown[at].show, true
	}
	if l.showing && len(l.early) < manyShown {
		l.early = append(l.early, id)
	}
	return watcher.Target{}, false
}

func (l *link) forget(id uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = slices.DeleteFunc(l.shown, func(p shown) bool { return p.id == id })
}

// notify asks the daemon what it can do, every time, because another daemon may have taken over; then it shows the
// pop-up in a form this one takes as text.
func notify(ctx context.Context, conn *dbus.Conn, p Popup) (uint32, error) {
	service := conn.Object(serviceName, servicePath)
	var can []string
	if err := service.CallWithContext(ctx, serviceCalls+"GetCapabilities", 0).Store(&can); err != nil {
		return 0, err
	}
	title, body := p.Title, p.Body
	if !slices.Contains(can, "body") {
		title, body = title+": "+body, ""
	}
	if slices.Contains(can, "body-markup") {
		body = html.EscapeString(body)
	}
	var actions []string
	if slices.Contains(can, "actions") {
		actions = []string{"default", ""} // a click on the pop-up itself; its name is not shown
		if p.Button != "" {
			actions = append(actions, "show", p.Button) // for desktops that do not let the pop-up itself be clicked
		}
	}
	category := "transfer.complete"
	if p.Urgent {
		category = "transfer.error"
	}
	hints := map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant("postroom"),
		"category":      dbus.MakeVariant(category),
		"urgency":       dbus.MakeVariant(byte(1)), // normal: the daemon lets it go by itself
	}
	const replaces, byDaemon = uint32(0), int32(-1)
	var id uint32
	err := service.CallWithContext(ctx, serviceCalls+"Notify", 0,
		ourName, replaces, "postroom", title, body, actions, hints, byDaemon).Store(&id)
	return id, err
}

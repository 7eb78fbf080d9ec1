package notifytest

import (
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	name = "org.freedesktop.Notifications"
	path = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// Shown is what a program asked the daemon to show, as it came over the bus.
type Shown struct {
	ID      uint32
	App     string
	Icon    string
	Summary string
	Body    string
	Actions []string
	Hints   map[string]dbus.Variant
}

// Daemon is a notification daemon in the test's own process.
type Daemon struct {
	// Shown hands over each notification. It has room for many, so that nobody has to read it.
	Shown chan Shown

	conn *dbus.Conn

	mu   sync.Mutex
	last uint32
	can  []string
	hold chan struct{} // not nil: calls wait until it is closed
	fast bool          // a notification is clicked before its number is told
}

// StartDaemon puts a daemon on the bus that can do what is named, as "body", "body-markup", "actions".
func StartDaemon(t testing.TB, bus *Bus, can ...string) *Daemon {
	t.Helper()
	d := &Daemon{Shown: make(chan Shown, 1000), conn: bus.Connect(t), can: can}
	if err := d.conn.Export((*calls)(d), path, name); err != nil {
		t.Fatal(err)
	}
	reply, err := d.conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the name %s is not to be had: %v %v", name, reply, err)
	}
	t.Cleanup(func() { d.Hang(false) })
	return d
}

// ClickAtOnce has every notification clicked before the program that asked for it hears its number.
func (d *Daemon) ClickAtOnce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fast = true
}

// Hang makes every call wait, until it is taken back.
func (d *Daemon) Hang(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case on && d.hold == nil:
		d.hold = make(chan struct{})
	case !on && d.hold != nil:
		close(d.hold)
		d.hold = nil
	}
}

// Click is a person's click on a notification.
func (d *Daemon) Click(t testing.TB, id uint32) { d.Press(t, id, "default") }

// Press is a person's click on one of a notification's buttons.
func (d *Daemon) Press(t testing.TB, id uint32, action string) {
	d.emit(t, "ActionInvoked", id, action)
}

// Dismiss is a person waving a notification away.
func (d *Daemon) Dismiss(t testing.TB, id uint32) { d.emit(t, "NotificationClosed", id, uint32(2)) }

func (d *Daemon) emit(t testing.TB, signal string, values ...any) {
	t.Helper()
	if err := d.conn.Emit(path, name+"."+signal, values...); err != nil {
		t.Fatal(err)
	}
}

func (d *Daemon) wait() {
	d.mu.Lock()
	hold := d.hold
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

// calls are the daemon's methods on the bus.
type calls Daemon

func (c *calls) GetCapabilities() ([]string, *dbus.Error) {
	(*Daemon)(c).wait()
	return c.can, nil
}

func (c *calls) GetServerInformation() (server, vendor, version, spec string, failed *dbus.Error) {
	return "double", "Postroom", "1", "1.2", nil
}

func (c *calls) CloseNotification(uint32) *dbus.Error { return nil }

func (c *calls) Notify(app string, replaces uint32, icon, summary, body string, actions []string,
	hints map[string]dbus.Variant, expires int32,
) (uint32, *dbus.Error) {
	(*Daemon)(c).wait()
	c.mu.Lock()
	c.last++
	id, fast := c.last, c.fast
	c.mu.Unlock()
	if fast {
		if err := c.conn.Emit(path, name+".ActionInvoked", id, "default"); err != nil {
			return 0, dbus.MakeFailedError(err)
		}
	}
	c.Shown <- Shown{ID: id, App: app, Icon: icon, Summary: summary, Body: body, Actions: actions, Hints: hints}
	return id, nil
}

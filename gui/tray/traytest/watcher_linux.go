package traytest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"postroom/gui/notify/notifytest"
)

// The two halves of the StatusNotifierItem protocol.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = dbus.ObjectPath("/StatusNotifierWatcher")
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
)

// patience is how long a test waits for what must come. It is no measure of speed.
const patience = 20 * time.Second

// Watcher is a StatusNotifierWatcher, as a desktop's panel runs one.
type Watcher struct {
	conn  *dbus.Conn
	items chan *Item
}

// Start puts a watcher on the bus until the test ends.
func Start(t testing.TB, bus *notifytest.Bus) *Watcher {
	t.Helper()
	w := &Watcher{conn: bus.Connect(t), items: make(chan *Item, 10)}
	if err := w.conn.Export((*calls)(w), watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	_, err := prop.Export(w.conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true},
		"ProtocolVersion":                {Value: int32(0)},
		"RegisteredStatusNotifierItems":  {Value: []string{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := w.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the name %s is not to be had: %v %v", watcherName, reply, err)
	}
	return w
}

type calls Watcher

// RegisterStatusNotifierItem is what a program with an icon calls.
func (c *calls) RegisterStatusNotifierItem(sender dbus.Sender, path string) *dbus.Error {
	c.items <- &Item{conn: c.conn, owner: string(sender), path: dbus.ObjectPath(path)}
	return nil
}

// Item is an icon that a program has put up.
type Item struct {
	conn  *dbus.Conn
	owner string
	path  dbus.ObjectPath
	news  chan *dbus.Signal
}

// Entry is an entry of an icon's menu.
type Entry struct {
	ID       int32
	Label    string
	Enabled  bool
	Children []Entry
}

// Pixels is an icon's picture.
type Pixels struct {
	Width, Height int32
	ARGB          []byte
}

// Item waits for a program to put up its icon.
func (w *Watcher) Item(t testing.TB) *Item {
	t.Helper()
	select {
	case i := <-w.items:
		i.news = make(chan *dbus.Signal, 1000)
		i.conn.Signal(i.news)
		t.Cleanup(func() { i.conn.RemoveSignal(i.news) })
		if err := i.conn.AddMatchSignal(dbus.WithMatchSender(i.owner)); err != nil {
			t.Fatal(err)
		}
		return i
	case <-time.After(patience):
		t.Fatal("no program put up an icon")
		return nil
	}
}

// Property reads one of the icon's properties.
func (i *Item) Property(t testing.TB, name string) any {
	t.Helper()
	value, err := i.conn.Object(i.owner, i.path).GetProperty(itemName + "." + name)
	if err != nil {
		t.Fatalf("the icon's %s: %v", name, err)
	}
	return value.Value()
}

// Picture reads the icon's picture.
func (i *Item) Picture(t testing.TB) Pixels {
	t.Helper()
	var found []Pixels
	if err := dbus.Store([]any{i.Property(t, "IconPixmap")}, &found); err != nil || len(found) != 1 {
		t.Fatalf("the icon's picture: %v, %d of them", err, len(found))
	}
	return found[0]
}

// layout is a menu entry as it comes over the bus.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// Menu reads what can be seen of the icon's menu. Separators have no label.
func (i *Item) Menu(t testing.TB) []Entry {
	t.Helper()
	entries, err := i.menu()
	if err != nil {
		t.Fatal("the icon's menu: ", err)
	}
	return entries
}

func (i *Item) menu() ([]Entry, error) {
	path, err := i.conn.Object(i.owner, i.path).GetProperty(itemName + ".Menu")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var revision uint32
	var root layout
	err = i.conn.Object(i.owner, path.Value().(dbus.ObjectPath)).
		CallWithContext(ctx, menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		return nil, err
	}
	return children(root)
}

func children(of layout) ([]Entry, error) {
	var entries []Entry
	for _, v := range of.Children {
		var l layout
		if err := dbus.Store([]any{v.Value()}, &l); err != nil {
			return nil, err
		}
		if shown, ok := l.Properties["visible"].Value().(bool); ok && !shown {
			continue
		}
		e := Entry{ID: l.ID}
		e.Label, _ = l.Properties["label"].Value().(string)
		e.Enabled, _ = l.Properties["enabled"].Value().(bool)
		var err error
		if e.Children, err = children(l); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Await reads the menu again each time the icon or its menu changes, until it is as the test wants it.
func (i *Item) Await(t testing.TB, what string, want func(menu []Entry) bool) []Entry {
	t.Helper()
	end := time.After(patience)
	for {
		menu := i.Menu(t)
		if want(menu) {
			return menu
		}
		select {
		case <-i.news:
		case <-end:
			t.Fatalf("%s did not come: the menu is %v", what, menu)
		}
	}
}

// Click chooses the entry with a label; in a submenu, the labels on the way to it are given first.
func (i *Item) Click(t testing.TB, labels ...string) {
	t.Helper()
	var found Entry
	i.Await(t, fmt.Sprintf("an entry %q", labels), func(menu []Entry) bool {
		var ok bool
		found, ok = find(menu, labels)
		return ok
	})
	path, err := i.conn.Object(i.owner, i.path).GetProperty(itemName + ".Menu")
	if err != nil {
		t.Fatal(err)
	}
	err = i.conn.Object(i.owner, path.Value().(dbus.ObjectPath)).
		Call(menuName+".Event", 0, found.ID, "clicked", dbus.MakeVariant(""), uint32(0)).Err
	if err != nil {
		t.Fatalf("clicking %q: %v", labels, err)
	}
}

// Tap is a click on the icon itself.
func (i *Item) Tap(t testing.TB) {
	t.Helper()
	if err := i.conn.Object(i.owner, i.path).Call(itemName+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Fatal("clicking the icon: ", err)
	}
}

func find(menu []Entry, labels []string) (Entry, bool) {
	for _, e := range menu {
		if e.Label != labels[0] {
			continue
		}
		if len(labels) == 1 {
			return e, true
		}
		return find(e.Children, labels[1:])
	}
	return Entry{}, false
}

// Labels are the labels of a menu, in order, without its separators.
func Labels(menu []Entry) []string {
	var labels []string
	for _, e := range menu {
		if e.Label != "" {
			labels = append(labels, e.Label)
		}
	}
	return labels
}

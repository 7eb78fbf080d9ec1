//go:build linux && !headless

package desktop

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

func TestASecondStartRaisesTheFirstWindowAndHandsItsFileOver(t *testing.T) {
	if !alone(t) {
		return
	}
	s := newSession(t)
	program := windowProgram(t)
	home := s.agent(t)
	client := dial(t, home)
	connectCompany(t, client, s.sandbox(t), s.dir, officeCompany)
	p := &person{t: t, s: s, client: client}

	first := exec.Command(program, "window", "--home", home)
	first.Stderr = os.Stderr
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, first)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, `"shown":true`) {
		t.Fatalf("the first window says %q: %v", line, err)
	}
	desk := watchDesk(t, s.display)
	window := desk.active(t, func(xproto.Window) bool { return true })
	cover := desk.cover(t)
	desk.active(t, func(w xproto.Window) bool { return w == cover })

	file := filepath.Join(s.dir, "orders-28-11.json")
	if err := os.WriteFile(file, sandbox.SampleOrders(4), 0o600); err != nil {
		t.Fatal(err)
	}
	second := exec.Command(program, "--home", home, file)
	if said, err := second.CombinedOutput(); err != nil {
		t.Fatalf("the second start: %v\n%s", err, said)
	}
	desk.active(t, func(w xproto.Window) bool { return w == window })
	if stack := desk.windows(t, "_NET_CLIENT_LIST_STACKING"); len(stack) != 2 || stack[1] != window {
		t.Errorf("the windows from the lowest are %v; the first is %v, what covered it %v", stack, window, cover)
	}
	p.transfer("orders-28-11.json", journal.Accepted)
}

// desk is the display as its window manager tells of it.
type desk struct {
	conn *xgb.Conn
	root xproto.Window
}

// watchDesk hears of every change of the display's properties.
func watchDesk(t *testing.T, display string) *desk {
	t.Helper()
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	d := &desk{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	err = xproto.ChangeWindowAttributesChecked(conn, d.root, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// windows is a property of the display that names windows.
func (d *desk) windows(t *testing.T, name string) []xproto.Window {
	t.Helper()
	atom, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	property, err := xproto.GetProperty(d.conn, false, d.root, atom.Atom, xproto.AtomWindow, 0, 100).Reply()
	if err != nil {
		t.Fatal(err)
	}
	var list []xproto.Window
	for raw := range slices.Chunk(property.Value, 4) {
		list = append(list, xproto.Window(xgb.Get32(raw)))
	}
	return list
}

// active waits until the window with the keyboard is as wanted, and gives it.
func (d *desk) active(t *testing.T, wanted func(xproto.Window) bool) xproto.Window {
	t.Helper()
	for {
		if now := d.windows(t, "_NET_ACTIVE_WINDOW"); len(now) == 1 && now[0] != 0 && wanted(now[0]) {
			return now[0]
		}
		if event, err := d.conn.WaitForEvent(); event == nil {
			t.Fatal("the display has gone: ", err)
		}
	}
}

// cover opens another program's window over what is there.
func (d *desk) cover(t *testing.T) xproto.Window {
	t.Helper()
	screen := xproto.Setup(d.conn).DefaultScreen(d.conn)
	window, err := xproto.NewWindowId(d.conn)
	if err != nil {
		t.Fatal(err)
	}
	err = xproto.CreateWindowChecked(d.conn, screen.RootDepth, window, d.root, 0, 0, 1200, 760, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel, []uint32{screen.WhitePixel}).Check()
	if err == nil {
		err = xproto.MapWindowChecked(d.conn, window).Check()
	}
	if err != nil {
		t.Fatal(fmt.Errorf("covering the window: %w", err))
	}
	return window
}

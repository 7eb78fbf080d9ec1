//go:build linux && !headless

package desktop

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// dropFiles drops files on a window through the real XDND protocol, as a file manager does: at root coordinates
// x, y, with the paths handed over as a selection of type text/uri-list. It returns once the window said that it is
// done with the drop.
//
// The protocol: https://www.freedesktop.org/wiki/Specifications/XDND/
func dropFiles(display string, window uint32, x, y int, files ...string) error {
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return fmt.Errorf("open display %s: %w", display, err)
	}
	defer conn.Close()

	s := &dragSource{conn: conn, target: xproto.Window(window), atoms: map[string]xproto.Atom{}}
	if err := s.prepare(files); err != nil {
		return err
	}
	s.send("XdndEnter", uint32(s.source), 5<<24, s.atom("text/uri-list"), 0, 0)
	s.send("XdndPosition", uint32(s.source), 0, uint32(x)<<16|uint32(y), xproto.TimeCurrentTime, s.atom("XdndActionCopy"))
	status, err := s.await("XdndStatus")
	if err != nil {
		return err
	}
	if status[1]&1 == 0 {
		s.send("XdndLeave", uint32(s.source), 0, 0, 0, 0)
		return errors.New("the window refuses the drop")
	}
	s.send("XdndDrop", uint32(s.source), 0, xproto.TimeCurrentTime, 0, 0)
	_, err = s.await("XdndFinished")
	return err
}

// dragSource is the program that files are dragged from.
type dragSource struct {
	conn   *xgb.Conn
	source xproto.Window
	target xproto.Window
	uris   string
	atoms  map[string]xproto.Atom
	err    error
}

func (s *dragSource) prepare(files []string) error {
	screen := xproto.Setup(s.conn).DefaultScreen(s.conn)
	source, err := xproto.NewWindowId(s.conn)
	if err != nil {
		return err
	}
	s.source = source
	err = xproto.CreateWindowChecked(s.conn, 0, source, screen.Root, 0, 0, 1, 1, 0,
		xproto.WindowClassCopyFromParent, screen.RootVisual, 0, nil).Check()
	if err != nil {
		return fmt.Errorf("create the source window: %w", err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		s.uris += (&url.URL{Scheme: "file", Path: path}).String() + "\r\n"
	}
	return xproto.SetSelectionOwnerChecked(s.conn, source, xproto.Atom(s.atom("XdndSelection")), xproto.TimeCurrentTime).Check()
}

func (s *dragSource) atom(name string) uint32 {
	if a, ok := s.atoms[name]; ok {
		return uint32(a)
	}
	reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		s.err = errors.Join(s.err, fmt.Errorf("intern %s: %w", name, err))
		return 0
	}
	s.atoms[name] = reply.Atom
	return uint32(reply.Atom)
}

func (s *dragSource) send(kind string, data ...uint32) {
	event := xproto.ClientMessageEvent{
		Format: 32, Window: s.target, Type: xproto.Atom(s.atom(kind)),
		Data: xproto.ClientMessageDataUnionData32New(data),
	}
	xproto.SendEvent(s.conn, false, s.target, xproto.EventMaskNoEvent, string(event.Bytes()))
}

// await serves the selection until a client message of the given kind comes.
func (s *dragSource) await(kind string) ([]uint32, error) {
	if s.err != nil {
		return nil, s.err
	}
	want := xproto.Atom(s.atom(kind))
	events := make(chan xgb.Event)
	done := make(chan struct{})
	defer close(done)
	go func() {
		defer close(events)
		for {
			event, err := s.conn.WaitForEvent()
			if event == nil && err == nil {
				return // the connection was closed
			}
			if event == nil {
				continue
			}
			select {
			case events <- event:
				if m, ok := event.(xproto.ClientMessageEvent); ok && m.Type == want {
					return
				}
			case <-done:
				return
			}
		}
	}()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case event, open := <-events:
			if !open {
				return nil, fmt.Errorf("the display closed before %s came", kind)
			}
			switch e := event.(type) {
			case xproto.SelectionRequestEvent:
				s.serve(e)
			case xproto.ClientMessageEvent:
				if e.Type == want {
					return e.Data.Data32, nil
				}
			}
		case <-timeout:
			return nil, fmt.Errorf("no %s from the window within 10 s", kind)
		}
	}
}

func (s *dragSource) serve(request xproto.SelectionRequestEvent) {
	property := request.Property
	if property == xproto.AtomNone {
		property = request.Target
	}
	switch uint32(request.Target) {
	case s.atom("text/uri-list"):
		data := []byte(s.uris)
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, request.Requestor, property, request.Target, 8, uint32(len(data)), data)
	case s.atom("TARGETS"):
		var data []byte
		for _, name := range []string{"TARGETS", "text/uri-list"} {
			atom := make([]byte, 4)
			xgb.Put32(atom, s.atom(name))
			data = append(data, atom...)
		}
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, request.Requestor, property, xproto.AtomAtom, 32, uint32(len(data)/4), data)
	default:
		property = xproto.AtomNone
	}
	notify := xproto.SelectionNotifyEvent{
		Time: request.Time, Requestor: request.Requestor, Selection: request.Selection,
		Target: request.Target, Property: property,
	}
	xproto.SendEvent(s.conn, false, request.Requestor, xproto.EventMaskNoEvent, string(notify.Bytes()))
}

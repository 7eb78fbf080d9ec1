package simulation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/simulation/files"
	"postroom/watcher/simulation/gate"
	"postroom/watcher/simulation/platform"
)

// person is somebody who uses the folders and the window.
type person struct {
	w    *world
	p    *gate.Process
	fsys *files.View
	name string
}

// person has a person do one thing after the other.
func (w *world) person(n int, does []action) {
	who := &person{w: w, name: fmt.Sprint("person", n)}
	who.p = w.gate.Process(who.name)
	who.fsys = w.disk.Person(who.p)
	for _, a := range does {
		time.Sleep(a.After)
		if err := who.p.Pass(gate.Effect{Operation: "person." + a.Kind, Path: fmt.Sprint(a.A, " ", a.B)}); err != nil {
			return
		}
		state := "done"
		if err := who.do(a); err != nil {
			state = err.Error()
		}
		w.gate.Note(who.name, a.Kind, state)
	}
}

// do carries an action out. Its error is for the story alone: what does not work just now does not work.
func (who *person) do(a action) error {
	w := who.w
	c := w.companies[a.A%len(w.companies)]
	switch a.Kind {
	case "drop", "dropSlowly", "dropBad", "dropEmpty", "dropLoose", "dropTwin", "dropMany":
		return who.drops(c, a)
	case "meddle":
		return who.meddle(c, a)
	case "saveAndCut":
		return who.saveAndCut(c, a)
	case "replace", "edit", "takeOut", "rename":
		return who.handles(c, a)
	case "cancel", "hold", "retry", "sendAgain", "send", "leave", "dismiss":
		return who.asks(a)
	case "unplug":
		return who.unplug(c, a)
	case "plug":
		return who.plug(c)
	case "restart":
		w.mu.Lock()
		l := w.life
		w.mu.Unlock()
		if l != nil {
			l.stop()
		}
		return nil
	case "netOff", "netOn", "netSwap", "clock", "sleep", "lockKeyring", "unlockKeyring", "fill", "free", "odd", "removeFolder":
		return who.atDesk(c, a)
	case "publish", "runOut", "expireKey", "sageOff", "sageOn", "quarantine", "release", "endNext":
		return who.atSage(c, a)
	}
	return who.commands(c, a)
}

// commands has the engine do something that is about no file.
func (who *person) commands(c *company, a action) error {
	w := who.w
	return w.call(func(ctx context.Context, e *watcher.Engine) error {
		switch a.Kind {
		case "pause":
			return e.Pause(ctx)
		case "resume":
			return e.Resume(ctx)
		case "pauseCompany":
			return e.PauseCompany(ctx, c.name)
		case "resumeCompany":
			return e.ResumeCompany(ctx, c.name)
		case "rotate":
			w.platform.Pardon()
			defer w.hurry()()
			return e.Rotate(ctx, c.name, "")
		case "renewSecret":
			w.platform.Pardon()
			defer w.hurry()()
			return e.RenewSecret(ctx, c.id)
		case "checkNow":
			defer w.hurry()()
			return e.CheckNow(ctx)
		case "setting":
			s, err := e.Settings(ctx)
			if err != nil {
				return err
			}
			s.SameFile = []string{"ask", "send", "leave"}[a.B%3]
			return e.SaveSettings(ctx, s)
		}
		return fmt.Errorf("nobody knows how to %s", a.Kind)
	})
}

// drops puts files into Outbox.
func (who *person) drops(c *company, a action) error {
	w := who.w
	folder := w.outbox(a)
	if a.Kind == "dropLoose" {
		folder = "Outbox"
	}
	name := names[a.B%len(names)]
	content := w.content(a.B)
	switch a.Kind {
	case "dropBad":
		content = w.badContent(a.B)
	case "dropEmpty":
		content = nil
	case "dropTwin":
		content = w.ledger.earlier(a.B, content)
	case "dropSlowly":
		return who.writeSlowly(filepath.Join(c.folder, folder, name), content, files.Writing{Append: true, Share: a.A%2 > 0})
	case "dropMany":
		for i := range 2 + a.B%4 {
			if err := who.putIn(c, folder, fmt.Sprintf("many %d.json", i), w.content(a.B+i)); err != nil {
				return err
			}
		}
		return nil
	}
	return who.putIn(c, folder, name, content)
}

// outbox is the folder for files of the scope that an action is about.
func (w *world) outbox(a action) string {
	scopes := w.scopes()
	return "Outbox/" + scopes[a.A/len(w.companies)%len(scopes)]
}

// names are those that people give to files, over and over.
var names = []string{
	"orders.json", "orders.json", "november.json", "Rechnungen März.json", "a b (2).json", "ORDERS.JSON", "año.json", "x.json",
}

// content makes a complete file that no other is like.
func (w *world) content(n int) []byte {
	w.mu.Lock()
	w.contents++
	nth := w.contents
	w.mu.Unlock()
	records := 1 + n%2
	if n%16 == 0 {
		records = 12 // more than is read or sent at once
	}
	return sandbox.SampleOrdersFrom(nth*100, records)
}

func (w *world) badContent(n int) []byte {
	whole := w.content(n)
	switch n % 5 {
	case 0:
		return whole[:len(whole)/2] // cut
	case 1:
		return append(whole, "and more"...)
	case 2:
		return []byte(strings.Replace(string(whole), `"orderDate"`, `"orderDay"`, 1))
	case 3:
		return append([]byte("\xef\xbb\xbf"), whole...)
	}
	return []byte(fmt.Sprintf("no JSON at all %d", n))
}

// putIn lays a whole file down, under the next free name.
func (who *person) putIn(c *company, folder, name string, content []byte) error {
	err := fs.ErrExist
	for i := 0; i < 5 && errors.Is(err, fs.ErrExist); i++ {
		if err = who.fsys.Drop(filepath.Join(c.folder, folder, numbered(name, i)), content, false); err == nil {
			who.w.ledger.made(content, true)
			who.w.ledger.mine()
		}
	}
	return err
}

func numbered(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s - copy %d.json", strings.TrimSuffix(name, filepath.Ext(name)), n)
}

// writeSlowly writes a file in place, piece by piece: a new one, or over what is there.
func (who *person) writeSlowly(full string, content []byte, how files.Writing) error {
	l := who.w.ledger
	f, err := who.fsys.OpenWriting(full, how)
	if err != nil {
		return err
	}
	defer f.Close()
	l.written(content)
	l.mine()
	step := 1 + len(content)/4
	for i := 0; i < len(content); i += step {
		if _, err := f.Write(content[i:min(i+step, len(content))]); err != nil {
			l.mine()
			return err
		}
		l.mine()
		time.Sleep(time.Duration(len(content)%7) * 30 * time.Millisecond)
	}
	if err := f.Sync(); err != nil {
		return err
	}
	l.made(content, false)
	return nil
}

// handles does something with a file that lies in Outbox.
func (who *person) handles(c *company, a action) error {
	folder := filepath.Join(c.folder, who.w.outbox(a))
	entries, err := who.fsys.ReadDir(folder)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e disk.Entry) bool { return e.Type != 0 || strings.HasPrefix(e.Name, ".") })
	if len(entries) == 0 {
		return fmt.Errorf("nothing lies there")
	}
	name := filepath.Join(folder, entries[a.B%len(entries)].Name)
	w := who.w
	switch a.Kind {
	case "replace":
		content := w.content(a.B)
		if err = who.fsys.Drop(name, content, true); err == nil {
			w.ledger.made(content, true)
		}
	case "edit":
		return who.writeSlowly(name, w.content(a.B), files.Writing{Truncate: a.A%3 > 0, Share: a.A%2 > 0})
	case "takeOut":
		if a.A%3 == 0 {
			err = who.fsys.Remove(name)
			break
		}
		err = who.fsys.Move(name, filepath.Join(c.folder, tookOut, fmt.Sprintf("%s-%d", who.name, a.A)))
	case "rename":
		err = who.fsys.Move(name, filepath.Join(folder, fmt.Sprintf("renamed %d.json", a.A%50)))
	}
	w.ledger.mine()
	return err
}

// tookOut is where people put what they take out of Outbox.
const tookOut = "Taken out"

// asks has the engine do something with a transfer.
func (who *person) asks(a action) error {
	w := who.w
	all := w.record.all()
	fits := map[string]func(*journal.Transfer) bool{
		"cancel":    func(t *journal.Transfer) bool { return courier.Allows(t, courier.Cancel) },
		"hold":      func(t *journal.Transfer) bool { return courier.Allows(t, courier.Hold) },
		"retry":     func(t *journal.Transfer) bool { return courier.Allows(t, courier.Retry) },
		"send":      func(t *journal.Transfer) bool { return courier.Allows(t, courier.Release) },
		"leave":     func(t *journal.Transfer) bool { return courier.Allows(t, courier.Leave) },
		"dismiss":   func(t *journal.Transfer) bool { return courier.Allows(t, courier.Dismiss) },
		"sendAgain": func(t *journal.Transfer) bool { return t.State.Final() || t.State == journal.Unknown },
	}[a.Kind]
	all = slices.DeleteFunc(all, func(t journal.Transfer) bool { return !fits(&t) })
	if len(all) == 0 {
		return fmt.Errorf("there is no such transfer")
	}
	t := all[a.A%len(all)]
	return w.call(func(ctx context.Context, e *watcher.Engine) error { return w.ask(ctx, e, a.Kind, t) })
}

// ask is one ask, with what it permits written down before.
func (w *world) ask(ctx context.Context, e *watcher.Engine, kind string, t journal.Transfer) error {
	switch kind {
	case "cancel":
		return e.Cancel(ctx, t.ID)
	case "hold":
		return e.Hold(ctx, t.ID)
	case "retry":
		w.ledger.permit(t.SHA256)
		return e.Retry(ctx, t.ID)
	case "sendAgain":
		w.ledger.copied(t.SHA256)
		return e.SendAgain(ctx, t.ID)
	case "send":
		if !t.KeptBack() { // to let it go is no leave to send it twice
			w.ledger.permit(t.SHA256)
		}
		scope := ""
		if t.State == journal.Held && t.Scope == "" {
			scope = "orders"
		}
		return e.Resolve(ctx, t.ID, true, scope)
	case "leave":
		return e.Resolve(ctx, t.ID, false, "")
	}
	return e.Dismiss(ctx, t.ID)
}

// unplug takes a company's folder away, as a drive that is unplugged.
func (who *person) unplug(c *company, a action) error {
	w := who.w
	if !c.plugged.Load() {
		return errors.New("it is away already")
	}
	away := make(map[print]int)
	w.count(c, away)
	damage, err := w.disk.Unmount(c.folder, a.B%2 == 0, false)
	if err == nil {
		c.away = away
		c.plugged.Store(false)
		w.gate.Count("folder.away")
	}
	if len(damage) > 0 {
		w.gate.Note(who.name, "unplug", fmt.Sprint(damage))
	}
	return err
}

func (who *person) plug(c *company) error {
	if c.plugged.Load() {
		return errors.New("it is there already")
	}
	err := who.w.disk.Remount(c.folder)
	if err == nil {
		c.away = nil
		c.plugged.Store(true)
	}
	return err
}

// outages are the ways in which a network can be gone.
var outages = []platform.Kind{
	platform.Refused, platform.NoName, platform.BadTLS, platform.ResetBefore, platform.BlackHole, platform.Portal,
}

// atDesk is what happens to the computer.
func (who *person) atDesk(c *company, a action) error {
	w := who.w
	switch a.Kind {
	case "netOff":
		w.platform.SetOutage(outages[a.B%len(outages)])
	case "netOn":
		w.platform.SetOutage("")
	case "netSwap":
		w.platform.Break()
		w.gate.Count("net.swapped")
	case "sleep": // a computer whose clock of running time stands still meanwhile
		d := []time.Duration{time.Minute, 20 * time.Minute, 9 * time.Hour, 60 * time.Hour}[a.B%4]
		w.clock.Jump(d)
		w.platform.Clock.Jump(d)
		w.platform.Break()
		w.gate.Count("clock.slept")
	case "clock":
		w.gate.Count("clock.jumped")
		w.clock.Jump([]time.Duration{time.Hour, -time.Hour, 9 * time.Hour, -26 * time.Hour, 90 * time.Second}[a.B%5])
	case "lockKeyring":
		w.keyring.SetLocked(true)
		w.gate.Count("keyring.shut")
	case "unlockKeyring":
		w.keyring.SetLocked(false)
	case "fill", "free":
		if !c.plugged.Load() {
			return errors.New("it is away")
		}
		if a.Kind == "free" {
			return w.disk.SetFree(c.folder, 1<<40)
		}
		w.gate.Count("disk.full")
		return w.disk.SetFree(c.folder, []int64{0, 3000, 100 << 20}[a.B%3])
	case "removeFolder":
		err := who.fsys.Remove(filepath.Join(c.folder, w.outbox(a)))
		if err == nil {
			w.gate.Count("folder.removed")
		}
		return err
	case "odd":
		name := filepath.Join(c.folder, w.outbox(a), fmt.Sprintf("odd %d", a.A%9))
		switch a.B % 3 {
		case 0:
			return who.fsys.Special(name, fs.ModeNamedPipe)
		case 1:
			return who.fsys.Link("/etc/passwd", name)
		}
		return who.fsys.Mkdir(name)
	}
	return nil
}

// atSage is what happens at the platform and in Sage 50.
func (who *person) atSage(c *company, a action) error {
	s := who.w.platform
	switch a.Kind {
	case "publish":
		scope, list := "customers", sandbox.SampleCustomers(1+a.B%5)
		if a.B%3 == 0 {
			scope, list = "products", sandbox.SampleProducts(1+a.B%5)
		}
		who.w.ledger.published(list)
		return s.Publish(c.name, scope, list)
	case "runOut":
		s.RunOut(1 + a.B%2)
	case "expireKey":
		return s.ExpireKey(c.name, "")
	case "sageOff":
		return s.SetInstalled(c.name, false)
	case "sageOn":
		return s.SetInstalled(c.name, true)
	case "quarantine":
		s.Quarantine(true)
	case "release":
		s.Quarantine(false)
	case "endNext":
		return s.EndNext([]sandbox.Status{sandbox.Failed, sandbox.BadRequest, sandbox.Rejected, sandbox.Accepted}[a.B%4])
	}
	return nil
}

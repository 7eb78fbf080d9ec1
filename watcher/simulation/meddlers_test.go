package simulation

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// meddle drops a file, and saves another content over it or removes it once somebody reads it.
func (who *person) meddle(c *company, a action) error {
	w := who.w
	name := filepath.Join(c.folder, w.outbox(a), fmt.Sprintf("ledger %d.json", a.A%50))
	first := w.content(1)
	if err := who.fsys.Drop(name, first, true); err != nil {
		w.ledger.mine()
		return err
	}
	w.ledger.made(first, true)
	w.ledger.mine()
	begun, stop, err := who.fsys.Reading(name)
	if err != nil {
		return err
	}
	defer stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	select {
	case <-begun:
	case <-patience.C:
		return errors.New("nobody read it")
	}
	if w.plan.kind().Sharing || a.B%4 == 0 { // where programs are in each other's way nobody can save over it
		err := who.fsys.Remove(name)
		w.ledger.mine()
		return err
	}
	return who.saves(name, w.content(longer))
}

// longer has content make more than is read at once.
const longer = 16

// saves replaces a file's content in place, with nothing synced.
func (who *person) saves(name string, content []byte) error {
	who.w.ledger.written(content)
	err := who.fsys.Overwrite(name, content)
	if err == nil {
		who.w.ledger.made(content, false)
	}
	who.w.ledger.mine()
	return err
}

// saveAndCut saves over several files, and the power goes before any of it is synced.
func (who *person) saveAndCut(c *company, a action) error {
	w := who.w
	var lie []string
	for i := range 4 {
		name := filepath.Join(c.folder, w.outbox(a), fmt.Sprintf("book %d.json", i))
		content := w.content(i)
		if err := who.fsys.Drop(name, content, true); err != nil {
			w.ledger.mine() // on a full disk what lay there may be gone
			return err
		}
		w.ledger.made(content, true)
		w.ledger.mine()
		lie = append(lie, name)
	}
	for i, name := range lie {
		if err := who.saves(name, w.content(a.B+i)); err != nil {
			w.gate.Note(who.name, "saves "+name, err.Error())
		}
	}
	return w.cutPower()
}

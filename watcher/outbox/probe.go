package outbox

import (
	"errors"
	"io/fs"
	"path/filepath"
	"time"
)

// probeName is a file that is made and removed at once to see whether the system tells of it. The dot hides it, and keeps
// it from being taken for a dropped one.
const probeName = ".postroom-probe"

// probeWait is how long after that its event may come.
const probeWait = 5 * time.Second

// Arrival tells whether events of a folder arrive.
type Arrival string

// The kinds of arrival. A folder on a network drive is swept whatever the probe says: events of our own doing may arrive
// there while those of other computers do not. So it is where a virtual machine shows a folder of its host.
const (
	ArrivalUnknown Arrival = ""       // nothing was tried, or the answer is not there yet
	ArrivalEvents  Arrival = "events" // they arrive
	ArrivalSwept   Arrival = "swept"  // they do not: the folder is looked at every few seconds
)

// Arrivals tells how changes of each folder are found out: path, relative to the company's folder, to arrival.
func (w *Watcher) Arrivals() map[string]Arrival {
	w.view.mu.Lock()
	defer w.view.mu.Unlock()
	return w.view.arrivals
}

// arrival is what is known of a folder's events.
func (w *Watcher) arrival(d *folder) Arrival {
	switch {
	case d.stop == nil && d.identity == "":
		return ArrivalUnknown // away
	case d.stop == nil, d.remote, d.silent:
		return ArrivalSwept
	case d.heard:
		return ArrivalEvents
	}
	return ArrivalUnknown
}

// probe makes and removes a file in a folder whose watch has just begun. Where that cannot be done nothing is concluded.
func (w *Watcher) probe(d *folder) {
	d.heard, d.silent, d.probeAt = false, false, 0
	w.showLate = true
	if !w.options.Probe || d.stop == nil || d.remote {
		return
	}
	name := filepath.Join(d.full, probeName)
	f, err := w.options.FS.Create(name)
	if errors.Is(err, fs.ErrExist) { // a crash left it, or a virus scanner kept it
		if err = w.options.FS.Remove(name); err == nil {
			f, err = w.options.FS.Create(name)
		}
	}
	if err == nil {
		err = errors.Join(f.Close(), w.options.FS.Remove(name))
		d.probeAt = w.now().plus(probeWait)
	}
	if err != nil {
		w.log.Debug("whether events arrive could not be tried out", "folder", d.full, "error", err)
	}
}

// hearProbe takes in that an event of the probe arrived, however late.
func (w *Watcher) hearProbe(d *folder) {
	if d.heard {
		return
	}
	if d.silent {
		w.log.Info("events of a folder arrive after all", "folder", d.full)
	}
	d.heard, d.silent, d.probeAt = true, false, 0
	w.showLate = true
}

// judgeProbes finds the folders of which no event came. They are swept from now on.
func (w *Watcher) judgeProbes() {
	for _, d := range w.folders {
		if d.probeAt == 0 || w.now() < d.probeAt {
			continue
		}
		d.probeAt = 0
		if d.stop == nil {
			continue
		}
		d.silent = true
		w.showLate = true
		w.log.Info("no events arrive of a folder; it is looked at every few seconds", "folder", d.full)
		d.sweepAt = min(d.sweepAt, w.now())
	}
}

package watcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"postroom/sage"
	"postroom/watcher/disk"
	"postroom/watcher/outbox"
)

const (
	probeName  = "doctor"             // of the hidden files that the doctor makes and takes away
	eventsWait = 2 * time.Second      // for the system to tell of a file
	lockAlive  = 3 * heartbeat        // since its last sign of life, after which nobody seems to hold a lock
	lockAhead  = 365 * 24 * time.Hour // a sign of life from further ahead is no time at all
)

// place is one company's folder, with the kinds of file that go to Sage from it.
type place struct {
	company string
	folder  string
	records []accountRecord
}

// placesOf are the companies' folders, in the order in which they were connected.
func placesOf(records []accountRecord) []place {
	var places []place
	at := make(map[string]int)
	for _, record := range records {
		key := disk.Fold(filepath.Clean(record.Folder))
		i, known := at[key]
		if !known {
			i = len(places)
			at[key] = i
			places = append(places, place{company: record.Company, folder: record.Folder})
		}
		places[i].records = append(places[i].records, record)
	}
	return places
}

// writable makes a hidden file in a folder and takes it away.
func (x *examination) writable(folder string) error {
	staged, err := disk.Stage(x.e.fs, folder, probeName)
	if err != nil {
		return err
	}
	return staged.Close()
}

// folders are those that a person sees: there, to be written to, telling of changes, and nobody else's.
func (x *examination) folders(ctx context.Context, at place) {
	if _, err := x.e.fs.Lstat(at.folder); err != nil {
		x.trouble("folder", awayProblem(at.folder, err))
		return
	}
	good := true
	for _, name := range x.foldersOf(at) {
		folder := filepath.Join(at.folder, name)
		err := disk.Way(disk.Within(x.e.fs, at.folder), filepath.Join(folder, probeName))
		if err == nil {
			err = x.writable(folder)
		}
		_, inTheWay := errors.AsType[*disk.BlockedError](err)
		switch {
		case err == nil:
		case inTheWay:
			good = false
			x.trouble("folder", awayProblem(at.folder, err))
		case errors.Is(err, fs.ErrNotExist):
			good = false
			x.wrong("folder", "folderMissing", "folder", folder)
		default:
			good = false
			x.trouble("folder", placeProblem(folder, err).Problem)
		}
	}
	if good {
		x.well("folder", "folderGood", "folder", at.folder, "volume", x.volume(at.folder))
	}
	if service := syncedBy(at.folder); service != "" {
		x.note("folder", "folderSynced", "folder", at.folder, "service", service)
	}
	x.room(at.folder)
	if good {
		x.events(ctx, filepath.Join(at.folder, outbox.Folder))
	}
	x.lock(at)
}

// foldersOf are the folders that a company must have.
func (x *examination) foldersOf(at place) []string {
	seen := make(map[string]bool)
	var names []string
	for _, record := range at.records {
		domain := sage.Domain{}
		if profile, err := x.e.profile(record.Profile); err == nil {
			domain = profile.Domains[record.Domain]
		}
		for _, name := range placeFolders(domain) {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// events makes a hidden file in a folder and listens whether the system tells of it. Where it does not, the folder is
// looked at every few seconds: files are found, a little later.
func (x *examination) events(ctx context.Context, folder string) {
	if x.e.fs != disk.OS() {
		return // the system tells nothing of another's files
	}
	notifier, err := outbox.NewNotifier(x.e.log)
	if err != nil {
		x.e.log.Debug("the system gives no events", "error", err)
		x.note("events", "eventsFull", "folder", folder)
		return
	}
	defer func() { _ = notifier.Close() }() // it watched nothing but a file of our own
	switch err := x.hears(ctx, notifier, folder); {
	case err == nil && !x.e.fs.Remote(folder):
		x.well("events", "eventsArrive", "folder", folder)
	case err == nil:
		x.note("events", "eventsRemote", "folder", folder)
	default:
		x.e.log.Debug("no event came for a new file", "folder", folder, "error", err)
		x.note("events", "eventsSwept", "folder", folder)
	}
}

// errNoEvent says that the system has told nothing of a file.
var errNoEvent = errors.New("nothing was heard of a new file")

func (x *examination) hears(ctx context.Context, notifier *outbox.Notifier, folder string) error {
	heard := make(chan struct{}, 1)
	stop, err := notifier.Watch(folder, func(outbox.Notice) { wake(heard) })
	if err != nil {
		return err
	}
	defer stop()
	if err := x.writable(folder); err != nil {
		return err
	}
	timer := time.NewTimer(eventsWait)
	defer timer.Stop()
	select {
	case <-heard:
		return nil
	case <-timer.C:
		return errNoEvent
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lock is who carries the files of an Outbox.
func (x *examination) lock(at place) {
	if c := x.e.companyOf(at.company); c != nil {
		if p := c.stopped(); p != nil {
			x.trouble("lock", *p)
			return
		}
		x.well("lock", "lockOurs", "folder", at.folder)
		return
	}
	path := filepath.Join(at.folder, outbox.Folder, outboxLock)
	holder, err := x.holderOf(path)
	alive := x.e.now().Sub(holder.Alive)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && holder.Computer == "":
		x.well("lock", "lockFree", "folder", at.folder)
	case err != nil:
		x.note("lock", "lockUnread", "folder", at.folder)
	case alive < lockAlive && alive > -lockAhead:
		x.wrong("lock", "lockHeld", "folder", at.folder, "user", holder.User, "computer", holder.Computer, "home", holder.Home)
	default:
		x.note("lock", "lockStale", "folder", at.folder, "user", holder.User, "computer", holder.Computer)
	}
}

// holderOf reads who has written a name into a lock. Its first byte is locked and cannot be read everywhere.
func (x *examination) holderOf(path string) (h Holder, err error) {
	f, err := x.e.fs.Open(path)
	if err != nil {
		return h, fmt.Errorf("reading who holds %s: %w", path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, noteAt, lockFormat))
	if err != nil || len(text) == 0 {
		return h, err
	}
	return h, json.Unmarshal(text, &h)
}

// folded is a list for a sentence.
func folded(names []string) string { return strings.Join(names, ", ") }

// isCommand tells whether this process only asks: then what a run would know is not known.
func (x *examination) isCommand() bool { return !x.e.options.Agent }

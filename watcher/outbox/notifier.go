package outbox

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// Notifier is the Events of the system. One serves any number of Watchers: a user has few of the system's watching
// instances (128 on Linux).
type Notifier struct {
	watcher *fsnotify.Watcher
	log     *slog.Logger
	done    chan struct{}

	mu    sync.Mutex // guards hears; held while hear is called, which is why hear may do no more than take note
	hears map[string]func(Notice)
}

// NewNotifier begins to listen to the system. The error says that it has no watching instance left.
func NewNotifier(log *slog.Logger) (*Notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("asking the system for file events: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{watcher: w, log: log, done: make(chan struct{}), hears: make(map[string]func(Notice))}
	go n.pump()
	return n, nil
}

// Close ends all watches and waits for the listening goroutine.
func (n *Notifier) Close() error {
	err := n.watcher.Close()
	<-n.done
	return err
}

// Watch is Events'. A folder is watched once at a time.
func (n *Notifier) Watch(folder string, hear func(Notice)) (stop func(), err error) {
	folder = filepath.Clean(folder)
	if err := n.enter(folder, hear); err != nil {
		return nil, err
	}
	if err := n.watcher.Add(folder); err != nil {
		n.leave(folder)
		return nil, fmt.Errorf("watching %s: %w", folder, err)
	}
	return sync.OnceFunc(func() {
		n.leave(folder)
		err := n.watcher.Remove(folder)
		if err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) && !errors.Is(err, fsnotify.ErrClosed) {
			n.log.Debug("a watch could not be ended", "folder", folder, "error", err)
		}
	}), nil
}

func (n *Notifier) enter(folder string, hear func(Notice)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hears[folder] != nil {
		return fmt.Errorf("watching %s: watched already", folder)
	}
	n.hears[folder] = hear
	return nil
}

func (n *Notifier) leave(folder string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.hears, folder)
}

// pump takes events from the system as fast as they come: its queue is short, and what does not fit is lost.
func (n *Notifier) pump() {
	defer close(n.done)
	events, errs := n.watcher.Events, n.watcher.Errors
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			n.tell(e)
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			n.log.Info("file events were lost", "error", err)
			n.lost()
		}
	}
}

// tell hands an event to whoever watches its folder. A watched folder that comes or goes is the end of its watch;
// other events about it say no more than that its files changed (Windows).
func (n *Notifier) tell(e fsnotify.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if hear := n.hears[e.Name]; hear != nil {
		if e.Op&(fsnotify.Create|fsnotify.Remove|fsnotify.Rename) != 0 {
			hear(Notice{Lost: true})
		}
		return
	}
	if hear := n.hears[filepath.Dir(e.Name)]; hear != nil {
		hear(Notice{Name: filepath.Base(e.Name)})
	}
}

func (n *Notifier) lost() {
	n.mu.Lock()
	defer n.mu.Unlock()
	folders := make([]string, 0, len(n.hears))
	for folder := range n.hears {
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	for _, folder := range folders {
		n.hears[folder](Notice{Lost: true})
	}
}

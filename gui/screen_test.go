package gui

import (
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// screen is a window without a screen, and its UI thread: what is to run there waits in a queue that the test works
// through. So a test decides when the screen moves on, and nothing runs beside it.
type screen struct {
	t      *testing.T
	app    fyne.App
	engine *fake
	*Window

	mu     sync.Mutex // guards queue and opened
	queue  []func()
	queued chan struct{}
	opened []string
	held   *held // measures what runs on the UI thread, where a test wants that
}

func (s *screen) do(f func()) {
	s.mu.Lock()
	s.queue = append(s.queue, f)
	s.mu.Unlock()
	select {
	case s.queued <- struct{}{}:
	default:
	}
}

// turn runs what waits for the UI thread; it tells whether something did.
func (s *screen) turn() bool {
	s.mu.Lock()
	queue := s.queue
	s.queue = nil
	s.mu.Unlock()
	for _, f := range queue {
		s.hold(f)
	}
	return len(queue) > 0
}

// until works the UI thread until something is true.
func (s *screen) until(what string, is func() bool) {
	s.t.Helper()
	deadline := time.After(10 * time.Second)
	for !is() {
		if s.turn() {
			continue
		}
		select {
		case <-s.queued:
		case <-deadline:
			s.t.Fatalf("it never came: %s", what)
		}
	}
}

// open opens a window over an engine and waits for its first rows.
func open(t *testing.T, engine *fake, size fyne.Size, change ...func(*Options)) *screen {
	t.Helper()
	return openOver(t, engine, engine, size, change...)
}

// openOver opens a window that asks something before the engine.
func openOver(t *testing.T, asked Engine, engine *fake, size fyne.Size, change ...func(*Options)) *screen {
	t.Helper()
	s := &screen{t: t, engine: engine, queued: make(chan struct{}, 1)}
	s.app = test.NewTempApp(t)
	opts := Options{
		Language: "en-GB", Theme: "light", Do: s.do, Now: func() time.Time { return now },
		Open: func(path string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.opened = append(s.opened, path)
			return nil
		},
	}
	for _, c := range change {
		c(&opts)
	}
	engine.settings.Language, engine.settings.Theme = opts.Language, opts.Theme
	s.Window = NewWindow(s.app, asked, opts)
	t.Cleanup(func() {
		s.Wait()
	})
	s.win.Resize(size)
	s.Show()
	s.until("the engine's first answer", func() bool { return s.heard || s.silent })
	if len(engine.overview.Companies) > 0 && engine.err == nil {
		s.until("the first rows", func() bool { return engine.askedFor("Transfers") > 0 && s.idle() })
	}
	return s
}

// idle tells whether the feed has delivered all it was asked for.
func (s *screen) idle() bool {
	s.turn()
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.wishes.empty() && s.feed.loading == 0
}

// settle works the UI thread until nothing is to be loaded.
func (s *screen) settle() {
	s.t.Helper()
	s.until("rest", s.idle)
	s.turn()
}

var (
	normal = fyne.NewSize(980, 680)
	small  = fyne.NewSize(720, 520)
)

// look writes what the window shows to the folder that POSTROOM_PICTURES names, for a person to look at.
func (s *screen) look(name string) {
	s.t.Helper()
	folder := os.Getenv("POSTROOM_PICTURES")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, s.win.Canvas().Capture()); err != nil {
		s.t.Fatal(err)
	}
}

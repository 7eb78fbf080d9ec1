//go:build linux && !headless

package desktop

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"postroom/assets"
	"postroom/gui"
	"postroom/gui/guitest"
	"postroom/gui/notify/notifytest"
	"postroom/gui/onboarding"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// picked is one of the things that a window is looked at for: what its engine tells, and what is done to get there.
type picked struct {
	name  string
	stage func() *stage
	steps []step
}

// step is something that a person does, by the key of the words on it.
type step func(s *sitter)

func press(key string) step { return func(s *sitter) { s.press(s.words.Say(key)) } }

// pressConnection presses the line of the sidebar that says how the connection is.
func pressConnection(state string) step {
	return func(s *sitter) {
		s.press(s.words.Say("window.connection", map[string]any{"state": s.words.Say("window.connection." + state)}))
	}
}

func pick(row int) step { return func(s *sitter) { s.pick(row) } }

func toCompany(name string) step { return func(s *sitter) { s.press(name) } }

func toTheEnd(s *sitter) {
	s.look(func(o fyne.CanvasObject) bool {
		if scroll, ok := o.(*container.Scroll); ok {
			scroll.ScrollToBottom()
		}
		return false
	})
}

// everyScreen is what a person can come to see.
var everyScreen = []picked{
	{"main", aMorning, nil},
	{"all-good", allGood, nil},
	{"trouble", someTrouble, nil},
	{"details", aMorning, []step{pick(3)}},
	{"error", someTrouble, []step{pick(0)}},
	{"list", aMorning, []step{pick(4)}},
	{"first-file", noFiles, nil},
	{"practice", practising, nil},
	{"locked", lockedOut, []step{toCompany("Borealis SL")}},
	{"passphrase", locksItsVault, nil},
	{"connection", aMorning, []step{pressConnection("good")}},
	{"connection-locked", lockedOut, []step{toCompany("Borealis SL"), pressConnection("locked")}},
	{"question", aMorning, []step{pressConnection("good"), press("company.forget")}},
	{"settings", aMorning, []step{press("window.settings")}},
	{"settings-end", aMorning, []step{press("window.settings"), toTheEnd}},
	{"wizard-1-welcome", connecting(watcher.StepWelcome, nil), nil},
	{"wizard-2-ids", connecting(watcher.StepIDs, func(d *watcher.Draft) { d.Input = watcher.DraftInput{} }), nil},
	{"wizard-2-register", connecting(watcher.StepIDs, nil), nil},
	{"wizard-2-email", connecting(watcher.StepEmail, func(d *watcher.Draft) { d.RegistrationURL = "https://sage.example/r" }), nil},
	{"wizard-3-folder", connecting(watcher.StepFolder, nil), nil},
	{"wizard-4-passcode", connecting(watcher.StepPasscode, func(d *watcher.Draft) {
		d.Passcode, d.Outcome = "KX74PQ9TM", watcher.OutcomeWaiting
		d.IssuedAt, d.ExpiresAt = ago(3*time.Minute+18*time.Second), moment.Add(11*time.Minute+42*time.Second)
	}), nil},
	{"wizard-5-test", connecting(watcher.StepTest, func(d *watcher.Draft) {
		d.Checks = []watcher.Check{{Code: "vault", State: "passed"}, {Code: "reach", State: "passed"}, {Code: "key", State: "running"}}
	}), nil},
	{"wizard-6-done", connecting(watcher.StepDone, func(d *watcher.Draft) { d.Connection = "c9" }), nil},
}

// light under which a screen is looked at.
type light struct {
	language, theme string
	size            fyne.Size
	scale           string // FYNE_SCALE
	only            []string
}

var (
	usualSize = fyne.NewSize(980, 680)
	smallSize = fyne.NewSize(720, 520)
	hugeSize  = fyne.NewSize(1920, 1080) // 4K at 200 %
)

var everyLight = []light{
	{"en", widgets.LookLight, usualSize, "1", nil},
	{"en", widgets.LookDark, usualSize, "1", nil},
	{"de", widgets.LookLight, usualSize, "1", nil},
	{"de", widgets.LookDark, usualSize, "1", nil},
	{"en", widgets.LookLight, smallSize, "1", nil},
	{"en", widgets.LookDark, smallSize, "1", nil},
	{"de", widgets.LookLight, smallSize, "1", nil},
	{"de", widgets.LookDark, smallSize, "1", nil},
	{"en", widgets.LookContrastLight, usualSize, "1", nil},
	{"en", widgets.LookContrastDark, usualSize, "1", nil},
	{"en", widgets.LookLight, usualSize, "1.5", nil},
	{"de", widgets.LookDark, smallSize, "1.5", nil},
	{"en", widgets.LookLight, hugeSize, "2", []string{"main", "details", "settings", "wizard-4-passcode"}},
}

func (l light) String() string {
	percent := map[string]string{"1": "100", "1.5": "150", "2": "200"}[l.scale]
	return fmt.Sprintf("%s-%s-%.0fx%.0f-%s", l.language, l.theme, l.size.Width, l.size.Height, percent)
}

// fits tells whether a light is one that a screen is looked at under.
func (l light) fits(p picked) bool { return l.only == nil || slices.Contains(l.only, p.name) }

const scaleVariable = "POSTROOM_TEST_SCALE"

// TestScreenshotsOfEveryScreen takes every screen in a real window, at each scale in a process of its own: a toolkit asks
// for the scale once. With POSTROOM_SCREENSHOTS=folder all of them are kept there, with a contact sheet and a page to leaf
// through; else three are looked at. With POSTROOM_GUIDE=folder those of the guide are kept there.
func TestScreenshotsOfEveryScreen(t *testing.T) {
	if os.Getenv(scaleVariable) != "" {
		takeAll(t)
		return
	}
	for _, scale := range []string{"1", "1.5", "2"} {
		if !anyWanted(scale) {
			continue
		}
		t.Run(scale, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestScreenshotsOfEveryScreen$", "-test.v", "-test.timeout=8m")
			cmd.Env = append(os.Environ(), scaleVariable+"="+scale, "FYNE_SCALE="+scale)
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Cleanup(func() {
		if folder := os.Getenv(folderVariable); folder != "" && !t.Failed() {
			if err := bind(folder); err != nil {
				t.Error(err)
			}
		}
	})
}

const (
	folderVariable = "POSTROOM_SCREENSHOTS"
	guideVariable  = "POSTROOM_GUIDE"
)

// takeAll takes what is to be taken at the scale of this process.
func takeAll(t *testing.T) {
	dir, err := os.MkdirTemp("", "gallery")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) // t.TempDir would fail for what the toolkit still writes there while it ends
	d := &session{dir: dir}
	for name, value := range map[string]string{
		"HOME": d.dir, "XDG_CONFIG_HOME": filepath.Join(d.dir, "config"), "XDG_CACHE_HOME": d.dir, "XAUTHORITY": filepath.Join(d.dir, "none"),
		"LANG": "en_GB.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
		"LIBGL_ALWAYS_SOFTWARE": "1", "FYNE_PLATFORM": "x11", "WAYLAND_DISPLAY": "",
		"DBUS_SESSION_BUS_ADDRESS": notifytest.StartBus(t).Address,
	} {
		t.Setenv(name, value)
	}
	d.startDisplay(t, "3900x2300x24")
	started, ended := make(chan struct{}), make(chan struct{})
	onMain <- func() {
		defer close(ended)
		program := app.NewWithID(appID)
		beCalm(program)
		first := program.NewWindow("nothing") // so that the program does not end between two others
		first.Resize(fyne.NewSize(10, 10))
		first.Show()
		program.Lifecycle().SetOnStarted(func() { close(started) })
		program.Run()
	}
	<-started
	defer func() { // the window that Wait waits for has gone before the display does
		fyne.Do(fyne.CurrentApp().Quit)
		<-ended
	}()
	for _, l := range everyLight {
		if l.scale != os.Getenv(scaleVariable) {
			continue
		}
		for _, p := range everyScreen {
			if name := l.String() + "/" + p.name; l.fits(p) && wanted(l, p) {
				t.Run(name, func(t *testing.T) { take(t, l, p) })
			}
		}
	}
}

// wanted are all where they are kept, and else a few that show whether it can be done.
func wanted(l light, p picked) bool {
	switch {
	case os.Getenv(folderVariable) != "":
		return true
	case os.Getenv(guideVariable) != "":
		return l.String() == guideLight().String() && slices.Contains(guidePictures, p.name)
	}
	return l.String() == everyLight[0].String() && slices.Contains([]string{"main", "details", "wizard-4-passcode"}, p.name)
}

// anyWanted tells whether anything is to be taken at a scale.
func anyWanted(scale string) bool {
	return slices.ContainsFunc(everyLight, func(l light) bool {
		return l.scale == scale && slices.ContainsFunc(everyScreen, func(p picked) bool { return l.fits(p) && wanted(l, p) })
	})
}

// take opens a window, goes where the picture is to be taken, and takes it.
func take(t *testing.T, l light, p picked) {
	s := sit(t, l, p.stage())
	for _, do := range p.steps {
		do(s)
		s.settle()
	}
	taken := s.settle()
	if colours(taken) < 10 {
		t.Errorf("nothing is to be seen: %d colours", colours(taken))
	}
	if folder := os.Getenv(folderVariable); folder != "" {
		keep(t, filepath.Join(folder, l.String(), p.name+".png"), taken)
	}
	if folder := os.Getenv(guideVariable); folder != "" && wanted(l, p) {
		keep(t, filepath.Join(folder, p.name+".png"), paletted(taken))
	}
}

func keep(t *testing.T, name string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	best := png.Encoder{CompressionLevel: png.BestCompression}
	if os.Getenv(guideVariable) == "" {
		best.CompressionLevel = png.BestSpeed
	}
	if err := best.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}

// sitter sits for a picture: a window over a stage.
type sitter struct {
	t     *testing.T
	light light
	words *assets.Words
	win   fyne.Window
}

func sit(t *testing.T, l light, engine *stage) *sitter {
	t.Helper()
	engine.settings.Language, engine.settings.Theme = l.language, l.theme
	s := &sitter{t: t, light: l, words: assets.For(assets.Language(l.language))}
	closed := make(chan struct{})
	var window *gui.Window
	fyne.DoAndWait(func() {
		window = gui.NewWindow(fyne.CurrentApp(), engine, gui.Options{
			Wizard: onboarding.Page, Connection: gui.ConnectionPage, Settings: gui.SettingsPage,
			Language: l.language, Theme: l.theme, Now: func() time.Time { return moment }, OnClosed: func() { close(closed) },
		})
		s.win = window.Fyne()
		s.win.SetCloseIntercept(s.win.Close)
		s.win.Resize(l.size)
		window.Show()
	})
	t.Cleanup(func() {
		fyne.Do(s.win.Close)
		<-closed
		window.Wait()
	})
	s.settle()
	return s
}

func (s *sitter) look(visit func(fyne.CanvasObject) bool) {
	fyne.DoAndWait(func() { guitest.Walk(guitest.Front(s.win.Canvas()), visit) })
}

// press presses what has these words on it.
func (s *sitter) press(text string) {
	s.t.Helper()
	found := false
	s.look(func(o fyne.CanvasObject) bool {
		tapped, can := o.(fyne.Tappable)
		if found = can && textOf(o) == text; found {
			tapped.Tapped(&fyne.PointEvent{})
		}
		return found
	})
	if !found {
		s.t.Fatalf("%q is not on the screen", text)
	}
}

// pick opens a row of the list.
func (s *sitter) pick(row int) {
	s.t.Helper()
	found := false
	s.look(func(o fyne.CanvasObject) bool {
		list, is := o.(interface{ Select(id int) })
		if found = is; found {
			list.Select(row)
		}
		return found
	})
	if !found {
		s.t.Fatal("no list is on the screen")
	}
}

// settle waits until the window shows the same, at its size, three times in a row, and gives a picture of it.
func (s *sitter) settle() image.Image {
	s.t.Helper()
	scale := map[string]float32{"1": 1, "1.5": 1.5, "2": 2}[s.light.scale]
	want := image.Pt(int(s.light.size.Width*scale), int(s.light.size.Height*scale))
	deadline := time.After(patienceTime)
	var before *image.RGBA
	for same := 0; ; {
		shown, err := picture(s.win)
		now, _ := shown.(*image.RGBA)
		switch {
		case err != nil || now.Bounds().Size() != want:
			same = 0
		case before != nil && slices.Equal(now.Pix, before.Pix):
			same++
		default:
			same = 0
		}
		if same == 3 && !s.waiting() {
			return now
		}
		before = now
		select {
		case <-deadline:
			s.t.Fatalf("the window does not come to rest at %v: %v, %v", want, now.Bounds(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// waiting tells whether the window still waits for the engine's first word.
func (s *sitter) waiting() (waits bool) {
	s.look(func(o fyne.CanvasObject) bool {
		text := textOf(o)
		waits = text != "" && (text == s.words.Say("window.loading") || text == s.words.Say("window.connecting"))
		return waits
	})
	return waits
}

func colours(of image.Image) int {
	seen := make(map[[3]uint32]bool)
	b := of.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			r, g, bl, _ := of.At(x, y).RGBA()
			seen[[3]uint32{r, g, bl}] = true
		}
	}
	return len(seen)
}

func title(l light) string { return strings.ReplaceAll(l.String(), "-", " ") }

package gui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// box is where something lies in the window.
type box struct{ left, top, right, bottom float32 }

func (b box) meet(o box) box {
	return box{max(b.left, o.left), max(b.top, o.top), min(b.right, o.right), min(b.bottom, o.bottom)}
}

// shrunk is the box without its rim: letters do not fill the box of their line.
func (b box) shrunk(by float32) box { return box{b.left + by, b.top + by, b.right - by, b.bottom - by} }

func (b box) empty() bool { return b.right <= b.left || b.bottom <= b.top }

// seen is a text as it lies in the window, and what clips it.
type seen struct {
	text       string
	box, clip  box
	scrollable bool
}

// texts finds every text that is shown.
func texts(o fyne.CanvasObject, at fyne.Position, clip box, scrollable bool, found *[]seen) {
	if o == nil || !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	here := box{at.X, at.Y, at.X + o.Size().Width, at.Y + o.Size().Height}
	switch o := o.(type) {
	case *canvas.Text:
		size := o.MinSize()
		left := at.X
		if o.Alignment == fyne.TextAlignTrailing {
			left = here.right - size.Width
		}
		if o.Text != "" {
			*found = append(*found, seen{o.Text, box{left, at.Y, left + size.Width, at.Y + size.Height}, clip, scrollable})
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			texts(child, at, clip, scrollable, found)
		}
	case *container.Scroll:
		texts(o.Content, at, clip.meet(here), true, found)
	case fyne.Widget:
		// The scroller of Fyne's list is a type of its own; what moves in it is clipped to the list.
		if _, list := o.(*fileList); list {
			clip, scrollable = clip.meet(here), true
		}
		for _, child := range test.WidgetRenderer(o).Objects() {
			texts(child, at, clip, scrollable, found)
		}
	}
}

// illegible tells what is cut at an edge, lies on other text, or is a key instead of a sentence.
func illegible(w fyne.Window) []string {
	size := w.Canvas().Size()
	var found []seen
	texts(w.Content(), fyne.NewPos(0, 0), box{0, 0, size.Width, size.Height}, false, &found)
	var bad []string
	var shown []seen
	for _, s := range found {
		inside := s.box.meet(s.clip)
		if s.scrollable && inside.empty() {
			continue // scrolled away
		}
		const slack = 1.5
		if s.box.left < s.clip.left-slack || s.box.right > s.clip.right+slack ||
			!s.scrollable && (s.box.top < s.clip.top-slack || s.box.bottom > s.clip.bottom+slack) {
			bad = append(bad, fmt.Sprintf("%q is cut: %v in %v", s.text, s.box, s.clip))
		}
		for _, prefix := range []string{"window.", "words.", "headline.", "problem.", "timeline."} {
			if strings.HasPrefix(s.text, prefix) {
				bad = append(bad, fmt.Sprintf("%q has no words", s.text))
			}
		}
		s.box = inside
		for _, other := range shown {
			if !s.box.shrunk(2.5).meet(other.box.shrunk(2.5)).empty() {
				bad = append(bad, fmt.Sprintf("%q lies on %q: %v, %v", s.text, other.text, s.box, other.box))
			}
		}
		shown = append(shown, s)
	}
	if len(found) < 5 {
		bad = append(bad, fmt.Sprintf("only %d texts: is the window shown at all?", len(found)))
	}
	return bad
}

func (s *screen) mustBeLegible(what string) {
	s.t.Helper()
	for _, b := range illegible(s.win) {
		s.t.Errorf("%s: %s", what, b)
	}
}

// mustBeWhole asks that no word of the program's own is shortened in the smallest window, in any language. What comes from
// outside, a file's name or a reason that Sage gives, may be.
func (s *screen) mustBeWhole(what string) {
	s.t.Helper()
	var outside []string
	for _, tr := range s.engine.transfers {
		outside = append(outside, tr.Name)
	}
	for _, d := range s.engine.details {
		for _, o := range d.Outcomes {
			outside = append(outside, o.Reason)
		}
	}
	for _, c := range s.engine.changes {
		outside = append(outside, c.Label)
	}
	size := s.win.Canvas().Size()
	var found []seen
	texts(s.win.Content(), fyne.NewPos(0, 0), box{0, 0, size.Width, size.Height}, false, &found)
	for _, f := range found {
		head, _, cut := strings.Cut(f.text, "…")
		given := slices.ContainsFunc(outside, func(o string) bool { return head != "" && strings.HasPrefix(o, head) })
		if cut && !given && f.text != s.speaker.Say("window.sendAgain") {
			s.t.Errorf("%s: %q is shortened", what, f.text)
		}
	}
}

// awkward is an engine whose names and figures are as long as they come.
func awkward() *fake {
	f := acme()
	long := strings.Repeat("exportación-de-pedidos-de-la-tienda-", 6) + "2026-11-24.json"
	f.overview.AcceptedToday = 12_480
	f.overview.Companies[0].Counts = watcher.Counts{OnTheirWay: 12_480, NeedsYou: 1_234, Done: 99_999}
	f.overview.Companies = append(f.overview.Companies, watcher.Company{Name: "Sociedad Anónima de Importaciones y Exportaciones del Mediterráneo"})
	for i := range f.transfers {
		f.transfers[i].Name = long
	}
	f.transfers[1].CreatedAt = ago(3 * time.Hour)
	f.transfers = append(f.transfers,
		watcher.Transfer{ID: "w1", Company: "Acme Ltd", Scope: "orders", Name: "한국어-名前-имя.json", State: journal.Unknown, CreatedAt: ago(time.Hour)},
		watcher.Transfer{
			ID: "w2", Company: "Acme Ltd", Scope: "orders", Name: strings.Repeat("W", 250), State: journal.Refused,
			CreatedAt: ago(400 * 24 * time.Hour), EndedAt: ago(400 * 24 * time.Hour), Records: 100_000, Actions: []watcher.Action{watcher.ActionRetry, watcher.ActionDismiss},
		},
	)
	d := f.details["t3"]
	d.Outcomes = append(d.Outcomes, watcher.RecordOutcome{ID: strings.Repeat("ORDER-", 20), Status: "refused", Reason: strings.Repeat("no stock ", 40)})
	f.details["t3"] = d
	return f
}

// TestNothingIsCutAndNothingLiesOnOtherText goes through the screens in every language and size, with ordinary
// and with awkward content.
func TestNothingIsCutAndNothingLiesOnOtherText(t *testing.T) {
	for _, language := range []string{"en-GB", "en-US", "es", "fr", "de"} {
		for name, size := range map[string]fyne.Size{"normal": normal, "small": small, "wide": fyne.NewSize(1600, 900)} {
			for content, engine := range map[string]func() *fake{"ordinary": acme, "awkward": awkward} {
				t.Run(language+" "+name+" "+content, func(t *testing.T) {
					s := open(t, engine(), size, func(o *Options) { o.Language = language })
					s.mustBeLegible("the list")
					whole := func(what string) {
						if name == "small" && content == "ordinary" {
							s.mustBeWhole(what)
						}
					}
					whole("the list")
					for i := range s.files.shelf.items {
						s.files.list.Select(i)
						s.settle()
						s.mustBeLegible("the details of " + s.files.shelf.items[i].key())
						whole("the details of " + s.files.shelf.items[i].key())
						if i == 3 {
							s.look("awkward-" + strings.ReplaceAll(t.Name()[len("TestNothingIsCutAndNothingLiesOnOtherText/"):], "_", "-"))
						}
					}
					s.files.closeDetails()
					s.tell(theme.ColorNameError, strings.Repeat("Something did not work. ", 12))
					s.mustBeLegible("with something told")
				})
			}
		}
	}
}

func TestTheCheckOfLegibilityFindsWhatIsWrong(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.aside.Set(strings.Repeat("much too long ", 20))
	s.files.filters.Move(s.files.search.Position())
	found := strings.Join(illegible(s.win), "\n")
	if !strings.Contains(found, "lies on") {
		t.Errorf("it finds only:\n%s", found)
	}
	s.sidebar.settings.Set("key", "", "window.settings.none", false)
	s.sidebar.settings.Move(fyne.NewPos(900, 10))
	found = strings.Join(illegible(s.win), "\n")
	if !strings.Contains(found, "has no words") {
		t.Errorf("it finds only:\n%s", found)
	}
}

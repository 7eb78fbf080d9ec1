package gui

import (
	"testing"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

func TestALongHeadlineIsReadWholeInTheSmallestWindow(t *testing.T) {
	for _, language := range []string{"en-GB", "es", "fr", "de"} {
		t.Run(language, func(t *testing.T) {
			engine := acme()
			engine.overview.Companies[0].Counts.NeedsYou = 3
			s := open(t, engine, small, func(o *Options) { o.Language = language })
			if s.files.headline.IsCut() {
				t.Errorf("it says %q", s.files.headline.Shown())
			}
			engine = acme()
			engine.overview.VaultLocked = true
			s = open(t, engine, small, func(o *Options) { o.Language = language })
			if s.files.headline.IsCut() {
				t.Errorf("it says %q", s.files.headline.Shown())
			}
		})
	}
}

func TestHowMuchWentWellGivesWayToALongHeadlineAndComesBack(t *testing.T) {
	s := open(t, locked(), small)
	if s.files.aside.Visible() {
		t.Error("it stands beside a headline that has no room")
	}
	if s.files.headline.Style.Size != widgets.SizeSection {
		t.Errorf("the headline is %v high", s.files.headline.Style.Size)
	}
	s.win.Resize(normal.AddWidthHeight(400, 0))
	if !s.files.aside.Visible() || s.files.headline.Style.Size != widgets.SizeHeadline {
		t.Error("in a wide window it does not come back")
	}
}

func TestHowManyWereFoundIsSaidBesideAnyHeadline(t *testing.T) {
	s := open(t, locked(), small)
	s.files.search.SetText("orders")
	s.settle()
	if !s.files.aside.Visible() {
		t.Error("it is not said")
	}
}

func TestAPassphraseThatIsAskedForLeavesRoomForTheList(t *testing.T) {
	for name, overview := range map[string]func(*watcher.Overview){
		"to be chosen":  func(o *watcher.Overview) { o.VaultLocked, o.VaultNew = true, true },
		"to be entered": func(o *watcher.Overview) { o.VaultLocked = true },
	} {
		t.Run(name, func(t *testing.T) {
			engine := acme()
			overview(&engine.overview)
			s := open(t, engine, small)
			bottom := s.files.card.Position().Y + s.files.card.Size().Height
			if s.files.card.Size().Height < widgets.RowHeight || bottom > small.Height {
				t.Errorf("the list is %g high and ends at %g", s.files.card.Size().Height, bottom)
			}
			if s.files.drop.Visible() {
				t.Error("the place to drop stands in the way")
			}
			s.mustBeLegible(name)
		})
	}
}

func TestWhatCanBeLookedForFitsIntoTheSearch(t *testing.T) {
	for _, language := range []string{"en-GB", "es", "fr", "de"} {
		for _, size := range []fyne.Size{small, normal, fyne.NewSize(1200, 800)} {
			s := open(t, acme(), size, func(o *Options) { o.Language = language })
			search := s.files.search
			if need := widgets.Body.Measure(search.PlaceHolder).Width + widgets.EntryMargins; need > search.Size().Width {
				t.Errorf("%s at %v: %q needs %g and has %g", language, size, search.PlaceHolder, need, search.Size().Width)
			}
		}
	}
}

package onboarding

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/watcher"
)

// looks are the windows that the steps are looked at in.
var looks = []struct {
	name, theme, language string
	size                  fyne.Size
}{
	{"light", "light", "en-GB", fyne.NewSize(980, 680)},
	{"dark", "dark", "en-GB", fyne.NewSize(980, 680)},
	{"de", "light", "de", fyne.NewSize(980, 680)},
	{"small", "dark", "en-GB", fyne.NewSize(720, 520)},
	{"small-de", "light", "de", fyne.NewSize(720, 520)},
	{"small-fr", "dark", "fr", fyne.NewSize(720, 520)},
	{"small-es", "light", "es", fyne.NewSize(720, 520)},
}

// scenes are the states of the steps, as drafts.
func scenes(now time.Time) map[string]watcher.Draft {
	input := watcher.DraftInput{
		Domain: "ecommerce", Company: "Acme Ltd", Folder: "/home/ana/Postroom", Name: "Ana", Email: "ana@acme.example", Firm: "Acme Ltd",
	}
	at := func(step watcher.DraftStep, change func(*watcher.Draft)) watcher.Draft {
		d := watcher.Draft{ID: "scene", Step: step, Input: input, DeveloperTail: "7f3a", ApplicationTail: "91bc"}
		if change != nil {
			change(&d)
		}
		return d
	}
	passcode := func(change func(*watcher.Draft)) watcher.Draft {
		return at(watcher.StepPasscode, func(d *watcher.Draft) {
			d.Passcode, d.Outcome = "KX74PQ9TM", watcher.OutcomeWaiting
			d.IssuedAt, d.ExpiresAt = now.Add(-3*time.Minute-18*time.Second), now.Add(11*time.Minute+42*time.Second)
			if change != nil {
				change(d)
			}
		})
	}
	tested := func(checks ...watcher.Check) watcher.Draft {
		return at(watcher.StepTest, func(d *watcher.Draft) { d.Checks = checks })
	}
	passed := func(code string) watcher.Check { return watcher.Check{Code: code, State: checkPassed} }
	unreachable := &watcher.Problem{Code: "platformUnreachable", Args: map[string]string{"host": "sage.example"}}
	return map[string]watcher.Draft{
		"welcome":  {Step: watcher.StepWelcome},
		"ids":      {ID: "scene", Step: watcher.StepIDs},
		"register": {ID: "scene", Step: watcher.StepIDs, Input: watcher.DraftInput{Name: "Ana", Email: "ana@acme.example", Firm: "Acme Ltd"}},
		"advanced": {ID: "scene", Step: watcher.StepIDs, Input: watcher.DraftInput{Platform: "https://sage.example"}},
		"email":    at(watcher.StepEmail, func(d *watcher.Draft) { d.RegistrationURL = "https://sage.example/r" }),
		"folder": at(watcher.StepFolder, func(d *watcher.Draft) {
			d.Input.Folder = "/home/ana/OneDrive/Postroom"
			d.Warnings = []watcher.Problem{{Code: "folderSynced", Args: map[string]string{"folder": "/home/ana/OneDrive/Postroom", "service": "OneDrive"}}}
		}),
		"passcode":        passcode(nil),
		"passcode-ranout": passcode(func(d *watcher.Draft) { d.Outcome, d.ExpiresAt = watcher.OutcomeRanOut, now.Add(-time.Second) }),
		"passcode-none":   passcode(func(d *watcher.Draft) { d.Passcode, d.Outcome, d.Problem = "", "", unreachable }),
		"passcode-long": passcode(func(d *watcher.Draft) {
			d.Passcode, d.Input.Company = "KX74PQ9TMKX74PQ9TMKX74PQ9TM", "Sociedad Anónima de Importaciones y Exportaciones del Mediterráneo"
		}),
		"passcode-endless": passcode(func(d *watcher.Draft) {
			d.Passcode = "WMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWM-WMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWM"
		}),
		"test": tested(passed("vault"), watcher.Check{Code: "reach", State: checkRunning}),
		"test-failed": func() watcher.Draft {
			d := tested(passed("vault"), watcher.Check{Code: "reach", State: checkFailed, Problem: unreachable})
			d.RetryAt = now.Add(5 * time.Second)
			return d
		}(),
		"test-refused": tested(passed("vault"), passed("reach"), watcher.Check{Code: "key", State: checkFailed, Problem: &watcher.Problem{Code: "candidateRefused"}}),
		"done":         at(watcher.StepDone, func(d *watcher.Draft) { d.Connection = "scene" }),
	}
}

// legible fails for text that is cut at an edge, and for a key that no catalogue has a sentence for.
func (d *desk) legible(scene string) {
	d.t.Helper()
	width := d.window.Canvas().Size().Width
	var look func(o fyne.CanvasObject, at fyne.Position, left, right float32)
	look = func(o fyne.CanvasObject, at fyne.Position, left, right float32) {
		if o == nil || !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		var inside []fyne.CanvasObject
		switch o := o.(type) {
		case *canvas.Text:
			if end := at.X + o.MinSize().Width; o.Text != "" && (at.X < left-1 || end > right+1) {
				d.t.Errorf("%s: %q is cut: from %v to %v, seen from %v to %v", scene, o.Text, at.X, end, left, right)
			}
			if strings.HasPrefix(o.Text, "wizard.") || strings.HasPrefix(o.Text, "unlock.") || strings.HasPrefix(o.Text, "problem.") {
				d.t.Errorf("%s: %q has no words", scene, o.Text)
			}
		case *widget.Entry, *widgets.Entry:
			return // what is typed scrolls
		case *container.Scroll:
			look(o.Content, at, max(left, at.X), min(right, at.X+o.Size().Width))
		case *fyne.Container:
			inside = o.Objects
		case fyne.Widget:
			inside = test.WidgetRenderer(o).Objects()
		}
		for _, child := range inside {
			look(child, at, left, right)
		}
	}
	look(d.window.Content(), fyne.NewPos(0, 0), 0, width)
}

// TestEveryStepIsDrawn draws the wizard in both looks, both languages and both sizes. With POSTROOM_PICTURES=folder the
// pictures are written, to be laid beside those of the design.
func TestEveryStepIsDrawn(t *testing.T) {
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			bubble(t, sandbox.Options{}, func(t *testing.T, d *desk) {
				fyne.CurrentApp().Settings().SetTheme(widgets.NewTheme(l.theme))
				d.window.Resize(l.size)
				d.language, d.settings.DocumentsRoot = l.language, "/home/ana/Postroom"
				engine := &still{Engine: d.engine}
				d.engine = engine
				d.wizard("")
				for name, draft := range scenes(time.Now()) {
					engine.draft = draft
					d.shown = "" // built anew
					d.take(draft)
					d.settle()
					d.look("wizard-" + name + "-" + l.name)
					d.legible(name)
				}
				for name, fresh := range map[string]bool{"unlock": false, "unlock-new": true} {
					engine.overview = watcher.Overview{VaultLocked: true, VaultNew: fresh}
					d.show(watcher.StepFolder)
					d.tellProblem(watcher.Problem{Code: vaultLocked})
					d.settle()
					d.look("wizard-" + name + "-" + l.name)
					d.legible(name)
				}
			})
		})
	}
}

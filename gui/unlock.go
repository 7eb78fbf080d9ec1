package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// Unlock asks for the passphrase of the encrypted file that keys are kept in where a computer has no keyring, or has
// one chosen where there is no such file yet. The list of files, a connection's page and the wizard show it where
// something needs the keys.
type Unlock struct {
	engine  Engine
	speaker speaker
	work    func(do func(ctx context.Context) error, done func(error))
	opened  func() // the keys can be used
	changed func() // it takes another height

	content *fyne.Container
	field   *widgets.Field
	again   *widgets.Field // nil unless the passphrase is chosen now
	button  *widgets.Button
	busy    bool
}

// NewUnlock makes the question, hidden until it is asked. work runs a call off the UI thread and then says on it how it
// went; opened is called once the keys can be used, and changed whenever the question comes, goes or grows.
func NewUnlock(engine Engine, words *assets.Words, work func(func(context.Context) error, func(error)), opened, changed func()) *Unlock {
	u := &Unlock{engine: engine, speaker: newSpeaker(words, time.Now), work: work, opened: opened, changed: changed}
	u.content = container.NewStack()
	u.content.Hide()
	return u
}

// Content is where it stands on a page.
func (u *Unlock) Content() fyne.CanvasObject { return u.content }

// Entry is where the passphrase is typed, for the keyboard.
func (u *Unlock) Entry() fyne.Focusable { return u.field.Entry }

// Asking tells whether it is shown.
func (u *Unlock) Asking() bool { return u.content.Visible() }

// Follow asks while the vault waits for its passphrase. One that is yet to be made waits for nobody: its passphrase is
// chosen when something first needs it.
func (u *Unlock) Follow(o watcher.Overview) {
	if headline.VaultWaits(o) {
		u.Ask(o.VaultNew)
	} else {
		u.Hide()
	}
}

// Ask asks for the passphrase, or with fresh for a new one.
func (u *Unlock) Ask(fresh bool) {
	if u.content.Visible() && fresh == (u.again != nil) {
		return
	}
	u.build(fresh)
	u.content.Show()
	u.changed()
}

func (u *Unlock) build(fresh bool) {
	const wide = 400
	kind := "unlock."
	if fresh {
		kind = "unlock.fresh."
	}
	say := u.speaker.Say
	secret := func(label, hint string) *widgets.Field {
		f := widgets.NewFieldFor(label, hint, widgets.NewPasswordEntry())
		f.Entry.OnSubmitted = func(string) { u.unlock() }
		f.Entry.OnChanged = func(string) { u.blame(f, "") }
		return f
	}
	u.field, u.again = secret(say(kind+"label"), say(kind+"hint")), nil
	u.button = widgets.NewFilledButton(say(kind+"do"), u.unlock)
	column := widgets.Column(12, widgets.NewParagraph(say(kind+"why"), widgets.Body), widgets.AtMost(wide, u.field))
	if fresh {
		u.again = secret(say("unlock.again"), "")
		column.Add(widgets.AtMost(wide, u.again))
	}
	column.Add(widgets.Line(0, u.button, widgets.Spring()))
	u.content.Objects = []fyne.CanvasObject{widgets.NewCard(column)}
}

// Hide takes the question away, with what was typed.
func (u *Unlock) Hide() {
	if !u.content.Visible() {
		return
	}
	u.content.Hide()
	u.field.SetText("")
	if u.again != nil {
		u.again.SetText("")
	}
	u.changed()
}

func (u *Unlock) unlock() {
	passphrase := u.field.Text()
	switch {
	case passphrase == "" || u.busy:
		return
	case u.again != nil && u.again.Text() != passphrase:
		u.blame(u.again, u.speaker.Say("unlock.again.differs"))
		return
	}
	u.busy = true
	u.button.Disable()
	u.work(func(ctx context.Context) error { return u.engine.UnlockVault(ctx, passphrase) }, func(err error) {
		u.busy = false
		u.button.Enable()
		if err != nil {
			u.blame(u.field, u.speaker.Failure(err))
			return
		}
		u.Hide()
		u.opened()
	})
}

// blame says below a field what is wrong with it.
func (u *Unlock) blame(f *widgets.Field, problem string) {
	if f.Problem() == problem {
		return
	}
	f.SetProblem(problem)
	u.changed()
}

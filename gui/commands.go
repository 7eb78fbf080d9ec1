package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"postroom/gui/widgets"
)

// entry is one command of the window: its words in the menu, its key, what it does.
type entry struct {
	key   string
	press fyne.Shortcut // nil where plain reaches it
	plain fyne.KeyName  // a key without a modifier
	do    func()
}

func withDefault(key fyne.KeyName) *desktop.CustomShortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// entries are the window's commands, by menu.
func (w *Window) entries() map[string][]entry {
	return map[string][]entry{
		"window.menu.file": {
			{"window.choose", withDefault(fyne.KeyO), "", w.chooseFiles},
			{"window.openOutbox", withDefault(fyne.KeyU), "", w.openOutbox},
			{"window.openInbox", withDefault(fyne.KeyI), "", w.openInbox},
			{"company.pause.all", withDefault(fyne.KeyP), "", w.pauseOrResume},
			{"window.addCompany", withDefault(fyne.KeyN), "", func() { w.goWizard("") }},
			{"window.menu.close", withDefault(fyne.KeyW), "", w.closeAsked},
		},
		"window.menu.view": {
			{"window.menu.find", withDefault(fyne.KeyF), "", w.find},
			{"window.menu.check", nil, fyne.KeyF5, w.files.checkNow},
			{"window.menu.files", withDefault(fyne.Key1), "", func() { w.goFiles("") }},
			{"window.menu.connection", withDefault(fyne.Key2), "", func() { w.goConnection(w.company) }},
			{"window.settings", withDefault(fyne.KeyComma), "", w.goSettings},
		},
	}
}

// menus is the order of the menus.
var menus = []string{"window.menu.file", "window.menu.view"}

// addCommands makes the commands reachable by their keys, and as a menu where the system has one for every program.
func (w *Window) addCommands() {
	entries := w.entries()
	plain := map[fyne.KeyName]func(){
		fyne.KeyEscape: w.escape, fyne.KeyReturn: w.confirm, fyne.KeyEnter: w.confirm,
		fyne.KeyPageUp:   func() { widgets.Turn(w.win.Canvas(), false) },
		fyne.KeyPageDown: func() { widgets.Turn(w.win.Canvas(), true) },
	}
	var main []*fyne.Menu
	for _, name := range menus {
		menu := fyne.NewMenu(w.speaker.Say(name))
		for _, e := range entries[name] {
			item := fyne.NewMenuItem(w.speaker.Say(e.key), func() {
				if w.win.Canvas().Overlays().Top() == nil { // a question has to be answered first
					e.do()
				}
			})
			item.Shortcut = e.press
			menu.Items = append(menu.Items, item)
			if e.plain != "" {
				plain[e.plain] = e.do
			}
		}
		main = append(main, menu)
	}
	w.win.Canvas().SetOnTypedKey(func(event *fyne.KeyEvent) {
		over := w.win.Canvas().Overlays().Top()
		if question, asked := over.(*widgets.Sheet); asked {
			question.Key(event)
		} else if do, ok := plain[event.Name]; ok && over == nil {
			do()
		}
	})
	w.setMenu(fyne.NewMainMenu(main...))
}

// confirm is Return where nothing has the focus.
func (w *Window) confirm() {
	if page, can := w.page.(Confirmer); can {
		page.Confirm()
	}
}

// keepFocus gives the keyboard another place when what had it is gone: keys would go nowhere. That is the list where it is
// shown, which does nothing by itself; elsewhere Tab begins anew.
func (w *Window) keepFocus() {
	c := w.win.Canvas()
	if c.Overlays().Top() != nil {
		return
	}
	if had, is := c.Focused().(fyne.CanvasObject); is && !widgets.OnScreen(had) {
		w.focusList()
	}
}

// focusList puts the keyboard onto the list, or nowhere where there is none.
func (w *Window) focusList() {
	if w.page == nil && w.files.list.content.Visible() {
		w.win.Canvas().Focus(w.files.list)
	} else {
		w.win.Canvas().Unfocus()
	}
}

// find goes to the files and puts the keyboard into the search.
func (w *Window) find() {
	if w.place != placeFiles {
		w.goFiles("")
	}
	w.files.find()
}

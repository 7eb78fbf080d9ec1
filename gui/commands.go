package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
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
	plain := map[fyne.KeyName]func(){fyne.KeyEscape: w.escape}
	var main []*fyne.Menu
	for _, name := range menus {
		menu := fyne.NewMenu(w.speaker.Say(name))
		for _, e := range entries[name] {
			item := fyne.NewMenuItem(w.speaker.Say(e.key), e.do)
			item.Shortcut = e.press
			menu.Items = append(menu.Items, item)
			if e.plain != "" {
				plain[e.plain] = e.do
			}
		}
		main = append(main, menu)
	}
	w.win.Canvas().SetOnTypedKey(func(event *fyne.KeyEvent) {
		if do, ok := plain[event.Name]; ok {
			do()
		}
	})
	w.setMenu(fyne.NewMainMenu(main...))
}

// find goes to the files and puts the keyboard into the search.
func (w *Window) find() {
	if w.place != placeFiles {
		w.goFiles("")
	}
	w.files.find()
}

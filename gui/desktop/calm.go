//go:build !headless && !darwin

package desktop

import "fyne.io/fyne/v2"

// calm has nothing move on the screen while nothing happens. Fyne fades the caret of an entry that has the keyboard in and
// out for as long as it has it, and paints the whole window anew for every step: an eighth of a core where there is no
// graphics card. Its setting against that is one file for all programs of a person; this is for ours alone.
type calm struct{ fyne.App }

func (c calm) Settings() fyne.Settings { return still{c.App.Settings()} }

type still struct{ fyne.Settings }

// ShowAnimations is Fyne's.
func (still) ShowAnimations() bool { return false }

// beCalm is to be called before the first window is made.
func beCalm(program fyne.App) { fyne.SetCurrentApp(calm{program}) }

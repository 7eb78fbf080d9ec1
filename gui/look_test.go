package gui

import (
	"testing"
)

// TestEveryScreenIsDrawn draws what a person sees, in both looks, every language and both sizes. With
// POSTROOM_PICTURES=folder the pictures are written, to be laid beside those of the design.
func TestEveryScreenIsDrawn(t *testing.T) {
	for _, c := range []struct {
		name, theme, language string
		small                 bool
	}{
		{"light", "light", "en-GB", false},
		{"dark", "dark", "en-GB", false},
		{"de", "light", "de", false},
		{"small", "light", "en-GB", true},
		{"small-de", "dark", "de", true},
		{"small-fr", "light", "fr", true},
		{"small-es", "dark", "es", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			size := normal
			if c.small {
				size = small
			}
			s := open(t, acme(), size, func(o *Options) { o.Theme, o.Language = c.theme, c.language })
			s.look("main-" + c.name)
			s.files.list.Select(3)
			s.settle()
			s.look("details-" + c.name)
			s.files.list.Select(4)
			s.settle()
			s.look("list-" + c.name)
			s.files.closeDetails()
			s.closeAsked()
			s.look("closing-" + c.name)
		})
	}
}

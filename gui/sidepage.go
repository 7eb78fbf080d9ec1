package gui

import (
	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
)

// sidePage lays out a page beside the sidebar: what scrolls, and below it a foot that stays, in line with the foot of
// the sidebar.
type sidePage struct{}

const (
	sideEdge = 40 // at the left and at the right
	sideTop  = 24
	sideFoot = 18 // below the foot, as below the sidebar's last entry
	ringRoom = 8  // kept around what scrolls, so that the ring of what has the focus is not cut
)

func (sidePage) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(464, 480) }

func (sidePage) Layout(o []fyne.CanvasObject, size fyne.Size) {
	edge := sideEdgeAt(size.Width)
	bottom := size.Height
	if len(o) > 1 {
		bottom -= sideFoot + widgets.ControlHeight
		o[1].Move(fyne.NewPos(edge, bottom))
		o[1].Resize(fyne.NewSize(size.Width-2*edge, widgets.ControlHeight))
		bottom -= widgets.GapPart
	}
	o[0].Move(fyne.NewPos(edge-ringRoom, sideTop-ringRoom))
	o[0].Resize(fyne.NewSize(size.Width-2*edge+2*ringRoom, bottom-sideTop+ringRoom))
}

// sideEdgeAt is narrower in a small window.
func sideEdgeAt(width float32) float32 {
	if width < 600 {
		return widgets.GapEdge
	}
	return sideEdge
}

// sideScroll lets the page scroll within sidePage.
func sideScroll(o fyne.CanvasObject) *fyne.Container {
	return widgets.Scroll(widgets.Inset(ringRoom, ringRoom, ringRoom, ringRoom, o))
}

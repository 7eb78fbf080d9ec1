package widgets

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// window shows content in a window without a screen.
func window(t *testing.T, choice string, size fyne.Size, content fyne.CanvasObject) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(size)
	return w
}

// themed starts a program without a screen in one of the looks.
func themed(t *testing.T, choice string) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(NewTheme(choice))
	return a
}

// look writes what a window shows to the folder that POSTROOM_PICTURES names, for a person to look at.
func look(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	folder := os.Getenv("POSTROOM_PICTURES")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, w.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func gallery() fyne.CanvasObject {
	disabled := NewFilledButton("Disabled", nil)
	disabled.Disable()
	focused := NewButton("Focused", nil)
	focused.focused = true
	hovered := NewButton("Hovered", nil)
	hovered.hovered = true
	field := NewField("E-mail", "Sage sends two IDs to it.")
	wrong := NewField("Company", "")
	wrong.SetText("Acme: Ltd")
	wrong.SetProblem("A company's name cannot hold a colon here, because a folder is named after it.")
	table := NewTable("Order", "Outcome", "Reason", func(int) string { return "Show more" })
	table.Set([]TableRow{
		{First: "A-2031", Second: "Refused", Third: "Customer C-1042 has no e-mail address in Sage 50", Tone: ColorProblem},
		{First: "A-2001", Second: "Accepted", Third: "Sage 50 number 10451", Tone: ColorGood},
		{First: "12-A", Second: "Changed", Third: "Table", Tone: ColorAccent},
		{Third: "Net price: 10.50 → 11.00", Joined: true},
	})
	ring := NewRing(15 * time.Minute)
	ring.Set(11*time.Minute+42*time.Second, 15*time.Minute)
	filters := NewFilters(nil, "All", "Waiting", "Needs you", "Done")
	filters.SetCount(1, 1)
	rows := container.NewStack(NewListCard(Column(0,
		NewStaticRow(RowContent{Icon: "status-up", Tone: ColorAccent, Title: "orders-24-11b.json", Line: "Sage 50 is processing it", Figure: "62 %", Percent: 62, Time: "2 min", Selected: true}),
		NewStaticRow(RowContent{Icon: "status-problem", Tone: ColorProblem, Title: "a-very-long-name-of-a-file-that-nobody-would-choose-but-a-shop-system-does-2026-11-24T10-15-00.json", Line: "3 of 40 orders refused", Action: "What to do"}),
		NewStaticRow(RowContent{Icon: "status-done", Tone: ColorGood, Title: "orders-24-11.json", Line: "Accepted, 40 orders", Time: "10:12", Marked: true, Last: true}),
	)))
	return container.NewStack(Ground(ColorPage), Inset(GapEdge, GapEdge, GapEdge, GapEdge, Column(GapGroup,
		Line(GapPart, NewIcon("status-attention", ColorAttention), NewText("Sage has locked this connection for a while.", Headline.In(ColorAttention))),
		Flow(GapPart, NewFilledButton("Unlock", nil), NewButton("Reconnect", nil), focused, hovered, disabled, NewPlainButton("Close", nil)),
		filters,
		NewNote(ColorAttention, "What to do.", "Give customer C-1042 an e-mail address and add product 77-B in Sage 50, then drop the 3 refused orders again. Choose *Allow* there."),
		rows, table,
		Column(0, NewTimelineRow("status-done", ColorGood, "Dropped", "10:02:11"), NewTimelineRow("status-problem", ColorProblem, "3 of 40 orders refused", "10:06:50")),
		Line(GapGroup, Grow(Beside(GapGroup, field, wrong)), ring),
		NewDropZone("Drop order files here", "Choose files", nil),
	)))
}

func TestTheGalleryIsDrawnInEveryLook(t *testing.T) {
	for _, choice := range []string{LookLight, LookDark, LookContrastLight, LookContrastDark} {
		t.Run(choice, func(t *testing.T) {
			themed(t, choice)
			w := window(t, choice, fyne.NewSize(720, 900), gallery())
			look(t, w, "gallery-"+choice)
		})
	}
}

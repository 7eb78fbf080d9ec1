package onboarding

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// domains are what an application can be for, by the platform's own names [D, sage-api.md section 6].
var domains = []string{"ecommerce", "comp-nominalv1"}

// usualListen is where the listener for the key binds when nobody chose: loopback, behind what leads to it.
const usualListen = "127.0.0.1:8440"

// choice is a labelled row of pills.
func choice(label string, pills *widgets.Filters) fyne.CanvasObject {
	return widgets.Column(6, widgets.NewText(label, widgets.Name), pills)
}

// domain asks what the application is for.
func (f *form) domain() fyne.CanvasObject {
	var names []string
	for _, d := range domains {
		names = append(names, f.w.say("domain."+d))
	}
	if !slices.Contains(domains, f.rest.Domain) {
		f.rest.Domain = domains[0]
	}
	pills := widgets.NewChoices(nil, names...)
	pills.Choose(slices.Index(domains, f.rest.Domain))
	pills.OnChosen = func(i int) {
		f.rest.Domain = domains[i]
		f.keepSoon()
	}
	return choice(f.w.say("field.domain"), pills)
}

// arrival asks how the key will come: to this computer, or to somebody who sends it on.
func (f *form) arrival() fyne.CanvasObject {
	w := f.w
	here := f.field("callbackBase", func(in *watcher.DraftInput) *string { return &in.CallbackBase })
	elsewhere := f.field("approvalUrl", func(in *watcher.DraftInput) *string { return &in.ApprovalURL })
	here.Entry.SetPlaceHolder("https://")
	elsewhere.Entry.SetPlaceHolder("https://")
	place := widgets.Column(0)
	choose := func(i int) {
		place.Objects = []fyne.CanvasObject{[]*widgets.Field{here, elsewhere}[i]}
		f.parts["callbackBase"].off, f.parts["approvalUrl"].off = i != 0, i != 1
	}
	pills := widgets.NewChoices(nil, w.say("arrival.here"), w.say("arrival.elsewhere"))
	if f.rest.ApprovalURL != "" {
		pills.Choose(1)
	}
	choose(pills.Chosen())
	pills.OnChosen = func(i int) {
		choose(i)
		f.keepSoon()
		w.page.relayout()
	}
	return widgets.Column(12, choice(w.say("arrival"), pills), place)
}

// address is the name of the field that says where the key arrives.
func (f *form) address() string {
	if f.parts["callbackBase"].off {
		return "approvalUrl"
	}
	return "callbackBase"
}

// listening is the input with an address to listen at, where the key comes to this computer and nobody chose one.
func (f *form) listening(in watcher.DraftInput) watcher.DraftInput {
	if in.CallbackBase != "" && in.CallbackListen == "" && f.w.Settings.CallbackListen == "" {
		in.CallbackListen = usualListen
	}
	return in
}

// advanced hides what few need behind one line.
func (f *form) advanced() fyne.CanvasObject {
	w := f.w
	platform := f.field("platform", func(in *watcher.DraftInput) *string { return &in.Platform })
	profile := f.field("profilePath", func(in *watcher.DraftInput) *string { return &in.ProfilePath })
	listen := f.field("callbackListen", func(in *watcher.DraftInput) *string { return &in.CallbackListen })
	path := f.field("callbackPath", func(in *watcher.DraftInput) *string { return &in.CallbackPath })
	f.proxy = w.Settings.Proxy
	proxy := widgets.NewField(w.say("field.proxy"), w.say("field.proxy.hint"))
	proxy.SetText(f.proxy)
	f.add("proxy", proxy)
	listen.Entry.SetPlaceHolder(usualListen)
	proxy.Entry.SetPlaceHolder("http://proxy.example:8080")

	more := widgets.Column(widgets.GapGroup,
		widgets.Beside(widgets.GapGroup, platform, profile), widgets.Beside(widgets.GapGroup, listen, path),
		widgets.Beside(widgets.GapGroup, proxy, widgets.Spring()))
	button := widgets.NewPlainButton(w.say("advanced"), nil)
	arrange := func(open bool) {
		button.Icon = "right"
		more.Hide()
		if open {
			button.Icon = "down"
			more.Show()
		}
		button.Refresh()
	}
	in := f.rest
	arrange(in.Platform != "" || in.ProfilePath != "" || in.CallbackPath != "" || in.CallbackListen != "" && in.CallbackListen != usualListen)
	button.OnTapped = func() {
		arrange(!more.Visible())
		w.page.relayout()
	}
	for _, name := range []string{"platform", "profilePath", "callbackListen", "callbackPath", "proxy"} {
		f.parts[name].show = func() { arrange(true) }
	}
	return widgets.Column(12, widgets.Line(0, button, widgets.Spring()), more)
}

// saveProxy keeps another proxy before the first call that goes through it. It is a setting of all companies.
func (f *form) saveProxy() func(ctx context.Context) error {
	chosen := strings.TrimSpace(f.parts["proxy"].field.Text())
	if chosen == f.proxy {
		return func(context.Context) error { return nil }
	}
	engine := f.w.Engine
	return func(ctx context.Context) error {
		settings, err := engine.Settings(ctx)
		if err != nil {
			return err
		}
		settings.Proxy = chosen
		return engine.SaveSettings(ctx, settings)
	}
}

package notify

import (
	"bytes"
	"encoding/xml"

	"postroom/watcher"
)

// justOpen is the activation argument of a pop-up that is about no place in the window: Windows wants one.
const justOpen = "open"

// toast is a pop-up as Windows takes it: a small XML document, every text of it escaped. A click on it brings back what it
// shows, as the activation argument.
func toast(p Popup) string {
	var doc bytes.Buffer
	text := func(before, text, after string) {
		doc.WriteString(before)
		_ = xml.EscapeText(&doc, []byte(text)) // a bytes.Buffer takes whatever it is given
		doc.WriteString(after)
	}
	argument := p.Show.String()
	if argument == "" {
		argument = justOpen
	}
	text(`<toast activationType="foreground" launch="`, argument, `"><visual><binding template="ToastGeneric">`)
	text("<text>", p.Title, "</text>")
	text("<text>", p.Body, "</text>")
	doc.WriteString(`</binding></visual>`)
	if p.Button != "" {
		text(`<actions><action activationType="foreground" content="`, p.Button, `" `)
		text(`arguments="`, argument, `"/></actions>`)
	}
	doc.WriteString(`</toast>`)
	return doc.String()
}

// activated is what a toast shows, by the activation argument that Windows brings back. A toast of another version, or one
// that is about no place, opens the window as it is.
func activated(argument string) watcher.Target {
	show, err := watcher.ParseTarget(argument)
	if err != nil {
		return watcher.Target{}
	}
	return show
}

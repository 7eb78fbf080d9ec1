package notify

import (
	"bytes"
	"encoding/xml"
)

// toast is a pop-up as Windows takes it: a small XML document, every text of it escaped.
func toast(p Popup) string {
	var doc bytes.Buffer
	doc.WriteString(`<toast activationType="foreground" launch="open"><visual><binding template="ToastGeneric">`)
	for _, text := range []string{p.Title, p.Body} {
		doc.WriteString("<text>")
		_ = xml.EscapeText(&doc, []byte(text)) // a bytes.Buffer takes whatever it is given
		doc.WriteString("</text>")
	}
	doc.WriteString(`</binding></visual></toast>`)
	return doc.String()
}

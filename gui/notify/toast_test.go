package notify

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"postroom/watcher"
)

// readToast reads a toast as Windows would and gives its texts. Any element that does not belong is an error.
func readToast(doc string) (Popup, error) {
	var t struct {
		XMLName xml.Name `xml:"toast"`
		Visual  struct {
			Binding struct {
				Texts []string `xml:"text"`
				Other []struct {
					XMLName xml.Name
				} `xml:",any"`
			} `xml:"binding"`
			Other []struct {
				XMLName xml.Name
			} `xml:",any"`
		} `xml:"visual"`
		Launch  string `xml:"launch,attr"`
		Actions struct {
			Action []struct {
				Content   string `xml:"content,attr"`
				Arguments string `xml:"arguments,attr"`
			} `xml:"action"`
		} `xml:"actions"`
		Other []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	if err := d.Decode(&t); err != nil {
		return Popup{}, err
	}
	if rest, err := d.Token(); rest != nil {
		return Popup{}, fmt.Errorf("something follows the toast: %v, %w", rest, err)
	}
	if n := len(t.Other) + len(t.Visual.Other) + len(t.Visual.Binding.Other); n > 0 {
		return Popup{}, fmt.Errorf("%d elements do not belong", n)
	}
	if len(t.Visual.Binding.Texts) != 2 {
		return Popup{}, fmt.Errorf("the texts are %q", t.Visual.Binding.Texts)
	}
	p := Popup{Title: t.Visual.Binding.Texts[0], Body: t.Visual.Binding.Texts[1], Show: activated(t.Launch)}
	for _, a := range t.Actions.Action {
		p.Button = a.Content
		if a.Arguments != t.Launch {
			return Popup{}, fmt.Errorf("the button opens %q, the pop-up %q", a.Arguments, t.Launch)
		}
	}
	return p, nil
}

func TestAClickOnAToastBringsBackWhatItShows(t *testing.T) {
	for _, want := range []Popup{
		{Title: "Acme", Body: "one"},
		{Title: "Acme", Body: "one", Show: watcher.Target{Company: `A & "B" <C>`, Transfer: "t1"}, Button: `Show "it" <b>`},
		{Title: "Acme", Body: "many", Show: watcher.Target{Company: "Acme", Filter: watcher.FilterNeedsYou}, Button: "Show"},
	} {
		if got, err := readToast(toast(want)); err != nil || got != want {
			t.Errorf("it reads as %+v, %v; want %+v", got, err, want)
		}
	}
	if show := activated("of a version to come"); show != (watcher.Target{}) {
		t.Errorf("an argument that nobody knows shows %+v", show)
	}
}

package watcher

import (
	"fmt"
	"net/url"
)

// Target is a place in the window that somebody outside it points at, such as a pop-up that was clicked. The zero Target
// is the window itself, wherever the person left it. Transfer and List exclude each other; with neither, the company's list
// is meant, by Filter.
type Target struct {
	Company  string `json:"company,omitempty"`
	Transfer string `json:"transfer,omitempty"` // ID of the transfer whose details are meant
	List     string `json:"list,omitempty"`     // ID of the list from Sage whose details are meant
	Filter   Filter `json:"filter,omitempty"`
}

// String is the form in which a Target is handed from one program to another: an argument of a command, the activation
// argument of a toast. Whatever a company is called, it is one word of printable ASCII. The zero Target is "".
func (t Target) String() string {
	v := url.Values{}
	for name, value := range t.parts() {
		if *value != "" {
			v.Set(name, *value)
		}
	}
	if t.Filter != FilterAll {
		v.Set("filter", string(t.Filter))
	}
	return v.Encode()
}

// parts are the plain words of a Target by their names in its String.
func (t *Target) parts() map[string]*string {
	return map[string]*string{"company": &t.Company, "transfer": &t.Transfer, "list": &t.List}
}

// ParseTarget reads what String wrote. Anything else is an error.
func ParseTarget(text string) (Target, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return Target{}, fmt.Errorf("reading a place in the window: %w", err)
	}
	var t Target
	parts := t.parts()
	for name, given := range values {
		switch part := parts[name]; {
		case len(given) != 1:
			return Target{}, fmt.Errorf("a place in the window has %d times %q", len(given), name)
		case part != nil:
			*part = given[0]
		case name == "filter" && buckets[Filter(given[0])] != buckets[FilterAll]:
			t.Filter = Filter(given[0])
		default:
			return Target{}, fmt.Errorf("a place in the window has no %q", name)
		}
	}
	if t.Transfer != "" && t.List != "" {
		return Target{}, fmt.Errorf("a place in the window is both a transfer and a list")
	}
	return t, nil
}

package notify

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// readToast reads a toast as Windows would and gives its texts. Any element that does not belong is an error.
func readToast(doc string) ([]string, error) {
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
		Other []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	if err := d.Decode(&t); err != nil {
		return nil, err
	}
	if rest, err := d.Token(); rest != nil {
		return nil, fmt.Errorf("something follows the toast: %v, %w", rest, err)
	}
	if n := len(t.Other) + len(t.Visual.Other) + len(t.Visual.Binding.Other); n > 0 {
		return nil, fmt.Errorf("%d elements do not belong", n)
	}
	return t.Visual.Binding.Texts, nil
}

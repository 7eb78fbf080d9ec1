package notify

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"postroom/assets"
)

// FuzzPopupsAreTextWhateverTheyTell brings hostile names, companies and words of a platform into pop-ups of every kind,
// and looks at what each system's service is handed.
func FuzzPopupsAreTextWhateverTheyTell(f *testing.F) {
	for i, text := range hostile {
		f.Add(uint8(i), text, hostile[(i+1)%len(hostile)], hostile[(i+2)%len(hostile)])
		f.Add(uint8(i), "Acme Ltd", "orders.json", text)
	}
	words := assets.For("en")
	spanish := assets.For("es")
	f.Fuzz(func(t *testing.T, which uint8, company, name, platform string) {
		kinds := []kind{accepted, partly, refused, notSent, unclear, asks, list, oddList, trouble}
		k := kinds[int(which)%len(kinds)]
		one := item{
			kind: k, company: company, name: name, scope: platform, records: int(which), refused: int(which) / 2, code: "platformTrouble",
			args: map[string]string{"line": platform, "message": platform, "host": platform, "name": name, "company": company},
		}
		for _, g := range []group{
			{company: company, told: []tally{{kind: k, count: 1, items: []item{one}}}},
			{company: company, told: []tally{{kind: k, count: 3, items: []item{one, one}}}},
		} {
			for _, w := range []*assets.Words{words, spanish} {
				p := say(w, g)
				if again := say(w, g); again != p {
					t.Errorf("the same is told as %+v and as %+v", p, again)
				}
				judgePopup(t, p)
			}
		}
	})
}

// judgePopup holds what is true of every pop-up on every system.
func judgePopup(t *testing.T, p Popup) {
	t.Helper()
	for what, c := range map[string]struct {
		text    string
		longest int
	}{"title": {p.Title, longestTitle}, "body": {p.Body, longestBody}} {
		if !utf8.ValidString(c.text) || utf8.RuneCountInString(c.text) > c.longest {
			t.Errorf("the %s is %q", what, c.text)
		}
		if strings.ContainsFunc(c.text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("the %s %q could move or hide text", what, c.text)
		}
	}
	if p.Title == "" {
		t.Error("there is no title")
	}
	texts, elements, err := toastTexts(toast(p))
	want := 5
	if p.Button != "" {
		want += 2
	}
	if err != nil || elements != want || len(texts) != 2 || texts[0] != p.Title || texts[1] != p.Body {
		t.Errorf("%+v is %d elements and the texts %q on Windows: %v", p, elements, texts, err)
	}
	if body := html.EscapeString(p.Body); strings.ContainsAny(body, "<>") || html.UnescapeString(body) != p.Body {
		t.Errorf("%q is markup on Linux", body)
	}
	var log bytes.Buffer
	_ = ToLog(slog.New(slog.NewTextHandler(&log, nil))).Show(context.Background(), p)
	if strings.Count(log.String(), "\n") != 1 {
		t.Errorf("one pop-up is %d lines of the log", strings.Count(log.String(), "\n"))
	}
}

// toastTexts reads a toast as Windows would: the texts in it, and how many elements there are.
func toastTexts(document string) (texts []string, elements int, err error) {
	decoder := xml.NewDecoder(strings.NewReader(document))
	within := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts, elements, nil
		}
		switch token := token.(type) {
		case nil:
			return texts, elements, err
		case xml.StartElement:
			elements++
			if within = token.Name.Local; within == "text" {
				texts = append(texts, "")
			}
		case xml.EndElement:
			within = ""
		case xml.CharData:
			if within == "text" {
				texts[len(texts)-1] += string(token)
			}
		default:
			return texts, elements, fmt.Errorf("something else: %T", token)
		}
	}
}

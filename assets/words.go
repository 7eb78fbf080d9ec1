package assets

import (
	"embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed translations/*.json
var translations embed.FS

// CountArg is the argument that chooses the plural form of a sentence, and that the sentence shows as {{.count}}.
const CountArg = "count"

// Words says things in one language. It is safe for concurrent use.
type Words struct {
	tag     language.Tag
	found   *i18n.Localizer
	numbers *message.Printer
	zone    *time.Location
}

// For gives the words of a language: a BCP 47 tag such as "es" or "en-US", or "" for the system's own. A language
// without a catalogue is spoken in English, with its own dates and numbers.
func For(lang string) *Words {
	if lang == "" {
		lang = system()
	}
	tag, err := language.Parse(lang)
	if err != nil {
		tag = language.English
	}
	return &Words{
		tag:     tag,
		found:   i18n.NewLocalizer(catalogue(), tag.String(), language.English.String()),
		numbers: message.NewPrinter(tag),
		zone:    time.Local,
	}
}

// In is the same words with times told in another zone than the computer's own.
func (w *Words) In(zone *time.Location) *Words {
	other := *w
	other.zone = zone
	return &other
}

// Language is the tag these words were asked for, as "en-GB".
func (w *Words) Language() string { return w.tag.String() }

// Say gives the sentence of a key, its {{.holes}} filled from args. An argument CountArg chooses the plural form.
// Whole numbers are written as the language writes them. A key that no catalogue holds is answered as it is, so
// that a missing sentence is seen and nothing breaks.
func (w *Words) Say(key string, args ...map[string]any) string {
	said, ok := w.say(key, args...)
	if !ok {
		slog.Debug("no sentence for a key", slog.String("key", key), slog.String("language", w.Language()))
		return key
	}
	return said
}

// Has tells whether there is a sentence for a key, in this language or in English.
func (w *Words) Has(key string) bool {
	_, ok := w.say(key)
	return ok
}

// Problem says what happened, and what a person does next, for the code of a problem and its arguments. What to do
// is empty where there is nothing to do. A code without a sentence still gets one, with the code in it.
func (w *Words) Problem(code string, args map[string]string) (what, do string) {
	key := "problem." + code
	filled := make(map[string]any, len(args))
	for name, value := range args {
		filled[name] = value
	}
	what, ok := w.say(key, filled)
	if !ok {
		slog.Debug("no sentence for a problem", slog.String("code", code), slog.String("language", w.Language()))
		code := map[string]any{"code": code}
		return w.Say("words.problem", code), w.Say("words.problem.do", code)
	}
	do, _ = w.say(key+".do", filled)
	return what, do
}

func (w *Words) say(key string, args ...map[string]any) (string, bool) {
	var count any
	// Strings only: a hole without an argument is then empty, where any other map would print "<no value>".
	data := make(map[string]string)
	for _, set := range args {
		for name, value := range set {
			if name == CountArg {
				count = plural(value)
			}
			data[name] = w.show(value)
		}
	}
	said, err := w.found.Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: data, PluralCount: count, TemplateParser: holes,
	})
	// A sentence that is missing in this language and there in English comes with an error and is good enough.
	return said, said != "" || err == nil
}

var holes = &template.TextParser{Option: "missingkey=zero"}

// plural is a count in a form that go-i18n takes, or nil where the value is no whole number.
func plural(value any) any {
	switch n := value.(type) {
	case int:
		return n
	case int64:
		return n
	case string:
		if whole, err := strconv.ParseInt(n, 10, 64); err == nil {
			return whole
		}
	}
	return nil
}

func (w *Words) show(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return w.Number(int64(v))
	case int64:
		return w.Number(v)
	}
	return fmt.Sprint(value)
}

// catalogue is every sentence of every room, read once.
var catalogue = sync.OnceValue(func() *i18n.Bundle {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := translations.ReadDir("translations")
	if err != nil {
		panic("assets: the embedded translations cannot be listed: " + err.Error())
	}
	for _, file := range files {
		name := path.Join("translations", file.Name())
		if _, err := bundle.LoadMessageFileFS(translations, name); err != nil {
			panic("assets: " + name + ": " + err.Error()) // a broken build: the tests of this package read them all
		}
	}
	return bundle
})

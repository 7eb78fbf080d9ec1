package assets

import (
	"slices"
	"strings"

	"github.com/jeandeaual/go-locale"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Language turns the person's setting into a tag for For: the setting itself, or the system's language where it is
// empty. A chosen language keeps the system's region if it is a region of that language, for dates and numbers.
func Language(setting string) string {
	own := system()
	if setting == "" {
		return own
	}
	if base, _, _ := strings.Cut(own, "-"); base == setting {
		return own
	}
	return setting
}

// Spoken is a language that the program has words in.
type Spoken struct {
	Tag  string // "es"
	Name string // in the language itself: "Español"
}

// Languages lists the languages there is a catalogue for, by tag.
func Languages() []Spoken {
	var spoken []Spoken
	for _, tag := range catalogue().LanguageTags() {
		name := display.Self.Name(tag)
		if name != "" {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		spoken = append(spoken, Spoken{Tag: tag.String(), Name: name})
	}
	slices.SortFunc(spoken, func(a, b Spoken) int { return strings.Compare(a.Tag, b.Tag) })
	return spoken
}

// system is the language and region the system is set to, English where it cannot be told.
func system() string {
	name, err := locale.GetLocale()
	if err != nil {
		return language.English.String()
	}
	tag, err := language.Parse(name)
	if err != nil || tag == language.Und {
		return language.English.String()
	}
	base, _ := tag.Base()
	if region, exact := tag.Region(); exact == language.Exact {
		return base.String() + "-" + region.String()
	}
	return base.String()
}

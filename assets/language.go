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

// system is the language and region the system is set to. Where there are no words in that, it is the first of the
// languages that the person has listed after it and there are words in; English where nothing can be told.
func system() string {
	var wanted []string
	if name, err := locale.GetLocale(); err == nil {
		wanted = append(wanted, name)
	}
	if names, err := locale.GetLocales(); err == nil {
		wanted = append(wanted, names...)
	}
	return firstSpoken(wanted)
}

// firstSpoken chooses among the languages a person wants, in their order; the first of all if there are words in none.
func firstSpoken(wanted []string) string {
	var first string
	for _, name := range wanted {
		tag, err := language.Parse(name)
		if err != nil || tag == language.Und {
			continue
		}
		base, _ := tag.Base()
		known := base.String()
		if region, exact := tag.Region(); exact == language.Exact {
			known += "-" + region.String()
		}
		if first == "" {
			first = known
		}
		if slices.ContainsFunc(Languages(), func(l Spoken) bool { return l.Tag == base.String() }) {
			return known
		}
	}
	if first == "" {
		return language.English.String()
	}
	return first
}

package assets

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pluralForms are the forms that a count chooses in each language (CLDR 46, cardinals). "many" is what French and
// Spanish say of whole millions: "1 000 000 de fichiers".
var pluralForms = map[string][]string{
	"en": {"one", "other"},
	"es": {"many", "one", "other"},
	"fr": {"many", "one", "other"},
	"de": {"one", "other"},
}

func TestEveryLanguageHasAllItsPluralForms(t *testing.T) {
	everySentence(t, languages, func(s said) {
		if s.form == "" {
			return
		}
		if got := slices.Sorted(maps.Keys(s.forms)); !slices.Equal(got, pluralForms[s.lang]) {
			t.Errorf("%s: it has %v, the language has %v", s, got, pluralForms[s.lang])
		}
	})
}

func TestACountOfEverySizeFindsItsForm(t *testing.T) {
	for _, c := range []struct {
		lang, want string
		count      int
	}{
		{"en", "0 files need you.", 0},
		{"en", "1 file needs you.", 1},
		{"fr", "0 fichier vous attend.", 0},
		{"fr", "1 fichier vous attend.", 1},
		{"fr", "2 fichiers vous attendent.", 2},
		{"fr", "1\u00a0000\u00a0000 de fichiers vous attendent.", 1_000_000},
		{"es", "0 archivos le necesitan.", 0},
		{"es", "2.000.000 de archivos le necesitan.", 2_000_000},
		{"de", "0 Dateien warten auf Sie.", 0},
		{"de", "1 Datei wartet auf Sie.", 1},
		{"de", "1.000.000 Dateien warten auf Sie.", 1_000_000},
	} {
		if got := For(c.lang).Say("headline.needsYou", map[string]any{CountArg: c.count}); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.count, got, c.want)
		}
	}
}

var action = regexp.MustCompile(`{{[^}]*}}`)

// said is one sentence where it stands.
type said struct {
	room, lang, key, form string
	sentence              string // its actions taken out
	forms                 map[string]string
}

func (s said) String() string { return s.room + "." + s.lang + ".json: " + s.key + ": " + s.sentence }

// everySentence goes through all sentences of some languages but the examples of commands, which are typed as they stand.
func everySentence(t *testing.T, langs []string, look func(said)) {
	t.Helper()
	for _, name := range rooms(t) {
		for _, lang := range langs {
			for key, forms := range room(t, name, lang) {
				if strings.HasSuffix(key, ".example") {
					continue
				}
				for form, sentence := range forms {
					look(said{name, lang, key, form, action.ReplaceAllString(sentence, "x"), forms})
				}
			}
		}
	}
}

// quoting are the sentences that are about the plain quotation mark itself.
var quoting = []string{"problem.wrongQuote", "problem.innerQuote"}

func TestFrenchIsSetAsFrench(t *testing.T) {
	apostrophe := regexp.MustCompile(`\pL'\pL`)
	bare := regexp.MustCompile(`[^\x{a0}\x{202f}][;?!»]|[^\x{a0}\x{202f}]:(\s|$)|«[^\x{a0}\x{202f}]`)
	everySentence(t, []string{"fr"}, func(s said) {
		if found := apostrophe.FindString(s.sentence); found != "" {
			t.Errorf("%s\nhas a typewriter's apostrophe: %q", s, found)
		}
		if found := bare.FindString(s.sentence); found != "" {
			t.Errorf("%s\nlacks a space that does not break: %q", s, found)
		}
		if strings.ContainsAny(s.sentence, "“”„") || strings.Contains(s.sentence, `"`) && !slices.Contains(quoting, s.key) {
			t.Errorf("%s\nhas quotation marks of another language", s)
		}
	})
}

func TestGermanIsSetAsGerman(t *testing.T) {
	everySentence(t, []string{"de"}, func(s said) {
		if strings.ContainsAny(s.sentence, "«»”’") || strings.Contains(s.sentence, `"`) && !slices.Contains(quoting, s.key) {
			t.Errorf("%s\nhas quotation marks or an apostrophe of another language", s)
		}
		if strings.Count(s.sentence, "„") != strings.Count(s.sentence, "“") {
			t.Errorf("%s\nhas a quotation mark that is not closed", s)
		}
	})
}

func TestSpanishIsSetAsSpanish(t *testing.T) {
	everySentence(t, []string{"es"}, func(s said) {
		for _, pair := range []string{"«»", "¿?", "¡!"} {
			marks := []rune(pair)
			if strings.Count(s.sentence, string(marks[0])) != strings.Count(s.sentence, string(marks[1])) {
				t.Errorf("%s\nhas one mark of %s without the other", s, pair)
			}
		}
		if strings.ContainsAny(s.sentence, "“”„’") || strings.Contains(s.sentence, `"`) && !slices.Contains(quoting, s.key) {
			t.Errorf("%s\nhas quotation marks of another language", s)
		}
	})
}

// TestPeopleAreAddressedFormally: usted, vous, Sie.
func TestPeopleAreAddressedFormally(t *testing.T) {
	familiar := map[string]*regexp.Regexp{
		"es": regexp.MustCompile(`(?i)(^|[^\pL])(tú|tu|tus|ti|contigo|te)($|[^\pL])`),
		"fr": regexp.MustCompile(`(?i)(^|[^\pL])(tu|toi|ton|tes)($|[^\pL])`),
		"de": regexp.MustCompile(`(?i)(^|[^\pL])(du|dir|dich|dein\pL*|euch|euer\pL*)($|[^\pL])`),
	}
	everySentence(t, languages[1:], func(s said) {
		if found := familiar[s.lang].FindString(s.sentence); found != "" {
			t.Errorf("%s\nsays %q", s, found)
		}
	})
}

// TestWhatAPersonTypesIsTheSameInEveryLanguage: commands, flags and addresses are no words.
func TestWhatAPersonTypesIsTheSameInEveryLanguage(t *testing.T) {
	typed := regexp.MustCompile(`postroom [a-z]+|--[a-z][a-z-]+|https?://[^\s,;]+|127\.0\.0\.1:\d+|POSTROOM_[A-Z]+`)
	for _, name := range rooms(t) {
		english := room(t, name, "en")
		for _, lang := range languages[1:] {
			for key, forms := range room(t, name, lang) {
				if strings.HasSuffix(key, ".example") {
					continue
				}
				want, got := typed.FindAllString(english[key]["other"]+english[key][""], -1), typed.FindAllString(forms["other"]+forms[""], -1)
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(slices.Compact(want), slices.Compact(got)) {
					t.Errorf("%s.%s.json: %s has a person type %q, English %q", name, lang, key, got, want)
				}
			}
		}
	}
}

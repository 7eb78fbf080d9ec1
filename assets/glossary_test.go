package assets

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// forbidden reads the glossary: for each language the words that no sentence may use, with the term they would stand for.
func forbidden(t *testing.T) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile("glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]map[string]string{}
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 6 || strings.HasPrefix(line, "|---") || strings.TrimSpace(cells[4]) == "not" {
			continue
		}
		for i, said := range cells[:4] {
			if strings.TrimSpace(said) == "" {
				t.Errorf("the glossary lacks a word in column %d of %q", i+1, strings.TrimSpace(line))
			}
		}
		for group := range strings.SplitSeq(cells[4], ";") {
			if strings.TrimSpace(group) == "" {
				continue
			}
			lang, list, ok := strings.Cut(strings.TrimSpace(group), ": ")
			if !ok || !slices.Contains(languages, lang) {
				t.Errorf("the glossary forbids %q in no language", group)
				continue
			}
			if words[lang] == nil {
				words[lang] = map[string]string{}
			}
			for word := range strings.SplitSeq(list, ", ") {
				words[lang][strings.TrimSpace(word)] = strings.TrimSpace(cells[0])
			}
		}
	}
	return words
}

// finder finds a word of the glossary in a sentence: the word alone, or with any ending where it ends in "*".
func finder(word string) *regexp.Regexp {
	bare := strings.ReplaceAll(word, `\*`, "\x00")
	stem, open := strings.CutSuffix(bare, "*")
	pattern := `(?i)(^|[^\pL])` + strings.ReplaceAll(regexp.QuoteMeta(stem), "\x00", `\*`)
	if !open {
		pattern += `($|[^\pL])`
	}
	return regexp.MustCompile(pattern)
}

func TestTranslationsKeepToTheGlossary(t *testing.T) {
	words := forbidden(t)
	for _, lang := range languages[1:] {
		if len(words[lang]) < 8 {
			t.Errorf("the glossary forbids only %d words in %s: is it read at all?", len(words[lang]), lang)
		}
		for word, term := range words[lang] {
			find := finder(word)
			everySentence(t, []string{lang}, func(s said) {
				if find.MatchString(s.sentence) {
					t.Errorf("%s\nsays %q for %q", s, word, term)
				}
			})
		}
	}
}

func TestAWordOfTheGlossaryIsFoundWholeOrByItsStem(t *testing.T) {
	for _, c := range []struct {
		word, sentence string
		found          bool
	}{
		{"Bestellung*", "Drei Bestellungen fehlen", true},
		{"produit", "Les produits", false},
		{"produits", "Les produits.", true},
		{"llave*", "El llavero", true},
		{"Order", "Ein Ordner", false},
		{`\*Permitir\*`, "Elija *Permitir*.", true},
		{`\*Permitir\*`, "Permitir", false},
		{"Échecs", "dans échecs", true},
	} {
		if got := finder(c.word).MatchString(c.sentence); got != c.found {
			t.Errorf("%q in %q: %v", c.word, c.sentence, got)
		}
	}
}

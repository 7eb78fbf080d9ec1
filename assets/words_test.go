package assets

import (
	"strings"
	"testing"
	"time"
)

func TestASentenceIsSaidInTheLanguageAsked(t *testing.T) {
	if got := For("en-GB").Say("words.yesterday"); got != "yesterday" {
		t.Errorf("English: %q", got)
	}
	if got := For("es").Say("words.yesterday"); got != "ayer" {
		t.Errorf("Spanish: %q", got)
	}
}

func TestALanguageWithoutACatalogueSpeaksEnglish(t *testing.T) {
	for _, lang := range []string{"ja", "not a language", "zz-ZZ"} {
		if got := For(lang).Say("words.yesterday"); got != "yesterday" {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestAKeyWithoutASentenceIsShownAsItIs(t *testing.T) {
	w := For("en")
	if got := w.Say("no.such.key"); got != "no.such.key" {
		t.Errorf("Say: %q", got)
	}
	if w.Has("no.such.key") || !w.Has("words.date") {
		t.Error("Has does not tell what is there")
	}
}

func TestTheCountChoosesThePluralAndIsWrittenAsTheLanguageDoes(t *testing.T) {
	for _, c := range []struct {
		lang, want string
		count      any
	}{
		{"en", "1 day", 1},
		{"en", "12,480 days", 12480},
		{"es", "1 día", "1"}, // the arguments of a problem are strings
		{"es", "12.480 días", int64(12480)},
		{"en", "many days", "many"},
	} {
		if got := For(c.lang).Say("words.span.days", map[string]any{CountArg: c.count}); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.lang, c.count, got, c.want)
		}
	}
}

func TestAHoleWithoutAnArgumentIsEmpty(t *testing.T) {
	if got := For("en").Say("words.date", map[string]any{"day": "3"}); strings.Contains(got, "no value") {
		t.Errorf("the template's own words are shown: %q", got)
	}
}

func TestArgumentsAreTextAndNeverATemplate(t *testing.T) {
	hostile := `{{.day}}{{template "x"}}`
	if got := For("en").Say("words.date", map[string]any{"day": hostile, "month": "Nov"}); got != hostile+" Nov" {
		t.Errorf("got %q", got)
	}
}

func TestAProblemWithoutASentenceStillSaysWhatToDo(t *testing.T) {
	what, do := For("en").Problem("neverHeardOf", nil)
	if !strings.Contains(what, "neverHeardOf") || do == "" {
		t.Errorf("what %q, do %q", what, do)
	}
}

var madrid = time.FixedZone("CET", 3600)

func TestTimesAreToldAsThePersonWritesThem(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 20, 0, 0, time.UTC)
	at := func(day, hour, min int) time.Time { return time.Date(2026, 11, day, hour, min, 11, 0, time.UTC) }
	en, us, es := For("en-GB").In(madrid), For("en-US").In(madrid), For("es-ES").In(madrid)
	for _, c := range []struct{ name, got, want string }{
		{"time", en.Time(at(24, 9, 12)), "10:12"},
		{"American time", us.Time(at(24, 9, 12)), "10:12\u00a0AM"},
		{"clock", en.Clock(at(24, 9, 2)), "10:02:11"},
		{"when today", en.When(at(24, 9, 12), now), "10:12"},
		{"just before midnight here", en.When(at(23, 22, 59), now), "yesterday"},
		{"just after midnight here", en.When(at(23, 23, 1), now), "00:01"},
		{"when yesterday in Spanish", es.When(at(23, 9, 0), now), "ayer"},
		{"when", en.When(at(20, 13, 3), now), "20 Nov"},
		{"American date", us.Date(at(20, 13, 3), now), "Nov 20"},
		{"Spanish date", es.Date(at(20, 13, 3), now), "20 nov"},
		{"another year", en.When(at(20, 13, 3).AddDate(-1, 0, 0), now), "20 Nov\u00a02025"},
		{"day and time", en.DateTime(at(20, 13, 3), now), "20 Nov 14:03"},
		{"time alone today", en.DateTime(at(24, 9, 12), now), "10:12"},
		{"just now", en.Since(now.Add(-59*time.Second), now), "just now"},
		{"a clock set back", en.Since(now.Add(time.Hour), now), "just now"},
		{"minutes", en.Since(now.Add(-2*time.Minute), now), "2 min"},
		{"hours", en.Since(now.Add(-3*time.Hour), now), "3 h"},
		{"days", en.Since(now.Add(-73*time.Hour), now), "21 Nov"},
		{"a time that is not known", en.When(time.Time{}, now) + en.Since(time.Time{}, now), ""},
		{"span", en.Span(4 * 24 * time.Hour), "4 days"},
		{"span of an hour", es.Span(time.Hour), "1 hora"},
		{"short span", en.Span(time.Second), "a moment"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestTimesAreToldInEveryLanguage(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 20, 0, 0, time.UTC)
	at := time.Date(2026, 11, 20, 13, 3, 0, 0, time.UTC)
	es, fr, de := For("es-ES").In(madrid), For("fr-FR").In(madrid), For("de-DE").In(madrid)
	for _, c := range []struct{ name, got, want string }{
		{"German date", de.Date(at, now), "20. Nov."},
		{"German date of May", de.Date(at.AddDate(0, -6, 0), now), "20. Mai"},
		{"German date of another year", de.Date(at.AddDate(-1, 0, 0), now), "20.11.2025"},
		{"French date", fr.Date(at, now), "20 nov."},
		{"the first in French", fr.Date(at.AddDate(0, -3, -19), now), "1er août"},
		{"French date of another year", fr.Date(at.AddDate(-1, -9, -19), now), "01/02/2025"},
		{"Spanish date of another year", es.Date(at.AddDate(-1, 0, 0), now), "20/11/2025"},
		{"German yesterday", de.Lately(now.Add(-16*time.Hour), now), "gestern 18:20"},
		{"French today", fr.Lately(now, now), "aujourd’hui 10:20"},
		{"German when", de.When(now.Add(-16*time.Hour), now), "gestern"},
		{"German span", de.Span(4 * 24 * time.Hour), "4 Tage"},
		{"German ago takes the dative", de.Ago(4 * 24 * time.Hour), "vor 4 Tagen"},
		{"German ago of one", de.Ago(90 * time.Minute), "vor 1 Stunde"},
		{"French ago", fr.Ago(12 * time.Minute), "il y a 12 minutes"},
		{"Spanish ago", es.Ago(26 * time.Hour), "hace 1 día"},
		{"ago of a clock set back", de.Ago(-time.Hour), "gerade eben"},
		{"German short", de.Since(now.Add(-2*time.Minute), now), "2 min"},
		{"German span of minutes", de.Span(12 * time.Minute), "12 Minuten"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestThePersonsOwnOrderOfLanguagesIsFollowed(t *testing.T) {
	for _, c := range []struct {
		want   string
		wanted []string
	}{
		{"de-AT", []string{"de-AT", "en-US"}},
		{"fr-CH", []string{"ja-JP", "fr-CH", "en"}},
		{"ja-JP", []string{"ja-JP", "ko"}}, // spoken in English, with its own dates and numbers
		{"fr", []string{"", "no language", "fr"}},
		{"en", nil},
	} {
		if got := firstSpoken(c.wanted); got != c.want {
			t.Errorf("%v: %q, want %q", c.wanted, got, c.want)
		}
	}
}

func TestACountryThatHasNoCatalogueSpeaksItsLanguage(t *testing.T) {
	for lang, want := range map[string]string{"de-AT": "gestern", "de-CH": "gestern", "fr-CA": "hier", "es-MX": "ayer", "en-AU": "yesterday"} {
		if got := For(lang).Say("words.yesterday"); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestFiguresAreWrittenAsThePersonWritesThem(t *testing.T) {
	en, es, fr, de := For("en"), For("es"), For("fr-FR"), For("de-DE")
	for _, c := range []struct{ got, want string }{
		{en.Percent(62), "62\u00a0%"},
		{en.Percent(61.6), "62\u00a0%"},
		{en.Number(1234567), "1,234,567"},
		{es.Number(1234567), "1.234.567"},
		{en.Size(0), "0\u00a0bytes"},
		{en.Size(999), "999\u00a0bytes"},
		{en.Size(84_211), "84\u00a0KB"},
		{en.Size(999_999), "1\u00a0MB"},
		{en.Size(1_240_000), "1.2\u00a0MB"},
		{en.Size(1), "1\u00a0byte"},
		{es.Size(1_240_000), "1,2\u00a0MB"},
		{fr.Size(1), "1\u00a0octet"},
		{fr.Size(84_211), "84\u00a0ko"},
		{fr.Size(1_240_000), "1,2\u00a0Mo"},
		{fr.Number(1234567), "1\u00a0234\u00a0567"},
		{fr.Percent(62), "62\u00a0%"},
		{de.Size(999), "999\u00a0Byte"},
		{de.Size(1_240_000), "1,2\u00a0MB"},
		{de.Number(12480), "12.480"},
		{de.Percent(61.6), "62\u00a0%"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestASettingIsALanguageAndAnEmptyOneIsTheSystems(t *testing.T) {
	if got := Language("es"); !strings.HasPrefix(got, "es") {
		t.Errorf("chosen: %q", got)
	}
	if got := Language(""); got == "" {
		t.Error("the system's language is empty")
	}
	if For("").Say("words.justNow") == "words.justNow" {
		t.Error("the system's language has no words")
	}
}

func TestLanguagesNameThemselves(t *testing.T) {
	found := map[string]string{}
	for _, l := range Languages() {
		found[l.Tag] = l.Name
	}
	if found["en"] != "English" || found["es"] != "Español" || found["fr"] != "Français" || found["de"] != "Deutsch" {
		t.Errorf("languages: %v", found)
	}
}

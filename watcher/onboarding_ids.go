package watcher

import (
	"html"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
)

// An ID in Sage's e-mail stands after its name, on the same line or the next. The names are known in the case and
// the languages that Sage writes; the form of the e-mail is not documented, so all else is taken as it comes.
var (
	developerLabel   = regexp.MustCompile(`(?i)(?:developer|desarrollador|d[ée]veloppeur|entwickler)[\s_-]*(?:id\b|ident\w*|kennung)|\bid(?:entifica\w*|entifiant)?\s+(?:del?\s+|du\s+)?(?:developer|desarrollador|d[ée]veloppeur)`)
	applicationLabel = regexp.MustCompile(`(?i)(?:application|app|aplicaci[óo]n|anwendungs?)[\s_-]*(?:id\b|ident\w*|kennung)|\bid(?:entifica\w*|entifiant)?\s+(?:de\s+(?:la\s+)?|de\s+l['’])?(?:application|aplicaci[óo]n)`)
	betweenLabelAnd  = regexp.MustCompile(`^[\s:=>|*"'“”‘’\x60()\[\].-]*(?:(?:is|es|est|ist|lautet)\b[\s:"'*]*)?`)
	idValue          = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]{3,199}`)
	htmlTag          = regexp.MustCompile(`(?s)<(?:style|script)\b.*?</(?:style|script)>|<!--.*?-->|<[A-Za-z/!][^>]*>`)
)

// maxEmail bounds what FindIDs looks at; an e-mail with pictures in it is longer, its IDs come first.
const maxEmail = 1 << 20

// FindIDs finds the developer's and the application's ID in Sage's e-mail, pasted whole: plain, as HTML, or as the
// mail program shows its source. What is not found is "". It guesses nothing: an ID counts only next to its name.
func FindIDs(text string) (developer, application string) {
	if len(text) > maxEmail {
		text = text[:maxEmail]
	}
	if strings.Contains(strings.ToLower(text), "quoted-printable") {
		if plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text))); err == nil {
			text = string(plain)
		}
	}
	text = html.UnescapeString(htmlTag.ReplaceAllString(text, " "))
	text = strings.NewReplacer("\u00a0", " ", "\u200b", "", "\ufeff", "").Replace(text)
	return after(developerLabel, text), after(applicationLabel, text)
}

// after is the first thing that looks like an ID after one of the label's places.
func after(label *regexp.Regexp, text string) string {
	for _, place := range label.FindAllStringIndex(text, -1) {
		rest := text[place[1]:]
		rest = rest[len(betweenLabelAnd.FindString(rest)):]
		if id := strings.TrimRight(idValue.FindString(rest), ".-"); looksLikeID(id) {
			return id
		}
	}
	return ""
}

// looksLikeID tells an ID from a word of the sentence: it has a digit, or is longer than words are.
func looksLikeID(text string) bool {
	return len(text) >= 4 && (strings.ContainsAny(text, "0123456789") || len(text) >= 20)
}

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
	text = html.UnescapeString(stripTags(text))
	text = strings.NewReplacer("\u00a0", " ", "\u200b", "", "\ufeff", "").Replace(text)
	return after(developerLabel, text), after(applicationLabel, text)
}

// stripTags puts a space in the place of each HTML tag, and of what stands in a style, a script or a comment. It looks
// at each byte a few times at most, whatever the text.
func stripTags(text string) string {
	var plain strings.Builder
	lower := asciiLower(text)
	missing := map[string]bool{} // ends that do not come any more
	for {
		at := strings.IndexByte(text, '<')
		if at < 0 || at+1 == len(text) {
			plain.WriteString(text)
			return plain.String()
		}
		end := 0
		for _, skip := range []struct{ begin, end string }{{"<style", "</style>"}, {"<script", "</script>"}, {"<!--", "-->"}, {"<", ">"}} {
			if !strings.HasPrefix(lower[at:], skip.begin) || missing[skip.end] || skip.begin == "<" && !opensTag(text[at+1]) {
				continue
			}
			if length := strings.Index(lower[at:], skip.end); length >= 0 {
				end = at + length + len(skip.end)
				break
			}
			missing[skip.end] = true
		}
		if end == 0 { // no tag, only a sign
			plain.WriteString(text[:at+1])
			end = at + 1
		} else {
			plain.WriteString(text[:at] + " ")
		}
		text, lower = text[end:], lower[end:]
	}
}

func opensTag(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '!'
}

// asciiLower keeps every byte where it is, unlike strings.ToLower.
func asciiLower(text string) string {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
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

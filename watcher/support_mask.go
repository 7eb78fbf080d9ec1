package watcher

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"index/suffixarray"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"postroom/watcher/journal"
)

// masker puts marks in the place of names. What is a name it knows from three sides: the journal's names and the companies'
// are looked for as they are; a path is one wherever it stands; and so is the value of some attributes of a log line.
type masker struct {
	salt   []byte
	known  *strings.Replacer // folders, companies, files
	people *regexp.Regexp    // this user and this computer
}

// mask takes the names out of a Support.
func (e *Engine) mask(ctx context.Context, s *Support) error {
	m := &masker{salt: []byte(rand.Text())}
	names, err := e.namesIn(ctx, searchable(s))
	if err != nil {
		return err
	}
	m.known, m.people = m.replacer(e.options.Home, s.Connections, names), people()
	s.Settings.DocumentsRoot = m.text(s.Settings.DocumentsRoot)
	for i, pattern := range s.Settings.Ignore {
		s.Settings.Ignore = slices.Clone(s.Settings.Ignore)
		s.Settings.Ignore[i] = m.known.Replace(pattern)
	}
	for i := range s.Connections {
		c := &s.Connections[i]
		c.Company, c.Folder, c.Problem = m.mark("company", c.Company), m.text(c.Folder), m.problem(c.Problem)
		for n := range c.Lanes {
			c.Lanes[n].Problem = m.problem(c.Lanes[n].Problem)
		}
	}
	for i := range s.Problems {
		s.Problems[i] = *m.problem(&s.Problems[i])
	}
	for i := range s.Findings {
		s.Findings[i].Problem = *m.problem(&s.Findings[i].Problem)
	}
	for i, line := range s.Log {
		s.Log[i] = m.line(line)
	}
	return nil
}

// searchable is everything that a name of a file could stand in.
func searchable(s *Support) []byte {
	var text strings.Builder
	for _, line := range s.Log {
		text.WriteString(line + "\n")
	}
	problems := slices.Clone(s.Problems)
	for _, f := range s.Findings {
		problems = append(problems, f.Problem)
	}
	for _, p := range problems {
		for _, value := range p.Args {
			text.WriteString(value + "\n")
		}
	}
	return []byte(text.String())
}

// leastName is below how many bytes a name is left where it is: it would take half of every line with it.
const leastName = 3

// namesIn are the names of files that the journal knows and that stand in a text. There may be very many in the journal and
// few in the text, so the text is what is indexed.
func (e *Engine) namesIn(ctx context.Context, text []byte) ([]string, error) {
	index := suffixarray.New(text)
	found := make(map[string]bool)
	look := func(name string) {
		for _, form := range []string{name, strings.Trim(fmt.Sprintf("%q", name), `"`)} { // as a log line may quote it
			if len(form) >= leastName && !found[form] && len(index.Lookup([]byte(form), 1)) > 0 {
				found[form] = true
			}
		}
	}
	query := journal.Query{OldestFirst: true, Limit: sentPage}
	for {
		page, err := e.journal.Transfers(ctx, query)
		if err != nil {
			return nil, err
		}
		for i := range page {
			t := &page[i]
			for _, name := range []string{t.Name, path.Base(t.Path), path.Base(t.Origin), path.Base(t.ResultPath)} {
				look(name)
				look(strings.TrimSuffix(name, path.Ext(name)))
			}
		}
		if len(page) < sentPage {
			break
		}
		query.After = page[len(page)-1].Sequence
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	return names, nil
}

// replacer knows what is looked for as it is: the longest first, since one may hold another.
func (m *masker) replacer(home string, connections []Connection, names []string) *strings.Replacer {
	marks := map[string]string{home: "<home>"}
	for i, folder := range foldersOf(connections) {
		marks[folder] = fmt.Sprintf("<folder %d>", i+1)
	}
	for _, c := range connections {
		marks[c.Company] = m.mark("company", c.Company)
	}
	if own, err := os.UserHomeDir(); err == nil {
		marks[own] = "~"
	}
	for _, name := range names {
		marks[name] = m.file(name)
	}
	pairs := make([][2]string, 0, len(marks))
	for text, mark := range marks {
		if len(text) >= leastName && text != string(filepath.Separator) {
			pairs = append(pairs, [2]string{text, mark})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return cmp.Or(len(b[0])-len(a[0]), strings.Compare(a[0], b[0])) })
	var flat []string
	for _, pair := range pairs {
		flat = append(flat, pair[0], pair[1])
	}
	return strings.NewReplacer(flat...)
}

// people finds who and where this is, as whole words; nil where that cannot be told.
func people() *regexp.Regexp {
	var words []string
	if u, err := user.Current(); err == nil {
		_, name, _ := strings.Cut(u.Username, `\`) // Windows puts the domain before it
		words = append(words, u.Username, name, u.Name)
	}
	if computer, err := os.Hostname(); err == nil {
		words = append(words, computer)
	}
	words = slices.DeleteFunc(words, func(word string) bool { return len(word) < leastName })
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	if len(words) == 0 {
		return nil
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(words, "|") + `)\b`)
}

func foldersOf(connections []Connection) []string {
	var folders []string
	for _, c := range connections {
		if !slices.Contains(folders, c.Folder) {
			folders = append(folders, c.Folder)
		}
	}
	return folders
}

// mark stands for a text: the same for the same, and told by nobody without the salt, which is forgotten.
func (m *masker) mark(kind, text string) string {
	sum := hmac.New(sha256.New, m.salt)
	sum.Write([]byte(text))
	return kind + "-" + hex.EncodeToString(sum.Sum(nil)[:4])
}

// file is the mark of a file's name; its ending stays.
func (m *masker) file(name string) string {
	ending := path.Ext(name)
	if len(ending) > 6 {
		ending = ""
	}
	return m.mark("file", strings.TrimSuffix(name, ending)) + ending
}

// aPath is an address, or a path that begins with a folder of the system or with a mark for one, and the names behind it:
// up to what ends it in a sentence, since there may be spaces in a name.
var aPath = regexp.MustCompile(`[a-z][a-z0-9+]*://[^\s"]+|` +
	`(?:<home>|<folder \d+>|~|[A-Za-z]:)?[/\\][^/\\"':*?<>|\n]+(?:[/\\]+[^/\\"':*?<>|\n]+)*`)

// ownFolders are names that the program or the system itself gives.
var ownFolders = regexp.MustCompile(`^(?:Outbox|Held|Inbox|results|history|changes|Sent|Unclear|Failed|\.sending|\.postroom\.lock|` +
	`orders|customers|products|company|settings|` +
	`logs|locks|connections|drafts|postroom[a-z.]*|journal\.db[a-z-]*|settings\.json|vault\.age|agent\.(?:lock|sock|err)|window\.err|` +
	`home|Users|tmp|var|srv|mnt|media|usr|etc|opt|proc|run|\d{4}-\d\d|[0-9a-f-]{36}(?:\.json)?|file-[0-9a-f]{8}[.a-z]*|company-[0-9a-f]{8})$`)

// text masks what is known, then every path.
func (m *masker) text(text string) string {
	text = m.known.Replace(text)
	if m.people != nil {
		text = m.people.ReplaceAllString(text, "<this user or computer>")
	}
	return aPath.ReplaceAllStringFunc(text, m.path)
}

// path masks the names of a path that are nobody's but a person's.
func (m *masker) path(text string) string {
	if strings.Contains(text, "://") {
		return text // an address; package sage has masked it
	}
	separator := "/"
	if !strings.Contains(text, separator) {
		separator = `\`
	}
	parts := strings.Split(text, separator)
	for i, part := range parts {
		if strings.HasPrefix(part, outboxLock+" ") {
			break // a sentence goes on behind it
		}
		if i > 0 && part != "" && !ownFolders.MatchString(part) && !strings.HasPrefix(part, "<") {
			parts[i] = m.file(part)
		}
	}
	return strings.Join(parts, separator)
}

// nameArgs are the arguments of a problem, and the attributes of a log line, whose value is somebody's name as a whole.
var nameArgs = map[string]string{
	"name": "file", "file": "file", "other": "file", "company": "company", "user": "user", "computer": "computer",
	"title": "text", "body": "text",
}

// value masks the value of an argument or attribute.
func (m *masker) value(name, value string) string {
	if name == "volume" {
		mount, kind, _ := strings.Cut(value, " (")
		return strings.TrimSuffix(m.text(mount)+" ("+kind, " (")
	}
	kind, isName := nameArgs[name]
	if !isName || value == "" {
		return m.text(value)
	}
	if strings.ContainsAny(value, `/\`) {
		return m.text(value)
	}
	if kind == "file" {
		return m.file(value)
	}
	return m.mark(kind, value)
}

func (m *masker) problem(p *Problem) *Problem {
	if p == nil {
		return nil
	}
	masked := Problem{Code: p.Code}
	for name, value := range p.Args {
		if masked.Args == nil {
			masked.Args = make(map[string]string, len(p.Args))
		}
		masked.Args[name] = m.value(name, value)
	}
	return &masked
}

// anAttribute is a key of a log line with its value, as slog writes them.
var anAttribute = regexp.MustCompile(`([A-Za-z_.]+)=("(?:[^"\\]|\\.)*"|[^ "]*)`)

// line masks a line of the log: attribute by attribute if it is one of slog's, as a whole otherwise.
func (m *masker) line(line string) string {
	if !strings.HasPrefix(line, "time=") {
		return m.text(line)
	}
	return anAttribute.ReplaceAllStringFunc(line, func(attribute string) string {
		name, value, _ := strings.Cut(attribute, "=")
		switch name {
		case "time", "level", "msg":
			return attribute
		}
		return name + "=" + requoted(value, func(plain string) string { return m.value(name, plain) })
	})
}

// requoted changes a value within its quotes, if it has any.
func requoted(value string, change func(string) string) string {
	plain, err := strconv.Unquote(value)
	if err != nil {
		plain = value
	}
	changed := change(plain)
	if err != nil && !strings.ContainsAny(changed, " \"=\n") {
		return changed
	}
	return strconv.Quote(changed)
}

package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postroom/sage"
	"postroom/sage/contract"
)

// shownFiles is how many files a company's page lists.
const shownFiles = 50

func (p *pages) company(r *http.Request) (view, error) {
	c, here, err := p.here(r)
	if err != nil {
		return view{}, err
	}
	type connectionCard struct {
		Application, Domain, Words string
		State                      pill
		Locked                     bool
	}
	data := struct {
		frame
		Company, Here, Waiting, Older string
		On                            bool
		Power                         pill
		Files                         []row
		Lists                         []listRow
		Connections                   []connectionCard
	}{frame: p.frame(r, here, c.Company), Company: c.Company, Here: here, On: c.On}
	data.Refresh = 2
	data.Power = pill{"on", "good", "Switched on"}
	if !c.On {
		data.Power = pill{"off", "waiting", "Switched off: files wait on the platform"}
	}
	data.Files, data.Older = p.fileRows(c.Company, here)
	data.Lists = p.listRows(c, here)
	for _, con := range c.Connections {
		data.Connections = append(data.Connections, connectionCard{
			Application: con.Application, Domain: con.Domain, State: keyPill(con.KeyState),
			Words: fmt.Sprintf("%s. Connected %s, key %s, good until %s.", domainWords(con.Domain),
				when(con.At, p.s.now()), renewed(con.Rotations), when(con.KeyExpires, p.s.now())),
			Locked: con.KeyState == KeyLocked || con.KeyState == KeyLockedHard,
		})
	}
	return view{template: "company", data: data}, nil
}

func renewed(rotations int) string {
	switch rotations {
	case 0:
		return "not renewed yet"
	case 1:
		return "renewed once"
	}
	return fmt.Sprintf("renewed %d times", rotations)
}

func keyPill(state KeyState) pill {
	switch state {
	case KeyExpired:
		return pill{"clock", "attention", "Key expired"}
	case KeyRevoked:
		return pill{"cross", "problem", "Key revoked"}
	case KeyLocked:
		return pill{"lock", "attention", "Key locked for a time"}
	case KeyLockedHard:
		return pill{"lock", "problem", "Key locked hard"}
	}
	return pill{"tick", "good", "Key good"}
}

// fileRows are the files of a company, the newest first, and a word about those left out.
func (p *pages) fileRows(company, here string) (rows []row, older string) {
	left := 0
	for _, f := range slices.Backward(p.s.Files()) {
		if f.Company != company {
			continue
		}
		if len(rows) == shownFiles {
			left++
			continue
		}
		rows = append(rows, fileRow(f, here))
	}
	if left > 0 {
		older = fmt.Sprintf("And %s from before.", count(left, "file", "files"))
	}
	return rows, older
}

func fileRow(f File, here string) row {
	x := row{Name: f.Name, Path: here + "/file/" + url.PathEscape(f.ID), At: f.CreatedAt}
	pill := filePill(f)
	x.Icon, x.Tone, x.Words = pill.Icon, pill.Tone, pill.Word
	if f.Status == Processing && f.Progress > 0 {
		x.Bar = fmt.Sprintf("w%d", f.Progress)
	}
	return x
}

// filePill says in words what became of a file.
func filePill(f File) pill {
	records := strings.ReplaceAll(count(f.Records, "record", "records"), "no ", "0 ")
	switch f.Status {
	case AwaitingUpload:
		if f.Superseded {
			return pill{"cross", "waiting", "Replaced by a newer one before it was sent"}
		}
		return pill{"clock", "waiting", "Waits for its content"}
	case Validating:
		return pill{"up", "busy", "The platform is checking it"}
	case Quarantined:
		return pill{"mark", "attention", "In quarantine"}
	case Available:
		return pill{"clock", "waiting", "Waits for Sage 50, " + records}
	case Downloaded:
		return pill{"down", "busy", "Sage 50 has fetched it, " + records}
	case Processing:
		return pill{"up", "busy", fmt.Sprintf("Sage 50 is processing it, %d %%", f.Progress)}
	case Accepted:
		if f.Refused > 0 {
			return pill{"mark", "attention", fmt.Sprintf("%d of %s refused", f.Refused, records)}
		}
		return pill{"tick", "good", "Accepted, " + records}
	case Rejected:
		return pill{"cross", "problem", "Rejected by the platform"}
	case BadRequest:
		return pill{"cross", "problem", "Bad request"}
	}
	return pill{"cross", "problem", "Failed, " + records}
}

type listRow struct{ Scope, Words, Path string }

// listRows are the scopes whose lists a company's connections take.
func (p *pages) listRows(c Installation, here string) []listRow {
	snapshots := map[string]Snapshot{}
	for _, s := range p.s.Snapshots() {
		if fold(s.Company) == fold(c.Company) {
			snapshots[s.Domain+"/"+s.Scope] = s
		}
	}
	var rows []listRow
	for _, con := range c.Connections {
		for name, scope := range p.s.profile.Domains[con.Domain].Scopes {
			if scope.Direction != sage.Incoming {
				continue
			}
			x := listRow{Scope: name, Words: "Never published", Path: here + "/publish?scope=" + url.QueryEscape(name)}
			if s, ok := snapshots[con.Domain+"/"+name]; ok {
				x.Words = fmt.Sprintf("%s, %s", count(s.Records, "record", "records"), when(s.At, p.s.now()))
			}
			rows = append(rows, x)
		}
	}
	slices.SortFunc(rows, func(a, b listRow) int { return strings.Compare(a.Scope, b.Scope) })
	return slices.Compact(rows)
}

func (p *pages) key(r *http.Request) (view, error) {
	c, here, err := p.here(r)
	if err != nil {
		return view{}, err
	}
	domain := r.URL.Query().Get("domain")
	key, err := p.s.InitialKey(c.Company, domain)
	if err != nil {
		return view{}, errNoPath
	}
	data := struct {
		frame
		Company, Here, Key, Domain string
	}{p.frame(r, here, "The first key"), c.Company, here, key.Reveal(), domainWords(domain)}
	data.Narrow = true
	return view{template: "key", data: data}, nil
}

// editable is the largest list that can be edited on the page, in bytes.
const editable = 256 << 10

func (p *pages) publish(r *http.Request) (view, error) {
	c, here, err := p.here(r)
	if err != nil {
		return view{}, err
	}
	scope := r.URL.Query().Get("scope")
	if !slices.ContainsFunc(p.listRows(c, here), func(x listRow) bool { return x.Scope == scope }) {
		return view{}, errNoPath
	}
	data := struct {
		frame
		Company, Here, Scope, Now, List string
		Count                           int
	}{frame: p.frame(r, here, "Publish "+scope), Company: c.Company, Here: here, Scope: scope, Count: 25}
	data.List = string(sampleList(scope, c.Company, 3))
	for _, s := range p.s.Snapshots() {
		if fold(s.Company) != fold(c.Company) || s.Scope != scope {
			continue
		}
		data.Now = fmt.Sprintf("The newest one has %s.", count(s.Records, "record", "records"))
		if s.Size <= editable {
			data.List = p.read(p.s.Content, s.FileID, editable)
		}
	}
	return view{template: "publish", data: data}, nil
}

// fact is a name and a value of a file's page.
type fact struct {
	Name, Value string
	Code        bool
}

// shownOutcomes is how many records of a result a page lists, and shownContent how many bytes of a content.
const (
	shownOutcomes = 200
	shownContent  = 32 << 10
)

func (p *pages) file(r *http.Request) (view, error) {
	c, here, err := p.here(r)
	if err != nil {
		return view{}, err
	}
	f, ok := p.s.File(r.PathValue("id"))
	if !ok || fold(f.Company) != fold(c.Company) {
		return view{}, errNoPath
	}
	x := fileRow(f, here)
	data := struct {
		frame
		Company, Here, Path, Reason, Counted, Preview string
		Row                                           row
		Pill                                          pill
		HasContent, HasResult                         bool
		Facts                                         []fact
		Outcomes                                      []contract.Outcome
	}{
		frame: p.frame(r, here, f.Name), Company: c.Company, Here: here, Path: x.Path, Reason: f.Reason, Row: x,
		Pill: filePill(f), HasContent: f.Size > 0, HasResult: f.HasResult, Facts: fileFacts(f),
	}
	if !f.Status.Final() {
		data.Refresh = 2
	}
	if f.Size > 0 {
		data.Preview = p.read(p.s.Content, f.ID, shownContent)
	}
	if f.HasResult {
		data.Outcomes = p.outcomes(f.ID)
		data.Counted = fmt.Sprintf("%d accepted, %d refused", f.Records-f.Refused, f.Refused)
	}
	return view{template: "file", data: data}, nil
}

func fileFacts(f File) []fact {
	facts := []fact{{"Scope", f.Scope + ", " + f.Domain, false}, {"Status", string(f.Status), true}, {"File ID", f.ID, true}}
	if f.Idempotency != "" {
		facts = append(facts, fact{"Sender's ID", f.Idempotency, true})
	}
	if f.Size > 0 {
		facts = append(facts, fact{"Size", sizeWords(f.Size), false}, fact{"SHA-256", f.SHA256, true})
	}
	for _, at := range []struct {
		name string
		time time.Time
	}{{"Created", f.CreatedAt}, {"Received", f.ReceivedAt}, {"Ended", f.EndedAt}} {
		if !at.time.IsZero() {
			facts = append(facts, fact{at.name, at.time.Local().Format("2 January 2006, 15:04:05"), false})
		}
	}
	return facts
}

// sizeWords is a size for a person.
func sizeWords(bytes int64) string {
	switch {
	case bytes < 1000:
		return count(int(bytes), "byte", "bytes")
	case bytes < 1e6:
		return fmt.Sprintf("%.1f KB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

func (p *pages) outcomes(id string) []contract.Outcome {
	r, err := p.s.Result(id)
	if err != nil {
		return nil
	}
	defer r.Close()
	var list []contract.Outcome
	for o, err := range contract.Outcomes(r) {
		if err != nil || len(list) == shownOutcomes {
			break
		}
		list = append(list, o)
	}
	return list
}

// read is the beginning of a content, as text.
func (p *pages) read(open func(string) (io.ReadCloser, error), id string, limit int64) string {
	r, err := open(id)
	if err != nil {
		return ""
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return ""
	}
	if int64(len(data)) > limit {
		return strings.ToValidUTF8(string(data[:limit]), "") + "\n..."
	}
	if !utf8.Valid(data) {
		return strings.ToValidUTF8(string(data), "\uFFFD")
	}
	return string(data)
}

// raw shows a stored content as it is.
func (p *pages) raw(open func(string) (io.ReadCloser, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := open(r.PathValue("id"))
		if err != nil {
			p.problem(w, r, errNoFile)
			return
		}
		defer content.Close()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, content) // an error means that the reader has gone
	}
}

package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"postroom/sage"
)

// row is a line of a list: an icon with its tone, a name, words, a time.
type row struct {
	Icon, Tone, Name, Words, Path string
	At                            time.Time
	Bar                           string // class of the progress bar, "" for none
}

// pill is a word with a shape before it.
type pill struct{ Icon, Tone, Word string }

// count writes a number of things in words.
func count(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (p *pages) start(r *http.Request) (view, error) {
	type registration struct {
		row
		Application string
	}
	type open struct {
		row
		Code string
		Open bool
	}
	data := struct {
		frame
		Headline, Address string
		Registrations     []registration
		Passcodes         []open
	}{frame: p.frame(r, "start", "Start"), Headline: "The sandbox is running.", Address: p.s.BaseURL()}
	for _, reg := range slices.Backward(p.s.Registrations()) {
		x := registration{Application: reg.Application, row: row{Icon: "tick", Tone: "good", At: reg.At}}
		x.Words = "The IDs were e-mailed to " + reg.Email
		if !reg.Confirmed {
			x.Icon, x.Tone, x.Words = "clock", "attention", "Waits for the answer to its question"
			x.Path = strings.TrimPrefix(reg.URL, p.s.BaseURL())
		}
		data.Registrations = append(data.Registrations, x)
	}
	p.s.look(func(w *world, now time.Time) {
		for _, code := range w.passcodes {
			x := open{Code: group(code.Code), row: row{At: code.Expires}}
			x.Icon, x.Tone, x.Words, x.Open = passcodeWords(code, w.applications[code.ApplicationID].Name, now)
			data.Passcodes = append(data.Passcodes, x)
		}
	})
	sort.Slice(data.Passcodes, func(i, j int) bool { return data.Passcodes[i].At.After(data.Passcodes[j].At) })
	data.Passcodes = data.Passcodes[:min(len(data.Passcodes), 10)]
	return view{template: "start", data: data}, nil
}

// passcodeWords tells the state of a passcode.
func passcodeWords(p *passcode, application string, now time.Time) (icon, tone, words string, open bool) {
	switch {
	case p.State == passcodeConsented:
		return "tick", "good", application + ", allowed", false
	case p.State == passcodeDenied:
		return "cross", "problem", application + ", denied", false
	case p.State == passcodeRevoked:
		return "cross", "waiting", application + ", replaced by a newer one", false
	case !now.Before(p.Expires):
		return "clock", "waiting", application + ", has run out", false
	}
	return "key", "busy", fmt.Sprintf("%s, good until %s", application, when(p.Expires, now)), true
}

// group writes a passcode in threes.
func group(code string) string {
	var parts []string
	for chunk := range slices.Chunk([]byte(code), 3) {
		parts = append(parts, string(chunk))
	}
	return strings.Join(parts, " ")
}

func (p *pages) registration(r *http.Request) (view, error) {
	data := struct {
		frame
		Application, Domain, Name, Company, Email string
		Confirmed                                 bool
		Left, Right                               int
	}{}
	found := false
	p.s.look(func(w *world, _ time.Time) {
		app := w.registrations[r.PathValue("token")]
		if found = app != nil; !found {
			return
		}
		d := w.developers[app.DeveloperID]
		data.Application, data.Domain, data.Confirmed = app.Name, domainWords(app.Domain), app.Confirmed
		data.Left, data.Right = app.Left, app.Right
		data.Name, data.Company, data.Email = d.Name, d.Company, d.Email
	})
	if !found {
		return view{}, errNoPath
	}
	data.frame = p.frame(r, "start", "Registration")
	data.Narrow = true
	return view{template: "registration", data: data}, nil
}

// domainWords names a domain for a person.
func domainWords(domain string) string {
	switch domain {
	case "ecommerce":
		return "E-commerce: customers, products and orders"
	case "comp-nominalv1":
		return "Company settings"
	}
	return domain
}

func (p *pages) mailbox(r *http.Request) (view, error) {
	mails := p.s.Mailbox()
	slices.Reverse(mails)
	return view{template: "mailbox", data: struct {
		frame
		Mails []Mail
	}{p.frame(r, "mailbox", "Mailbox"), mails}}, nil
}

func (p *pages) message(r *http.Request) (view, error) {
	var found *Mail
	err := p.s.do(func(t *tx) error {
		for _, m := range t.mails {
			if m.ID != r.PathValue("id") {
				continue
			}
			if !m.Read {
				m.Read = true
				t.save(kindMail, m.ID, m)
			}
			v := m.view()
			found = &v
			return nil
		}
		return errNoPath
	})
	if err != nil {
		return view{}, err
	}
	data := struct {
		frame
		Mail Mail
	}{p.frame(r, "mailbox", found.Subject), *found}
	return view{template: "message", data: data}, nil
}

func (p *pages) sage50(r *http.Request) (view, error) {
	type company struct{ Name, Path, Icon, Words, Files string }
	data := struct {
		frame
		List []company
	}{frame: p.frame(r, "sage50", "Sage 50")}
	files := map[string]int{}
	for _, f := range p.s.Files() {
		if f.Size > 0 {
			files[f.Company]++
		}
	}
	for i, c := range p.s.Installations() {
		words := "Switched on"
		if !c.On {
			words = "Switched off"
		}
		data.List = append(data.List, company{
			Name: c.Company, Path: companyPath(i), Icon: powerIcon(c.On),
			Words: words + ", " + count(len(c.Connections), "connection", "connections"),
			Files: count(files[c.Company], "file", "files"),
		})
	}
	return view{template: "sage50", data: data}, nil
}

func (p *pages) integration(r *http.Request) (view, error) {
	data := struct {
		frame
		Typed string
	}{p.frame(r, "sage50", "Enable External Integration"), group(tidyPasscode(r.URL.Query().Get("passcode")))}
	data.Narrow = true
	return view{template: "integration", data: data}, nil
}

func (p *pages) consent(r *http.Request) (view, error) {
	data := struct {
		frame
		Application, Developer, Domain, Code, Company string
		Scopes                                        []pill
	}{}
	err := p.s.do(func(t *tx) error {
		code, app, err := t.openPasscode(r.URL.Query().Get("passcode"))
		if err != nil {
			return err
		}
		data.Application, data.Developer = app.Name, t.developers[app.DeveloperID].Company
		data.Domain, data.Code = domainWords(app.Domain), group(code.Code)
		data.Scopes = scopePills(p.s.profile.Domains[app.Domain])
		if len(t.companies) > 0 {
			data.Company = t.companies[0].Company
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	data.frame = p.frame(r, "sage50", "Consent")
	data.Narrow = true
	return view{template: "consent", data: data}, nil
}

func scopePills(d sage.Domain) []pill {
	var list []pill
	for name, scope := range d.Scopes {
		if scope.Direction == sage.Outgoing {
			list = append(list, pill{"down", "", name + ", from the application to Sage"})
		} else {
			list = append(list, pill{"up", "", name + ", from Sage to the application"})
		}
	}
	slices.SortFunc(list, func(a, b pill) int { return strings.Compare(a.Word, b.Word) })
	return list
}

func (p *pages) calls(r *http.Request) (view, error) {
	data := struct {
		frame
		Calls []row
	}{frame: p.frame(r, "calls", "Calls")}
	data.Refresh = 5
	for _, c := range slices.Backward(p.s.Calls()) {
		x := row{Icon: "clock", Tone: "busy", At: c.At, Name: "The key of " + c.Company}
		if c.Kind == string(callNotification) {
			x.Name = "A new list of " + c.Company
		}
		switch {
		case c.Done:
			x.Icon, x.Tone = "tick", "good"
		case c.Over:
			x.Icon, x.Tone = "cross", "problem"
		}
		x.Words = fmt.Sprintf("%s: %s", c.URL, or(c.Outcome, "under way"))
		if c.Tries > 1 {
			x.Words += fmt.Sprintf(", %d tries", c.Tries)
		}
		data.Calls = append(data.Calls, x)
	}
	return view{template: "calls", data: data}, nil
}

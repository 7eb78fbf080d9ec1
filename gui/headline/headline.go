package headline

import (
	"slices"
	"strings"

	"postroom/assets"
	"postroom/watcher"
)

// Line is how things stand: a state for icon and colour, and the sentence that goes with it.
type Line struct {
	State assets.TrayState

	company string           // whose trouble or pause it is, "" if it is nobody's in particular
	problem *watcher.Problem // said in the catalogue's words
	key     string           // of the sentence, where there is no problem
	count   int
}

// Of finds the one thing to say about an overview: the worst that is true. It never says that all is well above
// something that is not.
func Of(o watcher.Overview) Line {
	if VaultWaits(o) {
		return Line{State: assets.TrayNeedsYou, problem: &watcher.Problem{Code: "vaultLocked"}}
	}
	if len(o.Companies) == 0 {
		return Line{State: assets.TrayGood, key: "headline.noCompany"}
	}
	counts, needsYou, offline := survey(o)
	asking := asking(o)
	switch {
	case needsYou != nil:
		return *needsYou
	case counts.NeedsYou > 0:
		return Line{State: assets.TrayNeedsYou, key: "headline.needsYou", count: counts.NeedsYou}
	case asking > 0:
		return Line{State: assets.TrayNeedsYou, key: "headline.listAsks", count: asking}
	case o.Paused && counts.OnTheirWay > 0:
		return Line{State: assets.TrayPaused, key: "headline.paused.waiting", count: counts.OnTheirWay}
	case o.Paused:
		return Line{State: assets.TrayPaused, key: "headline.paused"}
	case o.Halted():
		halted := slices.IndexFunc(o.Companies, func(c watcher.Company) bool { return c.Paused })
		return Line{State: assets.TrayPaused, key: "headline.paused.company", company: o.Companies[halted].Name}
	case offline != nil:
		return *offline
	case counts.OnTheirWay > 0:
		return Line{State: assets.TrayBusy, key: "headline.busy", count: counts.OnTheirWay}
	case counts.Done == 0:
		return Line{State: assets.TrayGood, key: "headline.nothingYet"}
	}
	return Line{State: assets.TrayGood, key: "headline.good"}
}

// asking counts the lists from Sage that wait for an answer.
func asking(o watcher.Overview) (n int) {
	for _, company := range o.Companies {
		n += Asking(company)
	}
	return n
}

// Asking counts a company's lists from Sage that wait for an answer.
func Asking(c watcher.Company) (n int) {
	for _, connection := range c.Connections {
		for _, lane := range connection.Lanes {
			if lane.Asks {
				n++
			}
		}
	}
	return n
}

// survey adds up the companies' counts and finds the first trouble that needs a person, and the first that may pass.
func survey(o watcher.Overview) (counts watcher.Counts, needsYou, offline *Line) {
	first := func(into **Line, state assets.TrayState, company string, p *watcher.Problem) {
		if p != nil && *into == nil {
			*into = &Line{State: state, company: company, problem: p}
		}
	}
	for _, company := range o.Companies {
		counts.OnTheirWay += company.Counts.OnTheirWay
		counts.NeedsYou += company.Counts.NeedsYou
		counts.Done += company.Counts.Done
		first(&needsYou, assets.TrayNeedsYou, company.Name, company.Problem)
		for _, c := range company.Connections {
			if NeedsPerson(c.Key.State) {
				first(&needsYou, assets.TrayNeedsYou, company.Name, KeyProblem(c))
			} else {
				first(&offline, assets.TrayOffline, company.Name, c.Problem)
			}
			for _, lane := range c.Lanes {
				if lane.Outgoing { // what stops a lane to Sage apart from its connection, only a person can mend
					first(&needsYou, assets.TrayNeedsYou, company.Name, lane.Problem)
				} else {
					first(&offline, assets.TrayOffline, company.Name, lane.Problem)
				}
			}
		}
	}
	return counts, needsYou, offline
}

// NeedsPerson tells whether a key in this state waits for a person. An expired one is renewed without anyone
// noticing.
func NeedsPerson(k watcher.KeyState) bool {
	switch k {
	case watcher.KeyInvalid, watcher.KeyRevoked, watcher.KeyLocked, watcher.KeyLockedHard:
		return true
	}
	return false
}

// VaultWaits tells whether the encrypted vault waits for its passphrase. One that is yet to be made waits for nobody:
// its passphrase is chosen when the first company is connected.
func VaultWaits(o watcher.Overview) bool {
	return o.VaultLocked && (!o.VaultNew || len(o.Companies) > 0)
}

// KeyProblem is what a person is told of a connection whose key waits for them: the engine's own word, or that of
// the key's state.
func KeyProblem(c watcher.Connection) *watcher.Problem {
	if c.Problem != nil {
		return c.Problem
	}
	word := string(c.Key.State)
	return &watcher.Problem{Code: "connection" + strings.ToUpper(word[:1]) + word[1:], Args: map[string]string{"company": c.Company}}
}

// Trouble tells that the line is about a company's connection or folder, or the vault, and not about files.
func (l Line) Trouble() bool { return l.problem != nil }

// Say puts it into words.
func (l Line) Say(w *assets.Words) string {
	if l.problem == nil {
		return w.Say(l.key, map[string]any{assets.CountArg: l.count, "company": l.company})
	}
	what, _ := w.Problem(l.problem.Code, l.problem.Args)
	if l.company == "" {
		return what
	}
	return w.Say("headline.trouble", map[string]any{"company": l.company, "what": what})
}

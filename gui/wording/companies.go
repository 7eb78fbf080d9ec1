package wording

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/watcher"
)

// HeadlineSign is the icon and colour that agree with the headline.
func HeadlineSign(state assets.TrayState) Sign {
	switch state {
	case assets.TrayBusy:
		return Sign{"status-up", ToneText}
	case assets.TrayNeedsYou:
		return Sign{"status-problem", ToneProblem}
	case assets.TrayPaused:
		return Sign{"status-paused", ToneAttention}
	case assets.TrayOffline:
		return Sign{"status-attention", ToneAttention}
	}
	return Sign{"status-done", ToneGood}
}

// Headline is the sentence over the list of a company. Where it would say that all is well and a row below is not (odd: one
// the person has put aside), it says no more than that nothing waits; files that wait for the person in another company
// are told with its name.
func (s Speaker) Headline(o watcher.Overview, company string, odd bool) (Sign, string) {
	line := headline.Of(o)
	look, said := HeadlineSign(line.State), line.Say(s.Words)
	switch {
	case len(o.Companies) == 0 && line.State == assets.TrayGood:
		look = Sign{"", ToneText}
	case line.State == assets.TrayGood && odd:
		said = s.Say("window.nothingWaits")
	case said == s.Say("headline.needsYou", map[string]any{assets.CountArg: needing(o)}):
		if other := onlyOther(o, company); other != "" {
			said = s.Say("headline.trouble", map[string]any{"company": other, "what": said})
		}
	}
	return look, said
}

func needing(o watcher.Overview) int {
	n := 0
	for _, c := range o.Companies {
		n += c.Counts.NeedsYou
	}
	return n
}

// onlyOther is the one company with files that wait for the person, if it is not the one that is shown.
func onlyOther(o watcher.Overview, shown string) string {
	other := ""
	for _, c := range o.Companies {
		switch {
		case c.Counts.NeedsYou == 0:
		case c.Name == shown || other != "":
			return ""
		default:
			other = c.Name
		}
	}
	return other
}

// CompanySign is the shape beside a company's name.
func CompanySign(c watcher.Company, paused bool) Sign {
	bad, offline := c.Problem != nil, false
	for _, connection := range c.Connections {
		if headline.NeedsPerson(connection.Key.State) {
			bad = true
		} else if connection.Problem != nil {
			offline = true
		}
		for _, lane := range connection.Lanes {
			offline = offline || lane.Problem != nil
		}
	}
	switch {
	case bad:
		return Sign{"company-attention", ToneAttention}
	case c.Counts.NeedsYou > 0:
		return Sign{"company-problem", ToneProblem}
	case headline.Asking(c) > 0:
		return Sign{"company-attention", ToneAttention}
	case paused:
		return Sign{"company-paused", ToneWaiting}
	case offline:
		return Sign{"company-offline", ToneWaiting}
	case c.Counts.OnTheirWay > 0:
		return Sign{"company-busy", ToneAccent}
	}
	return Sign{"company-good", ToneGood}
}

// CompanyState is what the shape beside a company's name stands for, in words.
func (s Speaker) CompanyState(c watcher.Company, paused bool) string {
	one := watcher.Overview{Companies: []watcher.Company{c}}
	one.Companies[0].Paused = false
	switch line := headline.Of(one); {
	case c.Leaving:
		return s.Say("company.leaving", map[string]any{"company": c.Name})
	case paused && (line.State == assets.TrayGood || line.State == assets.TrayBusy || line.State == assets.TrayOffline):
		return s.Say("headline.paused")
	case line.Trouble():
		return Bare(line.Say(s.Words)) + "."
	default:
		return line.Say(s.Words)
	}
}

// KeyRank orders the states of a key from well to worst, to tell a company's by one word.
var KeyRank = []watcher.KeyState{
	watcher.KeyGood, watcher.KeyUnknown, watcher.KeyExpired,
	watcher.KeyLocked, watcher.KeyRevoked, watcher.KeyInvalid, watcher.KeyLockedHard,
}

// ConnectionLine is the sidebar's "Connection: working" for a company.
func (s Speaker) ConnectionLine(c watcher.Company) string {
	return s.Say("window.connection", map[string]any{"state": s.connectionState(c)})
}

// ConnectionState is the same where there is little room: "Working".
func (s Speaker) ConnectionState(c watcher.Company) string {
	first, size := utf8.DecodeRuneInString(s.connectionState(c))
	return string(unicode.ToUpper(first)) + s.connectionState(c)[size:]
}

func (s Speaker) connectionState(c watcher.Company) string {
	worst, offline := watcher.KeyGood, false
	for _, connection := range c.Connections {
		if slices.Index(KeyRank, connection.Key.State) > slices.Index(KeyRank, worst) {
			worst = connection.Key.State
		}
		offline = offline || connection.Problem != nil
	}
	word := string(worst)
	if worst == watcher.KeyGood && offline {
		word = "offline"
	}
	return s.Say("window.connection." + word)
}

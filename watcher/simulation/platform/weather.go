package platform

import (
	"fmt"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/simulation/gate"
)

// Weather is what happens around a computer while it works, besides what people do on it: the network goes and comes back
// or is swapped, the computer sleeps and its clock is set, its keyring is locked for a while; and at the company Sage 50 is
// switched off and on, keys expire or are locked for a time, lists are published, files are put into quarantine.
type Weather struct {
	Platform  *Platform
	Computer  *Clock   // nil: no clock is set
	Keyring   *Keyring // nil: none is locked
	Companies []string // that lists come from, and whose keys expire
	Scope     string   // of the lists; "" for none
	Events    int      // how many things happen
	Span      time.Duration
}

// The bounds of what happens, in simulated time.
const (
	longestOutage = 5 * time.Minute
	longestSleep  = 8 * time.Hour
	furthestJump  = 2 * time.Hour
	mostRecords   = 40
)

// event is one thing that can happen. It is told what it drew.
type event struct {
	name string
	do   func(w *Weather, company string, draw func(n int) int) string
	over func(w *Weather) // makes it well again; nil where there is nothing to mend
}

// Run lets things happen until all have, or the process is dead. Whatever lasts is over when it returns.
func (w *Weather) Run(p *gate.Process) error {
	g := p.Gate()
	all := w.events()
	for range w.Events {
		e := gate.Effect{Operation: "weather.wait"}
		if err := p.Pass(e); err != nil {
			return err
		}
		pause := time.Duration(g.Intn(int(2*w.Span) / max(w.Events, 1)))
		if !sleep(p, pause) {
			return gate.ErrDead
		}
		if err := p.Pass(gate.Effect{Operation: "weather.change"}); err != nil {
			return err
		}
		now := all[g.Intn(len(all))]
		company := ""
		if len(w.Companies) > 0 {
			company = w.Companies[g.Intn(len(w.Companies))]
		}
		g.Count("weather." + now.name)
		g.Note(p.Name(), now.name+" "+company, now.do(w, company, g.Intn))
		if now.over == nil {
			continue
		}
		lasts := time.Duration(1 + g.Intn(int(longestOutage)))
		if !sleep(p, lasts) {
			return gate.ErrDead
		}
		if err := p.Pass(gate.Effect{Operation: "weather.calm"}); err != nil {
			return err
		}
		now.over(w)
		g.Note(p.Name(), now.name, "over")
	}
	return nil
}

func sleep(p *gate.Process, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.Dead():
		return false
	}
}

// events are what can happen to a world as it was made.
func (w *Weather) events() []event {
	all := []event{
		{"outage", func(w *Weather, _ string, draw func(int) int) string {
			kind := []Kind{Refused, NoName, BadTLS, ResetBefore, BlackHole, Portal}[draw(6)]
			w.Platform.SetOutage(kind)
			return string(kind)
		}, func(w *Weather) { w.Platform.SetOutage("") }},
		{"swap", func(w *Weather, _ string, _ func(int) int) string {
			w.Platform.Break()
			return "every connection is reset"
		}, nil},
		{"sageOff", func(w *Weather, company string, _ func(int) int) string {
			return said(w.Platform.SetInstalled(company, false))
		}, func(w *Weather) { _ = w.Platform.SetInstalled("", true) }},
		{"quarantine", func(w *Weather, _ string, _ func(int) int) string {
			w.Platform.Quarantine(true)
			return ""
		}, func(w *Weather) { w.Platform.Quarantine(false) }},
		{"expire", func(w *Weather, company string, _ func(int) int) string {
			return said(w.Platform.ExpireKey(company, ""))
		}, nil},
		{"lock", func(w *Weather, company string, _ func(int) int) string {
			return said(w.Platform.LockKey(company, ""))
		}, func(w *Weather) {
			for _, company := range w.Companies {
				_ = w.Platform.UnlockKey(company, "")
			}
		}},
	}
	if w.Scope != "" {
		all = append(all, event{"publish", func(w *Weather, company string, draw func(int) int) string {
			n := 1 + draw(mostRecords)
			list := sandbox.SampleCustomers(n)
			if w.Scope == "products" {
				list = sandbox.SampleProducts(n)
			}
			return fmt.Sprintf("%d %s %s", n, w.Scope, said(w.Platform.Publish(company, w.Scope, list)))
		}, nil})
	}
	if w.Computer != nil {
		all = append(all,
			event{"sleep", func(w *Weather, _ string, draw func(int) int) string {
				d := time.Duration(draw(int(longestSleep)))
				w.Computer.Jump(d)
				w.Platform.Clock.Jump(d)
				w.Platform.Break()
				return d.String()
			}, nil},
			event{"clock", func(w *Weather, _ string, draw func(int) int) string {
				d := time.Duration(draw(int(2*furthestJump))) - furthestJump
				w.Computer.Jump(d)
				return d.String()
			}, nil})
	}
	if w.Keyring != nil {
		all = append(all, event{"keyring", func(w *Weather, _ string, _ func(int) int) string {
			w.Keyring.SetLocked(true)
			return "locked"
		}, func(w *Weather) { w.Keyring.SetLocked(false) }})
	}
	return all
}

// said is an error's text for the story; what cannot happen just now does not.
func said(err error) string {
	if err != nil {
		return err.Error()
	}
	return "done"
}

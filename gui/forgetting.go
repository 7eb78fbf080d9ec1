package gui

import (
	"context"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// askForget says what forgetting the company keeps and deletes, and asks. While files are on their way it is offered to wait
// for them.
func (p *connectionPage) askForget() {
	var told watcher.Forgetting
	company := p.company
	p.h.Work(func(ctx context.Context) (err error) {
		told, err = p.h.Engine().Forgetting(ctx, company)
		return err
	}, func(err error) {
		switch {
		case p.closed:
		case err != nil:
			p.tell(err)
		default:
			p.ask(told)
		}
	})
}

func (p *connectionPage) ask(told watcher.Forgetting) {
	s := p.h.w.speaker
	do := func(how watcher.ForgetHow) func(bool) {
		return func(history bool) {
			p.sheet = nil
			how.History = history || told.Practice
			p.forget(told, how)
		}
	}
	var choices []widgets.Choice
	if told.OnTheirWay > 0 {
		choices = append(choices,
			widgets.Choice{Text: s.Say("company.forget.anyway"), Do: do(watcher.ForgetHow{Anyway: true})},
			widgets.Choice{Text: s.Say("company.forget.wait"), Do: do(watcher.ForgetHow{Wait: true})})
	} else {
		choices = append(choices, widgets.Choice{Text: s.Say("company.forget.yes"), Do: do(watcher.ForgetHow{})})
	}
	choices = append(choices, widgets.Choice{Text: s.Say("company.forget.no"), Kind: widgets.Filled, Do: func(bool) { p.sheet = nil }})
	p.sheet = p.h.Ask(widgets.Question{
		Title:    s.Say("company.forget.title", map[string]any{"company": told.Company}),
		Text:     s.forgetting(told),
		Remember: s.Say("company.forget.history"),
		Choices:  choices,
		OnEscape: func() { p.sheet = nil },
	})
}

// forgetting says what is kept, what is deleted, and what the person does in Sage.
func (s speaker) forgetting(told watcher.Forgetting) string {
	args := map[string]any{"company": told.Company, "folder": told.Folder, "count": told.OnTheirWay}
	text := s.Say("company.forget.files", args) + "\n\n" + s.Say("company.forget.keys", args)
	if !told.Practice {
		text += " " + s.Say("company.forget.consent")
	}
	if told.OnTheirWay > 0 {
		text += "\n\n" + s.Say("company.forget.onTheirWay", args) + " " + s.Say("company.forget.onTheirWay.text")
	}
	return text
}

func (p *connectionPage) forget(told watcher.Forgetting, how watcher.ForgetHow) {
	waits := how.Wait
	p.command(func(ctx context.Context) error { return p.h.Engine().Forget(ctx, told.Company, how) }, func() {
		if waits {
			p.load()
			return
		}
		p.h.w.forgotten(told.Company, told.Folder)
	})
}

// forgotten goes back to the files and says where those of the company are.
func (w *Window) forgotten(company, folder string) {
	w.goFiles("")
	w.feed.want(everything)
	w.tell(widgets.ColorMuted, w.speaker.Say("cmd.forgotten", map[string]any{"company": company, "folder": folder}))
}

// removePractice forgets the practice company at once: it keeps its files, and is had again with one click.
func (w *Window) removePractice() {
	c := w.current()
	if !c.Practice {
		return
	}
	w.work(func(ctx context.Context) error {
		return w.engine.Forget(ctx, c.Name, watcher.ForgetHow{Anyway: true, History: true})
	}, func(err error) {
		if err != nil {
			w.tell(widgets.ColorProblem, w.speaker.Failure(err))
			return
		}
		w.forgotten(c.Name, c.Folder)
	})
}

// keepCompany takes back that the company is to be forgotten.
func (p *connectionPage) keepCompany() {
	company := p.company
	p.command(func(ctx context.Context) error { return p.h.Engine().KeepCompany(ctx, company) }, nil)
}

// pauseOrResume stops sending for the company, or goes on with it.
func (p *connectionPage) pauseOrResume() {
	company, do := p.company, p.h.Engine().PauseCompany
	switch o := p.h.Overview(); {
	case o.Paused:
		p.command(p.h.Engine().Resume, nil)
		return
	case p.shown().Paused:
		do = p.h.Engine().ResumeCompany
	}
	p.command(func(ctx context.Context) error { return do(ctx, company) }, nil)
}

// pauseOrResume stops sending for every company, or goes on with it.
func (w *Window) pauseOrResume() {
	if w.overview.Halted() {
		w.command(waitAgent, w.engine.Resume)
		return
	}
	w.command(waitAgent, w.engine.Pause)
}

// shown is the company of the page as the overview has it.
func (p *connectionPage) shown() watcher.Company {
	for _, c := range p.h.Overview().Companies {
		if c.Name == p.company {
			return c
		}
	}
	return watcher.Company{}
}

// showStanding says what a person has decided about the company: it is paused, or to be forgotten.
func (p *connectionPage) showStanding() {
	say, c := p.h.Words().Say, p.shown()
	paused := c.Paused || p.h.Overview().Paused
	key := "company.pause"
	if paused {
		key = "window.resume"
	}
	p.pause.Set(say(key))
	switch {
	case c.Leaving:
		p.standing.set(widgets.ColorAttention, say("company.leaving", map[string]any{"company": c.Name}))
	case paused:
		p.standing.set(widgets.ColorMuted, say("company.paused"))
	default:
		p.standing.set(widgets.ColorMuted, "")
	}
	visible(p.standing.close, c.Leaving)
}

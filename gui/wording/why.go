package wording

import (
	"strings"
	"time"

	"postroom/gui/headline"
	"postroom/watcher"
)

// saysAll are the causes whose sentence leaves nothing to be done that would have to be said.
var saysAll = map[string]bool{"behind": true, "sageOff": true, "atSage": true}

// Why says why a transfer waits, with the name of what it waits for, and what is done about it. It is empty for one that does
// not wait.
func (s Speaker) Why(t watcher.Transfer) string {
	cause := t.Cause
	switch {
	case t.Waits == nil || t.State.Final():
		return ""
	case cause == nil || cause.Code != t.Waits.Code:
		cause = &watcher.Cause{Problem: *t.Waits}
	}
	said := []string{s.cause(*cause, t.Name, t.Company)}
	if !saysAll[cause.Code] {
		_, do := s.Problem(cause.Code, cause.Args)
		said = append(said, do)
	}
	said = append(said, headline.NextTry(s.Words, t, s.Now()))
	return joined(said)
}

// cause is one cause as a sentence about a file of a company.
func (s Speaker) cause(c watcher.Cause, file, company string) string {
	args := make(map[string]any, len(c.Args)+6)
	for name, value := range c.Args {
		args[name] = value
	}
	args["lock"] = c.Args["file"] // a file of Postroom's own
	args["file"], args["company"] = Legible(file), company
	s.lasting(args, c.Since)
	if !c.SeenAt.IsZero() {
		args["seen"] = s.Lately(c.SeenAt, s.Now())
	}
	key := "why." + c.Code
	if c.Ahead != nil {
		args["name"] = Legible(c.Ahead.Name)
		s.lasting(args, c.Ahead.Since)
		key += "." + string(c.Ahead.State)
		if c.Ahead.Cause != nil {
			key, args["ahead"] = "why."+c.Code+".stuck", s.cause(*c.Ahead.Cause, c.Ahead.Name, company)
		}
	}
	if !s.Has(key) {
		key = "why." + c.Code
	}
	if !s.Has(key) {
		what, _ := s.Problem(c.Code, c.Args)
		return what
	}
	return s.Say(key, args)
}

// lasting lets a sentence speak of when something began, and for how long it has lasted where that is worth telling.
func (s Speaker) lasting(args map[string]any, since time.Time) {
	delete(args, "long")
	delete(args, "since")
	now := s.Now()
	if since.IsZero() {
		return
	}
	args["since"] = s.DateTime(since, now)
	if lasted := now.Sub(since); lasted >= time.Minute {
		args["long"] = s.Span(lasted)
	}
}

// joined are sentences one after the other, without those that are empty.
func joined(sentences []string) string {
	var said []string
	for _, sentence := range sentences {
		if sentence = strings.TrimSpace(sentence); sentence != "" {
			said = append(said, sentence)
		}
	}
	return strings.Join(said, " ")
}

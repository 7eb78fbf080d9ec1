package notify

import (
	"strings"

	"postroom/assets"
	"postroom/watcher"
)

// ourName is the title of what is about no company in particular.
const ourName = "Postroom"

// say puts a group into words. One file is told by its name, many by their numbers. Why a file was refused or not
// sent is left to the window: the reason may quote what is in the file, and a pop-up is read by whoever passes.
func say(w *assets.Words, g group) Popup {
	p := Popup{Title: clean(g.company, longestTitle)}
	if p.Title == "" {
		p.Title = ourName
	}
	for _, t := range g.told {
		p.Urgent = p.Urgent || t.kind.needsYou()
	}
	switch {
	case g.told[0].kind == trouble:
		sayTrouble(w, g.told[0], &p)
	case len(g.told) == 1 && g.told[0].count == 1:
		p.Body = sayOne(w, g.told[0].items[0])
	default:
		p.Body = sayMany(w, g.told)
	}
	p.Body = clean(p.Body, longestBody)
	p.Show = place(g)
	if p.Show != (watcher.Target{}) {
		p.Button = w.Say("popup.show")
	}
	return p
}

// place is what a click on a group's pop-up opens: the details of a single file or list; of several the company's list, by
// the filter that shows what a person has to do something about, if there is such a thing among them.
func place(g group) watcher.Target {
	first, to := g.told[0], watcher.Target{Company: g.company}
	switch {
	case first.kind == trouble && first.count > 1: // of several companies
		return watcher.Target{}
	case first.kind == trouble:
	case len(g.told) == 1 && first.count == 1 && (first.kind == list || first.kind == oddList):
		to.List = first.items[0].id
	case len(g.told) == 1 && first.count == 1:
		to.Transfer = first.items[0].id
	default:
		to.Filter = fitting(g.told)
	}
	return to
}

// fitting is the filter that shows what is told of. An odd list is among what needs a person only where it asks, so that
// alone it is looked for among all.
func fitting(told []tally) watcher.Filter {
	filter := watcher.FilterDone
	for _, t := range told {
		switch {
		case t.kind == oddList:
			filter = watcher.FilterAll
		case t.kind.needsYou():
			return watcher.FilterNeedsYou
		}
	}
	return filter
}

// sayOne is the sentence for a single file or list.
func sayOne(w *assets.Words, i item) string {
	args := map[string]any{"name": clean(i.name, longestName)}
	switch i.kind {
	case accepted:
		if i.records > 0 {
			args["records"] = records(w, i.scope, i.records)
			return w.Say("popup.accepted.records", args)
		}
		return w.Say("popup.accepted", args)
	case partly:
		args["refused"], args["records"] = i.refused, records(w, i.scope, max(i.records, i.refused))
		return w.Say("popup.partly", args)
	case refused:
		return w.Say("popup.refused", args)
	case notSent:
		if line := i.args["line"]; line != "" && strings.Trim(line, "0123456789") == "" {
			args["line"] = line
			return w.Say("popup.notSent.line", args)
		}
		return w.Say("popup.notSent", args)
	case unclear:
		return w.Say("popup.unclear", args)
	case asks:
		return w.Say("popup.asks", args)
	case oddList:
		return w.Say("popup.list.odd", map[string]any{"list": listName(w, i.scope)})
	default:
		return sayList(w, i)
	}
}

// sayList is the sentence for a list from Sage: "List of products from Sage: 12 new, 3 changed."
func sayList(w *assets.Words, i item) string {
	args := map[string]any{"list": listName(w, i.scope)}
	if i.changes.first {
		args["records"] = records(w, i.scope, i.records)
		return w.Say("popup.list.first", args)
	}
	var parts []string
	for _, part := range []struct {
		key   string
		count int
	}{
		{"popup.list.added", i.changes.added},
		{"popup.list.changed", i.changes.changed},
		{"popup.list.removed", i.changes.removed},
	} {
		if part.count > 0 {
			parts = append(parts, w.Say(part.key, map[string]any{assets.CountArg: part.count}))
		}
	}
	args["changes"] = strings.Join(parts, ", ")
	return w.Say("popup.list", args)
}

// sayMany is the sentence for a burst: "38 files accepted, 2 refused." The noun stands with the first part only.
func sayMany(w *assets.Words, told []tally) string {
	counts := make(map[kind]int)
	for _, t := range told {
		counts[t.kind] += t.count
	}
	var parts []string
	files := false
	for _, part := range []struct {
		kind kind
		key  string
	}{
		{accepted, "accepted"},
		{partly, "partly"},
		{refused, "refused"},
		{notSent, "notSent"},
		{unclear, "unclear"},
		{asks, "asks"},
	} {
		if counts[part.kind] == 0 {
			continue
		}
		key := "popup.files." + part.key
		if files {
			key = "popup.more." + part.key
		}
		files = true
		parts = append(parts, w.Say(key, map[string]any{assets.CountArg: counts[part.kind]}))
	}
	if lists := counts[list] + counts[oddList]; lists > 0 {
		parts = append(parts, w.Say("popup.lists", map[string]any{assets.CountArg: lists}))
	}
	return w.Say("popup.sentence", map[string]any{"parts": strings.Join(parts, ", ")})
}

// sayTrouble says what is wrong, for one company in its own name, for several with their names in front.
func sayTrouble(w *assets.Words, t tally, p *Popup) {
	first := t.items[0]
	what, do := w.Problem(first.code, first.args)
	p.Body = strings.TrimSpace(what + " " + do)
	if t.count == 1 {
		return
	}
	names := make([]string, 0, len(t.items))
	for _, i := range t.items {
		if name := clean(i.company, longestName); name != "" {
			names = append(names, name)
		}
	}
	p.Title = strings.Join(names, ", ")
	if more := t.count - len(t.items); more > 0 {
		p.Title = w.Say("popup.companies.more", map[string]any{"names": p.Title, assets.CountArg: more})
	}
	p.Title = clean(p.Title, longestTitle)
}

// records is a number of records with their noun: "40 orders".
func records(w *assets.Words, scope string, n int) string {
	key := "popup.records." + scope
	if !w.Has(key) {
		key = "popup.records"
	}
	return w.Say(key, map[string]any{assets.CountArg: n})
}

// listName is what a person calls a scope's list; a scope without words keeps its own name.
func listName(w *assets.Words, scope string) string {
	if key := "popup.listName." + scope; w.Has(key) {
		return w.Say(key)
	}
	return clean(scope, longestName)
}

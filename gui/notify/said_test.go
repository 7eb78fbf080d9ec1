package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"postroom/assets"
	"postroom/watcher"
)

func one(i item) group {
	return group{company: i.company, told: []tally{{kind: i.kind, items: []item{i}, count: 1}}}
}

func TestOneFileIsToldByItsName(t *testing.T) {
	words := assets.For("en")
	for want, i := range map[string]item{
		"orders.json was accepted, 40 orders.":                                            {kind: accepted, scope: "orders", records: 40},
		"orders.json was accepted, 1 order.":                                              {kind: accepted, scope: "orders", records: 1},
		"orders.json was accepted.":                                                       {kind: accepted, scope: "orders"},
		"orders.json was accepted, 7 records.":                                            {kind: accepted, scope: "invoices", records: 7},
		"orders.json: 3 of 40 orders refused. The others were accepted.":                  {kind: partly, scope: "orders", records: 40, refused: 3},
		"orders.json was refused by Sage.":                                                {kind: refused},
		"orders.json was not sent: line 14 has an error.":                                 {kind: notSent, args: map[string]string{"line": "14"}},
		"orders.json was not sent: it has an error.":                                      {kind: notSent, args: map[string]string{"line": "<b>"}},
		"Not certain whether Sage took orders.json. Please decide what is to be done.":    {kind: unclear},
		"orders.json waits for your answer.":                                              {kind: asks},
		"List of products from Sage: 12 new, 3 changed.":                                  {kind: list, scope: "products", changes: changes{added: 12, changed: 3}},
		"List of products from Sage for the first time: 412 products.":                    {kind: list, scope: "products", records: 412, changes: changes{added: 412, first: true}},
		"invoices from Sage: 1 no longer in Sage.":                                        {kind: list, scope: "invoices", changes: changes{removed: 1}},
		"List of customers from Sage looks unusual. Please look at it before you use it.": {kind: oddList, scope: "customers"},
	} {
		i.company, i.name = "Acme", "orders.json"
		got := say(words, one(i))
		if got.Body != want {
			t.Errorf("said  %s\nwant  %s", got.Body, want)
		}
		if got.Title != "Acme" {
			t.Errorf("its title is %q", got.Title)
		}
		if got.Urgent != i.kind.needsYou() {
			t.Errorf("%q is urgent: %v", got.Body, got.Urgent)
		}
	}
}

func TestAClickOpensWhatThePopupTells(t *testing.T) {
	words := assets.For("en")
	of := func(k kind, count int) tally {
		return tally{kind: k, count: count, items: []item{{kind: k, id: "i1", company: "Acme", code: "vaultLocked"}}}
	}
	for _, c := range []struct {
		told []tally
		want watcher.Target
	}{
		{[]tally{of(accepted, 1)}, watcher.Target{Company: "Acme", Transfer: "i1"}},
		{[]tally{of(refused, 1)}, watcher.Target{Company: "Acme", Transfer: "i1"}},
		{[]tally{of(list, 1)}, watcher.Target{Company: "Acme", List: "i1"}},
		{[]tally{of(oddList, 1)}, watcher.Target{Company: "Acme", List: "i1"}},
		{[]tally{of(notSent, 40)}, watcher.Target{Company: "Acme", Filter: watcher.FilterNeedsYou}},
		{[]tally{of(accepted, 38), of(refused, 1)}, watcher.Target{Company: "Acme", Filter: watcher.FilterNeedsYou}},
		{[]tally{of(accepted, 2), of(list, 1)}, watcher.Target{Company: "Acme", Filter: watcher.FilterDone}},
		{[]tally{of(accepted, 2), of(oddList, 1)}, watcher.Target{Company: "Acme"}},
		{[]tally{of(trouble, 1)}, watcher.Target{Company: "Acme"}},
		{[]tally{of(trouble, 3)}, watcher.Target{}},
	} {
		got := say(words, group{company: "Acme", told: c.told})
		if got.Show != c.want {
			t.Errorf("%q opens %+v, want %+v", got.Body, got.Show, c.want)
		}
		if (got.Button == "") != (c.want == watcher.Target{}) {
			t.Errorf("%q has the button %q", got.Body, got.Button)
		}
	}
}

func TestABurstIsToldInOneSentence(t *testing.T) {
	g := group{company: "Acme", told: []tally{
		{kind: accepted, items: []item{{}}, count: 38},
		{kind: refused, items: []item{{code: "a"}}, count: 1},
		{kind: refused, items: []item{{code: "b"}}, count: 1},
		{kind: list, items: []item{{}}, count: 1},
	}}
	if got := say(assets.For("en"), g).Body; got != "38 files accepted, 2 refused, 1 new list from Sage." {
		t.Errorf("said %s", got)
	}
	if got := say(assets.For("es"), g).Body; got != "38 archivos aceptados, 2 rechazados, 1 lista nueva de Sage." {
		t.Errorf("said %s", got)
	}
	same := group{company: "Acme", told: []tally{{kind: notSent, items: []item{{}}, count: 40}}}
	if got := say(assets.For("en"), same).Body; got != "40 files not sent, they have errors." {
		t.Errorf("said %s", got)
	}
}

func TestTroubleOfManyCompaniesNamesAFew(t *testing.T) {
	g := group{told: []tally{{kind: trouble, count: 5, items: []item{
		{kind: trouble, company: "Acme"}, {kind: trouble, company: "Beta"}, {kind: trouble, company: "Gamma"},
	}}}}
	if got := say(assets.For("en"), g).Title; got != "Acme, Beta, Gamma and 2 more companies" {
		t.Errorf("its title is %q", got)
	}
	if got := say(assets.For("en"), one(item{kind: trouble, code: "vaultLocked"})); got.Title != "Postroom" || got.Body == "" {
		t.Errorf("said %+v", got)
	}
}

func TestTheReasonForARefusalStaysOutOfPopups(t *testing.T) {
	secretive := map[string]string{"message": "order 7: jane@example.com", "got": "Jane Doe", "property": "email"}
	for _, k := range []kind{refused, notSent, unclear, asks} {
		got := say(assets.For("en"), one(item{kind: k, company: "Acme", name: "orders.json", code: "platform", args: secretive}))
		if strings.Contains(got.Body, "ane") {
			t.Errorf("a pop-up quotes a file: %s", got.Body)
		}
	}
}

func TestEverySentenceIsThereInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		words := assets.For(spoken.Tag)
		for k := accepted; k <= oddList; k++ {
			i := item{kind: k, company: "Acme", name: "x.json", scope: "orders", records: 2, changes: changes{added: 1, changed: 2, removed: 3}}
			many := group{company: "Acme", told: []tally{{kind: accepted, items: []item{i}, count: 1}, {kind: k, items: []item{i}, count: 2}}}
			alone := group{company: "Acme", told: []tally{{kind: k, items: []item{i}, count: 2}}}
			for _, g := range []group{one(i), many, alone} {
				if said := say(words, g).Body; strings.Contains(said, "popup.") || said == "" {
					t.Errorf("%s has no words for kind %d: %q", spoken.Tag, k, said)
				}
			}
		}
	}
}

func TestHostileNamesAreMadeFitToRead(t *testing.T) {
	for _, name := range hostile {
		p := say(assets.For("en"), one(item{kind: accepted, company: name, name: name}))
		for _, text := range []string{p.Title, p.Body} {
			if !utf8.ValidString(text) {
				t.Errorf("%q is not UTF-8: %q", name, text)
			}
			if utf8.RuneCountInString(text) > longestBody {
				t.Errorf("%q is too long to read", name)
			}
			for _, r := range text {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Errorf("%q is shown with %U", name, r)
				}
			}
		}
	}
}

func TestLongNamesKeepBothEnds(t *testing.T) {
	got := clean("orders-"+strings.Repeat("x", 400)+"-2026.json", 20)
	if !strings.HasPrefix(got, "orders-") || !strings.HasSuffix(got, "2026.json") || utf8.RuneCountInString(got) != 20 {
		t.Errorf("cut to %q", got)
	}
}

func TestToastIsWellFormedWhateverItSays(t *testing.T) {
	for _, text := range hostile {
		read, err := readToast(toast(Popup{Title: text, Body: text}))
		if err != nil {
			t.Errorf("%q brought its own elements: %v", text, err)
			continue
		}
		if p := clean(text, longestBody); strings.Contains(p, "<") && !strings.Contains(read.Body, "<") {
			t.Errorf("%q reads %q", text, read.Body)
		}
	}
}

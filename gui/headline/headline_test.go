package headline

import (
	"strings"
	"testing"

	"postroom/assets"
	"postroom/watcher"
)

func company(name string, counts watcher.Counts, connections ...watcher.Connection) watcher.Company {
	return watcher.Company{Name: name, Counts: counts, Connections: connections}
}

func connection(k watcher.KeyState, code string) watcher.Connection {
	c := watcher.Connection{Key: watcher.Key{State: k}}
	if code != "" {
		c.Problem = &watcher.Problem{Code: code}
	}
	return c
}

func TestHeadlineIsTheWorstThatIsTrue(t *testing.T) {
	good := connection(watcher.KeyGood, "")
	done := watcher.Counts{Done: 12}
	busy := watcher.Counts{OnTheirWay: 3, Done: 12}
	needs := watcher.Counts{OnTheirWay: 3, NeedsYou: 1, Done: 12}
	for name, c := range map[string]struct {
		o     watcher.Overview
		state assets.TrayState
		said  string
	}{
		"nothing connected":    {watcher.Overview{}, assets.TrayGood, "No company is connected yet."},
		"nothing sent yet":     {watcher.Overview{Companies: []watcher.Company{company("Acme", watcher.Counts{}, good)}}, assets.TrayGood, "Nothing has been sent yet."},
		"all through":          {watcher.Overview{Companies: []watcher.Company{company("Acme", done, good)}}, assets.TrayGood, "Everything is accepted."},
		"on their way":         {watcher.Overview{Companies: []watcher.Company{company("Acme", busy, good), company("Beta", done, good)}}, assets.TrayBusy, "3 files on their way."},
		"one needs the person": {watcher.Overview{Companies: []watcher.Company{company("Acme", needs, good)}}, assets.TrayNeedsYou, "1 file needs you."},
		"counts are added up":  {watcher.Overview{Companies: []watcher.Company{company("Acme", needs, good), company("Beta", needs, good)}}, assets.TrayNeedsYou, "2 files need you."},
		"paused":               {watcher.Overview{Paused: true, Companies: []watcher.Company{company("Acme", done, good)}}, assets.TrayPaused, "Sending is paused."},
		"paused with files":    {watcher.Overview{Paused: true, Companies: []watcher.Company{company("Acme", busy, good)}}, assets.TrayPaused, "Sending is paused. 3 files wait."},
		"one of two paused":    {watcher.Overview{Companies: []watcher.Company{company("Acme", busy, good), {Name: "Beta", Paused: true, Counts: busy}}}, assets.TrayPaused, "Sending for Beta is paused."},
		"a pause does not hide what needs the person": {watcher.Overview{Paused: true, Companies: []watcher.Company{company("Acme", needs, good)}}, assets.TrayNeedsYou, "1 file needs you."},
		"no network":                          {watcher.Overview{Companies: []watcher.Company{company("Acme", busy, connection(watcher.KeyGood, "testNetwork"))}}, assets.TrayOffline, "Acme: "},
		"a locked key comes before files":     {watcher.Overview{Companies: []watcher.Company{company("Beta", needs, good), company("Acme", needs, connection(watcher.KeyLocked, ""))}}, assets.TrayNeedsYou, "Acme: "},
		"an expired key is nobody's business": {watcher.Overview{Companies: []watcher.Company{company("Acme", done, connection(watcher.KeyExpired, ""))}}, assets.TrayGood, "Everything is accepted."},
	} {
		t.Run(name, func(t *testing.T) {
			line := Of(c.o)
			if line.State != c.state {
				t.Errorf("state %q, want %q", line.State, c.state)
			}
			if said := line.Say(assets.For("en")); !strings.HasPrefix(said, c.said) {
				t.Errorf("said %q, want %q", said, c.said)
			}
		})
	}
}

func TestHeadlineNeverSaysAllIsWellAboveALaneOrAFolderInTrouble(t *testing.T) {
	o := watcher.Overview{Companies: []watcher.Company{company("Acme", watcher.Counts{Done: 5}, connection(watcher.KeyGood, ""))}}
	o.Companies[0].Connections[0].Lanes = []watcher.Lane{{Scope: "products", Problem: &watcher.Problem{Code: "testLane"}}}
	if line := Of(o); line.State != assets.TrayOffline || !line.Trouble() {
		t.Errorf("a list that cannot be fetched is %q", line.State)
	}
	o.Companies[0].Connections[0].Lanes[0].Outgoing = true
	if line := Of(o); line.State != assets.TrayNeedsYou {
		t.Errorf("a lane to Sage that stands still is %q", line.State)
	}
	o.Companies[0].Problem = &watcher.Problem{Code: "testFolder"}
	if line := Of(o); line.State != assets.TrayNeedsYou {
		t.Errorf("a folder that is gone is %q", line.State)
	}
	o.VaultLocked = true
	if said := Of(o).Say(assets.For("en")); strings.Contains(said, "Acme") || strings.Contains(said, "vaultLocked") {
		t.Errorf("a locked vault reads %q", said)
	}
}

func TestAListThatAsksIsSaidAfterTheFilesThatNeedAPerson(t *testing.T) {
	asks := connection(watcher.KeyGood, "")
	asks.Lanes = []watcher.Lane{{Scope: "orders", Outgoing: true}, {Scope: "customers", Asks: true}, {Scope: "products", Asks: true}}
	o := watcher.Overview{Companies: []watcher.Company{company("Acme", watcher.Counts{Done: 5}, asks)}}
	line := Of(o)
	if said := line.Say(assets.For("en")); line.State != assets.TrayNeedsYou || line.Trouble() || said != "2 lists from Sage wait for your answer." {
		t.Errorf("%q, %q", line.State, said)
	}
	o.Companies[0].Counts.NeedsYou = 1
	if said := Of(o).Say(assets.For("en")); said != "1 file needs you." {
		t.Errorf("with a file that needs the person: %q", said)
	}
}

func TestAVaultThatIsYetToBeMadeIsNoTrouble(t *testing.T) {
	o := watcher.Overview{VaultLocked: true, VaultNew: true}
	if line := Of(o); line.State != assets.TrayGood {
		t.Errorf("before the first company it is %q", line.State)
	}
	o.Companies = []watcher.Company{company("Acme", watcher.Counts{}, connection(watcher.KeyUnknown, ""))}
	if line := Of(o); line.State != assets.TrayNeedsYou {
		t.Errorf("a vault that was lost is %q", line.State)
	}
}

func TestEveryStateOfAKeyThatNeedsAPersonHasASentence(t *testing.T) {
	for _, k := range []watcher.KeyState{watcher.KeyInvalid, watcher.KeyRevoked, watcher.KeyLocked, watcher.KeyLockedHard} {
		p := KeyProblem(watcher.Connection{Key: watcher.Key{State: k}})
		if !NeedsPerson(k) || !assets.For("en").Has("problem."+p.Code) {
			t.Errorf("a key that is %s is told as %s", k, p.Code)
		}
	}
}

func TestHeadlineHasWordsInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		words := assets.For(spoken.Tag)
		for _, key := range []string{
			"headline.noCompany", "headline.nothingYet", "headline.good", "headline.busy", "headline.needsYou",
			"headline.listAsks", "headline.paused", "headline.paused.waiting", "headline.paused.company", "headline.trouble",
		} {
			if !words.Has(key) {
				t.Errorf("%s has no %s", spoken.Tag, key)
			}
		}
	}
}

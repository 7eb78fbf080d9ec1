package notify

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func failed(company, code, name string) item {
	return item{kind: notSent, company: company, code: code, name: name}
}

// tells adds an item every so often for a while, asks what is due at each tick, and gives the times at which
// something was told.
func tells(g *groups, every, long time.Duration, make func() item) []time.Duration {
	var at []time.Duration
	for d := time.Duration(0); d <= long; d += every {
		g.add(noon.Add(d), make())
		if len(g.due(noon.Add(d))) > 0 {
			at = append(at, d)
		}
	}
	return at
}

func TestOneCauseIsToldOncePerStep(t *testing.T) {
	at := tells(new(groups), time.Second, 4*time.Hour, func() item { return failed("Acme", "bom", "a.json") })
	want := []time.Duration{
		0, time.Minute, 11 * time.Minute, 71 * time.Minute, 131 * time.Minute, 191 * time.Minute,
	}
	if len(at) != len(want) {
		t.Fatalf("told at %v, want %v", at, want)
	}
	for i := range want {
		if at[i] != want[i] {
			t.Errorf("told at %v, want %v", at, want)
		}
	}
}

func TestGoodNewsComeAtMostOnceAMinute(t *testing.T) {
	at := tells(new(groups), 20*time.Second, time.Hour, func() item { return item{kind: accepted, company: "Acme"} })
	if len(at) != 61 {
		t.Errorf("told %d times in an hour", len(at))
	}
}

func TestWhatWasKeptBackIsToldAsANumber(t *testing.T) {
	var g groups
	g.add(noon, failed("Acme", "bom", "a.json"))
	g.due(noon)
	for range 39 {
		g.add(noon.Add(10*time.Second), failed("Acme", "bom", "b.json"))
	}
	if early := g.due(noon.Add(59 * time.Second)); len(early) != 0 {
		t.Fatalf("told within the step: %+v", early)
	}
	at, waits := g.next()
	if !waits || !at.Equal(noon.Add(time.Minute)) {
		t.Fatalf("next at %v, %v", at, waits)
	}
	got := g.due(at)
	if len(got) != 1 || got[0].told[0].count != 39 || len(got[0].told[0].items) != keepNamed {
		t.Errorf("told %+v", got)
	}
	if _, waits := g.next(); waits {
		t.Error("something still waits")
	}
}

func TestABurstOfOneCompanyIsOneGroupAndAnotherCompanyItsOwn(t *testing.T) {
	var g groups
	for range 38 {
		g.add(noon, item{kind: accepted, company: "Acme"})
	}
	g.add(noon, failed("Acme", "bom", "x.json"))
	g.add(noon, failed("Acme", "cut", "y.json"))
	g.add(noon, item{kind: accepted, company: "Beta"})
	got := g.due(noon)
	if len(got) != 2 || got[0].company != "Acme" || got[1].company != "Beta" {
		t.Fatalf("groups %+v", got)
	}
	if len(got[0].told) != 3 || got[0].told[0].count != 38 || got[0].told[0].kind != accepted {
		t.Errorf("Acme's group %+v", got[0])
	}
}

func TestTheSameTroubleOfManyCompaniesIsOneGroup(t *testing.T) {
	var g groups
	for _, company := range []string{"Acme", "Beta", "Gamma", "Delta"} {
		g.add(noon, item{kind: trouble, company: company, code: "network"})
	}
	g.add(noon, item{kind: trouble, company: "Acme", code: "folderGone"})
	got := g.due(noon)
	if len(got) != 2 {
		t.Fatalf("groups %+v", got)
	}
	if got[1].told[0].count != 4 {
		t.Errorf("the network's group %+v", got[1])
	}
}

func TestACauseThatWasSilentForAnHourIsNewAgain(t *testing.T) {
	var g groups
	for _, d := range []time.Duration{0, time.Minute, 11 * time.Minute} {
		g.add(noon.Add(d), failed("Acme", "bom", "a.json"))
		g.due(noon.Add(d))
	}
	if g.due(noon.Add(70 * time.Minute)); len(g.causes) != 1 {
		t.Fatal("forgotten while its step lasts")
	}
	late := noon.Add(72 * time.Minute)
	if g.due(late); len(g.causes) != 0 {
		t.Fatal("never forgotten")
	}
	g.add(late, failed("Acme", "bom", "a.json"))
	if len(g.due(late)) != 1 {
		t.Fatal("not told when it came again")
	}
	g.add(late.Add(time.Minute), failed("Acme", "bom", "a.json"))
	if len(g.due(late.Add(time.Minute))) != 1 {
		t.Error("the steps did not begin again")
	}
}

func TestDropForgetsWhatIsNotWanted(t *testing.T) {
	var g groups
	g.add(noon, item{kind: accepted, company: "Acme"})
	g.add(noon, failed("Acme", "bom", "x.json"))
	g.drop(wants("needsMe"))
	if got := g.due(noon); len(got) != 1 || len(got[0].told) != 1 || got[0].told[0].kind != notSent {
		t.Errorf("told %+v", got)
	}
	g.add(noon, item{kind: trouble, code: "network"})
	g.drop(wants("none"))
	if _, waits := g.next(); waits {
		t.Error("something waits for a person who wants nothing")
	}
}

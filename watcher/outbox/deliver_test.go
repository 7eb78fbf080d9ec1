package outbox

import "testing"

func TestOfSeveralFindingsAboutOneFileTheLastIsToldAlone(t *testing.T) {
	orders, returns := new(folder), new(folder)
	found := newest([]telling{
		{folder: orders, name: "a.json", finding: Finding{SHA256: "first"}},
		{folder: returns, name: "a.json", finding: Finding{SHA256: "other"}},
		{folder: orders, name: "b.json", finding: Finding{SHA256: "b"}},
		{folder: orders, name: "a.json", finding: Finding{SHA256: "last"}},
	})
	var got []string
	for _, f := range found {
		got = append(got, f.finding.SHA256)
	}
	if len(got) != 3 || got[0] != "other" || got[1] != "b" || got[2] != "last" {
		t.Errorf("told: %q", got)
	}
}

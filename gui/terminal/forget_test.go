package terminal_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestACompanyIsForgottenByCommandAfterSayingWhatIsKept(t *testing.T) {
	c := newComputer(t)
	agent := c.agent()
	var made struct{ Company, Folder string }
	if err := json.Unmarshal([]byte(c.must("practice", "--json")[0]), &made); err != nil {
		t.Fatal(err)
	}
	lines, asking := c.do("forget", made.Company)
	said := strings.Join(lines, "\n")
	if asking.end() != 2 || !strings.Contains(said, made.Folder) || !strings.Contains(said, "deleted") {
		t.Errorf("without --yes it ended with %d and says %q", asking.end(), said)
	}
	if s := c.status(); len(s.Connections) != 1 {
		t.Error("it was forgotten without a yes")
	}
	if _, both := c.do("forget", made.Company, "--wait", "--anyway"); both.end() == 0 {
		t.Error("it cannot both wait and not wait")
	}
	var gone struct {
		Forgotten, Waits, Practice bool
		Folder                     string
	}
	if err := json.Unmarshal([]byte(c.must("forget", made.Company, "--yes", "--history", "--json")[0]), &gone); err != nil {
		t.Fatal(err)
	}
	if !gone.Forgotten || gone.Waits || !gone.Practice || gone.Folder != made.Folder {
		t.Errorf("it says %+v", gone)
	}
	if s := c.status(); len(s.Connections) != 0 || !there(filepath.Join(made.Folder, "Outbox", "orders")) {
		t.Errorf("forgotten it has %+v", s.Connections)
	}
	c.must("practice") // and it may be had again, in the same folder
	if s := c.status(); len(s.Connections) != 1 || s.Connections[0].Folder != made.Folder {
		t.Errorf("practised again it has %+v", s.Connections)
	}
	agent.stop()
}

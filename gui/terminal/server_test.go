package terminal_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/secrettest"
	"postroom/sage/vault"
)

// What a server without a display does by commands, with the real program.

// told is a line of history, show and send, as far as the tests look at it.
type told struct {
	ID, Name, State, Path, File, Error string
	Done, Paused                       bool
	Cause                              *struct{ Code, EndedBy string }
	Timeline                           []struct{ Kind string }
	Actions                            []string
}

// told gives the lines that a command puts out.
func (c *computer) told(args ...string) []told {
	c.t.Helper()
	var all []told
	for _, line := range c.must(append(args, "--json")...) {
		var one told
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			c.t.Fatalf("%q put out %q: %v", args, line, err)
		}
		all = append(all, one)
	}
	return all
}

func TestAServerDoesByCommandsWhatAWindowDoes(t *testing.T) {
	_, c, company, agent := atWork(t)

	if paused := c.told("pause", "acme ltd"); len(paused) != 1 || !paused[0].Paused {
		t.Errorf("pausing told %+v", paused)
	}
	original := filepath.Join(t.TempDir(), "november.json")
	if err := os.WriteFile(original, []byte(order("W-1")), 0o600); err != nil {
		t.Fatal(err)
	}
	sent := c.told("send", original)
	if len(sent) != 1 || sent[0].File != original || sent[0].Path != filepath.Join(company, "Outbox", "orders", "november.json") || sent[0].Error != "" {
		t.Fatalf("sending told %+v", sent)
	}
	if !there(original) {
		t.Error("the original is gone")
	}
	id := c.waitForState("november.json", "queued")
	shown := c.told("show", id)[0]
	if shown.Cause == nil || shown.Cause.Code != "paused" || shown.Cause.EndedBy != "resume" || !slices.Contains(shown.Actions, "cancel") {
		t.Errorf("a paused file is told as %+v", shown)
	}
	c.told("cancel", id)
	appears(t, filepath.Join(company, "Outbox", "Held", "november.json"))
	c.told("resume")
	c.told("send", "--company", "Acme Ltd", "--scope", "orders", original)
	appears(t, filepath.Join(company, "Inbox", "results", "november.result.json"))

	id = c.waitForState("november.json", "accepted")
	if found := c.told("history", "--state", "cancelled", "--search", "nov", "--since", "1h"); len(found) != 1 || found[0].State != "cancelled" {
		t.Errorf("the history of what was taken back is %+v", found)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.Join(c.must("history", "--csv"), "\n"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[0][0] != "id" || rows[1][0] != id {
		t.Errorf("the table is %q, %v", rows, err)
	}
	if again := c.told("resend", id, "--yes"); !again[0].Done {
		t.Errorf("resending told %+v", again)
	}
	appears(t, filepath.Join(company, "Inbox", "results", "november (2).result.json"))
	if _, failed := c.do("retry", id); failed.end() != 1 || !strings.Contains(failed.errs.String(), id) {
		t.Errorf("retrying what is accepted ended with %d: %s", failed.end(), failed.errs)
	}
	c.must("check")
	c.must("quiet", "5")
	if lines := c.must("settings", "notify=none", "keepSentDays=30"); !slices.Equal(lines, []string{"notify=none", "keepSentDays=30"}) {
		t.Errorf("settings put out %q", lines)
	}
	if lines := c.must("settings", "notify", "--json"); lines[0] != `{"notify":"none"}` {
		t.Errorf("a setting is told as %q", lines)
	}
	if _, refused := c.do("settings", "notify=loud"); refused.end() != 1 {
		t.Errorf("a setting that cannot be ended with %d: %s", refused.end(), refused.errs)
	}
	if lines := c.must("renewals"); len(lines) < 2 || !strings.Contains(lines[0], "working") {
		t.Errorf("renewals put out %q", lines)
	}
	c.must("drafts")
	c.must("stop")
	if status := agent.end(); status != 0 {
		t.Errorf("the agent that was stopped ended with %d: %s", status, agent.errs)
	}

	// Without an agent the same commands read and write the same records.
	if found := c.told("history", "--state", "accepted"); len(found) != 2 {
		t.Errorf("without an agent the history is %+v", found)
	}
	c.told("pause")
	if _, checking := c.do("check"); checking.end() != 1 || !strings.Contains(checking.errs.String(), "postroom run") {
		t.Errorf("without an agent, check ended with %d: %s", checking.end(), checking.errs)
	}
	if lines := c.must("stop"); !slices.Equal(lines, []string{"No agent runs."}) {
		t.Errorf("stopping nothing put out %q", lines)
	}
	c.must("disconnect", "Acme Ltd", "--yes")
	if s := c.status(); len(s.Connections) != 0 || !there(company) {
		t.Errorf("disconnected it has %+v", s.Connections)
	}
}

func TestAPracticeCompanyIsMadeByCommand(t *testing.T) {
	c := newComputer(t)
	agent := c.agent()
	var made struct {
		Connected bool
		Folder    string
	}
	if err := json.Unmarshal([]byte(c.must("practice", "--json")[0]), &made); err != nil || !made.Connected || !there(made.Folder) {
		t.Errorf("made %+v, %v", made, err)
	}
	agent.stop()
	if _, without := c.do("practice"); without.end() != 1 {
		t.Errorf("without an agent it ended with %d", without.end())
	}
}

func TestAWithdrawnConsentIsRenewedByCommand(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	c.pasted(p)
	reconnecting := c.start("reconnect", "Acme Ltd", "--paste", "--json")
	code := object[passcode](reconnecting)
	if err := p.Grant(code.Passcode, "Acme Ltd"); err != nil {
		t.Fatal(err)
	}
	key, err := p.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(reconnecting.in, key.Reveal()+"\n"); err != nil {
		t.Fatal(err)
	}
	if done := object[connected](reconnecting); !done.Connected || reconnecting.end() != 0 {
		t.Errorf("reconnecting ended with %+v: %s", done, reconnecting.errs)
	}
	if s := c.status(); len(s.Connections) != 1 {
		t.Errorf("connections %+v", s.Connections)
	}
}

// diagnosed is what `doctor --json` tells.
type diagnosed struct {
	Well     bool
	Findings []struct{ Check, Level, Code, Says, Do string }
}

func (c *computer) doctor() (d diagnosed, status int) {
	c.t.Helper()
	lines, p := c.do("doctor", "--json")
	if len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &d) != nil {
		c.t.Fatalf("doctor put out %q: %s", lines, p.errs)
	}
	return d, p.end()
}

func TestTheDoctorIsAskedWithAndWithoutAnAgent(t *testing.T) {
	_, c, company, agent := atWork(t)
	drop(t, company, "orders.json", order("W-1"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	c.waitForState("orders.json", "accepted")
	d, status := c.doctor()
	if !d.Well || status != 0 {
		t.Errorf("of a healthy home it ended with %d: %+v", status, d.Findings)
	}
	agent.stop()
	if d, status := c.doctor(); !d.Well || status != 0 {
		t.Errorf("without an agent it ended with %d: %+v", status, d.Findings)
	}
	sent, err := filepath.Glob(filepath.Join(company, "Sent", "*", "orders.json"))
	if err != nil || len(sent) != 1 {
		t.Fatalf("sent %q, %v", sent, err)
	}
	if err := os.WriteFile(sent[0], []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, status = c.doctor()
	changed := slices.IndexFunc(d.Findings, func(f struct{ Check, Level, Code, Says, Do string }) bool { return f.Code == "contentChanged" })
	if d.Well || status != 1 || changed < 0 || !strings.Contains(d.Findings[changed].Says, sent[0]) || d.Findings[changed].Do == "" {
		t.Errorf("of a changed file it ended with %d: %+v", status, d.Findings)
	}
}

// secretsOf are all that a computer keeps in its vault, and what was typed in.
func (c *computer) secretsOf() *secrettest.Hunt {
	c.t.Helper()
	const passphrase = "correct horse battery"
	hunt := secrettest.New(map[string]string{"the passphrase": passphrase})
	file := vault.OpenFile(filepath.Join(c.home, "vault.age"))
	if err := file.Unlock(c.t.Context(), sage.NewSecret(passphrase)); err != nil {
		c.t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(c.home, "connections"))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, entry := range entries {
		for _, item := range vault.Items() {
			value, err := file.Get(c.t.Context(), strings.TrimSuffix(entry.Name(), ".json"), item)
			if err == nil && !value.IsZero() {
				hunt.Add(string(item), value.Reveal())
			}
		}
	}
	if hunt.Len() < 4 {
		c.t.Fatalf("only %d secrets are known", hunt.Len())
	}
	return hunt
}

func TestABundleForSupportHasNoSecretNoContentAndNoName(t *testing.T) {
	_, c, company, agent := atWork(t)
	drop(t, company, "Jane Doe.json", order("W-SECRET-ORDER"))
	appears(t, filepath.Join(company, "Inbox", "results", "Jane Doe.result.json"))
	c.must("rotate", "Acme Ltd")
	drop(t, company, "cut off.json", "[{")
	if _, failed := c.do("send", filepath.Join(company, "Sent")); failed.end() != 0 {
		t.Errorf("sending a folder again ended with %d: %s", failed.end(), failed.errs)
	}
	hunt := c.secretsOf()
	dir := t.TempDir()
	c.bundle(filepath.Join(dir, "masked.zip"), hunt, false)
	c.bundle(filepath.Join(dir, "named.zip"), hunt, true, "--with-names")
	if _, again := c.do("support", "--out", filepath.Join(dir, "named.zip")); again.end() != 1 {
		t.Errorf("a bundle was replaced: %d", again.end())
	}
	agent.stop()
	c.bundle(filepath.Join(dir, "without.zip"), hunt, false)
}

// bundle makes one and looks through it.
func (c *computer) bundle(path string, hunt *secrettest.Hunt, names bool, args ...string) {
	c.t.Helper()
	c.must(append([]string{"support", "--out", path}, args...)...)
	data, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, find := range hunt.In(data) {
		c.t.Errorf("%s: %v", path, find)
	}
	bundle, err := zip.OpenReader(path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer bundle.Close()
	var text strings.Builder
	var parts []string
	for _, part := range bundle.File {
		parts = append(parts, part.Name)
		r, err := part.Open()
		if err != nil {
			c.t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || len(content) == 0 {
			c.t.Errorf("%s in %s: %v", part.Name, path, err)
		}
		text.Write(content)
	}
	want := "README.txt versions.json settings.json connections.json problems.json journal.json doctor.txt doctor.json log.txt"
	if got := strings.Join(parts, " "); got != want {
		c.t.Errorf("%s holds %s", path, got)
	}
	if strings.Contains(text.String(), "W-SECRET-ORDER") {
		c.t.Errorf("%s has a file's content", path)
	}
	if !strings.Contains(text.String(), "the agent runs") {
		c.t.Errorf("%s has no log", path)
	}
	for _, name := range []string{"Jane", "Acme", "cut off", c.home} {
		if strings.Contains(text.String(), name) && !names {
			c.t.Errorf("%s tells of %q", path, name)
		}
	}
	if names && !strings.Contains(text.String(), "Acme Ltd") {
		c.t.Errorf("%s has no names", path)
	}
}

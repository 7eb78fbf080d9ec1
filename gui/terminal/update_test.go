package terminal_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// Two builds of the program, as before and after an update: the agent that runs is the old one until it is replaced.
func TestAfterAnUpdateTheOldAgentIsToldAndReplaced(t *testing.T) {
	newer, err := buildIn(t.TempDir(), "99.0.0")
	if err != nil {
		t.Fatal(err)
	}
	c := newComputer(t)
	updated := func(args ...string) []string {
		t.Helper()
		p := c.launch(exec.Command(newer, append(args, "--home", c.home)...))
		var lines []string
		for line := range p.lines {
			lines = append(lines, line)
		}
		if err := <-p.ended; err != nil {
			t.Fatalf("%v ended with %v: %s", args, err, p.errs)
		}
		return lines
	}
	agentOf := func(lines []string) (version, agent string) {
		t.Helper()
		var said struct{ Version, Agent string }
		if err := json.Unmarshal([]byte(lines[0]), &said); err != nil {
			t.Fatal(err)
		}
		return said.Version, said.Agent
	}
	if _, agent := agentOf(updated("version", "--json")); agent != "" {
		t.Errorf("where none runs the agent is %q", agent)
	}
	old := c.agent()
	if version, agent := agentOf(updated("version", "--json")); version != "99.0.0" || agent != "dev" {
		t.Errorf("version %q, agent %q", version, agent)
	}
	if said := strings.Join(updated("version"), "\n"); !strings.Contains(said, "postroom restart") {
		t.Errorf("it says %q", said)
	}
	updated("restart")
	t.Cleanup(func() { updated("stop") })
	if err := <-old.ended; err != nil {
		t.Errorf("the old agent ended with %v", err)
	}
	if version, agent := agentOf(updated("version", "--json")); version != agent {
		t.Errorf("version %q, agent %q", version, agent)
	}
}

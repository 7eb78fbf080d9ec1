package terminal

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"postroom/gui/support"
	"postroom/watcher"
)

// diagnosis is the line of `doctor --json`.
type diagnosis struct {
	Well     bool            `json:"well"`
	Findings []findingStatus `json:"findings"`
}

// findingStatus is a finding with its sentences.
type findingStatus struct {
	watcher.Finding
	Says string `json:"says"`
	Do   string `json:"do"` // "" where there is nothing to do
}

func (c *console) doctorCommand() *cobra.Command {
	var from passphraseSource
	command := c.command("doctor", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if told, is := errors.AsType[*watcher.ProblemError](err); is {
			return c.tellDiagnosis(c.unopened(told.Problem))
		}
		if err != nil {
			return err
		}
		defer e.close()
		if _, err := from.handOver(ctx, e); err != nil {
			return err
		}
		d, err := c.diagnose(ctx, e)
		if err != nil {
			return err
		}
		return c.tellDiagnosis(d)
	})
	from.flag(command.Flags(), c)
	return command
}

// diagnose adds to what the engine finds what only this process sees: who answers, in which version, and what the system
// starts at login.
func (c *console) diagnose(ctx context.Context, e *reached) (diagnosis, error) {
	findings, err := c.aboutAgent(ctx, e)
	if err != nil {
		return diagnosis{}, err
	}
	login, err := c.aboutLogin(ctx, e)
	if err != nil {
		return diagnosis{}, err
	}
	found, err := e.Doctor(ctx)
	if err != nil {
		return diagnosis{}, err
	}
	d := diagnosis{Well: true}
	for _, f := range append(append(findings, login), found...) {
		d.Well = d.Well && f.Level != watcher.LevelWrong
		d.Findings = append(d.Findings, c.findingStatus(f))
	}
	return d, nil
}

// unopened is what there is to tell of a home that cannot even be opened: its record is damaged, or of a newer version.
func (c *console) unopened(why watcher.Problem) diagnosis {
	return diagnosis{Findings: []findingStatus{
		c.findingStatus(finding("agent", watcher.LevelNote, "agentNone", nil)),
		c.findingStatus(finding("journal", watcher.LevelWrong, why.Code, why.Args)),
	}}
}

func finding(check string, level watcher.Level, code string, args map[string]string) watcher.Finding {
	return watcher.Finding{Check: check, Level: level, Problem: watcher.Problem{Code: code, Args: args}}
}

// aboutAgent is whether one runs, and whether it is of this version.
func (c *console) aboutAgent(ctx context.Context, e *reached) ([]watcher.Finding, error) {
	if !e.agent() {
		return []watcher.Finding{finding("agent", watcher.LevelNote, "agentNone", nil)}, nil
	}
	overview, err := e.Overview(ctx)
	if err != nil {
		return nil, err
	}
	running := finding("agent", watcher.LevelWell, "agentRuns", map[string]string{"version": overview.Version})
	if overview.Version != c.parts.Version {
		other := map[string]string{"agent": overview.Version, "command": c.parts.Version}
		return []watcher.Finding{running, finding("version", watcher.LevelWrong, "versionOther", other)}, nil
	}
	same := map[string]string{"version": overview.Version}
	return []watcher.Finding{running, finding("version", watcher.LevelWell, "versionSame", same)}, nil
}

// aboutLogin is whether the system starts the agent when this person logs in, as the settings want it.
func (c *console) aboutLogin(ctx context.Context, e *reached) (watcher.Finding, error) {
	settings, err := e.Settings(ctx)
	if err != nil {
		return watcher.Finding{}, err
	}
	there, err := newLoginEntry(c.home, c.log).There()
	switch {
	case err != nil:
		c.log.Debug("whether there is a start at login cannot be told", slog.Any("error", err))
		return finding("login", watcher.LevelNote, "loginUnknown", nil), nil //nolint:nilerr // that is a finding
	case settings.StartAtLogin && !there:
		return finding("login", watcher.LevelWrong, "loginLost", nil), nil
	case there:
		return finding("login", watcher.LevelWell, "loginOn", nil), nil
	}
	return finding("login", watcher.LevelWell, "loginOff", nil), nil
}

func (c *console) findingStatus(f watcher.Finding) findingStatus {
	says, do := support.Say(c.words, f)
	return findingStatus{Finding: f, Says: says, Do: do}
}

func (c *console) tellDiagnosis(d diagnosis) error {
	lines := make([]string, 0, len(d.Findings)+1)
	wrong := 0
	for _, f := range d.Findings {
		lines = append(lines, support.Line(c.words, f.Finding))
		if f.Level == watcher.LevelWrong {
			wrong++
		}
	}
	if d.Well {
		lines = append(lines, c.words.Say("cmd.doctor.allWell"))
	}
	if err := c.result(d, strings.Join(lines, "\n")); err != nil || d.Well {
		return err
	}
	return toldError{c.words.Say("cmd.doctor.wrongs", map[string]any{"count": wrong}), errors.New("something is wrong")}
}

// isThere tells whether something stands at a path.
func isThere(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

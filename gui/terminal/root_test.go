package terminal

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"postroom/assets"
	"postroom/watcher"
)

func TestEveryCommandOfTheDesignIsThere(t *testing.T) {
	help := command(t, "", "--help")
	if help.status != statusDone {
		t.Fatalf("help ended with %d: %s", help.status, help.err)
	}
	for _, name := range []string{
		"demo", "run", "stop", "register", "connect", "drafts", "practice", "status", "send", "history", "show", "check", "retry",
		"resolve", "resend", "cancel", "dismiss", "pause", "resume", "quiet", "renewals", "rotate", "reconnect", "disconnect", "unlock",
		"settings", "doctor", "support", "sandbox", "version",
	} {
		if !strings.Contains(help.out, "\n  "+name+" ") {
			t.Errorf("help does not list %s", name)
		}
	}
	if strings.Contains(help.out, "\n  window ") {
		t.Error("help lists the window's own process")
	}
}

func TestEveryCommandExplainsItselfInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		c := &console{words: assets.For(spoken.Tag)}
		root := c.root()
		for _, command := range append(root.Commands(), root) {
			if command.Hidden {
				continue
			}
			for what, text := range map[string]string{"short": command.Short, "long": command.Long, "usage": command.UsageString()} {
				if text == "" || strings.Contains(text, "help."+command.Name()) || strings.Contains(text, "help.heading") || strings.Contains(text, "flag.") {
					t.Errorf("%s: %s has no %s text: %q", spoken.Tag, command.Name(), what, text)
				}
			}
			if !slices.Contains([]string{"version", "help"}, command.Name()) && !strings.Contains(command.Example, "postroom") {
				t.Errorf("%s: %s has no example", spoken.Tag, command.Name())
			}
		}
	}
}

func TestHelpIsInOneLanguageAndItsColumnsLineUp(t *testing.T) {
	for lang, want := range map[string][]string{
		"fr": {"postroom run [options]", "--passphrase-fd numéro   "},
		"de": {"postroom run [Optionen]", "--passphrase-fd Nummer   "},
	} {
		c := &console{words: assets.For(lang)}
		command, _, err := c.root().Find([]string{"run"})
		if err != nil {
			t.Fatal(err)
		}
		usage := command.UsageString()
		for _, w := range want {
			if !strings.Contains(usage, w) {
				t.Errorf("%s: %q is not in\n%s", lang, w, usage)
			}
		}
		_, flags, _ := strings.Cut(usage, c.words.Say("help.heading.flags")+"\n")
		flags, _, _ = strings.Cut(flags, "\n\n")
		column := -1
		for line := range strings.Lines(flags) {
			at := len([]rune(line[:descriptionAt.FindStringIndex(line)[1]]))
			if column >= 0 && at != column {
				t.Errorf("%s: %q begins at %d, the lines before at %d", lang, line, at, column)
			}
			column = at
		}
	}
}

// descriptionAt finds where the words about a flag begin.
var descriptionAt = regexp.MustCompile(`--\S+( \S+)? {2,}`)

func TestTheReadmeShowsEveryCommand(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range (&console{words: assets.For("en")}).root().Commands() {
		if !command.Hidden && command.Name() != "help" && !strings.Contains(string(readme), "\n    postroom "+command.Name()+" ") {
			t.Errorf("README.md does not show %s", command.Name())
		}
	}
}

func TestExamplesCanBeTyped(t *testing.T) {
	c := &console{words: assets.For("en")}
	root := c.root()
	for _, command := range append(root.Commands(), root) {
		for line := range strings.Lines(strings.ReplaceAll(command.Example, "\\\n", " ")) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " < ")
			line, _, _ = strings.Cut(line, "   ")
			args := strings.Fields(strings.ReplaceAll(line, "...", ""))
			if len(args) == 0 {
				continue
			}
			found, rest, err := root.Find(args[1:])
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			checkFlags(t, found, rest)
		}
	}
}

// checkFlags makes sure that every flag of an example exists.
func checkFlags(t *testing.T, command *cobra.Command, args []string) {
	t.Helper()
	for _, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "--")
		if isFlag && command.Flags().Lookup(name) == nil && command.InheritedFlags().Lookup(name) == nil {
			t.Errorf("the example of %s uses --%s, which it does not have", command.Name(), name)
		}
	}
}

func TestWrongUseEndsWithTwo(t *testing.T) {
	home := t.TempDir()
	for _, args := range [][]string{
		{"stauts"},
		{"status", "--jsno"},
		{"status", "extra"},
		{"rotate"},
		{"rotate", "Acme", "Beta"},
		{"send"},
		{"send", "no-such-file.json"},
		{"history", "--state", "lost"},
		{"history", "--state", "done,accepted"},
		{"history", "--since", "yesterday"},
		{"history", "--csv", "--json"},
		{"history", "--limit", "-1"},
		{"show"},
		{"retry"},
		{"resend", "id"},
		{"cancel"},
		{"dismiss"},
		{"pause", "Acme", "Beta"},
		{"quiet", "long"},
		{"disconnect", "Acme"},
		{"reconnect"},
		{"renewals", "Acme", "Beta"},
		{"settings", "colour=red"},
		{"settings", "keepSentDays=many"},
		{"resolve", "id"},
		{"resolve", "id", "--send", "--leave"},
		{"resolve", "id", "--leave", "--gone"},
		{"retry"},
		{"retry", "--all", "one", "two"},
		{"register"},
		{"register", "--name", "Alex", "--domain", "ecommerce"},
		{"connect", "--domain", "ecommerce"},
		{"connect", "--domain", "ecommerce", "--company", "Acme", "--folder", "x", "--developer-id", "1"},
		{"run", "--passphrase-fd", "three"},
		{"sandbox", "--pace", "slow"},
		{"demo", "--dir", filepath.Dir(home)},
	} {
		got := command(t, "", append(args, "--home", home)...)
		if got.status != statusUsage {
			t.Errorf("%q ended with %d: %s", args, got.status, got.err)
		}
		if !strings.HasPrefix(got.err, "postroom: ") || !strings.Contains(got.err, "--help") || got.out != "" {
			t.Errorf("%q explains itself with %q and puts out %q", args, got.err, got.out)
		}
	}
}

func TestWhatIsMissingIsNamedAtOnce(t *testing.T) {
	got := command(t, "", "register", "--home", t.TempDir(), "--email", "a@example.com")
	if want := "Missing: --application, --domain, --name, --company-name."; !strings.Contains(got.err, want) {
		t.Errorf("said %q, want %q", got.err, want)
	}
	got = command(t, "", "register", "--home", t.TempDir(), "--developer-id", "1")
	if want := "Missing: --application, --domain."; !strings.Contains(got.err, want) {
		t.Errorf("with a known developer it said %q, want %q", got.err, want)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	if got := command(t, "", "version"); got.out != "postroom 1.2.3\n" || got.status != statusDone {
		t.Errorf("version puts out %q, %d", got.out, got.status)
	}
	if got := command(t, "", "version", "--json"); !strings.HasPrefix(got.out, `{"version":"1.2.3",`) || strings.Count(got.out, "\n") != 1 {
		t.Errorf("version --json puts out %q", got.out)
	}
	if got := command(t, "", "--version"); got.out != "1.2.3\n" {
		t.Errorf("--version puts out %q", got.out)
	}
}

func TestHomeIsTheFlagsThenTheEnvironmentsThenTheUsersOwn(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/config")
	t.Setenv(homeVariable, "")
	if home, err := homeDir(""); err != nil || !strings.HasSuffix(home, "postroom") {
		t.Errorf("the user's own home is %q, %v", home, err)
	}
	t.Setenv(homeVariable, "/from/environment")
	if home, err := homeDir(""); err != nil || home != "/from/environment" {
		t.Errorf("the environment's home is %q, %v", home, err)
	}
	if home, err := homeDir("relative"); err != nil || !filepath.IsAbs(home) || filepath.Base(home) != "relative" {
		t.Errorf("the flag's home is %q, %v", home, err)
	}
}

func TestFailuresAreExplainedInWords(t *testing.T) {
	words := assets.For("en")
	problem := &watcher.ProblemError{Problem: watcher.Problem{Code: "windowNoDisplay"}, Kind: watcher.ErrWrongState}
	if got := explain(words, errors.Join(errors.New("outer"), problem)); !strings.HasPrefix(got, "The window cannot be opened: this session has no screen. The agent goes on") {
		t.Errorf("a problem reads %q", got)
	}
	if got := explain(words, toldError{"A sentence.", watcher.ErrInvalid}); got != "A sentence." {
		t.Errorf("a told error reads %q", got)
	}
	if statusOf(nil) != statusDone || statusOf(problem) != statusFailed || statusOf(usageError{"x"}) != statusUsage {
		t.Error("the exit statuses are not 0, 1 and 2")
	}
	if !errors.Is(toldError{"A sentence.", watcher.ErrInvalid}, watcher.ErrInvalid) {
		t.Error("a told error hides its cause")
	}
}

package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"postroom/assets"
)

// Run carries out one command and gives the program's exit status. It must be called on the main goroutine, which
// the tray and the window need. SIGINT and SIGTERM end the command; a second one ends the process at once.
func Run(ctx context.Context, parts Parts, args []string) int {
	if attachConsole() {
		parts.In, parts.Out, parts.Err = os.Stdin, os.Stdout, os.Stderr
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	c := &console{parts: parts, words: assets.For("")}
	return c.execute(ctx, args)
}

func (c *console) execute(ctx context.Context, args []string) int {
	root := c.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusDone
	}
	_, _ = fmt.Fprintln(c.parts.Err, "postroom: "+explain(c.words, err))
	if _, usage := errors.AsType[usageError](err); usage {
		c.tell("cmd.seeHelp", map[string]any{"command": askedFor(root, args)})
	}
	return statusOf(err)
}

// askedFor is the command whose help a person is referred to.
func askedFor(root *cobra.Command, args []string) string {
	if found, _, err := root.Find(args); err == nil {
		return found.CommandPath()
	}
	return root.CommandPath()
}

// root is the command without a name and all that have one.
func (c *console) root() *cobra.Command {
	root := c.command("postroom", c.open)
	root.Args = cobra.ArbitraryArgs // files for the window
	root.Version = c.parts.Version
	root.SetVersionTemplate(c.parts.Version + "\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	cobra.EnableCommandSorting = false // help tells them in the order they are needed in
	root.SetIn(c.parts.In)
	root.SetOut(c.parts.Out)
	root.SetErr(c.parts.Err)
	cobra.AddTemplateFunc("aligned", aligned)
	root.SetUsageTemplate(c.usageTemplate())
	root.SetHelpTemplate("{{with or .Long .Short}}{{.}}\n\n{{end}}{{.UsageString}}")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usageError{c.words.Say("cmd.flag", map[string]any{"reason": err.Error()})}
	})

	common := root.PersistentFlags()
	common.StringVar(&c.homeFlag, "home", "", c.words.Say("flag.home"))
	common.StringVar(&c.profileFlag, "profile", "", c.words.Say("flag.profile"))
	common.BoolVar(&c.asJSON, "json", false, c.words.Say("flag.json"))
	common.BoolVar(&c.verbose, "verbose", false, c.words.Say("flag.verbose"))

	for _, add := range []func() *cobra.Command{
		c.demoCommand, c.runCommand, c.stopCommand, c.restartCommand, c.registerCommand, c.connectCommand, c.draftsCommand, c.practiceCommand,
		c.statusCommand, c.sendCommand, c.historyCommand, c.showCommand, c.checkCommand,
		c.retryCommand, c.resolveCommand, c.correctCommand, c.resendCommand, c.holdCommand, c.releaseCommand, c.cancelCommand, c.dismissCommand,
		c.pauseCommand, c.resumeCommand, c.quietCommand,
		c.renewalsCommand, c.rotateCommand, c.reconnectCommand, c.disconnectCommand, c.forgetCommand, c.unlockCommand,
		c.webCommand, c.settingsCommand, c.doctorCommand, c.supportCommand,
		c.sandboxCommand, c.versionCommand, c.windowCommand,
	} {
		root.AddCommand(add())
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultVersionFlag()
	for _, command := range append(root.Commands(), root) {
		command.InitDefaultHelpFlag()
		if help := command.Flags().Lookup("help"); help != nil {
			help.Usage = c.words.Say("flag.help")
		}
		if command.Name() == "help" {
			command.Short = c.words.Say("help.help.short")
		}
	}
	if version := root.Flags().Lookup("version"); version != nil {
		version.Usage = c.words.Say("help.version.short")
	}
	return root
}

// command makes a command whose help stands in the catalogue under help.<name>.
func (c *console) command(use string, do func(cmd *cobra.Command, args []string) error) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	key := "help." + name
	command := &cobra.Command{
		Use: use, Short: c.words.Say(key + ".short"), Args: c.noMore,
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.settle(); err != nil {
				return err
			}
			return do(cmd, args)
		},
	}
	command.Long = command.Short
	if c.words.Has(key + ".long") {
		command.Long += "\n\n" + c.words.Say(key+".long")
	}
	if c.words.Has(key + ".example") {
		command.Example = "  " + strings.ReplaceAll(c.words.Say(key+".example"), "\n", "\n  ")
	}
	return command
}

// settle makes what the common flags say usable.
func (c *console) settle() (err error) {
	if c.home, err = homeDir(c.homeFlag); err != nil {
		return err
	}
	if c.profile, err = absolute(c.profileFlag); err != nil {
		return err
	}
	c.log = newLog(c.parts.Err, c.verbose)
	return nil
}

// noMore refuses arguments; cobra's own check speaks English only.
func (c *console) noMore(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{c.words.Say("cmd.tooMany", map[string]any{"name": args[0]})}
	}
	return nil
}

// flagAndGap is a flag with the name of its value, and the gap up to what it is for.
var flagAndGap = regexp.MustCompile(`(?m)^ +(?:-\w, )?--\S+ \S+ {3,}`)

// aligned mends the columns of pflag, which counts bytes where it should count letters: "numéro" is six wide.
func aligned(usages string) string {
	return flagAndGap.ReplaceAllStringFunc(usages, func(flag string) string {
		return flag + strings.Repeat(" ", len(flag)-utf8.RuneCountInString(flag))
	})
}

// usageTemplate is cobra's, in the words of the catalogue.
func (c *console) usageTemplate() string {
	heading := func(key string) string { return c.words.Say("help.heading." + key) }
	return heading("usage") + `{{if .Runnable}}
  {{.UseLine}} [` + c.words.Say("help.usage.flags") + `]{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [` + c.words.Say("help.usage.command") + `]{{end}}{{if .HasExample}}

` + heading("examples") + `
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

` + heading("commands") + `{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + heading("flags") + `
{{.LocalFlags.FlagUsages | aligned | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + heading("common") + `
{{.InheritedFlags.FlagUsages | aligned | trimTrailingWhitespaces}}{{end}}
`
}

// required refuses a command that lacks flags it cannot do without, and names all of them.
func (c *console) required(cmd *cobra.Command, names ...string) error {
	var missing []string
	for _, name := range names {
		if cmd.Flags().Lookup(name).Value.String() == "" {
			missing = append(missing, "--"+name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return usageError{c.words.Say("cmd.missing", map[string]any{"flags": strings.Join(missing, ", ")})}
}

package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"postroom/watcher"
)

// longestPassphrase bounds what is read as one, in bytes.
const longestPassphrase = 4096

// credential is the file that systemd lays a passphrase down in (LoadCredential=postroom-passphrase:...).
const credential = "postroom-passphrase"

// vaultFile is the encrypted vault in the state directory.
const vaultFile = "vault.age"

// errNoPassphrase says that nobody can be asked for one.
var errNoPassphrase = errors.New("no passphrase was handed over, and there is no terminal to ask at")

// passphraseSource says where the passphrase of the encrypted vault comes from.
type passphraseSource struct{ fd int }

func (p *passphraseSource) flag(flags *pflag.FlagSet, c *console) {
	flags.IntVar(&p.fd, "passphrase-fd", -1, c.words.Say("flag.passphraseFD"))
	flags.Lookup("passphrase-fd").DefValue = "0" // help leaves that out, and says nothing of -1
}

// handedOver reads a passphrase that a file descriptor or systemd gives; false if neither does.
func (p *passphraseSource) handedOver() (passphrase string, given bool, err error) {
	if p.fd >= 0 {
		file := os.NewFile(uintptr(p.fd), "the passphrase's file descriptor")
		if file == nil {
			return "", false, usageError{fmt.Sprintf("--passphrase-fd %d", p.fd)}
		}
		defer file.Close()
		passphrase, err = firstLine(file)
		if err != nil {
			return "", false, fmt.Errorf("reading the passphrase from file descriptor %d: %w", p.fd, err)
		}
		return passphrase, true, nil
	}
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return "", false, nil
	}
	file, err := os.Open(filepath.Join(dir, credential)) //nolint:gosec // systemd says where it is
	if errors.Is(err, os.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("reading the passphrase that systemd hands over: %w", err)
	}
	defer file.Close()
	passphrase, err = firstLine(file)
	return passphrase, err == nil, err
}

// firstLine reads up to the first line break.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, longestPassphrase)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("it is empty")
	}
	return line, nil
}

// handOver opens the vault with a passphrase that was handed over, if one was. With a keyring that does nothing.
func (p *passphraseSource) handOver(ctx context.Context, e interface {
	UnlockVault(ctx context.Context, passphrase string) error
},
) (given bool, err error) {
	passphrase, given, err := p.handedOver()
	if err != nil || !given {
		return false, err
	}
	return true, e.UnlockVault(ctx, passphrase)
}

// unlocking does something that needs the vault. If that waits for its passphrase, a person is asked for it and it is
// done again.
func (c *console) unlocking(ctx context.Context, e engine, do func() error) error {
	err := do()
	if !errors.Is(err, watcher.ErrVaultLocked) {
		return err
	}
	passphrase, askErr := c.askPassphrase(ctx)
	if askErr != nil {
		return askErr
	}
	if err := e.UnlockVault(ctx, passphrase); err != nil {
		return err
	}
	return do()
}

// askPassphrase asks for the vault's passphrase, and twice for one that is new: nobody could open the vault again
// with a slip of the finger.
func (c *console) askPassphrase(ctx context.Context) (string, error) {
	if _, err := os.Stat(filepath.Join(c.home, vaultFile)); !errors.Is(err, os.ErrNotExist) {
		return c.ask(ctx, "cmd.passphrase.ask")
	}
	first, err := c.ask(ctx, "cmd.passphrase.new")
	if err != nil {
		return "", err
	}
	second, err := c.ask(ctx, "cmd.passphrase.again")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", toldError{c.words.Say("cmd.passphrase.differ"), errNoPassphrase}
	}
	return first, nil
}

// atTerminal tells whether a person sits at standard input.
func (c *console) atTerminal() bool {
	in, ok := c.parts.In.(*os.File)
	return ok && term.IsTerminal(int(in.Fd()))
}

// ask has a person type something that is not shown. It is not kept anywhere but in what is returned.
func (c *console) ask(ctx context.Context, key string) (string, error) {
	if !c.atTerminal() {
		return "", toldError{c.words.Say("cmd.passphrase.none"), errNoPassphrase}
	}
	in := c.parts.In.(*os.File)
	before, err := term.MakeRaw(int(in.Fd())) // from here on nothing typed is shown
	if err != nil {
		return "", fmt.Errorf("asking at the terminal: %w", err)
	}
	type answer struct {
		typed string
		err   error
	}
	answers := make(chan answer, 1)
	go func() { // a read from a terminal cannot be called off: this one ends with the process, or with a line
		typed, err := term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{in, c.parts.Err}, "").ReadPassword(c.words.Say(key) + " ")
		answers <- answer{typed, err}
	}()
	var given answer
	select {
	case given = <-answers:
		if errors.Is(given.err, io.EOF) { // Ctrl+C or Ctrl+D
			given.err = context.Canceled
		}
	case <-ctx.Done():
		given.err = ctx.Err()
	}
	if err := term.Restore(int(in.Fd()), before); err != nil {
		c.log.Warn("the terminal may not show what is typed", slog.Any("error", err))
	}
	if given.err != nil {
		_, _ = fmt.Fprintln(c.parts.Err)
	}
	return given.typed, given.err
}

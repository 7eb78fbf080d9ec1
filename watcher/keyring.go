package watcher

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
)

const (
	vaultFile     = "vault.age"
	probePatience = 5 * time.Second // for a keyring to say that it is there; one that asks its owner is there
	minPassphrase = 8               // characters of a new vault's
)

// openVault takes the vault that was given. Otherwise which one it is is found out when it is first needed: a
// keyring may ask its owner, and nobody's start waits for that.
func (e *Engine) openVault(context.Context) error {
	if e.options.Vault != nil {
		e.onboarding.opened.Store(&e.options.Vault)
	}
	return nil
}

// secrets is the vault of this home: the system's keyring, or the encrypted file where there is none or where one
// was made. What was once put into the keyring is never looked for anywhere else. It may still be locked.
func (e *Engine) secrets(ctx context.Context) (vault.Vault, error) {
	if opened := e.onboarding.opened.Load(); opened != nil {
		return *opened, nil
	}
	queue := e.onboarding.turns.queue("vault")
	select {
	case queue <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-queue }()
	if opened := e.onboarding.opened.Load(); opened != nil {
		return *opened, nil
	}
	chosen, err := e.chooseVault(ctx)
	if err != nil {
		return nil, err
	}
	e.onboarding.opened.Store(&chosen)
	e.emit(Event{Kind: EventAll}) // the overview tells whether it is locked
	return chosen, nil
}

func (e *Engine) chooseVault(ctx context.Context) (vault.Vault, error) {
	file := vault.OpenFile(filepath.Join(e.options.Home, vaultFile))
	if file.Exists() {
		return file, nil
	}
	if e.usesKeyring() {
		return vault.Keyring(vault.KeyringOptions{}), nil
	}
	probing, cancel := context.WithTimeoutCause(ctx, probePatience, vault.ErrTimeout)
	defer cancel()
	err := vault.Probe(probing)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if errors.Is(err, vault.ErrNoKeyring) {
		e.log.Info("there is no keyring, keys go into an encrypted file", "error", err)
		return file, nil
	}
	return vault.Keyring(vault.KeyringOptions{}), nil
}

// usesKeyring reports whether something of this home is in the keyring already.
func (e *Engine) usesKeyring() bool {
	const keyring = "keyring"
	records, err := e.readRecords()
	e.complain("connections", err)
	for _, record := range records {
		if record.KeptIn == keyring {
			return true
		}
	}
	drafts, err := e.readDrafts()
	e.complain("drafts", err)
	for _, d := range drafts {
		if d.KeptIn == keyring {
			return true
		}
	}
	return false
}

// unlocked is the vault, when it can be used just now.
func (e *Engine) unlocked(ctx context.Context) (vault.Vault, error) {
	secrets, err := e.secrets(ctx)
	if err != nil {
		return nil, vaultProblem(err)
	}
	if secrets.Locked() {
		return nil, vaultProblem(vault.ErrLocked)
	}
	return secrets, nil
}

// vaultState tells the overview whether the vault waits for its passphrase, and whether there is one yet to wait for.
// It never waits itself.
func (e *Engine) vaultState() (locked, missing bool) {
	opened := e.onboarding.opened.Load()
	if opened == nil || !(*opened).Locked() {
		return false, false
	}
	file, isFile := (*opened).(*vault.File)
	return true, isFile && !file.Exists()
}

// UnlockVault opens the encrypted vault file with its passphrase, or makes it with a new one. With a keyring there is
// nothing to do.
func (e *Engine) UnlockVault(ctx context.Context, passphrase string) error {
	secrets, err := e.secrets(ctx)
	if err != nil {
		return vaultProblem(err)
	}
	file, isFile := secrets.(*vault.File)
	if !isFile {
		return nil
	}
	if !file.Exists() && len([]rune(passphrase)) < minPassphrase {
		return refuse(ErrInvalid, "passphraseShort")
	}
	if err := file.Unlock(ctx, sage.NewSecret(passphrase)); err != nil {
		return vaultProblem(err)
	}
	e.emit(Event{Kind: EventAll})
	e.nudge()
	wake(e.onboarding.changed)
	return e.CheckNow(ctx)
}

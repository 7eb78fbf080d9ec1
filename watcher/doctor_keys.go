package watcher

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"postroom/sage"
	"postroom/sage/vault"
)

// vault is where keys are kept: reachable, and giving back what it is given. It is nil when it cannot be looked into.
func (x *examination) vault(ctx context.Context) vault.Vault {
	secrets, err := x.e.unlocked(ctx)
	if errors.Is(err, ErrVaultLocked) && x.isCommand() {
		x.note("vault", "vaultClosed")
		return nil
	}
	if err == nil {
		err = readBack(ctx, secrets)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		x.trouble("vault", problemOf(vaultProblem(err), "vaultFailed"))
		return nil
	}
	switch secrets.Kind() {
	case "keyring":
		x.well("vault", "vaultInKeyring")
	case "file":
		x.well("vault", "vaultInFile")
	default:
		x.well("vault", "vaultGood", "kind", secrets.Kind())
	}
	return secrets
}

// readBack puts an entry into the vault, which reads it back, and takes it out again.
func readBack(ctx context.Context, secrets vault.Vault) error {
	name := "doctor-" + rand.Text()
	value := sage.NewSecret(rand.Text())
	err := secrets.Set(ctx, name, vault.CandidateKey, value)
	if err == nil {
		var kept sage.Secret
		if kept, err = secrets.Get(ctx, name, vault.CandidateKey); err == nil && !kept.Equal(value) {
			err = vault.ErrReadBack
		}
	}
	return errors.Join(err, secrets.Delete(context.WithoutCancel(ctx), name))
}

// needed are the entries that a connection cannot do without, and what each is called for a person.
var needed = []vault.Item{vault.InitialKey, vault.CurrentKey, vault.Secret}

// keys are a connection's entries in the vault, and what is known of its key.
func (x *examination) keys(ctx context.Context, record accountRecord, secrets vault.Vault) {
	about := []string{"company", record.Company, "domain", record.Domain}
	if secrets != nil {
		var missing []string
		for _, item := range needed {
			value, err := secrets.Get(ctx, record.vaultName(), item)
			switch {
			case errors.Is(err, vault.ErrNotFound), err == nil && value.IsZero():
				missing = append(missing, string(item))
			case err != nil:
				x.trouble("keys", problemOf(vaultProblem(err), "vaultFailed"))
				return
			}
		}
		if len(missing) > 0 {
			x.wrong("keys", "keysMissing", append(about, "items", folded(missing))...)
		} else {
			x.well("keys", "keysThere", about...)
		}
	}
	x.key(record, about)
}

// key is what the platform has said of a connection's key, and what stops its lanes.
func (x *examination) key(record accountRecord, about []string) {
	i := slices.IndexFunc(x.connections, func(c Connection) bool { return c.ID == record.ID })
	if i < 0 {
		x.note("key", "keyUntried", about...)
		return
	}
	c := x.connections[i]
	says := keyProblems[c.Key.State]
	switch {
	case c.Problem != nil:
		x.trouble("key", *c.Problem)
	case says.stops:
		x.trouble("key", newProblem(says.code))
	case c.Key.State == KeyUnknown:
		x.note("key", "keyUntried", about...)
	default:
		x.well("key", "keyGood", about...)
	}
	for _, lane := range c.Lanes {
		if lane.Problem != nil {
			x.trouble("key", *lane.Problem)
		}
	}
}

package platform

import (
	"context"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/simulation/gate"
)

// Vault is vault.Keyring over the simulated keyring, as a process has it. Calls pass the gate before they queue for the
// keyring, because who queues first must not be left to chance, and no two of them run out of patience at one moment.
func (k *Keyring) Vault(p *gate.Process) vault.Vault {
	return &ordered{Vault: vault.Keyring(vault.KeyringOptions{Store: k.View(p)}), process: p}
}

type ordered struct {
	vault.Vault
	process *gate.Process
}

// The patience of a call: a second less than a keyring is given, and a part of that second more.
const (
	patience = 19 * time.Second
	moment   = time.Second
)

// Get implements vault.Vault.
func (o *ordered) Get(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
	ctx, cancel, err := o.enter(ctx, "vault.get", connection+"/"+string(item))
	if err != nil {
		return sage.Secret{}, err
	}
	defer cancel()
	return o.Vault.Get(ctx, connection, item)
}

// Set implements vault.Vault.
func (o *ordered) Set(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
	ctx, cancel, err := o.enter(ctx, "vault.set", connection+"/"+string(item))
	if err != nil {
		return err
	}
	defer cancel()
	return o.Vault.Set(ctx, connection, item, value)
}

// Delete implements vault.Vault.
func (o *ordered) Delete(ctx context.Context, connection string) error {
	ctx, cancel, err := o.enter(ctx, "vault.delete", connection)
	if err != nil {
		return err
	}
	defer cancel()
	return o.Vault.Delete(ctx, connection)
}

// enter passes the gate. To ask is no effect yet: a process that was to die at it dies before.
func (o *ordered) enter(ctx context.Context, operation, path string) (context.Context, context.CancelFunc, error) {
	e := gate.Effect{Operation: operation, Path: path}
	if err := o.process.Pass(e); err != nil {
		return nil, nil, err
	}
	extra := time.Duration(o.process.Gate().Intn(int(moment)))
	if err := o.process.Done(e); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience+extra, vault.ErrTimeout)
	return ctx, cancel, nil
}

package broken

import (
	"context"
	"path/filepath"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func ofKeys() []Bug {
	return []Bug{
		each("uses a new key before it is stored", func(o *watcher.Options) {
			right := o.Vault
			var late memory[sage.Secret] // of this life: a crash loses it
			o.Vault = safe{
				Vault: right,
				set: func(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
					if item != vault.CurrentKey {
						return right.Set(ctx, connection, item, value)
					}
					late.set(connection, value)
					return nil
				},
			}
		}),
		each("keeps the newest key as the first one", func(o *watcher.Options) {
			right := o.Vault
			o.Vault = safe{
				Vault: right,
				get: func(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
					if item == vault.InitialKey {
						if newest, err := right.Get(ctx, connection, vault.CurrentKey); err == nil && !newest.IsZero() {
							return newest, nil
						}
					}
					return right.Get(ctx, connection, item)
				},
			}
		}),
		each("does not store the new key when there is one", func(o *watcher.Options) {
			right := o.Vault
			o.Vault = safe{
				Vault: right,
				set: func(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
					if item == vault.CurrentKey {
						return nil
					}
					return right.Set(ctx, connection, item, value)
				},
			}
		}),
		each("writes a key to its log", func(o *watcher.Options) {
			right, log := o.Vault, o.Logger
			if log == nil {
				return
			}
			o.Vault = safe{
				Vault: right,
				get: func(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
					value, err := right.Get(ctx, connection, item)
					if err == nil {
						log.Debug("Read from the vault", "item", string(item), "value", value.Reveal())
					}
					return value, err
				},
			}
		}),
		each("keeps a key in a state file", func(o *watcher.Options) {
			right, fsys, home := o.Vault, o.FS, o.Home
			o.Vault = safe{
				Vault: right,
				get: func(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
					value, err := right.Get(ctx, connection, item)
					if err != nil || item != vault.CurrentKey && item != vault.InitialKey {
						return value, err
					}
					if f, made := fsys.Create(filepath.Join(home, "cache.json")); made == nil {
						_, _ = f.Write([]byte(value.Reveal()))
						_ = f.Close()
					}
					return value, nil
				},
			}
		}),
		keyInTheJournal(),
	}
}

// keyInTheJournal writes the key of a call that failed into the journal, beside what is waited for.
func keyInTheJournal() Bug {
	return Bug{"keeps a key in the journal", func() func(o *watcher.Options) {
		var last memory[string]
		return func(o *watcher.Options) {
			right := o.Vault
			o.Vault = safe{
				Vault: right,
				get: func(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
					value, err := right.Get(ctx, connection, item)
					if err == nil && (item == vault.CurrentKey || item == vault.InitialKey) {
						last.set("", value.Reveal())
					}
					return value, err
				},
			}
			onTransfers(o, func(t *journal.Transfer) {
				if key, ok := last.get(""); ok && t.RemoteStatus != "" {
					t.RemoteStatus = key
				}
			})
		}
	}}
}

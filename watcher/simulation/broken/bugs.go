package broken

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// Bug is one thing that is wrong.
type Bug struct {
	Name string // what a careless engine does

	// Plant begins a world that has the bug. What it returns is put to the doors of every life of an engine.
	Plant func() func(o *watcher.Options)
}

// Bugs are all of them.
func Bugs() []Bug {
	var all []Bug
	for _, some := range [][]Bug{ofFiles(), ofTheJournal(), ofTheNetwork(), ofKeys(), ofTheRest()} {
		all = append(all, some...)
	}
	return all
}

// each is a bug that remembers nothing.
func each(name string, plant func(o *watcher.Options)) Bug {
	return Bug{name, func() func(o *watcher.Options) { return plant }}
}

// in tells whether a path leads through a folder of a company.
func in(folder, path string) bool {
	return strings.Contains(filepath.ToSlash(path), "/"+folder+"/")
}

// exchange is a wrong way to make a request; next is the right one.
type exchange func(next http.RoundTripper, r *http.Request) (*http.Response, error)

type network struct {
	http.RoundTripper
	do exchange
}

// RoundTrip implements http.RoundTripper.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n.do(n.RoundTripper, r) }

func onNetwork(o *watcher.Options, do exchange) { o.Transport = network{o.Transport, do} }

// put is a wrong way to put changes into the journal; next is the right one.
type put func(ctx context.Context, next func(context.Context, ...journal.Change) error, changes []journal.Change) error

type book struct {
	watcher.Journal
	put put
}

// Put implements watcher.Journal.
func (b book) Put(ctx context.Context, changes ...journal.Change) error {
	return b.put(ctx, b.Journal.Put, changes)
}

func onJournal(o *watcher.Options, do put) {
	open := o.Journal
	o.Journal = func(ctx context.Context) (watcher.Journal, error) {
		j, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return book{j, do}, nil
	}
}

// onTransfers has every transfer that is put changed before.
func onTransfers(o *watcher.Options, change func(t *journal.Transfer)) {
	onJournal(o, func(ctx context.Context, next func(context.Context, ...journal.Change) error, changes []journal.Change) error {
		for i, c := range changes {
			switch c := c.(type) {
			case journal.Added:
				change(&c.Transfer)
				changes[i] = c
			case journal.Stepped:
				change(&c.Transfer)
				changes[i] = c
			case journal.Rewritten:
				change(&c.Transfer)
				changes[i] = c
			}
		}
		return next(ctx, changes...)
	})
}

// safe is a vault with a wrong Set or Get; nil is the right one.
type safe struct {
	vault.Vault
	get func(ctx context.Context, connection string, item vault.Item) (sage.Secret, error)
	set func(ctx context.Context, connection string, item vault.Item, value sage.Secret) error
}

// Get implements vault.Vault.
func (s safe) Get(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
	if s.get == nil {
		return s.Vault.Get(ctx, connection, item)
	}
	return s.get(ctx, connection, item)
}

// Set implements vault.Vault.
func (s safe) Set(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
	if s.set == nil {
		return s.Vault.Set(ctx, connection, item, value)
	}
	return s.set(ctx, connection, item, value)
}

// copyOf reads a file and writes it at another place, without a sync.
func copyOf(fsys disk.FS, from string) (write func(to string) error, err error) {
	f, err := fsys.Open(from)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	_ = f.Close()
	if err != nil {
		return nil, err
	}
	return func(to string) error {
		f, err := fsys.Create(to)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		_ = f.Close()
		return err
	}, nil
}

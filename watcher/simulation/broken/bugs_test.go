package broken

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// nobody is at every door.
type nobody struct{ calls []string }

func (n *nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	n.calls = append(n.calls, r.Method+" "+r.URL.Host+" "+r.Header.Get(keyHeader))
	return nil, errors.New("nobody is there")
}

func (n *nobody) Watch(_ string, hear func(outbox.Notice)) (func(), error) {
	hear(outbox.Notice{Lost: true})
	return func() {}, nil
}

func (n *nobody) options(t *testing.T) watcher.Options {
	t.Helper()
	v := vault.Memory()
	if err := v.Set(t.Context(), "c", vault.InitialKey, sage.NewSecret("first")); err != nil {
		t.Fatal(err)
	}
	return watcher.Options{
		Home: t.TempDir(), FS: disk.OS(), Events: n, Vault: v, Transport: n, Now: time.Now,
		Journal: func(context.Context) (watcher.Journal, error) { return nil, fs.ErrNotExist },
		Listen:  func(context.Context, string) (net.Listener, error) { return nil, fs.ErrClosed },
	}
}

func TestEveryBugHasANameOfItsOwnAndChangesADoor(t *testing.T) {
	names := map[string]bool{}
	for _, bug := range Bugs() {
		if names[bug.Name] || strings.TrimSpace(bug.Name) == "" {
			t.Errorf("%q is named twice", bug.Name)
		}
		names[bug.Name] = true
		before := (&nobody{}).options(t)
		after := before
		plant := bug.Plant()
		plant(&after)
		plant(&after) // a second life
		if _, err := after.Journal(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the journal's own error is %v", bug.Name, err)
		}
	}
	if len(names) < 20 {
		t.Errorf("%d bugs", len(names))
	}
}

// sink is a journal that remembers the last address.
type sink struct {
	watcher.Journal
	came *string
}

func (s sink) Put(_ context.Context, changes ...journal.Change) error {
	*s.came = changes[0].(journal.Stepped).Transfer.TrackingURL
	return nil
}

func TestBugsAreOfOneWorld(t *testing.T) {
	bug := oldAddress()
	one, other := bug.Plant(), bug.Plant()
	put := func(plant func(*watcher.Options), address string) string {
		var came string
		o := (&nobody{}).options(t)
		o.Journal = func(context.Context) (watcher.Journal, error) {
			return sink{came: &came}, nil
		}
		plant(&o)
		j, err := o.Journal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Put(t.Context(), journal.Stepped{Transfer: journal.Transfer{TrackingURL: address}}); err != nil {
			t.Fatal(err)
		}
		return came
	}
	if put(one, "a") != "a" || put(one, "b") != "a" || put(other, "c") != "c" {
		t.Error("a bug does not keep to its world")
	}
}

package platform

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/simulation/gate"
)

// rig is a connected company whose computer reaches the platform over the simulated network.
type rig struct {
	t        *testing.T
	gate     *gate.Gate
	process  *gate.Process
	keyring  *Keyring
	platform *Platform
	client   *sage.Client
	keys     *sage.Keys
	session  *sage.Session
	given    sandbox.Credentials
}

// bubble runs a test over a rig in which everything passes the gate at once.
func bubble(t *testing.T, o Options, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(1)
		g.Free(true)
		r := &rig{t: t, gate: g, process: g.Process("engine"), keyring: NewKeyring(g)}
		o.Keyring = r.keyring
		var err error
		if r.platform, err = New(g, o); err != nil {
			t.Fatal(err)
		}
		defer r.platform.Close()
		if r.given, err = r.platform.Connect(sandbox.Setup{NotificationURL: "https://desk.example:8700/notification/token"}); err != nil {
			t.Fatal(err)
		}
		r.restart()
		kept := r.keyring.Vault(r.process)
		for item, value := range map[vault.Item]sage.Secret{
			vault.InitialKey: r.given.InitialKey, vault.CurrentKey: r.given.InitialKey, vault.Secret: r.given.Secret,
		} {
			if err := kept.Set(t.Context(), "c", item, value); err != nil {
				t.Fatal(err)
			}
		}
		test(r)
		r.process.Kill()
	})
}

// restart is a new life of the program.
func (r *rig) restart() {
	r.t.Helper()
	r.process = r.gate.Process("engine")
	var err error
	r.client, err = sage.New(sage.Options{BaseURL: BaseURL, Transport: r.platform.Transport(r.process)})
	if err != nil {
		r.t.Fatal(err)
	}
	store := vault.Keys(r.keyring.Vault(r.process), "c")
	r.keys = sage.NewKeys(r.client, store, sage.KeysOptions{})
	r.session = r.client.Session("ecommerce", r.keys)
}

func body(data []byte) sage.Body {
	return sage.Body{Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

var orders = sandbox.SampleOrders(2)

// create makes a record for the orders without faults.
func (r *rig) create() sage.Created {
	r.t.Helper()
	defer r.platform.SetFaults(*r.platform.faults.Load())
	r.platform.SetFaults(nil)
	made, err := r.session.Create(r.t.Context(), "orders", sage.NewFile{Name: "orders.json", Size: int64(len(orders)), IdempotencyKey: "transfer-1"})
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}

// sent is the record with its content, without faults.
func (r *rig) sent() sage.Created {
	r.t.Helper()
	made := r.create()
	defer r.platform.SetFaults(*r.platform.faults.Load())
	r.platform.SetFaults(nil)
	if err := r.session.Send(r.t.Context(), made, body(orders)); err != nil {
		r.t.Fatal(err)
	}
	return made
}

// taken is how many contents the platform has taken.
func (r *rig) taken() int {
	r.t.Helper()
	list, err := r.platform.Taken()
	if err != nil {
		r.t.Fatal(err)
	}
	return len(list)
}

// polite fails the test if the platform saw what a client should not do.
func (r *rig) polite() {
	r.t.Helper()
	for _, v := range r.platform.Violations() {
		r.t.Error(v)
	}
}

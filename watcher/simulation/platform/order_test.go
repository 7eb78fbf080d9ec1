package platform

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/simulation/gate"
)

// traffic has three companies send files and look for lists over a network and a keyring on which everything goes wrong,
// and gives the hash of all that happened.
func traffic(t *testing.T, seed uint64) uint64 {
	var hash uint64
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(seed)
		g.Free(true)
		k := NewKeyring(g)
		p, err := New(g, Options{Seed: seed, Keyring: k, Uploads: true, Sandbox: sandbox.Options{Pace: time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		process := g.Process("engine")
		v := k.Vault(process)
		var sessions []*sage.Session
		for i := range 3 {
			company := fmt.Sprint("company", i)
			given, err := p.Connect(sandbox.Setup{Company: company, NotificationURL: "https://desk.example:8700/" + company})
			if err != nil {
				t.Fatal(err)
			}
			_ = v.Set(t.Context(), company, vault.InitialKey, given.InitialKey)
			_ = v.Set(t.Context(), company, vault.Secret, given.Secret)
			client, err := sage.New(sage.Options{BaseURL: BaseURL, Transport: p.Transport(process)})
			if err != nil {
				t.Fatal(err)
			}
			s := client.Session("ecommerce", sage.NewKeys(client, vault.Keys(v, company), sage.KeysOptions{}))
			sessions = append(sessions, s)
		}
		g.Free(false)
		var all sync.WaitGroup
		for i, s := range sessions {
			all.Go(func() { work(t, s, fmt.Sprint("company", i)) })
		}
		faults := Every(12)
		p.SetFaults(faults)
		k.SetFaults(faults)
		end := make(chan struct{})
		go func() { all.Wait(); close(end) }()
		g.Run(end)
		hash = g.Hash()
		process.Kill()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return hash
}

func work(t *testing.T, s *sage.Session, company string) {
	for n := range 6 {
		made, err := s.Create(t.Context(), "orders", sage.NewFile{Name: fmt.Sprint(n), Size: int64(len(orders)), IdempotencyKey: fmt.Sprint(company, n)})
		if err == nil {
			_ = s.Send(t.Context(), made, body(orders))
			_, _ = s.Track(t.Context(), made.TrackingURL)
		}
		if newest, err := s.Latest(t.Context(), "products", ""); err == nil {
			_, _ = s.Download(t.Context(), newest.DownloadURL, &bytes.Buffer{}, 1<<20)
		}
		time.Sleep(time.Second)
	}
}

func TestOneSeedIsOneTrafficOnTheWire(t *testing.T) {
	all := map[uint64]bool{}
	for seed := range uint64(10) {
		first := traffic(t, seed)
		all[first] = true
		for range 5 {
			if again := traffic(t, seed); again != first {
				t.Fatalf("seed %d gave two orders", seed)
			}
		}
	}
	if len(all) != 10 {
		t.Errorf("ten seeds gave %d orders", len(all))
	}
}

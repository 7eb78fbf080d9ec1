package sandbox_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

func TestManyClientsUnderFaultsLoseAndDoubleNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{Pace: 10 * time.Millisecond})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultDropAnswer, Chance: 0.1})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultDropMidway, Chance: 0.1})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Chance: 0.1})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Wait: time.Millisecond, Chance: 0.5})
		const companies, files = 5, 10
		var clients sync.WaitGroup
		for i := range companies {
			made, err := r.Connect(sandbox.Setup{Company: fmt.Sprint("Company ", i)})
			must(t, err)
			clients.Go(func() {
				c := &connected{r, made.InitialKey.Reveal(), ""}
				for n := range files {
					c.persist(fmt.Sprintf("T-%d-%d", i, n), sandbox.SampleOrdersFrom(1000*i+10*n, 2))
				}
			})
		}
		clients.Wait()
		list := r.Files()
		if len(list) != companies*files {
			t.Errorf("%d files, want %d", len(list), companies*files)
		}
		for _, f := range list {
			if f.Status != sandbox.Accepted || f.Records != 2 || f.Refused != 0 {
				t.Errorf("file %+v", f)
			}
		}
		r.polite()
	})
}

// persist sends a file as a patient client does: with an Idempotency-Key, and asking before it sends again.
func (c *connected) persist(id string, content []byte) {
	for range 1000 {
		created, err := c.try("POST", orders, object{"fileName": id, "size": len(content)}, "apikey", c.key, "Idempotency-Key", id)
		if err != nil || created.status != 201 {
			time.Sleep(time.Millisecond)
			continue
		}
		for {
			tracked, err := c.try("GET", created.text("trackingUrl"), nil, "apikey", c.key)
			switch word := tracked.text("status"); {
			case err == nil && sandbox.Status(word).Final():
				return
			case err == nil && word == "awaitingUpload":
				_, _ = c.try("PUT", created.text("uploadUrl"), content, "apikey", c.key)
			default:
				time.Sleep(time.Millisecond)
			}
		}
	}
	c.t.Errorf("%s never came through", id)
}

func TestASeedGivesTheSameWorld(t *testing.T) {
	world := func() (ids []string) {
		r := newRig(t, sandbox.Options{Rand: rand.NewChaCha8([32]byte{7})})
		made, err := r.Connect(sandbox.Setup{Secret: sage.NewSecret("s")})
		must(t, err)
		c := &connected{r, made.InitialKey.Reveal(), "s"}
		a := c.upload("a.json", sandbox.SampleOrders(1))
		return []string{made.DeveloperID.Reveal(), c.key, a.text("fileId"), a.text("uploadUrl"), c.rotate().text("apikey")}
	}
	first, second := world(), world()
	for i := range first {
		if first[i] != second[i] || first[i] == "" {
			t.Errorf("value %d is %q, then %q", i, first[i], second[i])
		}
	}
}

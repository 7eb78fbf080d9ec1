package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

const apikey = "/api/apikey"

func (c *connected) rotate() answer {
	c.t.Helper()
	return c.call("PATCH", apikey, object{"initialApikey": c.initial(), "secret": c.secret})
}

func (c *connected) initial() string {
	k, err := c.InitialKey("", "")
	if err != nil {
		c.t.Fatal(err)
	}
	return k.Reveal()
}

const latestProducts = "/api/domains/ecommerce/scopes/products/files/latest"

func TestAnExpiredKeyAllowsRotationAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{Limits: sandbox.Limits{KeyTTL: time.Minute}})
		c.get(latestProducts).want(t, 404, 2435)
		time.Sleep(time.Minute)
		c.get(latestProducts).want(t, 401, 2100)
		c.create("a.json", 3).want(t, 401, 2100)
		c.key = c.rotate().want(t, 200, 0).text("apikey")
		c.get(latestProducts).want(t, 404, 2435)
		time.Sleep(time.Minute)
		c.get(latestProducts).want(t, 401, 2100)
		c.polite()
	})
}

func TestTheOldKeyIsDeadOnceRotationSucceeds(t *testing.T) {
	for strict, code := range map[bool]int{false: 2100, true: 2105} {
		c := connect(t, sandbox.Options{Dialect: sandbox.Dialect{StrictOldKey: strict}})
		first := c.key
		second := c.rotate().want(t, 200, 0).text("apikey")
		c.get(latestProducts).want(t, 401, code)
		third := c.rotate().want(t, 200, 0).text("apikey") // as after an answer that was lost
		if first == second || second == third {
			t.Error("rotation gave the same key again")
		}
		c.key = second
		c.get(latestProducts).want(t, 401, code)
		c.key = third
		c.get(latestProducts).want(t, 404, 2435)
		if got := c.Installations()[0].Connections[0].Rotations; got != 2 {
			t.Errorf("%d rotations counted, want 2", got)
		}
		c.polite()
	}
}

func TestRotationWantsTheInitialKeyAndItsSecret(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.call("PATCH", apikey, object{"initialApikey": "unknown", "secret": c.secret}).want(t, 401, 2105)
	c.call("PATCH", apikey, object{"initialApikey": c.key, "secret": "wrong"}).want(t, 401, 2105)
	c.call("PATCH", apikey, object{"initialApikey": c.key}).want(t, 400, 1000)
	c.polite()
	second := c.rotate().want(t, 200, 0).text("apikey")
	c.call("PATCH", apikey, object{"initialApikey": second, "secret": c.secret}).want(t, 401, 2105)
	c.rude("current-as-first")
}

func TestALockedKeyIsUnlockedByRenewingItsSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{})
		if err := c.LockKey("Acme Ltd", "ecommerce"); err != nil {
			t.Fatal(err)
		}
		c.get(latestProducts).want(t, 401, 2120)
		c.rotate().want(t, 401, 2120)
		renew := object{"initialApikey": c.key, "secret": c.secret, "newSecret": "another"}
		c.call("PATCH", apikey+"/secret", renew).want(t, 200, 0)
		c.get(latestProducts).want(t, 404, 2435)
		c.rotate().want(t, 401, 2105)
		c.secret = "another"
		c.key = c.rotate().want(t, 200, 0).text("apikey")
		if err := c.LockKey("", ""); err != nil {
			t.Fatal(err)
		}
		c.get(latestProducts).want(t, 401, 2120)
		time.Sleep(time.Hour) // a lock for a time ends by itself
		c.get(latestProducts).want(t, 404, 2435)
	})
}

func TestHardLocksAndRevocationsAllowNothing(t *testing.T) {
	for name, c := range map[string]struct {
		control func(*sandbox.Sandbox) func(company, domain string) error
		code    int
	}{
		"locked hard": {func(s *sandbox.Sandbox) func(string, string) error { return s.LockKeyHard }, 2125},
		"revoked":     {func(s *sandbox.Sandbox) func(string, string) error { return s.RevokeKey }, 2115},
	} {
		t.Run(name, func(t *testing.T) {
			r := connect(t, sandbox.Options{})
			if err := c.control(r.Sandbox)("acme ltd", ""); err != nil {
				t.Fatal(err)
			}
			r.get(latestProducts).want(t, 401, c.code)
			r.rotate().want(t, 401, c.code)
			renew := object{"initialApikey": r.key, "secret": r.secret, "newSecret": "another"}
			r.call("PATCH", apikey+"/secret", renew).want(t, 401, c.code)
		})
	}
}

func TestSupportTakesLocksAwayButNotRevocations(t *testing.T) {
	c := connect(t, sandbox.Options{})
	must(t, c.LockKeyHard("", ""))
	must(t, c.UnlockKey("", ""))
	c.get(latestProducts).want(t, 404, 2435)
	must(t, c.RevokeKey("", ""))
	must(t, c.UnlockKey("", ""))
	c.get(latestProducts).want(t, 401, 2115)
	if err := c.ExpireKey("Nobody", ""); err == nil {
		t.Error("a company that is not connected has no key")
	}
}

func TestKeysAreTakenFromEveryHeaderTheProfileNames(t *testing.T) {
	c := connect(t, sandbox.Options{})
	for _, header := range [][2]string{
		{"apikey", c.key}, {"APIKEY", c.key}, {"X-Api-Key", c.key}, {"Authorization", "bearer " + c.key},
	} {
		c.call("GET", latestProducts, nil, header[0], header[1]).want(t, 404, 2435)
	}
	c.call("GET", latestProducts, nil).want(t, 401, 2105)
	c.call("GET", latestProducts, nil, "Authorization", c.key).want(t, 401, 2105)
	c.call("GET", latestProducts, nil, "apikey", "nonsense").want(t, 401, 2105)
}

func TestExpiryCanComeWithoutAReadableCode(t *testing.T) {
	c := connect(t, sandbox.Options{Dialect: sandbox.Dialect{SilentExpiry: true}})
	must(t, c.ExpireKey("", ""))
	if a := c.get(latestProducts); a.status != 401 || a.fields["code"] != nil {
		t.Errorf("answered %d %s", a.status, a.body)
	}
}

func TestOverlappingRotationsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{})
		c.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Op: sandbox.OpRotate, Wait: time.Second})
		done := make(chan answer)
		for range 2 {
			go func() { done <- c.rotate() }()
		}
		(<-done).want(t, 200, 0)
		(<-done).want(t, 200, 0)
		c.rude("double-rotation")
	})
}

func TestAKeyOpensItsOwnDomainAlone(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.get("/api/domains/comp-nominalv1/scopes/companySettings/files/latest").want(t, 403, 2110)
	c.get("/api/domains/weather/scopes/products/files/latest").want(t, 400, 2000)
	c.get("/api/domains/ecommerce/scopes/weather/files/latest").want(t, 400, 2010)
	c.call("POST", "/api/domains/ecommerce/scopes/products/files", object{"fileName": "a", "size": 1}, "apikey", c.key).
		want(t, 403, 2110)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

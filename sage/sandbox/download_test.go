package sandbox_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

func TestTheNewestListIsThereAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{})
		c.get(latestProducts).want(t, 404, 2435)
		first, second := sandbox.SampleProducts(3), sandbox.SampleProducts(2)
		must(t, c.Publish("Acme Ltd", "products", first))
		a := c.get(latestProducts).want(t, 200, 0)
		if a.fields["size"] != float64(len(first)) || a.text("fileId") == "" {
			t.Errorf("answered %s", a.body)
		}
		if at, err := time.Parse(time.RFC3339, a.text("timestamp")); err != nil || !at.Equal(time.Now()) {
			t.Errorf("timestamp %q: %v", a.text("timestamp"), err)
		}
		if got := c.get(a.text("downloadUrl")).want(t, 200, 0); !bytes.Equal(got.body, first) {
			t.Error("another list came than was published")
		}
		time.Sleep(time.Minute)
		must(t, c.Publish("", "products", second))
		b := c.get(latestProducts).want(t, 200, 0)
		if b.text("fileId") == a.text("fileId") {
			t.Error("a new list has the fileId of the old one")
		}
		if got := c.get(b.text("downloadUrl")).want(t, 200, 0); !bytes.Equal(got.body, second) {
			t.Error("another list came than was published")
		}
		c.get(a.text("downloadUrl")).want(t, 404, 2410)
		c.polite()
	})
}

func TestAnUnchangedListIsNotToldAgain(t *testing.T) {
	c := connect(t, sandbox.Options{})
	must(t, c.Publish("", "products", sandbox.SampleProducts(1)))
	a := c.get(latestProducts).want(t, 200, 0)
	etag := a.header.Get("ETag")
	if b := c.get(latestProducts, "If-None-Match", etag); b.status != 304 || len(b.body) != 0 || b.header.Get("ETag") != etag {
		t.Errorf("answered %d %q", b.status, b.body)
	}
	if b := c.get(latestProducts, "If-None-Match", `"other", W/`+etag); b.status != 304 {
		t.Errorf("one of two: answered %d", b.status)
	}
	must(t, c.Publish("", "products", sandbox.SampleProducts(1)))
	c.get(latestProducts, "If-None-Match", etag).want(t, 200, 0)
}

func TestAListBelongsToItsCompany(t *testing.T) {
	c := connect(t, sandbox.Options{})
	other, err := c.Connect(sandbox.Setup{Company: "Borealis SL"})
	must(t, err)
	must(t, c.Publish("Acme Ltd", "products", sandbox.SampleProducts(1)))
	address := c.get(latestProducts).want(t, 200, 0).text("downloadUrl")
	c.key = other.InitialKey.Reveal()
	c.get(latestProducts).want(t, 404, 2435)
	c.get(address).want(t, 403, 2110)
}

func TestOutgoingScopesHaveNoList(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.get(orders+"/latest").want(t, 404, 2435)
	if err := c.Publish("", "orders", []byte("[]")); !errors.Is(err, sandbox.ErrNoCompany) {
		t.Errorf("published orders: %v", err)
	}
}

func TestASage50ThatIsOffPublishesNothing(t *testing.T) {
	c := connect(t, sandbox.Options{})
	must(t, c.SetInstalled("", false))
	if err := c.Publish("", "products", []byte("[]")); !errors.Is(err, sandbox.ErrSwitchedOff) {
		t.Errorf("published: %v", err)
	}
	if err := c.SetInstalled("Nobody", true); !errors.Is(err, sandbox.ErrNoCompany) {
		t.Errorf("switched an unknown company on: %v", err)
	}
}

func TestAnythingCanBePublished(t *testing.T) {
	c := connect(t, sandbox.Options{})
	for _, list := range []string{"", "{", "\xff\xfe", `{"products":[]}`} {
		must(t, c.Publish("", "products", []byte(list)))
		a := c.get(c.get(latestProducts).want(t, 200, 0).text("downloadUrl"))
		if string(a.body) != list {
			t.Errorf("%q came as %q", list, a.body)
		}
	}
}

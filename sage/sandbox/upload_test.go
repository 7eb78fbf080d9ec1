package sandbox_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"postroom/sage/sandbox"
)

func TestAFileIsTakenAndAcceptedAtOnce(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(3)
	a := c.create("orders.json", len(content)).want(t, 201, 0)
	if got := c.status(a); got != "awaitingUpload" {
		t.Errorf("before its content: %s", got)
	}
	c.put(a.text("uploadUrl"), content).want(t, 200, 0)
	tracked := c.get(a.text("trackingUrl")).want(t, 200, 0)
	if tracked.text("status") != "accepted" {
		t.Errorf("status %s", tracked.body)
	}
	f := c.Files()[0]
	if f.ID != a.text("fileId") || f.Records != 3 || f.Refused != 0 || f.Size != int64(len(content)) || f.Name != "orders.json" {
		t.Errorf("file: %+v", f)
	}
	stored, err := c.Content(f.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer stored.Close()
	if kept, err := io.ReadAll(stored); err != nil || !bytes.Equal(kept, content) {
		t.Errorf("another content is kept than was sent: %v", err)
	}
	c.polite()
}

func TestCreateSaysWhyItRefuses(t *testing.T) {
	c := connect(t, sandbox.Options{Limits: sandbox.Limits{MaxFile: 100}})
	for name, x := range map[string]struct {
		path   string
		body   any
		status int
		code   int
	}{
		"domain":       {"/api/domains/weather/scopes/orders/files", object{"fileName": "a", "size": 1}, 400, 2000},
		"scope":        {"/api/domains/ecommerce/scopes/weather/files", object{"fileName": "a", "size": 1}, 400, 2010},
		"other domain": {"/api/domains/comp-nominalv1/scopes/companySettings/files", object{"fileName": "a", "size": 1}, 403, 2110},
		"too large":    {orders, object{"fileName": "a", "size": 101}, 413, 2425},
		"no name":      {orders, object{"size": 1}, 400, 1000},
		"size as text": {orders, object{"fileName": "a", "size": "many"}, 400, 1000},
		"negative":     {orders, object{"fileName": "a", "size": -1}, 400, 1000},
		"no JSON":      {orders, "[]", 400, 1000},
	} {
		a := c.call("POST", x.path, x.body, "apikey", c.key)
		if a.status != x.status || a.code != x.code {
			t.Errorf("%s: answered %d/%d, want %d/%d", name, a.status, a.code, x.status, x.code)
		}
		if x.code == 2425 && a.fields["limit"] != float64(100) {
			t.Errorf("the limit is not told: %s", a.body)
		}
	}
}

func TestTheSameIdempotencyKeyGivesTheSameRecord(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	first := c.create("a.json", len(content), "Idempotency-Key", "T-1").want(t, 201, 0)
	again := c.create("a.json", len(content), "Idempotency-Key", "T-1").want(t, 201, 0)
	if string(first.body) != string(again.body) {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	c.put(first.text("uploadUrl"), content).want(t, 200, 0)
	late := c.create("a.json", len(content), "Idempotency-Key", "T-1").want(t, 201, 0)
	if string(first.body) != string(late.body) || len(c.Files()) != 1 {
		t.Errorf("after the content: %s, %d files", late.body, len(c.Files()))
	}
	c.polite()
	c.create("b.json", 7, "Idempotency-Key", "T-1").want(t, 201, 0)
	c.rude("idempotency")
}

func TestTheSameIdempotencyKeyIsAnsweredWhileTheFileIsProcessed(t *testing.T) {
	c := connect(t, sandbox.Options{})
	must(t, c.SetInstalled("", false))
	content := sandbox.SampleOrders(1)
	first := c.create("a.json", len(content), "Idempotency-Key", "T-1").want(t, 201, 0)
	c.put(first.text("uploadUrl"), content).want(t, 200, 0)
	c.create("a.json", len(content), "Idempotency-Key", "T-1").want(t, 201, 0)
	c.create("b.json", len(content), "Idempotency-Key", "T-2").want(t, 423, 2400)
}

func TestWithoutTheHeaderInTheProfileEveryCreateIsNew(t *testing.T) {
	c := connect(t, sandbox.Options{Profile: profile(t, `{"operations":{"createFile":{"idempotencyHeader":""}}}`)})
	first := c.create("a.json", 1, "Idempotency-Key", "T-1").want(t, 201, 0)
	again := c.create("a.json", 1, "Idempotency-Key", "T-1").want(t, 201, 0)
	if first.text("fileId") == again.text("fileId") {
		t.Error("the header counts although the profile has none")
	}
}

func TestANewCreateSupersedesARecordWithoutContent(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	old := c.create("a.json", len(content)).want(t, 201, 0)
	now := c.create("a.json", len(content)).want(t, 201, 0)
	c.put(old.text("uploadUrl"), content).want(t, 400, 2415)
	c.get(old.text("trackingUrl")).want(t, 404, 2410)
	c.rude("superseded")
	c.put(now.text("uploadUrl"), content).want(t, 200, 0)
	if got := c.status(now); got != "accepted" {
		t.Errorf("status %s", got)
	}
}

func TestContentThatWasOnItsWayWhenTrackingWasAskedIsNoFault(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	c.get(a.text("trackingUrl")).want(t, 200, 0) // what was sent before is still on its way
	c.put(a.text("uploadUrl"), content).want(t, 200, 0)
	c.put(a.text("uploadUrl"), content).want(t, 400, 2415)
	c.polite()
	c.put(a.text("uploadUrl"), content).want(t, 400, 2415)
	c.rude("sent-twice")
}

func TestContentIsTakenOnce(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.upload("a.json", content)
	c.polite()
	c.put(a.text("uploadUrl"), content).want(t, 400, 2415)
	c.rude("sent-twice")
	if n := len(c.Files()); n != 1 {
		t.Errorf("%d files", n)
	}
}

func TestOfTwoUploadsAtOnceOneIsTaken(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(2)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	started, release := make(chan struct{}), make(chan struct{})
	slow := make(chan answer)
	go func() {
		slow <- c.put(a.text("uploadUrl"), &gate{Reader: bytes.NewReader(content), started: started, release: release})
	}()
	<-started
	c.put(a.text("uploadUrl"), content).want(t, 200, 0)
	close(release)
	(<-slow).want(t, 400, 2415)
}

// gate is a body that waits before its first byte.
type gate struct {
	io.Reader
	started, release chan struct{}
	open             bool
}

func (g *gate) Read(p []byte) (int, error) {
	if !g.open {
		close(g.started)
		<-g.release
		g.open = true
	}
	return g.Reader.Read(p)
}

func TestContentThatIsNoFileIsRefused(t *testing.T) {
	good := sandbox.SampleOrders(1)
	for name, x := range map[string]struct {
		content []byte
		status  int
		code    int
	}{
		"empty":       {nil, 410, 2420},
		"white space": {[]byte(" \n"), 410, 2420},
		"cut":         {good[:len(good)/2], 400, 2430},
		"with a BOM":  {append([]byte("\xef\xbb\xbf"), good...), 400, 2430},
		"UTF-16":      {[]byte("\xff\xfe[\x00]\x00"), 400, 2430},
		"XML":         {[]byte("<orders/>"), 400, 2430},
		"bad UTF-8":   {[]byte("[{\"id\":\"\xff\"}]"), 400, 2430},
		"too large":   {sandbox.SampleOrders(40), 413, 2425},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, sandbox.Options{Limits: sandbox.Limits{MaxFile: 20 << 10}})
			a := c.create("a.json", len(x.content)%1000).want(t, 201, 0)
			c.put(a.text("uploadUrl"), bytes.NewBuffer(x.content), "Content-Type", "application/json").want(t, x.status, x.code)
			if got := c.status(a); got != "awaitingUpload" {
				t.Errorf("status %s", got)
			}
			c.upload("b.json", good) // nothing is in the way
		})
	}
}

func TestContentOfAnotherTypeOrSizeIsNoticed(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	c.put(a.text("uploadUrl"), content, "Content-Type", "text/plain").want(t, 400, 2430)
	c.rude("content-type")
	c.ForgetViolations()
	c.put(a.text("uploadUrl"), content, "Content-Type", "application/json; charset=utf-8").want(t, 200, 0)
	c.polite()
	b := c.create("b.json", 7).want(t, 201, 0)
	c.put(b.text("uploadUrl"), content).want(t, 200, 0)
	c.rude("size")
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	broken := io.MultiReader(bytes.NewReader(content[:50]), &failing{})
	if _, err := c.try("PUT", a.text("uploadUrl"), broken, "apikey", c.key); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("the client's own error is lost: %v", err)
	}
	if got := c.status(a); got != "awaitingUpload" {
		t.Errorf("status %s", got)
	}
	c.put(a.text("uploadUrl"), content).want(t, 200, 0)
	c.polite()
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

func TestURLsBelongToTheirConnection(t *testing.T) {
	c := connect(t, sandbox.Options{})
	other, err := c.Connect(sandbox.Setup{Company: "Borealis SL"})
	must(t, err)
	content := sandbox.SampleOrders(1)
	a := c.upload("a.json", content)
	result := c.get(a.text("trackingUrl")).text("downloadResultUrl")
	b := c.create("b.json", len(content)).want(t, 201, 0)
	c.key = other.InitialKey.Reveal()
	c.get(a.text("trackingUrl")).want(t, 403, 2110)
	c.get(result).want(t, 403, 2110)
	c.put(b.text("uploadUrl"), content).want(t, 403, 2110)
	c.get(base+"/storage/tracking/guessed").want(t, 404, 2410)
	c.put(base+"/storage/upload/guessed", content).want(t, 404, 2410)
	// One kind of address is not another one.
	c.get("/storage/result/"+strings.TrimPrefix(path(a.text("trackingUrl")), "/storage/tracking/")).want(t, 404, 2410)
}

func TestTheUploadHostGetsNoKey(t *testing.T) {
	c := connect(t, sandbox.Options{UploadBaseURL: "http://127.0.0.1:2/store"})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	if !strings.HasPrefix(a.text("uploadUrl"), "http://127.0.0.1:2/store/") {
		t.Fatalf("uploadUrl %s", a.text("uploadUrl"))
	}
	c.call("PUT", a.text("uploadUrl"), content).want(t, 200, 0)
	c.polite()
	b := c.create("b.json", len(content)).want(t, 201, 0)
	c.put(b.text("uploadUrl"), content).want(t, 200, 0)
	c.rude("foreign-host")
	// The host for uploads is for uploads alone.
	c.get("http://127.0.0.1:2/store"+orders+"/latest").want(t, 404, 1404)
	c.get("http://127.0.0.1:2/store/").want(t, 404, 1404)
}

func TestOnTheSameHostContentNeedsAKey(t *testing.T) {
	c := connect(t, sandbox.Options{})
	content := sandbox.SampleOrders(1)
	a := c.create("a.json", len(content)).want(t, 201, 0)
	c.call("PUT", a.text("uploadUrl"), content).want(t, 401, 2105)
	must(t, c.ExpireKey("", ""))
	c.put(a.text("uploadUrl"), content).want(t, 401, 2100)
}

func TestUnknownAddressesAndMethodsAreTold(t *testing.T) {
	c := connect(t, sandbox.Options{BaseURL: "http://127.0.0.1:1/platform"})
	c.get("/api/nothing").want(t, http.StatusNotFound, 1404)
	c.call("DELETE", apikey, nil).want(t, http.StatusMethodNotAllowed, 1404)
	c.get("http://127.0.0.1:1"+latestProducts).want(t, 404, 1404)
	c.get(latestProducts).want(t, 404, 2435)
}

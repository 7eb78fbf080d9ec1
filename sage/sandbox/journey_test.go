package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

func TestAFileTakesItsTimeThroughEveryPhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{Pace: time.Second, ResultDelay: 10 * time.Second})
		a := c.upload("a.json", sandbox.SampleOrders(2))
		time.Sleep(time.Millisecond)
		var seen []string
		for range 8 {
			tracked := c.get(a.text("trackingUrl")).want(t, 200, 0)
			word := tracked.text("status")
			if p, ok := tracked.fields["progress"]; ok {
				raw, _ := json.Marshal(p)
				word += " " + string(raw)
			}
			seen = append(seen, word)
			time.Sleep(time.Second)
		}
		want := "validating, available, downloaded, processing 0, processing 25, processing 50, processing 75, accepted"
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("went %s\nwant %s", got, want)
		}
		if got := c.get(a.text("trackingUrl")).text("downloadResultUrl"); got != "" {
			t.Error("the result is there at once, and should be late")
		}
		time.Sleep(10 * time.Second)
		if got := c.get(a.text("trackingUrl")).text("downloadResultUrl"); got == "" {
			t.Error("the result never came")
		}
		c.polite()
	})
}

func TestProgressComesInEveryForm(t *testing.T) {
	for form, want := range map[sandbox.ProgressForm]any{
		sandbox.ProgressNumber: float64(25), sandbox.ProgressText: "25", sandbox.ProgressPercent: "25%",
		sandbox.ProgressNone: nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := connect(t, sandbox.Options{Pace: time.Second, Dialect: sandbox.Dialect{ProgressForm: form}})
			a := c.upload("a.json", sandbox.SampleOrders(1))
			time.Sleep(4*time.Second + time.Millisecond)
			if got := c.get(a.text("trackingUrl")).fields["progress"]; got != want {
				t.Errorf("%q: progress %v, want %v", form, got, want)
			}
		})
	}
}

func TestAFileWaitsForASage50ThatIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, pace := range []time.Duration{0, time.Second} {
			c := connect(t, sandbox.Options{Pace: pace})
			must(t, c.SetInstalled("acme ltd", false))
			a := c.upload("a.json", sandbox.SampleOrders(1))
			time.Sleep(72 * time.Hour)
			must(t, c.LockKey("", "")) // the key's state is no concern of the file's
			must(t, c.UnlockKey("", ""))
			if got := c.Files()[0].Status; got != sandbox.Available {
				t.Errorf("status %s while Sage 50 is off", got)
			}
			must(t, c.SetInstalled("", true))
			must(t, c.SetInstalled("", true)) // twice moves it no faster
			time.Sleep(time.Second + time.Millisecond)
			if got, want := c.Files()[0].Status, map[bool]sandbox.Status{true: sandbox.Accepted, false: sandbox.Downloaded}[pace == 0]; got != want {
				t.Errorf("status %s after one pace of %s, want %s", got, pace, want)
			}
			time.Sleep(time.Minute)
			if got := c.Files()[0]; got.Status != sandbox.Accepted || got.ID != a.text("fileId") {
				t.Errorf("ended as %+v", got)
			}
		}
	})
}

func TestOneFileIsInFlightForEachScopeAndConnection(t *testing.T) {
	c := connect(t, sandbox.Options{})
	other, err := c.Connect(sandbox.Setup{Company: "Borealis SL"})
	must(t, err)
	must(t, c.SetInstalled("", false))
	content := sandbox.SampleOrders(1)
	waiting := c.create("early.json", len(content)).want(t, 201, 0)
	_ = waiting
	c.upload("a.json", content)
	c.create("b.json", len(content)).want(t, 423, 2400)
	first := c.key
	c.key = other.InitialKey.Reveal()
	c.upload("c.json", content)
	c.key = first
	must(t, c.SetInstalled("Acme Ltd", true))
	c.upload("b.json", content)
}

func TestAQuarantineHoldsFilesAndTheirScope(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.Quarantine(true)
	content := sandbox.SampleOrders(1)
	a := c.upload("a.json", content)
	if got := c.status(a); got != "quarantined" {
		t.Errorf("status %s", got)
	}
	c.create("b.json", len(content)).want(t, 423, 2405)
	c.Quarantine(false)
	if got := c.status(a); got != "accepted" {
		t.Errorf("status %s", got)
	}
	c.create("b.json", len(content)).want(t, 201, 0)
}

// result reads the result of a file as records.
func (c *connected) result(created answer) []struct {
	ID, Status, SageID string
	Errors             []struct{ Code, Message string }
} {
	c.t.Helper()
	address := c.get(created.text("trackingUrl")).want(c.t, 200, 0).text("downloadResultUrl")
	if address == "" {
		c.t.Fatal("there is no result")
	}
	a := c.get(address).want(c.t, 200, 0)
	var records []struct {
		ID, Status, SageID string
		Errors             []struct{ Code, Message string }
	}
	if err := json.Unmarshal(a.body, &records); err != nil {
		c.t.Fatalf("the result is %s: %v", a.body, err)
	}
	if a.header.Get("Content-Type") != "application/json" {
		c.t.Errorf("the result is %s", a.header.Get("Content-Type"))
	}
	return records
}

func TestAnOrderThatIsWrongIsRefusedAndTheOthersAreAccepted(t *testing.T) {
	c := connect(t, sandbox.Options{})
	var list []object
	must(t, json.Unmarshal(sandbox.SampleOrders(5), &list))
	delete(list[1], "paymentMethod")
	list[2]["discount"] = "none"
	delete(list[3]["customer"].(object), "email")
	content, err := json.Marshal(list)
	must(t, err)
	a := c.upload("a.json", content)
	if got := c.status(a); got != "accepted" {
		t.Errorf("status %s", got)
	}
	records := c.result(a)
	if len(records) != 5 {
		t.Fatalf("%d records in the result", len(records))
	}
	for i, why := range []string{"", "paymentMethod is missing", "discount must be a number", "customer.email is missing", ""} {
		r := records[i]
		if r.ID != list[i]["id"] {
			t.Errorf("record %d has the id %s", i, r.ID)
		}
		if why == "" {
			if r.Status != "accepted" || r.SageID == "" || len(r.Errors) != 0 {
				t.Errorf("record %d: %+v", i, r)
			}
			continue
		}
		if r.Status != "rejected" || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, why) {
			t.Errorf("record %d: %+v, want %s", i, r, why)
		}
	}
	if f := c.Files()[0]; f.Records != 5 || f.Refused != 3 {
		t.Errorf("counted %d of %d refused", f.Refused, f.Records)
	}
}

func TestAFileOfRefusedOrdersAloneFails(t *testing.T) {
	c := connect(t, sandbox.Options{})
	a := c.upload("a.json", []byte(`{"orders":[{"id":7},{"id":8}]}`))
	if got := c.status(a); got != "failed" {
		t.Errorf("status %s", got)
	}
	if records := c.result(a); len(records) != 2 || records[0].ID != "7" {
		t.Errorf("result %+v", records)
	}
}

func TestAnIDThatStandsTwiceIsRefusedTheSecondTime(t *testing.T) {
	c := connect(t, sandbox.Options{})
	one := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(sandbox.SampleOrders(1))), "["), "]")
	a := c.upload("a.json", []byte("["+one+","+one+"]"))
	records := c.result(a)
	if records[0].Status != "accepted" || records[1].Status != "rejected" {
		t.Errorf("result %+v", records)
	}
}

func TestSage50RefusesWhatItIsToldTo(t *testing.T) {
	c := connect(t, sandbox.Options{})
	c.RefuseRecord("A-1002", "Product 77-B is unknown in Sage.")
	a := c.upload("a.json", sandbox.SampleOrders(3))
	if r := c.result(a)[1]; r.Status != "rejected" || r.Errors[0].Message != "Product 77-B is unknown in Sage." {
		t.Errorf("result %+v", r)
	}
	c.RefuseRecord("A-1002", "")
	b := c.upload("b.json", sandbox.SampleOrders(3))
	if r := c.result(b)[1]; r.Status != "accepted" {
		t.Errorf("result %+v", r)
	}
}

func TestAFileWithoutRecordsIsRejected(t *testing.T) {
	for _, content := range []string{`7`, `"text"`, `[1,2]`, `[]`, `[[]]`} {
		c := connect(t, sandbox.Options{})
		a := c.upload("a.json", []byte(content))
		if got := c.status(a); got != "rejected" {
			t.Errorf("%s: status %s", content, got)
		}
		if f := c.Files()[0]; f.Reason == "" || !f.HasResult {
			t.Errorf("%s: %+v", content, f)
		}
	}
}

func TestAFinalWordCanBeChosen(t *testing.T) {
	c := connect(t, sandbox.Options{})
	must(t, c.EndNext(sandbox.Failed, sandbox.BadRequest, sandbox.Rejected))
	for _, want := range []string{"failed", "badRequest", "rejected", "accepted"} {
		a := c.upload(want+".json", sandbox.SampleOrders(1))
		if got := c.status(a); got != want {
			t.Errorf("status %s, want %s", got, want)
		}
		c.result(a)
	}
	if err := c.EndNext(sandbox.Processing); err == nil {
		t.Error("processing is not a final word")
	}
}

func TestUncheckedFilesAreTakenWithoutALook(t *testing.T) {
	c := connect(t, sandbox.Options{Unchecked: true})
	a := c.upload("a.json", []byte("not JSON at all"))
	tracked := c.get(a.text("trackingUrl"))
	if tracked.text("status") != "accepted" || tracked.text("downloadResultUrl") != "" {
		t.Errorf("tracked %s", tracked.body)
	}
}

func TestTheSandboxEndsWithFilesOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, sandbox.Options{Pace: time.Hour})
		c.upload("a.json", sandbox.SampleOrders(1))
		must(t, c.Close())
		must(t, c.Close())
		if a := c.get(latestProducts); a.status != 503 {
			t.Errorf("answered %d after its end", a.status)
		}
		time.Sleep(24 * time.Hour)
		if got := c.Files()[0].Status; got != sandbox.Validating {
			t.Errorf("moved on to %s after its end", got)
		}
	})
}

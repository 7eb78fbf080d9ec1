package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postroom/sage/contract"
	"postroom/watcher/disk"
)

var both = []Scope{{Name: "orders", Contract: "order"}, {Name: "customers", Contract: "customer"}}

func address() map[string]any {
	return map[string]any{
		"id": "a1", "address1": "1 Long Lane", "city": "Leeds", "country": "GB", "postCode": "LS1 1AA",
		"telephone1": "0113 496 0000", "timestamp": "2026-11-24T10:15:00Z",
	}
}

func customer() map[string]any {
	return map[string]any{
		"id": "c1", "firstName": "Ada", "lastName": "Byron", "email": "ada@example.com",
		"addresses": []any{address()}, "timestamp": "2026-11-24T10:15:00Z",
	}
}

func order(id string) map[string]any {
	return map[string]any{
		"id": id, "orderDate": "2026-11-24T10:15:00Z", "deliveryAddress": address(), "invoiceAddress": address(),
		"customer": customer(), "discount": 0, "currencyRate": 1, "paymentMethod": "card", "totalShipping": 4.5,
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func without(record map[string]any, names ...string) map[string]any {
	for _, name := range names {
		delete(record, name)
	}
	return record
}

func TestAFileStraightInOutboxIsRoutedByItsContent(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"a list of orders":             {text([]any{order("1"), order("2")}), "settled orders"},
		"one order":                    {text(order("1")), "settled orders"},
		"a list of customers":          {text([]any{customer()}), "settled customers"},
		"named by what they stand in":  {text(map[string]any{"orders": []any{order("1")}}), "settled orders"},
		"an empty list with its name":  {`{"customers":[]}`, "settled customers"},
		"named, and with a mistake":    {text(map[string]any{"orders": []any{without(order("1"), "customer", "discount", "paymentMethod", "orderDate")}}), "unsendable orders missingProperty"},
		"nearly an order":              {text([]any{without(order("1"), "paymentMethod")}), "unsendable orders missingProperty"},
		"an order with a later fault":  {text([]any{order("1"), without(order("2"), "discount", "customer", "orderDate", "currencyRate")}), "unsendable orders missingProperty"},
		"an empty list":                {`[]`, "unclear"},
		"something else":               {`[{"hello":"world"}]`, "unclear"},
		"an object of something else":  {`{"invoices":[{"id":"1"}]}`, "unclear"},
		"no text at all, but complete": {`[{"id":"1"},{"id":"2"}]`, "unclear"},
		"a syntax error":               {`[{"id":"1"},]`, "unsendable trailingComma"},
		"a table":                      {"id;name\n1;Ada\n", "unsendable notJSON"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.options.Scopes = both
				w.start()
				w.put("Outbox/x.json", c.content, time.Minute)
				w.bell.ring(w.full("Outbox/x.json"))
				w.pass(0)
				found := w.take()
				if len(found) != 1 {
					t.Fatalf("told %+v", found)
				}
				got := found[0].Kind.String()
				if found[0].Scope != "" {
					got += " " + found[0].Scope
				}
				if found[0].Problem != nil {
					got += " " + found[0].Problem.Code
				}
				if got != c.want || found[0].Path != "Outbox/x.json" || found[0].SHA256 == "" {
					t.Errorf("got %q, want %q: %+v", got, c.want, found[0])
				}
			})
		})
	}
}

func TestAFileThatFitsTwoScopesIsUnclear(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.Scopes = []Scope{{Name: "orders", Contract: "order"}, {Name: "drafts", Contract: "order"}}
		w.start()
		w.put("Outbox/x.json", text([]any{order("1")}), time.Minute)
		w.put("Outbox/y.json", text(map[string]any{"drafts": []any{order("1")}}), time.Minute)
		w.bell.ring(w.full("Outbox/x.json"))
		w.bell.ring(w.full("Outbox/y.json"))
		w.pass(0)
		found := w.tells("unclear x.json", "settled y.json")
		if found[1].Scope != "drafts" {
			t.Errorf("scope %q", found[1].Scope)
		}
	})
}

func TestACutFileStraightInOutboxIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.Scopes = both
		w.start()
		w.write("Outbox/x.json", `{"orders":[`)
		w.write("Outbox/y.json", `{"orders":[`+"\x00\x00")
		w.pass(59 * time.Second)
		w.tells()
		w.pass(2 * time.Second)
		if found := w.take(); len(found) != 2 || found[0].Kind != Unsendable || found[1].Kind != Unsendable {
			t.Fatalf("%+v", found)
		}
	})
}

func TestCheckReadsAFileForTheEngine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(name, []byte(text([]any{order("1"), without(order("2"), "discount")})), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Check(t.Context(), disk.OS(), checker(), name, both[0])
	if err != nil || c.Moved || c.Report.Records != 2 || c.Report.Problem == nil || c.Info.Size != c.Report.Size {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := Check(t.Context(), disk.OS(), checker(), name+".none", both[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	broken := brokenChecker{err: errors.New("unknown contract")}
	if _, err := Check(t.Context(), disk.OS(), broken, name, both[0]); !errors.Is(err, broken.err) {
		t.Fatalf("got %v", err)
	}
}

type brokenChecker struct{ err error }

func (b brokenChecker) Check(context.Context, io.Reader, string, ...string) (contract.Report, error) {
	return contract.Report{}, b.err
}

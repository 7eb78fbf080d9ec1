package contract

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const addressText = `{"id": "D-1", "contactName": "Núria Puig", "address1": "Carrer de Mallorca 401", "city": "Barcelona",
      "country": "ES", "postCode": "08013", "telephone1": "+34 600 000 000", "timestamp": "2026-11-24T10:15:00Z"}`

const orderText = `{
    "id": "W-%d",
    "orderDate": "2026-11-24T10:15:00Z",
    "orderStatus": "paid",
    "deliveryAddress": %[2]s,
    "invoiceAddress": %[2]s,
    "customer": {
      "id": "C-%[1]d", "firstName": "Núria", "lastName": "Puig i Ferrer", "email": "nuria@example.org",
      "addresses": [%[2]s], "currency": "EUR", "surcharge": false, "timestamp": "2026-11-24T10:15:00Z"
    },
    "discount": 0.00, "currencyRate": 1, "paymentMethod": "card", "totalShipping": 4.95,
    "lines": [
      {"sku": "A-100", "text": "Olive oil, 5 l", "quantity": 2, "price": 31.50, "tax": 10},
      {"sku": "B-200", "text": "Rice, 1 kg", "quantity": 12, "price": 2.35, "tax": 4}
    ],
    "total": 96.15
  }`

// anOrder is an order as a web shop writes it, with more properties than the contract knows.
func anOrder(number int) string { return fmt.Sprintf(orderText, number, addressText) }

func newChecker(tb testing.TB) *Checker {
	tb.Helper()
	checker, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return checker
}

// checked is the report on a text, which must not depend on the pieces in which it is read.
func checked(tb testing.TB, c *Checker, text, contract string, scopes ...string) Report {
	tb.Helper()
	report, err := c.Check(context.Background(), strings.NewReader(text), contract, scopes...)
	if err != nil {
		tb.Fatalf("checking %.80q: %v", text, err)
	}
	for _, r := range []io.Reader{
		iotest.OneByteReader(strings.NewReader(text)),
		iotest.DataErrReader(strings.NewReader(text)),
	} {
		again, err := c.Check(context.Background(), r, contract, scopes...)
		if err != nil {
			tb.Fatalf("checking %.80q in pieces: %v", text, err)
		}
		if fmt.Sprint(again.Problems) != fmt.Sprint(report.Problems) || again.SHA256 != report.SHA256 ||
			again.Records != report.Records || again.Shape != report.Shape {
			tb.Fatalf("checking %.80q in pieces:\n got %+v\nwant %+v", text, again, report)
		}
	}
	return report
}

func first(tb testing.TB, r Report) Problem {
	tb.Helper()
	if r.Problem == nil {
		tb.Fatal("no problem found")
	}
	return *r.Problem
}

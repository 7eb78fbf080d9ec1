package sandbox_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"postroom/sage/contract"
	"postroom/sage/sandbox"
)

func check(t *testing.T, list []byte, name string) contract.Report {
	t.Helper()
	checker, err := contract.New()
	must(t, err)
	report, err := checker.Check(t.Context(), bytes.NewReader(list), name)
	must(t, err)
	return report
}

func TestSamplesAreTheSameEveryTime(t *testing.T) {
	if !bytes.Equal(sandbox.SampleOrders(20), sandbox.SampleOrders(20)) {
		t.Error("two calls give different orders")
	}
	if bytes.Contains(sandbox.SampleOrdersFrom(2001, 5), []byte(`"A-1001"`)) {
		t.Error("orders numbered elsewhere share an order")
	}
}

func TestSamplesAreValidUnderTheirContracts(t *testing.T) {
	for contractName, list := range map[string][]byte{
		"order": sandbox.SampleOrders(300), "product": sandbox.SampleProducts(300), "customer": sandbox.SampleCustomers(300),
		"companySetting": sandbox.SampleCompanySettings("Acme Ltd"),
	} {
		report := check(t, list, contractName)
		if report.Problem != nil {
			t.Errorf("%s: %+v", contractName, report.Problem)
		}
		var records []object
		must(t, json.Unmarshal(list, &records))
		seen := map[any]bool{}
		for _, r := range records {
			if r["id"] != nil && seen[r["id"]] {
				t.Errorf("%s: the id %v stands twice", contractName, r["id"])
			}
			seen[r["id"]] = true
		}
	}
	if got := strings.TrimSpace(string(sandbox.SampleOrders(0))); got != "[\n]" {
		t.Errorf("no orders are %q", got)
	}
}

func TestSampleMoneyAddsUp(t *testing.T) {
	var list []struct {
		OrderLines                               []struct{ Quantity, NetPrice json.Number }
		TotalNet, TotalShipping, TotalTax, Total json.Number
	}
	must(t, json.Unmarshal(sandbox.SampleOrders(200), &list))
	amount := func(n json.Number) *big.Rat {
		r, ok := new(big.Rat).SetString(n.String())
		if !ok {
			t.Fatalf("%q is no amount", n)
		}
		return r
	}
	for i, o := range list {
		net := new(big.Rat)
		for _, l := range o.OrderLines {
			net.Add(net, new(big.Rat).Mul(amount(l.Quantity), amount(l.NetPrice)))
		}
		total := new(big.Rat).Add(net, amount(o.TotalShipping))
		total.Add(total, amount(o.TotalTax))
		if net.Cmp(amount(o.TotalNet)) != 0 || total.Cmp(amount(o.Total)) != 0 {
			t.Errorf("order %d does not add up: %+v", i, o)
		}
	}
}

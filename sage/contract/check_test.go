package contract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestAnOrderOfAWebShopPassesHoweverTheFileHoldsIt(t *testing.T) {
	checker := newChecker(t)
	one, two := anOrder(1), anOrder(2)
	for _, test := range []struct {
		text    string
		shape   Shape
		wrapper string
		records int
	}{
		{"[" + one + "," + two + "]", ShapeArray, "", 2},
		{"\r\n\t[" + one + "]\n", ShapeArray, "", 1},
		{one, ShapeObject, "", 1},
		{`{"orders": [` + one + "," + two + "]}", ShapeWrapped, "orders", 2},
		{`{"Orders": [` + one + "]}", ShapeWrapped, "Orders", 1},
		{`{"data": [` + one + "]}", ShapeWrapped, "data", 1},
		{`{"count": 1, "meta": {"id": 7, "items": [1]}, "items": [` + one + `], "next": null}`, ShapeWrapped, "items", 1},
		{`{"id": "batch 7", "orders": [` + one + "]}", ShapeWrapped, "orders", 1},
		{`{"orders": []}`, ShapeWrapped, "orders", 0},
		{"[]", ShapeArray, "", 0},
	} {
		report := checked(t, checker, test.text, "order", "orders")
		if report.Problem != nil {
			t.Errorf("%.40q: %+v", test.text, *report.Problem)
		}
		if report.Shape != test.shape || report.Wrapper != test.wrapper || report.Records != test.records {
			t.Errorf("%.40q: %s, %q, %d records", test.text, report.Shape, report.Wrapper, report.Records)
		}
	}
}

func TestAnOrderWithAListOfItemsIsOneRecord(t *testing.T) {
	checker := newChecker(t)
	order := anOrder(1)
	lines := `"items": [{"sku": "A-100"}, {"sku": "B-200", "sku": "again"}]`
	for name, text := range map[string]string{
		"lines last":  strings.TrimSuffix(strings.TrimSpace(order), "}") + "," + lines + "}",
		"lines first": "{" + lines + "," + strings.TrimPrefix(order, "{"),
	} {
		report := checked(t, checker, text, "order", "orders")
		if report.Shape != ShapeObject || report.Records != 1 {
			t.Errorf("%s: %s, %d records", name, report.Shape, report.Records)
		}
		if len(report.Problems) != 1 || report.Problem.Code != CodeDuplicateKey || report.Problem.Property != "sku" {
			t.Errorf("%s: %+v", name, report.Problems)
		}
	}
}

func TestWhatAnOrderLacksIsToldWithRecordPropertyAndLine(t *testing.T) {
	checker := newChecker(t)
	const good = `"firstName": "Núria"`
	for _, test := range []struct {
		from, to string
		want     Problem
	}{
		{`"orderDate": "2026-11-24T10:15:00Z",`, ``, Problem{Code: CodeMissingProperty, Property: "orderDate", Line: 2}},
		{good + ", ", ``, Problem{Code: CodeMissingProperty, Property: "customer.firstName", Line: 10}},
		{`"discount": 0.00`, `"discount": "0,00"`, Problem{Code: CodeWantsNumber, Property: "discount", Line: 15, Expected: "number", Got: `"0,00"`}},
		{`"discount": 0.00`, `"discount": null`, Problem{Code: CodeWantsNumber, Property: "discount", Line: 15, Expected: "number", Got: "null"}},
		{`"surcharge": false`, `"surcharge": "no"`, Problem{Code: CodeWantsYesNo, Property: "customer.surcharge", Line: 13, Expected: "null, boolean", Got: `"no"`}},
		{`"paymentMethod": "card"`, `"paymentMethod": 3`, Problem{Code: CodeWantsText, Property: "paymentMethod", Line: 15, Expected: "string", Got: "3"}},
		{`"addresses": [`, `"addresses": [{}, `, Problem{Code: CodeMissingProperty, Property: "customer.addresses[1].address1", Line: 12}},
		{`"addresses": [`, `"addresses": 0, "x": [`, Problem{Code: CodeWantsList, Property: "customer.addresses", Line: 12, Expected: "array", Got: "0"}},
		{`"id": "W-7"`, `"id": true`, Problem{Code: CodeWantsID, Property: "id", Line: 3, Expected: "integer, string", Got: "true"}},
		{`"id": "W-7"`, `"id": 7.5`, Problem{Code: CodeWantsID, Property: "id", Line: 3, Expected: "integer, string", Got: "7.5"}},
		{`"customer": {`, `"customer": "Núria", "x": {`, Problem{Code: CodeWantsGroup, Property: "customer", Line: 10, Expected: "object", Got: `"Núria"`}},
	} {
		bad := strings.Replace(anOrder(7), test.from, test.to, 1)
		report := checked(t, checker, "[\n"+bad+",\n"+anOrder(8)+"]", "order")
		got := first(t, report)
		test.want.Record, test.want.Column = 1, got.Column
		if test.want.Property != "id" {
			test.want.RecordID = "W-7"
		} else {
			test.want.RecordID = got.RecordID
		}
		if got != test.want {
			t.Errorf("\n got %+v\nwant %+v", got, test.want)
		}
		if report.Records != 2 {
			t.Errorf("after a problem %d of 2 records are counted", report.Records)
		}
	}
}

func TestIDsMayBeWholeNumbersAndOptionalPropertiesNull(t *testing.T) {
	checker := newChecker(t)
	order := strings.NewReplacer(
		`"id": "W-7"`, `"id": 123456789012345678901234567890`,
		`"id": "C-7"`, `"id": 7.0`,
		`"orderStatus": "paid"`, `"orderStatus": null, "eta": null`,
		`"surcharge": false`, `"surcharge": null, "tax": null, "idNumber": null`,
	).Replace(anOrder(7))
	report := checked(t, checker, order, "order")
	if report.Problem != nil {
		t.Error(*report.Problem)
	}
}

func TestEveryContractKnowsWhatItRequires(t *testing.T) {
	checker := newChecker(t)
	for contract, required := range map[string]string{
		"address":     "address1 city country id postCode telephone1 timestamp",
		"customer":    "addresses email firstName id lastName timestamp",
		"product":     "discountByUnit id name netPrice tax",
		"order":       "currencyRate customer deliveryAddress discount id invoiceAddress orderDate paymentMethod totalShipping",
		"orderResult": "",
		"companySetting": "bankFeedsState charityState cisState companyId country eBankingState gocardlessState " +
			"invoicePaymentsState mtdForVATState office365State sagePayState sagePaymentsState timestamp variant",
	} {
		var missing []string
		for _, p := range checked(t, checker, "[{}]", contract).Problems {
			missing = append(missing, p.Property)
		}
		if got := strings.Join(missing, " "); got != required {
			t.Errorf("%s requires\n%s, not\n%s", contract, got, required)
		}
	}
	if len(Contracts()) != 6 {
		t.Errorf("the contracts are %v", Contracts())
	}
}

func TestAnUnknownContractIsAnError(t *testing.T) {
	if _, err := newChecker(t).Check(context.Background(), strings.NewReader("[]"), "invoice"); err == nil {
		t.Error("there is no contract of that name, and no error")
	}
}

func TestWhatCannotBeReadIsToldBeforeWhatIsMissing(t *testing.T) {
	report := checked(t, newChecker(t), `[{"id": "W-1"}, {"id": "W-2"`, "order")
	if got := first(t, report); got.Code != CodeCut {
		t.Errorf("the problem is %+v", got)
	}
	if report.Problems[0].Code != CodeMissingProperty || report.Problems[0].Record != 1 {
		t.Errorf("the problems begin with %+v", report.Problems[0])
	}
}

func TestNoMoreProblemsAreToldThanAnybodyReads(t *testing.T) {
	report := checked(t, newChecker(t), "["+strings.Repeat("{},", 500)+"7", "order")
	if len(report.Problems) > MaxProblems {
		t.Errorf("%d problems", len(report.Problems))
	}
	if got := first(t, report); got.Code != CodeCut {
		t.Errorf("what ended the reading is lost among them: %+v", got)
	}
}

func TestHashAndSizeAreOfAllBytesWhateverIsWrong(t *testing.T) {
	checker := newChecker(t)
	for _, text := range []string{
		"", "[]", "[" + anOrder(1) + "]", "no JSON" + strings.Repeat(" at all", chunk), "\xef\xbb\xbf[]", "[1,]" + strings.Repeat("x", 5*chunk),
	} {
		report := checked(t, checker, text, "order")
		sum := sha256.Sum256([]byte(text))
		if report.Size != int64(len(text)) || report.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%.20q: %d bytes, %s", text, report.Size, report.SHA256)
		}
	}
}

func TestAFileThatCannotBeReadIsAnErrorAndNotCut(t *testing.T) {
	checker := newChecker(t)
	broken := errors.New("the disk is gone")
	for _, text := range []string{"", "[", `[{"id": "W`, `[{"id": "é`[:10], "[1", "[tr", "[1]", `"\`} {
		for _, contract := range []string{"", "order"} {
			r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
			if report, err := checker.Check(context.Background(), r, contract); !errors.Is(err, broken) {
				t.Errorf("%q: %v, %+v", text, err, report)
			}
		}
		if _, err := Scan(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("scanning %q: %v", text, err)
		}
	}
}

func TestAReaderThatGivesNothingIsAnErrorAndNoLoop(t *testing.T) {
	if _, err := Scan(silent{}); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestACheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	endless := &orders{size: 1 << 62}
	r := readerFunc(func(b []byte) (int, error) {
		if endless.number > 100 {
			cancel()
		}
		return endless.Read(b)
	})
	if _, err := newChecker(t).Check(ctx, r, "order"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestAFaultOfOurOwnIsAProblemOfOneFile(t *testing.T) {
	rules := contractOf{schema: &jsonschema.Schema{DraftVersion: 2020, Pattern: panics{}}, shape: whole}
	report, err := check(context.Background(), strings.NewReader(`["x", "y"]`), rules, nil, MaxRecord)
	if err != nil {
		t.Fatal(err)
	}
	if got := first(t, report); got.Code != CodeUnreadable || report.Size != 10 {
		t.Errorf("%+v, %d bytes", got, report.Size)
	}
}

type panics struct{}

func (panics) MatchString(string) bool { panic("a fault of the library") }
func (panics) String() string          { return "" }

func TestArgumentsOfAProblemAreAllThere(t *testing.T) {
	args := Problem{Code: CodeMissingComma, Line: 14, Column: 3, Got: "email"}.Args()
	for name, want := range map[string]string{
		"line": "14", "column": "3", "got": "email", "expected": "", "record": "", "id": "", "property": "",
	} {
		if got, ok := args[name]; !ok || got != want {
			t.Errorf("%s is %q, %t", name, got, ok)
		}
	}
}

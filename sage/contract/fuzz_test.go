package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// seeds are what fuzzing begins with, beside the files in testdata/fuzz.
var seeds = []string{
	"", "[]", "{}", `[{"id": "W-1", "discount": 1.50e-3}]`, `{"orders": [{"id": 1}, {"id": "é\u00e9\ud834\udd1e"}]}`,
	`{"items": [1], "id": 2}`, "\xef\xbb\xbf[]", "\xff\xfe[\x00]\x00", "[1,]", `[{"a": True}]`, "[1\x00\x00", `"\ud800"`, "-0", "[1e401]",
}

// FuzzScanAgreesWithTheStandardLibrary compares what is complete with what encoding/json takes. They differ by
// design in three things: UTF-8, depth, and the length of a number.
func FuzzScanAgreesWithTheStandardLibrary(f *testing.F) {
	for _, seed := range append(seeds, anOrder(1)) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		scanned, err := Scan(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if scanned.Complete && (scanned.Cut || scanned.Empty || scanned.Problem != nil) || !scanned.Complete && scanned.Problem == nil {
			t.Fatalf("%q: %+v", data, scanned)
		}
		if p := scanned.Problem; p != nil && (p.Code == CodeTooDeep || p.Code == CodeExponent) {
			return
		}
		if valid := json.Valid(data) && utf8.Valid(data); valid != scanned.Complete {
			t.Fatalf("%q: valid %t, complete %t, %+v", data, valid, scanned.Complete, scanned.Problem)
		}
	})
}

// FuzzCheckDoesNotDependOnThePieces reads hostile files whole and byte by byte, and looks at what is told of them.
func FuzzCheckDoesNotDependOnThePieces(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), "order")
	}
	f.Add([]byte(anOrder(1)), "order")
	f.Add([]byte(addressText), "customer")
	checker := newChecker(f)
	f.Fuzz(func(t *testing.T, data []byte, contract string) {
		if _, ok := checker.contracts[contract]; !ok {
			contract = ""
		}
		whole, err := checker.Check(context.Background(), bytes.NewReader(data), contract, "orders")
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := checker.Check(context.Background(), iotest.OneByteReader(bytes.NewReader(data)), contract, "orders")
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(whole.Problems, whole.Records, whole.SHA256) != fmt.Sprint(pieces.Problems, pieces.Records, pieces.SHA256) {
			t.Fatalf("%q:\n%+v\n%+v", data, whole, pieces)
		}
		for _, p := range whole.Problems {
			if p.Code == CodeUnreadable {
				t.Fatalf("%q: a panic", data)
			}
			if p.Line < 1 || p.Column < 1 || p.Line > 1+bytes.Count(data, []byte{'\n'}) {
				t.Fatalf("%q: %+v is not in the file", data, p)
			}
			if args := fmt.Sprint(p.Args()); !utf8.ValidString(args) || strings.ContainsAny(args, "\n\r") {
				t.Fatalf("%q: %q cannot be shown", data, args)
			}
		}
	})
}

// FuzzRecordsAreWholeRecords reads hostile lists and results: each record must be JSON by itself.
func FuzzRecordsAreWholeRecords(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for record, err := range Records(bytes.NewReader(data), "orders") {
			if err == nil && !json.Valid(record.Raw) {
				t.Fatalf("%q: the record %q", data, record.Raw)
			}
		}
		for outcome, err := range Outcomes(bytes.NewReader(data)) {
			if shown := fmt.Sprint(outcome); err == nil && !utf8.ValidString(shown) {
				t.Fatalf("%q: %q", data, shown)
			}
		}
	})
}

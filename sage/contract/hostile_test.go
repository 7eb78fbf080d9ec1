package contract

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestDoubledNamesAreToldWhereverTheyStand(t *testing.T) {
	checker := newChecker(t)
	for text, at := range map[string]Problem{
		`[{"a": 1, "a": 2}]`:                         {Line: 1, Column: 11, Record: 1},
		"[{\"x\": [{\"a\": 1,\n\"a\": 2}]}]":         {Line: 2, Column: 1, Record: 1},
		`[{"a": 1, "\u0061": 2}]`:                    {Line: 1, Column: 11, Record: 1},
		`[{"id": 7}, {"id": "W-1", "a": 1, "a": 2}]`: {Line: 1, Column: 35, Record: 2, RecordID: "W-1"},
	} {
		at.Code, at.Property = CodeDuplicateKey, "a"
		report := checked(t, checker, text, "")
		if got := first(t, report); got != at || len(report.Problems) != 1 {
			t.Errorf("%q:\n got %+v\nwant %+v", text, report.Problems, at)
		}
		if !scan(t, text).Complete {
			t.Errorf("%q is complete all the same", text)
		}
	}
	report := checked(t, checker, `{"orders": [], "orders": []}`, "", "orders")
	if got := first(t, report); got.Code != CodeDuplicateKey || got.Property != "orders" {
		t.Errorf("a doubled wrapper: %+v", got)
	}
}

func TestTheSameNameInDifferentObjectsIsNoDouble(t *testing.T) {
	text := `[{"a": {"a": 1, "b": {"a": 2}}, "b": [{"a": 3}, {"a": 4}]}, {"a": 5}]`
	if report := checked(t, newChecker(t), text, ""); report.Problem != nil {
		t.Error(*report.Problem)
	}
}

func TestADoubleAmongManyNamesIsFound(t *testing.T) {
	var many strings.Builder
	many.WriteString(`[{"inner": {"n1": 0}`)
	for i := range 10 * manyNames {
		fmt.Fprintf(&many, `, "n%d": {"n%d": %d}`, i, i, i)
	}
	checker := newChecker(t)
	if report := checked(t, checker, many.String()+"}]", ""); report.Problem != nil {
		t.Error(*report.Problem)
	}
	report := checked(t, checker, many.String()+`, "n7": 1}]`, "")
	if got := first(t, report); got.Code != CodeDuplicateKey || got.Property != "n7" {
		t.Errorf("%+v", got)
	}
}

func TestAbsurdNumbersAreToldAndNeverReachTheSchemas(t *testing.T) {
	checker := newChecker(t)
	for _, number := range []string{
		"1e1000001", "1E+99999999999999999999", "-1e-401", "1.5e000000000401", strings.Repeat("9", MaxNumber+1),
		"0." + strings.Repeat("0", 3*chunk) + "1",
	} {
		order := strings.Replace(anOrder(1), `"discount": 0.00`, `"discount": `+number, 1)
		report := checked(t, checker, "["+order+"]", "order")
		if got := first(t, report); got.Code != CodeExponent || got.Line != 14 {
			t.Errorf("%.30s: %+v", number, got)
		}
	}
	for _, number := range []string{"1e400", "1e-400", strings.Repeat("9", MaxNumber), "0e0", "-0.0E-0"} {
		order := strings.Replace(anOrder(1), `"discount": 0.00`, `"discount": `+number, 1)
		if report := checked(t, checker, "["+order+"]", "order"); report.Problem != nil {
			t.Errorf("%.30s: %+v", number, *report.Problem)
		}
	}
}

func TestDepthIsLimitedAndTold(t *testing.T) {
	checker := newChecker(t)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if report := checked(t, checker, deep(MaxDepth), ""); report.Problem != nil {
		t.Error(*report.Problem)
	}
	report := checked(t, checker, deep(MaxDepth+1), "")
	want := Problem{Code: CodeTooDeep, Line: 1, Column: MaxDepth + 1, Expected: "1000"}
	if got := first(t, report); got != want {
		t.Errorf("%+v", got)
	}
	endless := strings.Repeat(`{"a":`, 1_000_000)
	if got := first(t, checked(t, checker, endless[:100_000], "order")); got.Code != CodeTooDeep {
		t.Errorf("%+v", got)
	}
	if s := scan(t, endless); s.Problem == nil || s.Problem.Code != CodeTooDeep {
		t.Errorf("%+v", s.Problem)
	}
}

func TestARecordThatIsTooLargeIsTold(t *testing.T) {
	const limit = 1 << 20
	small := `{"id": "W-1"}`
	for name, text := range map[string]string{
		"one text":        "[" + small + ",\n" + `{"id": "` + strings.Repeat("x", 2*limit) + `"}]`,
		"many values":     "[" + small + ",\n[" + strings.Repeat("{},", limit) + "7]]",
		"never closed":    "[" + small + ",\n" + `{"id": "` + strings.Repeat("x", 2*limit),
		"within a wrap":   `{"orders": [` + small + ",\n[" + strings.Repeat("{},", limit) + "7]]}",
		"in spaces alone": "[" + small + ",\n{" + strings.Repeat(" ", 2*limit) + "}]",
	} {
		report, err := check(context.Background(), strings.NewReader(text), contractOf{}, []string{"orders"}, limit)
		if err != nil {
			t.Fatal(name, err)
		}
		want := Problem{Code: CodeRecordTooLarge, Record: 2, Line: 2, Column: 1, Expected: "1"}
		if got := first(t, report); got != want || report.Size != int64(len(text)) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// A wrapper is no record: it may be as large as it likes, and so may what stands beside the records.
	for name, text := range map[string]string{
		"many records": `{"orders": [` + small + strings.Repeat(",\n"+small, 2*limit/len(small)) + "]}",
		"after them":   `{"items": [` + strings.Repeat(small+",", limit/8) + small + `], "rest": "` + strings.Repeat("x", 2*limit) + `"}`,
	} {
		report, err := check(context.Background(), strings.NewReader(text), contractOf{}, []string{"orders"}, limit)
		if err != nil || report.Problem != nil || report.Shape != ShapeWrapped {
			t.Errorf("%s: %v, %+v, %s", name, err, report.Problem, report.Shape)
		}
	}
}

func TestARecordOfMillionsOfValuesCostsLittle(t *testing.T) {
	checker := newChecker(t)
	for name, test := range map[string]struct {
		text string
		code Code
	}{
		"in a property nobody knows": {`"lines": [` + strings.Repeat("{},", 2_000_000) + "{}]", ""},
		"in a list that is checked":  {`"customer": {"addresses": [` + strings.Repeat("{},", 2_000_000) + "{}]}", CodeTooManyItems},
		"names":                      {`"a": {` + manyNamesText(300_000) + "}", ""},
	} {
		text := "[{" + test.text + "}]"
		var report Report
		extra := extraMemory(func() {
			var err error
			if report, err = checker.Check(context.Background(), strings.NewReader(text), "order"); err != nil {
				t.Error(err)
			}
		})
		if extra > 96<<20 {
			t.Errorf("%s: %d MB for a record of %d MB", name, extra>>20, len(text)>>20)
		}
		if report.Problem == nil || report.Records != 1 {
			t.Errorf("%s: %+v", name, report)
		}
		found := test.code == ""
		for _, p := range report.Problems {
			found = found || p.Code == test.code
		}
		if !found {
			t.Errorf("%s: %+v", name, report.Problems)
		}
	}
}

func manyNamesText(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"n%d":0,`, i)
	}
	return b.String() + `"last":0`
}

func TestWhatAProblemRepeatsIsShortAndOfOneLine(t *testing.T) {
	checker := newChecker(t)
	for _, text := range []string{
		`[{"id": "` + strings.Repeat("é", 500) + `", "customer": 0}]`,
		"[{\"id\": \"a\\nb\\u0007\\u202e\", \"customer\": \"x\\ty\\u2028\"}]",
		`[{"` + strings.Repeat("n", 500) + `" 1}]`,
		`[{"` + strings.Repeat("n", 500) + `": 1, "` + strings.Repeat("n", 500) + `": 2}]`,
		`[` + strings.Repeat("w", 5000) + `]`,
		"[1 \u202eevil]",
	} {
		for _, p := range checked(t, checker, text, "order").Problems {
			for name, arg := range p.Args() {
				if len([]rune(arg)) > maxShown+1 || strings.ContainsAny(arg, "\n\r\t\a\u202e\u2028") {
					t.Errorf("%.20q: %s is %q", text, name, arg)
				}
			}
			if e := (&Error{p}).Error(); strings.Contains(e, "nnn") || strings.Contains(e, "www") {
				t.Errorf("the error repeats the file: %s", e)
			}
		}
	}
}

func TestALargeFileTakesLittleMemory(t *testing.T) {
	checker := newChecker(t)
	extra := extraMemory(func() {
		report, err := checker.Check(context.Background(), &orders{size: 32 << 20}, "order")
		if err != nil || report.Problem != nil || report.Records < 10_000 {
			t.Error(err, report)
		}
	})
	if extra > 24<<20 {
		t.Errorf("%d MB", extra>>20)
	}
}

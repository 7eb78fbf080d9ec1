package contract

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"
)

// read collects the records of a text as "line id raw".
func read(t *testing.T, text, scope string) (ids []string, raws []string, err error) {
	t.Helper()
	for record, failed := range Records(iotest.HalfReader(strings.NewReader(text)), scope) {
		if failed != nil {
			return ids, raws, failed
		}
		ids, raws = append(ids, record.ID), append(raws, string(record.Raw))
	}
	return ids, raws, nil
}

func TestRecordsAreFoundHoweverTheListHoldsThem(t *testing.T) {
	for _, text := range []string{
		`[{"id": "a"}, {"id": 17.50}]`,
		`{"customers": [{"id": "a"}, {"id": 17.50}]}`,
		`{"Customers": [{"id": "a"}, {"id": 17.50}], "count": 2}`,
		`{"count": 2, "data": [{"id": "a"}, {"id": 17.50}]}`,
		`{"items": [{"id": "a"}, {"id": 17.50}], "next": null}`,
		`{"id": "snapshot", "customers": [{"id": "a"}, {"id": 17.50}]}`,
		"\xef\xbb\xbf" + `[{"id": "a"}, {"id": 17.50}]`,
		`[{"id": "a", "id": "a"}, {"id": 17.50}]`[:0] + `[{"id": "a"}, {"id": 17.50}]` + "\n",
	} {
		ids, raws, err := read(t, text, "customers")
		if err != nil || !slices.Equal(ids, []string{"a", "17.50"}) || raws[1] != `{"id": 17.50}` {
			t.Errorf("%q: %q, %q, %v", text, ids, raws, err)
		}
	}
}

func TestOneObjectIsOneRecordAlsoWithAListOfItems(t *testing.T) {
	for _, text := range []string{
		`{"id": 7, "name": "x"}`,
		`{"items": [{"id": 1}, {"id": 2}], "id": 7}`,
		`{"id": 7, "items": [{"id": 1}]}`,
		`{"companyId": 7, "data": []}`,
		`{"data": [1], "ID": 7}`,
	} {
		ids, raws, err := read(t, text, "customers")
		if err != nil || !slices.Equal(ids, []string{"7"}) || raws[0] != text {
			t.Errorf("%q: %q, %q, %v", text, ids, raws, err)
		}
	}
}

func TestNumbersOfARecordAreKeptAsWritten(t *testing.T) {
	const text = `[{"id":12345678901234567890.10,"netPrice":1.10E+3,"s":"\u00e9"}]`
	ids, raws, err := read(t, text, "products")
	if err != nil || ids[0] != "12345678901234567890.10" || raws[0] != text[1:len(text)-1] {
		t.Error(ids, raws, err)
	}
}

func TestAnIDIsFoundUnderItsNames(t *testing.T) {
	for text, want := range map[string]string{
		`{"id": "a", "companyId": "b"}`:  "a",
		`{"companyId": "b", "id": "a"}`:  "a",
		`{"CompanyID": "b"}`:             "b",
		`{"orderId": 3}`:                 "3",
		`{"name": "x"}`:                  "",
		`{"id": null, "companyId": "b"}`: "b",
		`{"id": {"id": 1}}`:              "",
		`{"i\u0064": "\u00e9\n"}`:        "é\n",
		`7`:                              "",
		`{"id": ""}`:                     "",
	} {
		ids, _, err := read(t, "["+text+"]", "customers")
		if err != nil || len(ids) != 1 || ids[0] != want {
			t.Errorf("%s: %q, %v", text, ids, err)
		}
	}
}

func TestALargeListUnderItemsIsReadWithoutBeingHeld(t *testing.T) {
	text := `{"items": [{"id": 0}` + strings.Repeat(`,{"id": 1}`, rewindAt/4) + `], "id": "too late to be one record"}`
	ids, _, err := read(t, text, "customers")
	if err != nil || len(ids) != rewindAt/4+1 {
		t.Errorf("%d records, %v", len(ids), err)
	}
}

func TestUTF16ListsAreRead(t *testing.T) {
	const text = `[{"id": "é€𝄞"}, {"id": 2}]`
	for name, encoder := range map[string]interface{ String(string) (string, error) }{
		"little endian with a mark":    unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(),
		"big endian with a mark":       unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(),
		"little endian without a mark": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(),
		"big endian without a mark":    unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(),
	} {
		encoded, err := encoder.String(text)
		if err != nil {
			t.Fatal(err)
		}
		ids, _, err := read(t, encoded, "customers")
		if err != nil || !slices.Equal(ids, []string{"é€𝄞", "2"}) {
			t.Errorf("%s: %q, %v", name, ids, err)
		}
	}
}

func TestALineOfARecordIsWhereItBegins(t *testing.T) {
	var lines []int
	for record, err := range Records(strings.NewReader("{\"data\": [\n{\"id\": 1},\n\n{\n\"id\": 2}, {\"id\": 3}]}"), "customers") {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, record.Line)
	}
	if !slices.Equal(lines, []int{2, 4, 5}) {
		t.Error(lines)
	}
}

func TestRecordsBeforeAnErrorAreTold(t *testing.T) {
	ids, _, err := read(t, `[{"id": 1}, {"id": 2}, {"id": 3`, "customers")
	problem, ok := problemOf(err)
	if !ok || problem.Code != CodeCut || !slices.Equal(ids, []string{"1", "2"}) {
		t.Error(ids, err)
	}
	broken := errors.New("the disk is gone")
	for _, err = range Records(io.MultiReader(strings.NewReader(`[{"id": 1},`), iotest.ErrReader(broken)), "customers") {
	}
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	_, _, err = read(t, `[{"id": 1}, "`+strings.Repeat("x", MaxRecord+3*chunk)+`"]`, "customers")
	if problem, ok := problemOf(err); !ok || problem.Code != CodeRecordTooLarge || problem.Record != 2 || problem.Expected != "8" {
		t.Error(err)
	}
	for _, text := range []string{"", "42", "id;name"} {
		if ids, _, err := read(t, text, "customers"); err == nil || len(ids) > 0 {
			t.Errorf("%q: %q, %v", text, ids, err)
		}
	}
}

func TestWhoeverHasEnoughRecordsMayStop(t *testing.T) {
	for _, text := range []string{`[1, 2, 3`, `{"data": [1, 2, 3]}`} {
		count := 0
		for range Records(strings.NewReader(text), "customers") {
			if count++; count == 2 {
				break
			}
		}
		if count != 2 {
			t.Error(text, count)
		}
	}
}

func TestRecordsBelongToTheCaller(t *testing.T) {
	var kept []string
	var raws [][]byte
	for record, err := range Records(&orders{size: 4 * chunk}, "orders") {
		if err != nil {
			t.Fatal(err)
		}
		kept, raws = append(kept, string(record.Raw)), append(raws, record.Raw)
	}
	for i := range raws {
		if string(raws[i]) != kept[i] {
			t.Fatalf("record %d changed after it was told", i)
		}
	}
}

func TestTheNumbersOfAFilesRecordsAreTold(t *testing.T) {
	checker, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		`[{"id": "SO-1"}, {"id": 17}, {"name": "x"}]`:                       {"SO-1", "17"},
		`{"orders": [{"id": "SO-1"}, {"id": "SO-2"}]}`:                      {"SO-1", "SO-2"},
		`[{"id": "` + strings.Repeat("9", maxNumber+1) + `"}, {"id": "b"}]`: {"b"},
		`[{"id": "a"}, `: {"a"},
		`{"data": [{"id": "inner"}], "id": "outer"}`: {"outer"},
	} {
		report, err := checker.Check(t.Context(), strings.NewReader(text), "", "orders")
		if err != nil || !slices.Equal(report.Numbers, want) {
			t.Errorf("%s: %q, %v", text, report.Numbers, err)
		}
	}
	report, err := checker.Check(t.Context(), &orders{size: 10 << 20}, "", "orders")
	if size := len(strings.Join(report.Numbers, "")); err != nil || size == 0 || size > maxNumbers {
		t.Errorf("of a long file %d bytes, %v", size, err)
	}
}

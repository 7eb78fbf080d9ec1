package contract

import (
	"strings"
	"testing"
)

// TestWhatIsWrongWithTheWriting holds the sentence a person would say of each file.
func TestWhatIsWrongWithTheWriting(t *testing.T) {
	checker := newChecker(t)
	for _, test := range []struct {
		name, text string
		want       Problem
	}{
		{"a comma is missing before a name", "[\n{\"name\": \"Acme\"\n\"email\": \"x\"}]", Problem{Code: CodeMissingComma, Line: 3, Column: 1, Got: "email"}},
		{"a comma is missing between records", "[\n{\"a\": 1}\n{\"a\": 2}]", Problem{Code: CodeMissingComma, Line: 3, Column: 1, Got: "{"}},
		{"a comma is missing before a number", "[1 2]", Problem{Code: CodeMissingComma, Line: 1, Column: 4, Got: "2"}},
		{"a comma too many at the end of a record", "[{\"a\": 1,\n}]", Problem{Code: CodeTrailingComma, Line: 2, Column: 1, Got: "}"}},
		{"a comma too many at the end of a list", `[{"a": 1}, ]`, Problem{Code: CodeTrailingComma, Line: 1, Column: 12, Got: "]"}},
		{"a comma too many at the end of an inner list", `[{"a": [1,]}]`, Problem{Code: CodeTrailingComma, Line: 1, Column: 11, Got: "]"}},
		{"two commas between records", `[{"a": 1},, {"a": 2}]`, Problem{Code: CodeExtraComma, Line: 1, Column: 11}},
		{"two commas between properties", `[{"a": 1,, "b": 2}]`, Problem{Code: CodeExtraComma, Line: 1, Column: 10}},
		{"a comma before the first record", `[, {"a": 1}]`, Problem{Code: CodeExtraComma, Line: 1, Column: 2}},
		{"a text is not closed before the end of its line", "[{\"name\": \"Acme,\n \"email\": \"x\"}]", Problem{Code: CodeMissingQuote, Line: 1, Column: 11, Got: "Acme,"}},
		{"a text is not closed, all on one line", `[{"name": "Acme,"email": "x"}]`, Problem{Code: CodeMissingQuote, Line: 1, Column: 18, Got: "Acme"}},
		{"a name is not closed", `[{"name: "Acme"}]`, Problem{Code: CodeMissingQuote, Line: 1, Column: 11, Got: "name"}},
		{"a quotation mark within a text", `[{"name": "Bar "El Sol""}]`, Problem{Code: CodeInnerQuote, Line: 1, Column: 17, Got: "Bar"}},
		{"a name without quotation marks", `[{id: 1}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 3, Got: "id"}},
		{"a name with a closing mark alone", `[{id": 1}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 3, Got: "id"}},
		{"a text without quotation marks", `[{"id": W-17}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 9, Got: "W-17"}},
		{"a date without quotation marks", `[{"d": 2026-11-24}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 8, Got: "2026-11-24"}},
		{"a time without quotation marks", `[{"d": 2026-11-24T10:00:00Z}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 8, Got: "2026-11-24T10:00:00Z"}},
		{"an amount with its currency", `[{"d": 12EUR}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 8, Got: "12EUR"}},
		{"single quotation marks", `[{'id': 1}]`, Problem{Code: CodeWrongQuote, Line: 1, Column: 3, Got: "'"}},
		{"curly quotation marks", "[{\"id\": “W-1”}]", Problem{Code: CodeWrongQuote, Line: 1, Column: 9, Got: "“"}},
		{"a colon is missing", `[{"id" 1}]`, Problem{Code: CodeMissingColon, Line: 1, Column: 8, Got: "id"}},
		{"an equals sign", `[{"id" = 1}]`, Problem{Code: CodeSyntax, Line: 1, Column: 8, Expected: ":", Got: "="}},
		{"a value is missing", `[{"id": , "a": 1}]`, Problem{Code: CodeMissingValue, Line: 1, Column: 9, Got: "id"}},
		{"the last value is missing", `[{"id": }]`, Problem{Code: CodeMissingValue, Line: 1, Column: 9, Got: "id"}},
		{"a record is not closed", `[{"id": 1]`, Problem{Code: CodeMissingBracket, Line: 1, Column: 10, Expected: "}", Got: "]"}},
		{"a list is not closed", `[{"a": [1, 2}]`, Problem{Code: CodeMissingBracket, Line: 1, Column: 13, Expected: "]", Got: "}"}},
		{"a record closed twice", `[{"id": 1}}]`, Problem{Code: CodeExtraBracket, Line: 1, Column: 11, Got: "}"}},
		{"a list closed twice", "[{\"id\": 1}]\n]", Problem{Code: CodeExtraBracket, Line: 2, Column: 1, Got: "]"}},
		{"something after the end", "[1] x", Problem{Code: CodeTextAfterEnd, Line: 1, Column: 5, Got: "x"}},
		{"one record a line", "{\"id\": 1}\n{\"id\": 2}", Problem{Code: CodeSeveralDocuments, Line: 2, Column: 1, Got: "{"}},
		{"records without a list around them", "{\"id\": 1},\n{\"id\": 2}", Problem{Code: CodeSeveralDocuments, Line: 1, Column: 10, Got: "{"}},
		{"a comment", "[\n// today's orders\n]", Problem{Code: CodeComment, Line: 2, Column: 1, Got: "// today's orders"}},
		{"a comment in the other form", "[{\"a\": /* one */ 1}]", Problem{Code: CodeComment, Line: 1, Column: 8, Got: "/* one */ 1}]"}},
		{"a word of another language", `[{"a": True}]`, Problem{Code: CodeWrongWord, Line: 1, Column: 8, Expected: "true", Got: "True"}},
		{"none", `[{"a": None}]`, Problem{Code: CodeWrongWord, Line: 1, Column: 8, Expected: "null", Got: "None"}},
		{"not a number", `[{"a": NaN}]`, Problem{Code: CodeWrongWord, Line: 1, Column: 8, Expected: "null", Got: "NaN"}},
		{"a word that begins like one", `[{"a": trueish}]`, Problem{Code: CodeUnquoted, Line: 1, Column: 8, Got: "trueish"}},
		{"a decimal comma", `[{"a": 1,5}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 10, Got: "1,5"}},
		{"a decimal comma after thousands", `[{"a": 1.234,56}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 14, Got: "1.234,56"}},
		{"a number that begins with zero", `[{"a": 007}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 8, Got: "007"}},
		{"a number that ends with its point", `[{"a": 1.}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 8, Got: "1."}},
		{"a number that begins with its point", `[{"a": .5}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 8, Got: ".5"}},
		{"a number with a plus sign", `[{"a": +5}]`, Problem{Code: CodeWrongNumber, Line: 1, Column: 8, Got: "+5"}},
		{"a path with single backslashes", `[{"a": "c:\data"}]`, Problem{Code: CodeWrongEscape, Line: 1, Column: 11, Got: `\d`}},
		{"half a character number", `[{"a": "\u12x4"}]`, Problem{Code: CodeWrongEscape, Line: 1, Column: 9, Got: `\u12x`}},
		{"a tab within a text", "[{\"a\": \"x\ty\"}]", Problem{Code: CodeControlCharacter, Line: 1, Column: 10, Got: "0x09"}},
		{"a zero byte", "[1,\x002]", Problem{Code: CodeControlCharacter, Line: 1, Column: 4, Got: "0x00"}},
		{"a zero byte within a text", "[\"a\x00b\"]", Problem{Code: CodeControlCharacter, Line: 1, Column: 4, Got: "0x00"}},
		{"a non-breaking space", "[\n{\u00a0\"id\": 1}]", Problem{Code: CodeStrangeSpace, Line: 2, Column: 2, Got: "U+00A0"}},
		{"a space of no width", "[{\"id\":\u200b 1}]", Problem{Code: CodeStrangeSpace, Line: 1, Column: 8, Got: "U+200B"}},
		{"a colon where a comma should be", `["a": 1]`, Problem{Code: CodeSyntax, Line: 1, Column: 5, Expected: ",", Got: ":"}},
		{"a semicolon where a comma should be", `[{"a": 1; "b": 2}]`, Problem{Code: CodeSyntax, Line: 1, Column: 9, Expected: ",", Got: ";"}},
		{"a bracket where a name should be", `[{{"a": 1}}]`, Problem{Code: CodeSyntax, Line: 1, Column: 3, Expected: `"`, Got: "{"}},
		{"Latin-1", "[\n{\"name\": \"Caf\xe9\"}]", Problem{Code: CodeUTF8, Line: 2, Column: 14, Got: "0xe9"}},
		{"bytes that are no UTF-8 between values", "[\xff]", Problem{Code: CodeUTF8, Line: 1, Column: 2, Got: "0xff"}},
		{"an overlong form", "[\"\xc0\xaf\"]", Problem{Code: CodeUTF8, Line: 1, Column: 3, Got: "0xc0"}},
		{"half a surrogate as UTF-8", "[\"\xed\xa0\x80\"]", Problem{Code: CodeUTF8, Line: 1, Column: 3, Got: "0xed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := first(t, checked(t, checker, test.text, "")); got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
			if scanned := scan(t, test.text); scanned.Complete || scanned.Cut {
				t.Errorf("scanning it says %+v", scanned)
			}
		})
	}
}

func TestAFileThatEndsTooEarlyIsToldWithWhatClosesIt(t *testing.T) {
	checker := newChecker(t)
	const whole = "{\"orders\": [\n{\"id\": \"a\\n\\u00e9é\", \"n\": -1.5e+3, \"list\": [true, false, null]}]}"
	for i := 1; i < len(whole); i++ {
		report := checked(t, checker, whole[:i], "")
		if got := first(t, report); got.Code != CodeCut {
			t.Fatalf("%q: %+v", whole[:i], got)
		}
		if !scan(t, whole[:i]).Cut {
			t.Fatalf("%q is not told as cut by Scan", whole[:i])
		}
	}
	for text, closes := range map[string]string{
		`{"orders": [{"id": "W-1`: `"}]}`,
		`[{"id": 1}`:              "]",
		`[`:                       "]",
		`[{"a": tr`:               "}]",
	} {
		if got := first(t, checked(t, checker, text, "")); got.Expected != closes {
			t.Errorf("%q is closed by %q, not by %q", text, closes, got.Expected)
		}
	}
}

func TestAFilePaddedWithZerosCountsAsCut(t *testing.T) {
	checker := newChecker(t)
	const whole = "[{\"id\": \"a\\n\\u00e9é\", \"n\": -1.5e+3, \"list\": [true, false, null]}]"
	zeros := strings.Repeat("\x00", 3*chunk)
	for i := 1; i <= len(whole); i++ {
		if s := scan(t, whole[:i]+zeros); !s.Cut {
			t.Errorf("%q with zeros after it: %+v, %+v", whole[:i], s, s.Problem)
		}
	}
	for _, text := range []string{"", `[{"id": "W-1`, `[{"id": 1}]`} {
		if got := first(t, checked(t, checker, text+zeros[:9], "order")); got.Code != CodeCut {
			t.Errorf("%q with zeros after it: %+v", text, got)
		}
	}
}

func TestFilesThatAreNotJSONAreRecognised(t *testing.T) {
	checker := newChecker(t)
	for text, want := range map[string]string{
		"id;name\n1;Acme\n":              "text",
		"\"id\",\"name\"\n\"1\",\"A\"\n": "text",
		"2026-11-24;Acme":                "text",
		"null;1":                         "text",
		"PK\x03\x04\x14\x00\x06\x00":     "spreadsheet",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a":   "spreadsheet",
		"%PDF-1.7\n":                     "pdf",
		"\x89PNG\r\n\x1a\n":              "picture",
		"<?xml version=\"1.0\"?>":        "xml",
		"\x1f\x8b\x08\x08":               "archive",
		"\x01\x02\x03\x04":               "binary",
	} {
		want := Problem{Code: CodeNotJSON, Line: 1, Column: 1, Got: want}
		if got := first(t, checked(t, checker, text, "order")); got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", text, got, want)
		}
	}
}

func TestEncodingsOfWindowsToolsAreTold(t *testing.T) {
	checker := newChecker(t)
	for text, want := range map[string]Problem{
		"\xef\xbb\xbf[]":                       {Code: CodeBOM, Line: 1, Column: 1},
		"\xff\xfe[\x00]\x00":                   {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-16"},
		"\xfe\xff\x00[\x00]":                   {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-16"},
		"[\x00]\x00":                           {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-16"},
		"\x00[\x00]":                           {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-16"},
		"\xff\xfe\x00\x00[\x00\x00\x00":        {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-32"},
		"[\x00\x00\x00]\x00\x00\x00":           {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-32"},
		"\x00\x00\xfe\xff\x00\x00\x00[":        {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-32"},
		"\x00\x00\x00[\x00\x00\x00]\x00\x00\n": {Code: CodeUTF16, Line: 1, Column: 1, Got: "UTF-32"},
	} {
		if got := first(t, checked(t, checker, text, "order")); got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", text, got, want)
		}
	}
}

func TestAnEmptyFileIsEmptyAndASingleValueHoldsNoRecord(t *testing.T) {
	checker := newChecker(t)
	for _, text := range []string{"", " ", "\r\n\t "} {
		if got := first(t, checked(t, checker, text, "order")); got.Code != CodeEmpty {
			t.Errorf("%q: %+v", text, got)
		}
		if s := scan(t, text); !s.Empty || s.Complete {
			t.Errorf("scanning %q says %+v", text, s)
		}
	}
	for _, text := range []string{"42", `"orders"`, "true", "null\n"} {
		if got := first(t, checked(t, checker, text, "order")); got.Code != CodeNoRecords {
			t.Errorf("%q: %+v", text, got)
		}
		if s := scan(t, text); !s.Complete {
			t.Errorf("scanning %q says %+v", text, s)
		}
	}
}

func scan(tb testing.TB, text string) Scanned {
	tb.Helper()
	scanned, err := Scan(strings.NewReader(text))
	if err != nil {
		tb.Fatalf("scanning %.80q: %v", text, err)
	}
	return scanned
}

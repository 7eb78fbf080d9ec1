package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// The kinds of nst/JSONTestSuite, each with texts of our own: y is what every reader has to take, n what none may take,
// i what the grammar leaves to the reader. What we do with the last is a decision, and the table holds it.

var accepted = map[string]string{
	"array_arrays_with_spaces":          "[[]   ]",
	"array_empty":                       "[]",
	"array_empty_text":                  `[""]`,
	"array_ending_with_newline":         "[\"x\"]\n",
	"array_false":                       "[false]",
	"array_heterogeneous":               `[null, 7, "7", {}, [7], true]`,
	"array_null":                        "[null]",
	"array_with_nulls_between":          "[7,null,null,null,8]",
	"array_with_newlines":               "[7\n,\n8]",
	"array_with_leading_space":          " [7]",
	"array_with_trailing_space":         "[8] ",
	"array_with_carriage_returns":       "\r\n[\r\n7\r\n]\r\n",
	"number":                            "[123e65]",
	"number_0e_plus_1":                  "[0e+1]",
	"number_0e1":                        "[0e1]",
	"number_after_space":                "[ 4]",
	"number_close_to_zero":              "[-0." + strings.Repeat("0", 80) + "1]",
	"number_int_with_exponent":          "[20e1]",
	"number_minus_zero":                 "[-0]",
	"number_negative_int":               "[-123]",
	"number_negative_one":               "[-1]",
	"number_negative_zero_point":        "[-0.0]",
	"number_capital_e":                  "[1E22]",
	"number_capital_e_minus":            "[1E-2]",
	"number_capital_e_plus":             "[1E+2]",
	"number_fraction_and_exponent":      "[123.456e78]",
	"number_simple_real":                "[123.456789]",
	"number_longer_than_64_bits":        "[184467440737095516160]",
	"object_basic":                      `{"reference":"W-1"}`,
	"object_name_with_zero_escape":      `{"a\u0000b": 7}`,
	"object_empty":                      "{}",
	"object_empty_name":                 `{"":0}`,
	"object_escaped_name":               `{"\u0062\n": 1}`,
	"object_extreme_numbers":            `{ "least": -1.0e+28, "most": 1.0e+28 }`,
	"object_long_texts":                 `{"x":[{"id": "` + strings.Repeat("x", 4000) + `"}]}`,
	"object_nested":                     `{"a":{"b":{"c":[{"d":[]}]}}}`,
	"object_with_newlines":              "{\n\"a\": \"b\"\n}",
	"object_name_of_another_alphabet":   `{"заголовок":"Ж"}`,
	"string_every_short_escape":         `["\"\\\/\b\f\n\r\t"]`,
	"string_escaped_pair":               `["\ud801\udc37"]`,
	"string_two_escaped_pairs":          `["\ud83d\ude39\ud83d\udc8d"]`,
	"string_backslash_and_u":            `["\\u0000"]`,
	"string_backslash_doubled":          `["\\\\n"]`,
	"string_escaped_control":            `["\u0012"]`,
	"string_escaped_zero":               `["\u0000"]`,
	"string_escaped_noncharacter":       `["\uFFFF"]`,
	"string_escaped_u2028":              `["\u2028"]`,
	"string_u2028_as_it_is":             "[\"\u2028\"]",
	"string_u2029_as_it_is":             "[\"\u2029\"]",
	"string_delete_as_it_is":            "[\"\x7f\"]",
	"string_comment_inside":             `["a/*b*/c/*d//e"]`,
	"string_brackets_inside":            `["]}{["]`,
	"string_quotation_mark_escaped":     `["\""]`,
	"string_two_bytes":                  "[\"\u00e9\"]",
	"string_three_bytes":                "[\"\u20ac\"]",
	"string_four_bytes":                 "[\"\U0001d11e\"]",
	"string_last_code_point":            "[\"\U0010ffff\"]",
	"string_noncharacter":               "[\"\uffff\"]",
	"string_private_use":                "[\"\ue000\"]",
	"string_byte_order_mark_inside":     "[\"\ufeff\"]",
	"string_hexadecimal_of_both_cases":  `["\uA66D\ua66d"]`,
	"string_space":                      `[" "]`,
	"structure_alone_false":             "false",
	"structure_alone_int":               "42",
	"structure_alone_negative":          "-0.1",
	"structure_alone_null":              "null",
	"structure_alone_text":              `"x"`,
	"structure_alone_text_empty":        `""`,
	"structure_trailing_newline":        "[\"a\"]\n",
	"structure_white_space_around":      " \t\r\n[] \t\r\n",
	"structure_depth_within_the_limit":  strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	"object_depth_within_the_limit":     strings.Repeat(`{"a":`, MaxDepth-1) + "{}" + strings.Repeat("}", MaxDepth-1),
	"number_of_the_longest_length":      "[" + strings.Repeat("7", MaxNumber) + "]",
	"number_of_the_largest_exponent":    fmt.Sprintf("[1e%d]", MaxExponent),
	"number_of_the_smallest_exponent":   fmt.Sprintf("[1e-%d]", MaxExponent),
	"object_name_and_value_of_one_text": `{"a":"a"}`,
	"array_of_many":                     "[" + strings.Repeat("{},", 5000) + "{}]",
}

var refused = map[string]string{
	"array_1_true_without_comma":        "[1 true]",
	"array_bytes_that_are_no_text":      "[a\xe5]",
	"array_colon_for_comma":             `["": 1]`,
	"array_comma_after_close":           `[""],`,
	"array_comma_and_number":            "[,1]",
	"array_double_comma":                "[1,,2]",
	"array_double_extra_comma":          `["x",,]`,
	"array_extra_close":                 `["x"]]`,
	"array_extra_comma":                 `["",]`,
	"array_incomplete":                  `["x"`,
	"array_invalid_value":               "[x",
	"array_inner_without_comma":         "[3[4]]",
	"array_bad_utf8_alone":              "[\xff]",
	"array_items_separated_by_semi":     "[1:2]",
	"array_just_comma":                  "[,]",
	"array_just_minus":                  "[-]",
	"array_missing_value":               "[   , \"\"]",
	"array_newlines_unclosed":           "[\"a\",\n4\n,1,",
	"array_number_and_comma":            "[1,]",
	"array_spaces_and_vertical_tab":     "[\"\va\"\\f]",
	"array_star_inside":                 "[*]",
	"array_unclosed":                    `[""`,
	"array_unclosed_after_comma":        "[1,",
	"array_unclosed_with_object":        "[{}",
	"array_closed_by_brace":             "[}",
	"false_cut":                         "[fals]",
	"null_cut":                          "[nul]",
	"true_cut":                          "[tru]",
	"word_of_another_case":              "[TRUE]",
	"word_followed_by_more":             "[nullx]",
	"number_doubled_plus":               "[++1234]",
	"number_plus":                       "[+1]",
	"number_plus_infinity":              "[+Inf]",
	"number_doubled_minus":              "[--2.]",
	"number_minus_leading_zero":         "[-01]",
	"number_minus_point":                "[-.123]",
	"number_minus_two_point":            "[-2.]",
	"number_minus_nan":                  "[-NaN]",
	"number_minus_space":                "[- 1]",
	"number_minus_sign_with_text":       "[-foo]",
	"number_point_minus_one":            "[.-1]",
	"number_point_first":                "[.2e-3]",
	"number_zero_point_twice":           "[0.1.2]",
	"number_zero_capital_e":             "[0E]",
	"number_zero_capital_e_plus":        "[0E+]",
	"number_zero_e":                     "[0e]",
	"number_zero_point_e1":              "[0.e1]",
	"number_one_e":                      "[1.0e]",
	"number_one_e_minus":                "[1.0e-]",
	"number_one_space_zeros":            "[1 000.0]",
	"number_one_e_twice":                "[1eE2]",
	"number_ends_with_point":            "[2.]",
	"number_exponent_with_sign_inside":  "[9.e+]",
	"number_hexadecimal":                "[0x42]",
	"number_octal":                      "[012]",
	"number_infinity":                   "[Infinity]",
	"number_expression":                 "[1+2]",
	"number_followed_by_letter":         "[1a]",
	"number_digits_of_another_script":   "[\uff11]",
	"number_with_underscore":            "[1_000]",
	"number_with_decimal_comma_alone":   "[1,5",
	"number_doubled_exponent_sign":      "[0e+-1]",
	"object_bad_value":                  `["x", truth]`,
	"object_bracket_name":               "{[: \"x\"}",
	"object_comma_for_colon":            `{"x", null}`,
	"object_doubled_colon":              `{"x"::"b"}`,
	"object_emoji_bare":                 "{\U0001f1e8\U0001f1ed}",
	"object_garbage_at_the_end":         `{"a":"a" 123}`,
	"object_name_with_single_marks":     "{'a':0}",
	"object_name_not_text":              "{1:1}",
	"object_name_null":                  "{null:null}",
	"object_missing_colon":              `{"a" b}`,
	"object_missing_name":               `{:"b"}`,
	"object_missing_value":              `{"a":`,
	"object_missing_semi":               `{"a" "b"}`,
	"object_unclosed_after_name":        `{"a"`,
	"object_several_trailing_commas":    `{"id":0,,,,,}`,
	"object_trailing_comma":             `{"id":0,}`,
	"object_trailing_comment":           `{"a":"b"}/**/`,
	"object_trailing_comment_open":      `{"a":"b"}/**//`,
	"object_trailing_slash":             `{"a":"b"}/`,
	"object_two_commas_in_a_row":        `{"a":"b",,"c":"d"}`,
	"object_name_without_marks":         `{a: "b"}`,
	"object_unclosed_text":              `{"a":"a`,
	"object_hash_after":                 `{"a":"b"}#`,
	"object_closed_by_bracket":          `{"a":1]`,
	"string_half_pair_cut":              `["\ud834\ud`,
	"string_one_letter":                 "[é]",
	"string_escape_x":                   `["\x00"]`,
	"string_escape_at_the_end":          `["\"]`,
	"string_escaped_newline":            "[\"\\\n\"]",
	"string_escape_of_a_character":      "[\"\\\u00e5\"]",
	"string_escape_with_four_bytes":     "[\"\\\U0001f300\"]",
	"string_escape_cut":                 `["\u00A`,
	"string_escape_u_with_letters":      `["\uqqqq"]`,
	"string_escape_capital_u":           `["\U0001f300"]`,
	"string_bytes_after_escape_u":       "[\"\\u\xe5\"]",
	"string_single_marks":               "['x']",
	"string_curly_marks":                "[\u201cx\u201d]",
	"string_bare":                       "[x]",
	"string_newline_inside":             "[\"a\nb\"]",
	"string_tab_inside":                 "[\"\t\"]",
	"string_zero_inside":                "[\"a\x00b\"]",
	"string_escape_character_inside":    "[\"\x1b\"]",
	"string_followed_by_letter":         `""x`,
	"string_unclosed":                   `["a`,
	"structure_angle_bracket":           "<.>",
	"structure_null_in_angles":          "[<null>]",
	"structure_array_trailing_garbage":  "[1]x",
	"structure_array_with_extra_close":  "[1]]",
	"structure_unclosed_text_alone":     `"asd`,
	"structure_capital_false":           "FALSE",
	"structure_comma_alone":             ",",
	"structure_two_objects":             "{}{}",
	"structure_nothing":                 "",
	"structure_spaces_alone":            " \r\n\t",
	"structure_open_brace":              "{",
	"structure_close_bracket":           "]",
	"structure_number_with_garbage":     "2@",
	"structure_object_close_unopened":   "}",
	"structure_zero_byte":               "\x00",
	"structure_open_array_object":       strings.Repeat(`[{"":`, 50),
	"structure_form_feed_between":       "[\f1]",
	"structure_word_joiner_after":       "[]\u2060",
	"structure_single_eacute":           "\xe9",
	"structure_two_values":              "1 2",
	"structure_nonbreaking_space":       "[\u00a01]",
	"structure_next_line_for_space":     "[\u00851]",
	"structure_incomplete_mark":         "\xef\xbb",
	"structure_comment_first":           "// x\n[]",
	"structure_javascript_undefined":    "[undefined]",
	"structure_csv":                     "id;name\n1;x\n",
	"structure_xml":                     `<?xml version="1.0"?><orders/>`,
	"structure_xlsx":                    "PK\x03\x04\x14\x00\x06\x00",
	"structure_pdf":                     "%PDF-1.7",
	"structure_php":                     `a:1:{s:2:"id";i:1;}`,
	"structure_yaml":                    "- id: 1\n- id: 2\n",
	"structure_lines_of_objects":        "{\"id\":1}\n{\"id\":2}\n",
	"structure_depth_never_closed":      strings.Repeat("[", 100_000),
	"structure_objects_never_closed":    strings.Repeat(`{"a":`, 100_000),
	"structure_depth_over_the_limit":    strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	"number_longer_than_the_limit":      "[" + strings.Repeat("7", MaxNumber+1) + "]",
	"object_name_cut_by_the_file's_end": `[{"na`,
}

// undefined says for each text what we do, and why.
var undefined = []struct {
	name, text string
	complete   bool
	code       Code // where it is not complete
	why        string
}{
	{"number_huge_exponent", "[1e401]", true, "", "it is JSON; Check tells it, since no schema may see it"},
	{"number_very_negative_exponent", "[1e-401]", true, "", "as above"},
	{"number_int_too_large_for_floats", "[" + strings.Repeat("9", 400) + "]", true, "", "numbers are never made floats"},
	{"number_precision_of_amounts", "[0.1000000000000000055511151231257827]", true, "", "numbers are kept as written"},
	{"object_name_doubled", `{"a":1,"a":2}`, true, "", "it is JSON; Check tells it, since readers disagree on which counts"},
	{"object_name_doubled_by_escape", `{"a":1,"\u0061":2}`, true, "", "as above"},
	{"string_high_half_alone", `["\uD800"]`, true, "", "what follows the grammar passes; the bytes are sent as they are"},
	{"string_low_half_alone", `["\uDC00"]`, true, "", "as above"},
	{"string_halves_the_wrong_way_round", `["\uDC00\uD800"]`, true, "", "as above"},
	{"string_high_half_before_text", `["\uD800x"]`, true, "", "as above"},
	{"string_invalid_utf8", "[\"\xff\"]", false, CodeUTF8, "readers disagree on what it means"},
	{"string_overlong_two_bytes", "[\"\xc0\xaf\"]", false, CodeUTF8, "a slash that no filter sees"},
	{"string_overlong_six_bytes", "[\"\xfc\x83\xbf\xbf\xbf\xbf\"]", false, CodeUTF8, "as above"},
	{"string_encoded_half", "[\"\xed\xa0\x80\"]", false, CodeUTF8, "a half of a pair has no UTF-8"},
	{"string_beyond_the_last_character", "[\"\xf4\x90\x80\x80\"]", false, CodeUTF8, "there is no such character"},
	{"string_truncated_utf8", "[\"\xe0\xff\"]", false, CodeUTF8, "half a character"},
	{"string_latin1", "[\"caf\xe9\"]", false, CodeUTF8, "another encoding"},
	{"structure_utf8_with_mark", "\xef\xbb\xbf[]", false, CodeBOM, "the platform may not take it, and we change no file"},
	{"structure_utf16_little", "\xff\xfe[\x00]\x00", false, CodeUTF16, "another encoding"},
	{"structure_utf16_big", "\xfe\xff\x00[\x00]", false, CodeUTF16, "another encoding"},
	{"structure_utf16_without_mark", "[\x00\"\x00\xe9\x00\"\x00]\x00", false, CodeUTF16, "another encoding"},
	{"structure_utf32", "\xff\xfe\x00\x00[\x00\x00\x00]\x00\x00\x00", false, CodeUTF16, "another encoding"},
	{"structure_zero_bytes_after", "[]\x00\x00\x00", false, CodeCut, "a file that is not written to its end yet"},
	{"structure_depth_of_1001", strings.Repeat("[", 1001) + strings.Repeat("]", 1001), false, CodeTooDeep, "deeper than any contract"},
}

func TestWhatEveryReaderTakesIsTaken(t *testing.T) {
	for name, text := range accepted {
		s := scan(t, text)
		if !s.Complete || s.Problem != nil {
			t.Errorf("y_%s: %+v", name, s.Problem)
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("y_%s is no JSON, the table is wrong", name)
		}
	}
}

func TestWhatNoReaderMayTakeIsExplained(t *testing.T) {
	checker := newChecker(t)
	for name, text := range refused {
		s := scan(t, text)
		if s.Complete || s.Problem == nil || s.Problem.Code == CodeUnreadable {
			t.Errorf("n_%s: %+v", name, s)
			continue
		}
		report := checked(t, checker, text, "order", "orders")
		if report.Problem == nil || report.Problem.Line < 1 || report.Problem.Column < 1 {
			t.Errorf("n_%s is not explained by the check: %+v", name, report.Problem)
		}
		if got := s.Problem.Got; !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00\x1b") {
			t.Errorf("n_%s: %q cannot be shown", name, got)
		}
	}
}

func TestWhatTheGrammarLeavesOpenIsDecided(t *testing.T) {
	for _, c := range undefined {
		s := scan(t, c.text)
		code := Code("")
		if s.Problem != nil {
			code = s.Problem.Code
		}
		if s.Complete != c.complete || code != c.code {
			t.Errorf("i_%s: complete %t, %s; want %t, %s, because: %s", c.name, s.Complete, code, c.complete, c.code, c.why)
		}
	}
}

func TestAMillionLevelsInAListOrAResultAreAnError(t *testing.T) {
	const levels = 1_000_000
	for _, text := range []string{
		strings.Repeat("[", levels), strings.Repeat(`{"a":`, levels), `[{"id":"1","errors":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "}]",
		`{"orders":` + strings.Repeat(`[{"x":`, levels/2), `[{"id":` + strings.Repeat("[", levels),
	} {
		var failed, told error
		for _, err := range Records(strings.NewReader(text), "orders") {
			failed = err
		}
		for outcome, err := range Outcomes(strings.NewReader(text)) {
			if told = err; len(outcome.Reason) > maxReason*utf8.UTFMax {
				t.Errorf("%.30q: a reason of %d bytes", text, len(outcome.Reason))
			}
		}
		for _, err := range []error{failed, told} {
			if problem, ok := problemOf(err); !ok || problem.Code != CodeTooDeep || problem.Line != 1 {
				t.Errorf("%.30q: %v", text, err)
			}
		}
	}
}

func TestBytesThatAreNoTextDoNotPileUp(t *testing.T) {
	for _, begins := range []string{"", "[x", `["`, `[{"id": "1"}, "`} {
		w := newWindow(context.Background(), io.MultiReader(strings.NewReader(begins), io.LimitReader(endless('\x93'), 16<<20)), nil, MaxRecord)
		d := &document{parser: newParser(w)}
		_ = d.read()
		if err := w.drain(); err != nil || cap(w.buf) > 4*chunk {
			t.Errorf("%q: %d bytes are held, %v", begins, cap(w.buf), err)
		}
		w.close()
	}
}

// endless is one byte without end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestADecisionStaysTheSameWhateverSurroundsTheValue(t *testing.T) {
	for name, text := range accepted {
		if strings.HasPrefix(name, "structure_depth") || strings.HasPrefix(name, "object_depth") {
			continue
		}
		for _, around := range []string{"[%s]", `{"orders":[%s]}`, `[{"a":%s}]`, "\n\t[ %s ]\r\n"} {
			if s := scan(t, fmt.Sprintf(around, text)); !s.Complete {
				t.Errorf("y_%s in %s: %+v", name, around, s.Problem)
			}
		}
	}
}

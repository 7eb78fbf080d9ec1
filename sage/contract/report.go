package contract

import "strconv"

// The bounds a file is read within. They protect this program, not the platform, whose own limits are not known.
const (
	MaxRecord   = 8 << 20  // bytes of one record as written
	MaxDepth    = 1000     // levels of brackets
	MaxNumber   = 1000     // characters of one number as written
	MaxExponent = 400      // size of a number's exponent
	MaxProblems = 20       // problems told of one file
	maxShown    = 80       // characters of a file that a problem repeats
	maxNumber   = 100      // bytes of a record's number that is told
	maxNumbers  = 64 << 10 // and of all that are
)

// Report is what Check found out about a file.
type Report struct {
	SHA256   string    // lower-case hex of all bytes, whatever is wrong with them
	Size     int64     // bytes
	Records  int       // records read
	Numbers  []string  // the records' IDs as written, at most 64 KB of them, those that are overlong left out
	Shape    Shape     // how the file holds its records; empty when it was not read that far
	Wrapper  string    // with ShapeWrapped: the name the records stand under, as written
	Problem  *Problem  // the first one, or the one that ended the reading; nil when all is as the contract wants it
	Problems []Problem // at most MaxProblems, in the order of the file
}

// Shape is a way in which a file may hold its records [A], section 5.
type Shape string

// The shapes.
const (
	ShapeArray   Shape = "array"   // [ record, record ]
	ShapeObject  Shape = "object"  // one record
	ShapeWrapped Shape = "wrapped" // { "orders": [ record, record ] }, also under "data" or "items"
)

// Problem is one thing that is wrong with a file. Code names the sentence in the catalogue, the other fields fill
// it; those that do not apply are zero.
type Problem struct {
	Code     Code
	Record   int    // which record of the file, from 1
	RecordID string // its id as written, shortened
	Property string // where in the record, as in "customer.addresses[2].city", of the second address
	Line     int    // from 1
	Column   int    // from 1, in characters
	Expected string // what should stand there, or the limit that is exceeded
	Got      string // what stands there, shortened
}

// Args are the arguments of the problem's sentence: record, id, property, line, column, expected, got. All are
// there, those that do not apply empty.
func (p Problem) Args() map[string]string {
	return map[string]string{
		"record":   number(p.Record),
		"id":       p.RecordID,
		"property": p.Property,
		"line":     number(p.Line),
		"column":   number(p.Column),
		"expected": p.Expected,
		"got":      p.Got,
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Error is a Problem where a call has only an error to tell it with: in Records and Outcomes.
type Error struct{ Problem Problem }

// Error names code, line and column. It repeats nothing of the file, so that it may be logged.
func (e *Error) Error() string {
	return "contract: " + string(e.Problem.Code) + " at line " + strconv.Itoa(e.Problem.Line) +
		", column " + strconv.Itoa(e.Problem.Column)
}

// Code names a kind of problem and, as "problem.<code>", its sentence.
type Code string

// What keeps a file from being read at all.
const (
	CodeEmpty   Code = "empty"   // no byte, or white space alone
	CodeBOM     Code = "bom"     // UTF-8 with a byte order mark
	CodeUTF16   Code = "utf16"   // UTF-16, with a byte order mark or without
	CodeUTF8    Code = "utf8"    // bytes that are no UTF-8; Got is them in hex
	CodeNotJSON Code = "notJSON" // something else: a spreadsheet, a picture, CSV, XML
	CodeCut     Code = "cut"     // correct as far as it goes, and ends too early; Expected is what closes it
)

// What is wrong with the way a file is written. Got is the text that is met, shortened.
const (
	CodeMissingComma     Code = "missingComma"     // before Got
	CodeTrailingComma    Code = "trailingComma"    // before the bracket Got
	CodeExtraComma       Code = "extraComma"       // two commas, or a comma before the first value
	CodeMissingQuote     Code = "missingQuote"     // the mark that closes the text Got
	CodeUnquoted         Code = "unquoted"         // Got stands without quotation marks
	CodeWrongQuote       Code = "wrongQuote"       // ' or a curly quotation mark (Got) in place of "
	CodeInnerQuote       Code = "innerQuote"       // a " within a text, after Got, without a backslash before it
	CodeMissingColon     Code = "missingColon"     // after the name Got
	CodeMissingValue     Code = "missingValue"     // after the name Got
	CodeMissingBracket   Code = "missingBracket"   // Expected is it, Got is what came in its place
	CodeExtraBracket     Code = "extraBracket"     // Got closes nothing
	CodeTextAfterEnd     Code = "textAfterEnd"     // Got stands after the end
	CodeSeveralDocuments Code = "severalDocuments" // a second record after the end, as in JSON Lines
	CodeComment          Code = "comment"          // // or /* or #
	CodeWrongWord        Code = "wrongWord"        // Got in place of Expected: True, None, NaN, undefined
	CodeWrongNumber      Code = "wrongNumber"      // 01, 1., .5, +1, 1,5
	CodeWrongEscape      Code = "wrongEscape"      // a backslash with Got after it
	CodeControlCharacter Code = "controlCharacter" // Got is its number, in hex
	CodeStrangeSpace     Code = "strangeSpace"     // a space that is none: a non-breaking one (Got is its number), ...
	CodeSyntax           Code = "syntax"           // anything else: Got where Expected should be
)

// What is refused because no program should be made to read it.
const (
	CodeDuplicateKey   Code = "duplicateKey"   // the name Property stands twice
	CodeExponent       Code = "exponent"       // a number of absurd size
	CodeTooDeep        Code = "tooDeep"        // Expected is MaxDepth
	CodeRecordTooLarge Code = "recordTooLarge" // Expected is the limit in MB
	CodeTooManyItems   Code = "tooManyItems"   // in the lists of one record; Expected is the limit
	CodeUnreadable     Code = "unreadable"     // a fault of this program's own; the file is left alone
)

// What a record lacks for its contract. Got says what kind of value it is: text, number, yesNo, group, list, null.
const (
	CodeMissingProperty Code = "missingProperty" // Property is required
	CodeWantsText       Code = "wantsText"
	CodeWantsNumber     Code = "wantsNumber"
	CodeWantsInteger    Code = "wantsInteger"
	CodeWantsYesNo      Code = "wantsYesNo"
	CodeWantsGroup      Code = "wantsGroup" // an object
	CodeWantsList       Code = "wantsList"  // an array
	CodeWantsID         Code = "wantsID"    // a text or a whole number
	CodeWrongValue      Code = "wrongValue" // any other rule of a schema; Expected names it
	CodeNoRecords       Code = "noRecords"  // correct JSON that holds no record: a number, a text
)

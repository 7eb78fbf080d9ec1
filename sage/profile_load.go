package sage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
)

// maxProfile bounds a profile's file; the default one has a few kilobytes.
const maxProfile = 1 << 20

// LoadProfile reads a user's profile and lays it over the default one: objects field by field, lists whole; null
// takes a domain or a scope away. An unknown field, a missing hole or an http address that is not loopback is a
// *ProfileError that names the line.
func LoadProfile(r io.Reader) (*Profile, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxProfile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the platform profile: %w", err)
	}
	if len(data) > maxProfile {
		return nil, &ProfileError{Line: 1, Why: fmt.Sprintf("larger than %d bytes", maxProfile)}
	}
	p := DefaultProfile()
	if err := overlay(p, data); err != nil {
		return nil, err
	}
	return p, nil
}

// LoadProfileFile is LoadProfile of a file; the empty name gives the default profile.
func LoadProfileFile(name string) (*Profile, error) {
	if name == "" {
		return DefaultProfile(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the platform profile: %w", err)
	}
	defer f.Close()
	p, err := LoadProfile(f)
	if wrong, ok := errors.AsType[*ProfileError](err); ok {
		wrong.File = name
	}
	return p, err
}

// ProfileError says what is wrong with a profile, and where.
type ProfileError struct {
	File  string // "" when it was not read from a file
	Line  int    // 1-based
	Field string // as "operations.rotateKey.path"; "" where it is about the whole file
	Why   string
}

// Error is one line: file, line, field, reason.
func (e *ProfileError) Error() string {
	where := "platform profile"
	if e.File != "" {
		where = e.File
	}
	if e.Field == "" {
		return fmt.Sprintf("%s, line %d: %s", where, e.Line, sentence(e.Why))
	}
	return fmt.Sprintf("%s, line %d: %s: %s", where, e.Line, sentence(e.Field), sentence(e.Why)) // names are the document's
}

// overlay lays a document over p and checks the whole.
func overlay(p *Profile, data []byte) error {
	d := newOverlayer(data)
	if err := d.value(reflect.ValueOf(p).Elem(), ""); err != nil {
		return d.locate(err)
	}
	if _, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return d.fail("", "something follows the profile's closing brace")
	}
	if flaws := check(p); len(flaws) > 0 {
		return &ProfileError{Line: d.lineOf(flaws[0].field), Field: flaws[0].field, Why: flaws[0].why}
	}
	return nil
}

// overlayer walks a JSON document and a Go value side by side. encoding/json alone would neither name the line of an
// unknown field nor notice a doubled one.
type overlayer struct {
	data  []byte
	dec   *json.Decoder
	lines map[string]int // of each field that the document names
}

func newOverlayer(data []byte) *overlayer {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // Windows' editors
	d := &overlayer{data: data, dec: json.NewDecoder(bytes.NewReader(data)), lines: map[string]int{}}
	d.dec.UseNumber()
	return d
}

var durationType = reflect.TypeFor[time.Duration]()

// value fills v from the next JSON value.
func (d *overlayer) value(v reflect.Value, field string) error {
	token, err := d.dec.Token()
	if err != nil {
		return err
	}
	d.lines[field] = d.line()
	switch {
	case v.Type() == durationType:
		return d.duration(v, field, token)
	case v.Kind() == reflect.Struct:
		return d.object(field, token, func(name string) error {
			member, ok := fieldNamed(v, name)
			if !ok {
				return d.fail(join(field, name), "there is no such field")
			}
			return d.value(member, join(field, name))
		})
	case v.Kind() == reflect.Map:
		return d.object(field, token, func(name string) error { return d.entry(v, name, join(field, name)) })
	case v.Kind() == reflect.Slice:
		return d.list(v, field, token)
	}
	return d.scalar(v, field, token)
}

// object walks the members of an object, past comments.
func (d *overlayer) object(field string, token json.Token, member func(name string) error) error {
	if token != json.Delim('{') {
		return d.fail(field, "an object is needed here")
	}
	seen := map[string]bool{}
	for d.dec.More() {
		key, err := d.dec.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if strings.HasPrefix(name, "//") {
			if err := d.dec.Decode(new(json.RawMessage)); err != nil {
				return err
			}
			continue
		}
		if seen[name] {
			return d.fail(join(field, name), "given twice")
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.dec.Token()
	return err
}

// entry lays one member over a map's entry; null takes it away.
func (d *overlayer) entry(v reflect.Value, name, field string) error {
	if d.nextIsNull() {
		d.lines[field] = d.line()
		v.SetMapIndex(reflect.ValueOf(name), reflect.Value{})
		_, err := d.dec.Token()
		return err
	}
	entry := reflect.New(v.Type().Elem()).Elem()
	if present := v.MapIndex(reflect.ValueOf(name)); present.IsValid() {
		entry.Set(present)
	}
	if err := d.value(entry, field); err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	v.SetMapIndex(reflect.ValueOf(name), entry)
	return nil
}

func (d *overlayer) nextIsNull() bool {
	rest := bytes.TrimLeft(d.data[d.dec.InputOffset():], " \t\r\n:")
	return bytes.HasPrefix(rest, []byte("null"))
}

func (d *overlayer) list(v reflect.Value, field string, token json.Token) error {
	if token != json.Delim('[') {
		return d.fail(field, "a list of texts is needed here")
	}
	list := reflect.MakeSlice(v.Type(), 0, 4)
	for d.dec.More() {
		item := reflect.New(v.Type().Elem()).Elem()
		token, err := d.dec.Token()
		if err != nil {
			return err
		}
		if err := d.scalar(item, field, token); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	v.Set(list)
	_, err := d.dec.Token()
	return err
}

func (d *overlayer) duration(v reflect.Value, field string, token json.Token) error {
	text, ok := token.(string)
	if !ok {
		return d.fail(field, `a duration is needed here, as "15m" or "1h30m"`)
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		return d.fail(field, fmt.Sprintf(`%q is not a duration, as "15m" or "1h30m"`, text))
	}
	v.SetInt(int64(length))
	return nil
}

func (d *overlayer) scalar(v reflect.Value, field string, token json.Token) error {
	switch v.Kind() {
	case reflect.String:
		if text, ok := token.(string); ok {
			v.SetString(text)
			return nil
		}
		return d.fail(field, "a text is needed here")
	case reflect.Int, reflect.Int64:
		if number, ok := token.(json.Number); ok {
			if n, err := number.Int64(); err == nil {
				v.SetInt(n)
				return nil
			}
		}
		return d.fail(field, "a whole number is needed here")
	case reflect.Float64:
		if number, ok := token.(json.Number); ok {
			if n, err := number.Float64(); err == nil {
				v.SetFloat(n)
				return nil
			}
		}
		return d.fail(field, "a number is needed here")
	}
	return d.fail(field, "this cannot be set")
}

// fieldNamed finds a struct's field by its JSON name.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	fields := reflect.VisibleFields(v.Type())
	i := slices.IndexFunc(fields, func(f reflect.StructField) bool { return f.Tag.Get("json") == name })
	if i < 0 {
		return reflect.Value{}, false
	}
	return v.FieldByIndex(fields[i].Index), true
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// line is where the last token ended.
func (d *overlayer) line() int { return lineAt(d.data, d.dec.InputOffset()) }

func lineAt(data []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:offset], []byte("\n"))
}

func (d *overlayer) fail(field, why string) error {
	return &ProfileError{Line: d.line(), Field: field, Why: why}
}

// locate gives a syntax error its line.
func (d *overlayer) locate(err error) error {
	if _, ok := errors.AsType[*ProfileError](err); ok {
		return err
	}
	line := d.line()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line = lineAt(d.data, syntax.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ProfileError{Line: lineAt(d.data, int64(len(bytes.TrimRight(d.data, " \t\r\n")))), Why: "the document ends too early"}
	}
	return &ProfileError{Line: line, Why: err.Error()}
}

// lineOf is the line of a field, or of what holds it; 1 for what only the default profile names.
func (d *overlayer) lineOf(field string) int {
	for field != "" {
		if line, ok := d.lines[field]; ok {
			return line
		}
		field = field[:max(0, strings.LastIndexByte(field, '.'))]
	}
	return 1
}

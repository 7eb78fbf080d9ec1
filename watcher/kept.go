package watcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"

	"postroom/watcher/disk"
)

// maxKept bounds a state file; the largest, callbacks.json, has some hundred bytes a registration.
const maxKept = 4 << 20

// errDamaged says that a state file is there and cannot be understood. It is never overwritten unasked.
var errDamaged = errors.New("damaged")

// readKept fills value from a state file. The error is fs.ErrNotExist for one that is not there and errDamaged for
// one that is no JSON of this kind.
func readKept(fsys disk.FS, path string, value any) error {
	data, err := disk.ReadFile(fsys, path, maxKept)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf("reading %s: %w: %w", path, errDamaged, err)
	}
	return nil
}

// writeKept puts value into a state file: whole or not at all, and with whatever fields the file has that this
// version of the program does not know.
func writeKept(fsys disk.FS, path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	old, err := disk.ReadFile(fsys, path, maxKept)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: what it holds: %w", path, err)
	}
	whole, err := keepUnknown(old, data, reflect.TypeOf(value))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := fsys.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return disk.WriteFile(fsys, path, whole)
}

// keepUnknown is the new text with those fields of the old one added that its type does not have, in objects within
// it too. An old text that is no object has nothing to keep.
func keepUnknown(old, data []byte, kind reflect.Type) ([]byte, error) {
	before, after := objectOf(old), objectOf(data)
	if after == nil {
		return data, nil
	}
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	fields := fieldsOf(kind)
	for name, value := range before {
		field, known := fields[strings.ToLower(name)]
		if kind.Kind() == reflect.Map {
			field, known = kind.Elem(), true // an entry that is gone was taken out
		}
		present, written := after[name]
		switch {
		case !known:
			after[name] = value
		case written && (field.Kind() == reflect.Struct || field.Kind() == reflect.Map):
			merged, err := keepUnknown(value, present, field)
			if err != nil {
				return nil, err
			}
			after[name] = merged
		}
	}
	return json.MarshalIndent(after, "", "  ")
}

// objectOf reads a JSON object; what is none is nil.
func objectOf(text []byte) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	return object
}

// fieldsOf are the JSON names that a struct takes, in lower case since encoding/json reads them in any.
func fieldsOf(kind reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if kind.Kind() != reflect.Struct {
		return fields
	}
	for _, field := range reflect.VisibleFields(kind) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" || (field.Anonymous && name == "") {
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields[strings.ToLower(name)] = field.Type
	}
	return fields
}

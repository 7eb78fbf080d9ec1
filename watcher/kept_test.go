package watcher

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"postroom/watcher/disk"
)

type keptInner struct {
	Name string `json:"name,omitempty"`
}

type keptOuter struct {
	Inner keptInner            `json:"inner"`
	Table map[string]keptInner `json:"table"`
	Gone  string               `json:"gone,omitempty"`
}

func TestFieldsOfANewerVersionStayWhereTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.json")
	const before = `{"inner":{"name":"a","later":[1,2]},"table":{"x":{"name":"a","later":true},"y":{"name":"b"}},"gone":"soon","later":{"deep":{"er":1}}}`
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	value := keptOuter{Inner: keptInner{"b"}, Table: map[string]keptInner{"x": {"c"}, "z": {"d"}}}
	if err := writeKept(disk.OS(), path, value); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	const after = `{"inner":{"name":"b","later":[1,2]},"table":{"x":{"name":"c","later":true},"z":{"name":"d"}},"later":{"deep":{"er":1}}}`
	if err := errors.Join(json.Unmarshal(data, &got), json.Unmarshal([]byte(after), &want)); err != nil {
		t.Fatal(err)
	}
	if g, w := encode(t, got), encode(t, want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAStateFileIsForItsUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "kept.json")
	if err := writeKept(disk.OS(), path, keptOuter{}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if file.Mode().Perm()&0o077 != 0 || folder.Mode().Perm()&0o077 != 0 {
		t.Errorf("the file is %v in a folder %v", file.Mode(), folder.Mode())
	}
}

func TestAStateFileThatCannotBeUnderstoodIsToldFromOneThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	var into keptOuter
	if err := readKept(disk.OS(), filepath.Join(dir, "none.json"), &into); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, errDamaged) {
		t.Errorf("none: %v", err)
	}
	for name, text := range map[string]string{
		"empty": "", "cut": `{"inner":{"na`, "another kind": `[1,2,3]`, "binary": "\x00\x01\x02", "wrong type": `{"inner":"x"}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readKept(disk.OS(), path, &into); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if err := writeKept(disk.OS(), path, keptOuter{Gone: "x"}); err != nil {
			t.Errorf("%s, written over: %v", name, err)
		}
	}
	huge := filepath.Join(dir, "huge")
	if err := os.WriteFile(huge, []byte(`{"gone":"`+strings.Repeat("x", maxKept)+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readKept(disk.OS(), huge, &into); err == nil {
		t.Error("a huge one was read")
	}
}

func FuzzKeptFieldsOfANewerVersion(f *testing.F) {
	f.Add(`{"inner":{"name":"a","later":[1,2]},"table":{"x":{"later":true}},"LATER":null}`)
	f.Add(`{"Inner":{"NAME":1},"inner":2,"":{}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, before string) {
		value := keptOuter{Inner: keptInner{"b"}, Gone: "g"}
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := keepUnknown([]byte(before), data, reflect.TypeOf(value))
		if err != nil {
			t.Fatal(err)
		}
		kept := objectOf(whole)
		for name := range objectOf([]byte(before)) {
			if _, ok := kept[name]; !ok && !strings.EqualFold(name, "inner") && !strings.EqualFold(name, "table") && !strings.EqualFold(name, "gone") {
				t.Errorf("%q was lost from %s", name, before)
			}
		}
		var own struct {
			Gone string `json:"gone"`
		}
		if err := json.Unmarshal(kept["gone"], &own.Gone); err != nil || own.Gone != "g" {
			t.Errorf("what was written is %s", whole)
		}
	})
}

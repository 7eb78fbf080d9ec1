package sage

import (
	"reflect"
	"testing"
)

func TestTemplatesFillTheirHolesEscaped(t *testing.T) {
	for _, c := range []struct {
		template Template
		values   map[string]string
		want     string // "" for an error
	}{
		{"/api/developers", nil, "/api/developers"},
		{"/api/{a}/x/{b}", map[string]string{"a": "1", "b": "2"}, "/api/1/x/2"},
		{"/api/{a}", map[string]string{"a": "a b/../c?d#e%"}, "/api/a%20b%2F..%2Fc%3Fd%23e%25"},
		{"/files({a})/{b}.json", map[string]string{"a": "1", "b": "2"}, "/files(1)/2.json"},
		{"/api/{a}", nil, ""},
		{"/api/{a}", map[string]string{"a": ""}, ""},
		{"/api/{a}/x", map[string]string{"a": ".."}, ""},
		{"/api/{a}/x", map[string]string{"a": "."}, ""},
		{"/api/{a}", map[string]string{"a": "{b}"}, "/api/%7Bb%7D"},
	} {
		got, err := c.template.Expand(c.values)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s with %v: %q, %v; want %q", c.template, c.values, got, err, c.want)
		}
	}
}

func TestTemplatesMatchWhatTheyMade(t *testing.T) {
	for _, c := range []struct {
		template Template
		values   map[string]string
	}{
		{"/api/developers", map[string]string{}},
		{"/api/{a}/x/{b}", map[string]string{"a": "1", "b": "ü / %"}},
		{"/files({a})/{b}.json", map[string]string{"a": "1", "b": "2"}},
		{"/{a}-{b}", map[string]string{"a": "x", "b": "y-z"}},
	} {
		path, err := c.template.Expand(c.values)
		must(t, err)
		if got, ok := c.template.Match(path); !ok || !reflect.DeepEqual(got, c.values) {
			t.Errorf("%s does not match %s: %v", c.template, path, got)
		}
	}
}

func TestTemplatesDoNotMatchOtherPaths(t *testing.T) {
	for _, c := range []struct {
		template Template
		path     string
	}{
		{"/api/{a}", "/api/"},
		{"/api/{a}", "/api/1/2"},
		{"/api/{a}", "/API/1"},
		{"/api/{a}", "/api/%zz"},
		{"/f({a})", "/f()"},
		{"/f({a})", "/f(1"},
		{"/a/{b}/files", "/a/1/files/latest"},
		{"", ""},
	} {
		if values, ok := c.template.Match(c.path); ok {
			t.Errorf("%q matches %q with %v", c.template, c.path, values)
		}
	}
}

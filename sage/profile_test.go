package sage

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTheEmbeddedProfileNamesEveryField(t *testing.T) {
	p := &Profile{}
	d := lay(t, p, defaultProfile)
	walk(reflect.ValueOf(p).Elem(), "", func(field string, v reflect.Value) {
		if _, ok := d.lines[field]; !ok && !strings.HasSuffix(field, "resultContract") {
			t.Errorf("%s is not in profile.json", field)
		}
	})
}

func lay(t *testing.T, p *Profile, data []byte) *overlayer {
	t.Helper()
	d := newOverlayer(data)
	must(t, d.value(reflect.ValueOf(p).Elem(), ""))
	return d
}

// walk visits every leaf of a profile by its field's name.
func walk(v reflect.Value, field string, visit func(string, reflect.Value)) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), join(field, v.Type().Field(i).Tag.Get("json")), visit)
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			walk(v.MapIndex(key), join(field, key.String()), visit)
		}
	default:
		visit(field, v)
	}
}

// TestTheEmbeddedProfileExplainsItself holds that each field, or the group on whose line it stands, has a comment.
func TestTheEmbeddedProfileExplainsItself(t *testing.T) {
	explained(t, "", defaultProfile, map[string]bool{
		"operations.*": true, "names.*": true, "domains.*": true, // one comment for a line
	})
}

func explained(t *testing.T, at string, data []byte, short map[string]bool) {
	t.Helper()
	var object map[string]json.RawMessage
	must(t, json.Unmarshal(data, &object))
	for name, value := range object {
		if strings.HasPrefix(name, "//") {
			if field, ok := strings.CutPrefix(name, "// "); ok && object[field] == nil {
				t.Errorf("%s.%q explains nothing", at, name)
			}
			continue
		}
		if object["// "+name] == nil {
			t.Errorf("%s has no comment", join(at, name))
		}
		if value[0] == '{' && !short[at+".*"] && name != "domains" {
			explained(t, join(at, name), value, short)
		}
	}
}

func TestEachDefaultProfileIsACopy(t *testing.T) {
	one := DefaultProfile()
	one.Domains["ecommerce"].Scopes["orders"] = Scope{}
	one.Answers.Key[0] = "changed"
	if two := DefaultProfile(); two.Answers.Key[0] != "apikey" || two.Domains["ecommerce"].Scopes["orders"].Contract != "order" {
		t.Error("a change of one default profile shows in the next")
	}
}

func TestAProfileOverridesWhatItNames(t *testing.T) {
	p, err := LoadProfile(strings.NewReader("\ufeff" + `{
		"// a comment": {"of": ["any", "kind"]}, "//": 1, "//": 2,
		"baseUrl": "https://sage.example/broker/",
		"key": {"header": "Authorization", "scheme": "Bearer"},
		"resultWait": "90m",
		"limits": {"answer": 4096},
		"answers": {"fileId": ["document.id"]},
		"domains": {"comp-nominalv1": null, "ecommerce": {"scopes": {
			"products": null, "orders": {"contract": "purchase"}, "invoices": {"direction": "outgoing", "contract": "invoice"}}}}
	}`))
	must(t, err)
	d := DefaultProfile()
	if p.BaseURL != "https://sage.example/broker/" || p.Key.Header != "Authorization" || p.Key.Scheme != "Bearer" ||
		p.ResultWait != 90*time.Minute || p.Limits.Answer != 4096 {
		t.Errorf("%+v", p)
	}
	if !reflect.DeepEqual(p.Answers.FileID, Lookup{"document.id"}) || !reflect.DeepEqual(p.Answers.UploadURL, d.Answers.UploadURL) {
		t.Error("a list is not replaced whole, or another is touched")
	}
	if !reflect.DeepEqual(p.Key.Also, d.Key.Also) || p.Limits.Redirects != d.Limits.Redirects {
		t.Error("what the document does not name has changed")
	}
	scopes := p.Domains["ecommerce"].Scopes
	want := map[string]Scope{
		"customers": d.Domains["ecommerce"].Scopes["customers"],
		"orders":    {Outgoing, "purchase", "orderResult"},
		"invoices":  {Outgoing, "invoice", ""},
	}
	if _, ok := p.Domains["comp-nominalv1"]; ok || !reflect.DeepEqual(scopes, want) {
		t.Errorf("domains are %+v", p.Domains)
	}
}

func TestAWrongProfileIsToldWithItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		line     int
		field    string
		why      string
	}{
		"unknown field":         {"{\n\n\"key\": {\n\"haeder\": \"x\"}}", 4, "key.haeder", "no such field"},
		"unknown group":         {"{\"keys\": {}}", 1, "keys", "no such field"},
		"case of a field":       {"{\n\"BaseUrl\": \"\"}", 2, "BaseUrl", "no such field"},
		"missing hole":          {"{\"operations\": {\n\"createFile\": {\n\"path\": \"/api/{domain}/files\"}}}", 3, "operations.createFile.path", "{scope} is missing"},
		"foreign hole":          {"{\"operations\": {\n\"rotateKey\": {\"path\": \"/api/{key}\"}}}", 2, "operations.rotateKey.path", "nothing to fill {key}"},
		"half a hole":           {"{\"operations\": {\"rotateKey\": {\"path\": \"/api/{key\"}}}", 1, "operations.rotateKey.path", "brace"},
		"path with a query":     {"{\"operations\": {\"rotateKey\": {\"path\": \"/api?x=1\"}}}", 1, "operations.rotateKey.path", "character"},
		"path climbing":         {"{\"operations\": {\"rotateKey\": {\"path\": \"/api/../x\"}}}", 1, "operations.rotateKey.path", "dotted"},
		"path not absolute":     {"{\"operations\": {\"rotateKey\": {\"path\": \"api\"}}}", 1, "operations.rotateKey.path", "begin with /"},
		"path needed":           {"{\"operations\": {\"rotateKey\": {\"path\": \"\"}}}", 1, "operations.rotateKey.path", "begin with /"},
		"complete without ID":   {"{\"operations\": {\"completeFile\": {\"path\": \"/api/done\"}}}", 1, "operations.completeFile.path", "{fileId} is missing"},
		"two calls alike":       {"{\"operations\": {\n\"renewSecret\": {\"path\": \"/api/apikey\"}}}", 2, "operations.renewSecret.path", "same call as operations.rotateKey"},
		"plain http":            {"{\n\"baseUrl\":\n \"http://sage.example\"}", 3, "baseUrl", "plain http"},
		"no address":            {"{\"baseUrl\": \"sage.example\"}", 1, "baseUrl", "not an address"},
		"address with password": {"{\"baseUrl\": \"https://me:pw@sage.example\"}", 1, "baseUrl", "without user"},
		"status of failure":     {"{\"operations\": {\"createFile\": {\"status\": 302}}}", 1, "operations.createFile.status", "not a success"},
		"status without a body": {"{\"operations\": {\"createFile\": {\"status\": 204}}}", 1, "operations.createFile.status", "no body"},
		"method":                {"{\"operations\": {\"createFile\": {\"method\": \"post\"}}}", 1, "operations.createFile.method", "not a method"},
		"GET with a body":       {"{\"operations\": {\"createFile\": {\"method\": \"GET\"}}}", 1, "operations.createFile.method", "no body"},
		"GET with parameters":   {"{\"operations\": {\"rotateKey\": {\"method\": \"GET\"}}}", 1, "operations.rotateKey.parameters", "no body"},
		"place":                 {"{\"operations\": {\"rotateKey\": {\"parameters\": \"cookie\"}}}", 1, "operations.rotateKey.parameters", "cookie"},
		"one-step in the body":  {"{\"operations\": {\"sendOneStep\": {\"parameters\": \"body\"}}}", 1, "operations.sendOneStep.parameters", "body"},
		"upload mode":           {"{\"upload\": \"three-step\"}", 1, "upload", "three-step"},
		"key header":            {"{\"key\": {\"header\": \"api key\"}}", 1, "key.header", "cannot be the name"},
		"key header in use":     {"{\"key\": {\"header\": \"content-length\"}}", 1, "key.header", "meaning of its own"},
		"empty name":            {"{\"names\": {\"file\": {\"size\": \"\"}}}", 1, "names.file.size", "name is needed"},
		"doubled name":          {"{\"names\": {\"file\": {\"size\": \"FILENAME\"}}}", 1, "names.file.size", "twice"},
		"name for a header":     {"{\"operations\": {\"rotateKey\": {\"parameters\": \"header\"}},\n\"names\": {\"rotation\": {\"secret\": \"the secret\"}}}", 2, "names.rotation.secret", "header"},
		"no lookup":             {"{\"answers\": {\"key\": []}}", 1, "answers.key", "at least one"},
		"lookup in pieces":      {"{\"answers\": {\"key\": [\"a..b\"]}}", 1, "answers.key", "empty part"},
		"no status word":        {"{\"statuses\": {\"failed\": []}}", 1, "statuses.failed", "at least one"},
		"ambiguous status word": {"{\"statuses\": {\"failed\": [\"Accepted\"]}}", 1, "statuses.failed", "too"},
		"callback's method":     {"{\"callbacks\": {\"approval\": {\"method\": \"PATCH\"}}}", 1, "callbacks.approval.method", "PATCH"},
		"callback's form":       {"{\"callbacks\": {\"notification\": {\"form\": \"xml\"}}}", 1, "callbacks.notification.form", "xml"},
		"callback GET and JSON": {"{\"callbacks\": {\"approval\": {\"method\": \"GET\"}}}", 1, "callbacks.approval.form", "no body"},
		"no domain":             {"{\"domains\": {\"ecommerce\": null, \"comp-nominalv1\": null}}", 1, "domains", "at least one"},
		"scope that climbs":     {"{\"domains\": {\"ecommerce\": {\"scopes\": {\n\"../x\": {\"direction\": \"incoming\", \"contract\": \"x\"}}}}}", 2, "domains.ecommerce.scopes.../x", "folder"},
		"scope's direction":     {"{\"domains\": {\"ecommerce\": {\"scopes\": {\"x\": {\"direction\": \"up\", \"contract\": \"x\"}}}}}", 1, "domains.ecommerce.scopes.x.direction", "up"},
		"scope's contract":      {"{\"domains\": {\"ecommerce\": {\"scopes\": {\"x\": {\"direction\": \"incoming\"}}}}}", 1, "domains.ecommerce.scopes.x.contract", "needed"},
		"result of a list":      {"{\"domains\": {\"ecommerce\": {\"scopes\": {\"products\": {\"resultContract\": \"x\"}}}}}", 1, "domains.ecommerce.scopes.products.resultContract", "only what goes to Sage"},
		"duration":              {"{\n\"pollInterval\": \"15 minutes\"}", 2, "pollInterval", "not a duration"},
		"duration as number":    {"{\"pollInterval\": 15}", 1, "pollInterval", "duration is needed"},
		"duration of nothing":   {"{\"pollInterval\": \"0s\"}", 1, "pollInterval", "more than 0s"},
		"jitter":                {"{\"pollJitter\": 2}", 1, "pollJitter", "0 to 1"},
		"tracking":              {"{\"trackMost\": \"1s\"}", 1, "trackMost", "trackFirst"},
		"timeout":               {"{\"timeouts\": {\"idle\": \"-1s\"}}", 1, "timeouts.idle", "more than"},
		"limit":                 {"{\"limits\": {\"answer\": 0}}", 1, "limits.answer", "more than 0"},
		"whole number":          {"{\"limits\": {\"answer\": 1.5}}", 1, "limits.answer", "whole number"},
		"number as text":        {"{\"pollJitter\": \"much\"}", 1, "pollJitter", "number is needed"},
		"text as number":        {"{\"baseUrl\": 1}", 1, "baseUrl", "text is needed"},
		"text in a list":        {"{\"answers\": {\"key\": [1]}}", 1, "answers.key", "text is needed"},
		"list":                  {"{\"answers\": {\"key\": \"apikey\"}}", 1, "answers.key", "list of texts"},
		"object":                {"{\"limits\": []}", 1, "limits", "object is needed"},
		"null":                  {"{\"limits\": {\"answer\": null}}", 1, "limits.answer", "whole number"},
		"given twice":           {"{\"upload\": \"two-step\",\n\"upload\": \"one-step\"}", 2, "upload", "twice"},
		"not an object":         {"[]", 1, "", "object is needed"},
		"nothing":               {"", 1, "", "too early"},
		"cut":                   {"{\n\"upload\": \"two-step\"\n", 2, "", "too early"},
		"syntax":                {"{\n\"upload\": \"two-step\",,\n}", 2, "", "invalid character"},
		"more":                  {"{}\n{}", 2, "", "follows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadProfile(strings.NewReader(c.document))
			wrong, ok := errors.AsType[*ProfileError](err)
			if !ok || wrong.Line != c.line || wrong.Field != c.field || !strings.Contains(wrong.Why, c.why) {
				t.Fatalf("got %#v (%v), want line %d, %s, %q", err, err, c.line, c.field, c.why)
			}
		})
	}
}

func TestAScopesNameIsAFolderOfItsOwnOnEverySystem(t *testing.T) {
	scoped := func(names ...string) error {
		var scopes []string
		for _, name := range names {
			scopes = append(scopes, fmt.Sprintf(`%q: {"direction": "incoming", "contract": "customer"}`, name))
		}
		_, err := LoadProfile(strings.NewReader(`{"domains": {"other": {"scopes": {` + strings.Join(scopes, ",\n") + `}}}}`))
		return err
	}
	for _, names := range [][]string{{"invoices"}, {"invoices", "orders"}, {"company"}, {"com10"}, {"Ñandú"}, {"a b"}} {
		if err := scoped(names...); err != nil {
			t.Errorf("%q: %v", names, err)
		}
	}
	for _, names := range [][]string{
		{"CON"}, {"nul.x"}, {"com1"}, {"LPT³"}, {"aux "}, {"results"}, {"Held"}, {"HELD"}, {"Orders", "orders"}, {"re\u017fults"}, {"\u00e9", "e\u0301"}, {"\u13cf", "\uab9f"}, {"..", "a"}, {"a/b"}, {"a\u202eb"}, {"a\u200bb"}, {"a."}, {".a"}, {"x:y"},
	} {
		if wrong, ok := errors.AsType[*ProfileError](scoped(names...)); !ok || !strings.HasPrefix(wrong.Field, "domains.other.scopes.") || wrong.Line < 1 {
			t.Errorf("%q: %v", names, wrong)
		}
	}
}

func TestAWrongProfileDoesNotShowAPassword(t *testing.T) {
	for _, address := range []string{"https://me:hunter2@sage.example", "http://me:hunter2@[::1", "hunter2@x"} {
		_, err := LoadProfile(strings.NewReader(`{"baseUrl": "` + address + `"}`))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestAProfilesFileIsNamedInItsErrors(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mine.json")
	must(t, os.WriteFile(name, []byte("{\n\"upload\": 1}"), 0o600))
	_, err := LoadProfileFile(name)
	if err == nil || err.Error() != name+", line 2: upload: a text is needed here" {
		t.Errorf("%v", err)
	}
	if _, err := LoadProfileFile(name + ".not"); !os.IsNotExist(err) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
	p, err := LoadProfileFile("")
	if err != nil || !reflect.DeepEqual(p, DefaultProfile()) {
		t.Errorf("no name does not give the default profile: %v", err)
	}
}

func TestAProfileIsNotReadWithoutEnd(t *testing.T) {
	if _, err := LoadProfile(strings.NewReader(strings.Repeat(" ", maxProfile+1))); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("%v", err)
	}
}

func FuzzLoadProfile(f *testing.F) {
	f.Add(string(defaultProfile))
	f.Add(`{"domains": {"x": {"scopes": {"y": null}}}}`)
	f.Add(`{"key": {"also": ["a: b", null]}}`)
	for _, document := range []string{
		"", "null", "[]", "{}{}", "\ufeff{}", "\xff\xfe{\x00", `{"baseUrl":"http://me:hunter2@sage.example"}`, `{"baseUrl":"https://[::1"}`, `{"baseUrl":"https://x\u0000y"}`,
		`{"key":{"header":"Host"}}`, `{"key":{"header":"a b"}}`, `{"key":{"header":"X\r\nEvil: 1"}}`, `{"operations":{"rotateKey":{"path":"/../x"}}}`, `{"operations":{"createFile":{"path":"//evil.example/{domain}/{scope}"}}}`,
		`{"operations":{"latestFile":{"path":"/{domain}/{domain}/{scope}"}}}`, `{"operations":{"sendFile":{"contentType":"a\nb"}}}`, `{"domains":{"../x":{"scopes":{"..":{"direction":"out"}}}}}`,
		`{"domains":{"ecommerce":{"scopes":{"CON":{"direction":"incoming"}}}}}`, `{"domains":{"ecommerce":null}}`, `{"pollInterval":"-1s"}`, `{"pollInterval":"1ns"}`, `{"pollJitter":1e400}`, `{"pollJitter":NaN}`,
		`{"limits":{"answer":-1}}`, `{"limits":{"answer":9223372036854775808}}`, `{"timeouts":{"dial":"290000h"}}`, `{"statuses":{"accepted":[]}}`, `{"statuses":{"accepted":["a"],"failed":["A"]}}`,
		`{"upload":"two-step","upload":"one-step"}`, `{"//":` + strings.Repeat("[", 11_000) + `}`, strings.Repeat(`{"domains":`, 200), `{"answers":{"key":["a.b.c.d.e.f"]}}`, `{"callbacks":{"approval":{"form":"query"}}}`,
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		p, err := LoadProfile(strings.NewReader(document))
		again, errAgain := LoadProfile(strings.NewReader(document))
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || !reflect.DeepEqual(p, again) {
			t.Fatalf("the same document is read as %v and as %v", err, errAgain)
		}
		if err != nil {
			wrong, ok := errors.AsType[*ProfileError](err)
			if !ok || p != nil || wrong.Why == "" || wrong.Line < 1 || wrong.Line > 1+strings.Count(document, "\n") {
				t.Errorf("%#v names no line of the document", err)
			}
			if text := err.Error(); strings.Contains(text, "me:hunter2@") || strings.ContainsAny(text, "\n\r\x00") || len(text) > 2*len(document)+500 {
				t.Errorf("%q is no line to be shown", text)
			}
			return
		}
		if len(check(p)) > 0 {
			t.Error("a profile with flaws was taken")
		}
		// A client can be made of it, and goes nowhere but to the platform.
		c, err := New(Options{BaseURL: "https://platform.test/base", Profile: p})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		hostile := map[string]string{
			"developerId": "../d", "applicationId": "a?b#c", "passcode": "p/../../q", "domain": "..", "scope": "//evil.example", "fileId": "%2e%2e",
		}
		for _, call := range p.calls() {
			if call.path == "" {
				continue
			}
			u, err := c.address(call.path, hostile)
			if err == nil && (u.Host != "platform.test" || u.Scheme != "https" || u.User != nil || !strings.HasPrefix(u.Path, "/base/")) {
				t.Errorf("%s leads to %s", call.field, u)
			}
		}
	})
}

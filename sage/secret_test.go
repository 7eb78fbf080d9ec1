package sage

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"
)

type holder struct {
	Name   string
	Key    Secret
	hidden Secret
	list   []Secret
	byName map[string]Secret
	id     ID
	ptr    *Secret
}

func everyForm(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%p", "%10v"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	fmt.Fprintln(&out, v, fmt.Errorf("about %v", v))
	if b, err := json.Marshal(v); err == nil {
		out.Write(b)
	}
	if b, err := xml.Marshal(v); err == nil {
		out.Write(b)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v, slog.Group("g", "v", v))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	must(t, template.Must(template.New("").Parse("{{.}}")).Execute(&out, v))
	return out.String()
}

func TestNoTextFormShowsASecret(t *testing.T) {
	const value, id = "hunter2-hunter2", "developer-0815-4711"
	s, full := NewSecret(value), NewID(id)
	for name, v := range map[string]any{
		"secret": s, "pointer": &s, "ID": full, "list": []Secret{s}, "map": map[string]Secret{"a": s},
		"struct":  holder{Key: s, hidden: s, list: []Secret{s}, byName: map[string]Secret{"a": s}, id: full, ptr: &s},
		"key set": KeySet{Initial: s, Current: s, Previous: s, Secret: s, Pending: s},
		"rotated": RotatedKey{Key: s}, "registered": Registered{ApplicationID: full},
	} {
		text := everyForm(t, v)
		if strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) {
			t.Errorf("%s shows the secret:\n%s", name, text)
		}
		if strings.Contains(text, id) {
			t.Errorf("%s shows the whole ID:\n%s", name, text)
		}
	}
	if got := fmt.Sprint(s); got != "***" {
		t.Errorf("prints %q, want ***", got)
	}
	if got, _ := json.Marshal(s); string(got) != `"***"` {
		t.Errorf("marshals as %s", got)
	}
}

func TestAnIDShowsItsLastFourCharactersAtMost(t *testing.T) {
	for id, want := range map[string]string{"developer-0815-4711": "…4711", "abcd": "…", "abcde": "…", "": "…", "x-ünïö": "…nïö"} {
		got := NewID(id).String()
		if id == "x-ünïö" {
			want = "…ünïö"
		}
		if got != want {
			t.Errorf("%q prints %q, want %q", id, got, want)
		}
	}
}

func TestSecretsAreEqualByValue(t *testing.T) {
	if !NewSecret("a").Equal(NewSecret("a")) || NewSecret("a").Equal(NewSecret("b")) || NewSecret("a").Equal(Secret{}) {
		t.Error("Equal does not compare values")
	}
	if !NewSecret("").IsZero() || NewSecret("a").IsZero() || !NewID("").IsZero() || NewID("a").IsZero() {
		t.Error("IsZero does not tell the empty value")
	}
	if !NewID("a").Equal(NewID("a")) || NewID("a").Equal(NewID("b")) {
		t.Error("Equal does not compare IDs")
	}
}

func TestGeneratedSecretsAreLongAndDifferent(t *testing.T) {
	a, b := GenerateSecret(), GenerateSecret()
	if len(a.Reveal()) != 43 || a.Equal(b) {
		t.Errorf("%d characters, equal: %v", len(a.Reveal()), a.Equal(b))
	}
	if headerText(a.Reveal()) != a.Reveal() {
		t.Error("does not travel in a header as it is")
	}
}

package watcher_test

import (
	"strings"
	"testing"
	"unicode"

	"postroom/watcher"
)

func TestATargetReadsAsItWasWrittenWhateverACompanyIsCalled(t *testing.T) {
	for _, company := range []string{
		"", "Acme Ltd", "A & B = C; D?", "Müller\u202e GmbH", "--home", "\"><toast>", "a\nb\x00", "%zz", "+", "🦊",
	} {
		for _, want := range []watcher.Target{
			{Company: company},
			{Company: company, Transfer: "01JD&x=1"},
			{Company: company, List: "l 1"},
			{Company: company, Filter: watcher.FilterNeedsYou},
			{Company: company, Filter: watcher.FilterDone},
		} {
			text := want.String()
			if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || r == '"' || r == '<' }) || strings.HasPrefix(text, "-") {
				t.Errorf("%+v is handed over as %q", want, text)
			}
			if got, err := watcher.ParseTarget(text); err != nil || got != want {
				t.Errorf("%q reads as %+v, %v; want %+v", text, got, err, want)
			}
		}
	}
	if text := (watcher.Target{}).String(); text != "" {
		t.Errorf("the window itself is %q", text)
	}
}

func TestWhatIsNoTargetIsNotRead(t *testing.T) {
	for _, text := range []string{"open", "transfer=a&transfer=b", "filter=", "filter=all", "transfer=a&list=b", "%zz", "command=rm", "company=A;list=B"} {
		if got, err := watcher.ParseTarget(text); err == nil || got != (watcher.Target{}) {
			t.Errorf("%q reads as %+v, %v", text, got, err)
		}
	}
}

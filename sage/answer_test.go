package sage

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestCodesAreReadInEveryForm(t *testing.T) {
	lookup := DefaultProfile().Errors.Code
	for body, want := range map[string]int{
		`{"code":2100,"message":"expired"}`: 2100,
		`{"code":"2100"}`:                   2100,
		`{"code":" 2100 "}`:                 2100,
		`{"Code":2100}`:                     2100,
		`{"CODE":"2100"}`:                   2100,
		`{"code":2100.0}`:                   2100,
		`{"errorCode":2105}`:                2105,
		`{"errorcode":"2105"}`:              2105,
		`{"error_code":2105}`:               2105,
		`{"error":{"code":2110}}`:           2110,
		`{"Error":{"Code":"2110"}}`:         2110,
		`{"error":{"errorCode":2110}}`:      2110,
		`{"error":"2115"}`:                  2115,
		`{"error":2115}`:                    2115,
		`{"errors":[{"code":2120,"message":"x"},{"code":2125}]}`: 2120,
		`[{"code":2120}]`:                    2120,
		`{"code":"E2125"}`:                   2125,
		`{"code":"SAGE-2125"}`:               2125,
		`{"error":"2125: key locked hard"}`:  2125,
		`"2400"`:                             2400,
		`2400`:                               2400,
		`{"code":401,"error":{"code":2100}}`: 2100,
		`{"code":"Unauthorized","errorCode":2100}`: 2100,
		`{"code":null,"errorCode":2100}`:           2100,
		"\ufeff{\"code\":2100}":                    2100,
		`{"code":9999}`:                            9999,
		`{"code":401}`:                             0,
		`{"code":21000}`:                           0,
		`{"code":"021"}`:                           0,
		`{"code":true}`:                            0,
		`{"code":{}}`:                              0,
		`{"code":[]}`:                              0,
		`{"code":-5}`:                              0,
		`{"code":1e400}`:                           0,
		`{"message":"code 2100"}`:                  0,
		`{}`:                                       0,
		`null`:                                     0,
		`[]`:                                       0,
		`""`:                                       0,
	} {
		a, err := parseAnswer([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got := a.code(lookup); got != want {
			t.Errorf("%s: code %d, want %d", body, got, want)
		}
	}
}

func TestNamesAreReadInAnyCase(t *testing.T) {
	for _, body := range []string{
		`{"trackingUrl":"x"}`, `{"trackingurl":"x"}`, `{"TrackingURL":"x"}`, `{"tracking_url":"x"}`, `{"tracking-url":"x"}`,
		`{"TRACKING_URL":" x "}`, `{"trackingUrl":"x","TRACKINGURL":"y"}`,
		`{"trackingUrl":"","tracking_url":"y","href":{"Tracking":"x"}}`,
	} {
		a, err := parseAnswer([]byte(body))
		must(t, err)
		if got := a.text(Lookup{"trackingUrl", "href.tracking"}); got != "x" {
			t.Errorf("%s: %q", body, got)
		}
	}
	a, _ := parseAnswer([]byte(`{"fileId":12345678901234567890,"size":"42","other":4.5,"neg":-1,"big":1e300,"flag":true}`))
	if got := a.text(Lookup{"fileid"}); got != "12345678901234567890" {
		t.Errorf("a number as an ID is %q", got)
	}
	for name, want := range map[string]int64{"size": 42, "other": -1, "neg": -1, "big": -1, "none": -1, "flag": -1} {
		if got := a.bytes(Lookup{name}); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}

func TestWhatIsNoAnswerIsRefused(t *testing.T) {
	for _, body := range []string{``, `{`, `{"a":1}{"b":2}`, `{"a":1} x`, `<html>`, `{"a":}`, strings.Repeat("[", 20_000)} {
		if _, err := parseAnswer([]byte(body)); err == nil {
			t.Errorf("%.20q is taken", body)
		}
	}
}

func TestProgressIsReadInEveryForm(t *testing.T) {
	none := math.NaN()
	for text, want := range map[string]float64{
		"42": 42, "42%": 42, " 42 % ": 42, "42.5": 42.5, "42.5%": 42.5, "0": 0, "100": 100, "100%": 100, "4.2e1": 42, "-0": 0, "+7": 7,
		"": none, "%": none, "101": none, "-1": none, "1e9": none, "NaN": none, "Inf": none, "0x10": none, "1_0": none, "42%%": none,
		"42 of 100": none, "4,2": none, "half": none, "1e999": none, ".": none, "٤٢": none,
	} {
		got := percent(text)
		switch {
		case math.IsNaN(want) && got != nil:
			t.Errorf("%q gives %v, want no figure", text, *got)
		case !math.IsNaN(want) && (got == nil || *got != want || math.Signbit(*got)):
			t.Errorf("%q gives %v, want %v", text, got, want)
		}
	}
}

func TestALookupFindsAValueInADocument(t *testing.T) {
	document := map[string]any{
		"Access": []any{map[string]any{"to_ken": " the-key ", "ends": json.Number("900")}},
		"token":  "", "list": map[string]any{},
	}
	for want, lookup := range map[string]Lookup{
		"the-key": {"token", "list", "ACCESS.Token"},
		"900":     {"access.none", "access.ends"},
		"":        {"access", "list.token", "token.token"},
	} {
		if got := lookup.In(document); got != want {
			t.Errorf("%q finds %q, want %q", lookup, got, want)
		}
	}
	if got := (Lookup{"token"}).In(nil); got != "" {
		t.Errorf("in nothing there is %q", got)
	}
}

func TestExpiryIsReadInEveryForm(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	later := now.Add(15 * time.Minute)
	for text, want := range map[string]time.Time{
		"2026-11-24T10:15:00Z":          later,
		"2026-11-24T11:15:00+01:00":     later,
		"2026-11-24T11:15:00+0100":      later,
		"2026-11-24T10:15:00.000Z":      later,
		"2026-11-24T10:15:00":           later,
		"2026-11-24 10:15:00":           later,
		"2026-11-24 10:15:00Z":          later,
		"2026-11-24T10:15Z":             later,
		" 2026-11-24T10:15:00Z ":        later,
		"Tue, 24 Nov 2026 10:15:00 GMT": later,
		fmt.Sprint(later.Unix()):        later,
		fmt.Sprint(later.Unix()) + ".0": later,
		fmt.Sprint(later.UnixMilli()):   later,
		"900":                           later,
		"900.0":                         later,
		"9e2":                           later,
		"0":                             now,
		"86400":                         now.Add(24 * time.Hour),
		"":                              {},
		"soon":                          {},
		"-5":                            {},
		"NaN":                           {},
		"1e300":                         {},
		"2026-11":                       {},
		"9999999999999999":              {},
	} {
		got, ok := ReadExpiry(text, now)
		if !got.Equal(want) || ok != !want.IsZero() {
			t.Errorf("%q gives %v, %v; want %v", text, got, ok, want)
		}
	}
	if _, ok := moment("900", time.Time{}); ok {
		t.Error("a count of seconds is read where no now is")
	}
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	server := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "30": 30 * time.Second, " 30 ": 30 * time.Second, "1.5": 1500 * time.Millisecond, "3600": time.Hour,
		"3601": time.Hour, "99999999999999999999": time.Hour, "-5": 0, "soon": 0, "NaN": 0, "1e3": 0, "..": 0,
		"Tue, 24 Nov 2026 10:00:30 GMT": 30 * time.Second, "Tue, 24 Nov 2026 09:00:00 GMT": 0, "Wed, 24 Nov 2027 09:00:00 GMT": time.Hour,
	} {
		if got := retryAfter(header, server, time.Hour); got != want {
			t.Errorf("%q gives %v, want %v", header, got, want)
		}
	}
}

func FuzzAnswersNeverPanic(f *testing.F) {
	p := DefaultProfile()
	for _, seed := range []string{`{"code":2100}`, `[{"a":[]}]`, `"2100"`, `{"progress":"42%"}`, `{"expires":1e308}`, `[[[]]]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		a, err := parseAnswer([]byte(body))
		if err != nil {
			return
		}
		if code := a.code(p.Errors.Code); code != 0 && (code < 1000 || code > 9999) {
			t.Errorf("code %d", code)
		}
		if got := percent(a.text(p.Answers.Progress)); got != nil && (*got < 0 || *got > 100) {
			t.Errorf("progress %v", *got)
		}
		moment(a.text(p.Answers.Expires), time.Now())
		a.bytes(p.Answers.Size)
		if text := sentence(a.text(p.Errors.Message)); len([]rune(text)) > mostMessage+1 || strings.ContainsAny(text, "\n\r\x1b") {
			t.Errorf("message %q", text)
		}
	})
}

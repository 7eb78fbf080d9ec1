package inbox

import (
	"testing"

	"postroom/assets"
)

func TestEveryMarkHasItsSentences(t *testing.T) {
	for _, code := range []string{codeResult, codeList, codeUnreadable, codeEmpty, codeShrunken} {
		for _, language := range []string{"en", "es", "fr", "de"} {
			for _, key := range []string{"problem." + code, "problem." + code + ".do"} {
				if assets.For(language).Say(key) == key {
					t.Errorf("%s: no sentence %s", language, key)
				}
			}
		}
	}
}

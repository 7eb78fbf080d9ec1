package sage

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestSecretsAreStruckOutOfATextInTheirForms(t *testing.T) {
	const key, other = "kq7-PRQ_11xyz/&", "another-secret-value"
	text := "a " + key + " b " + strings.ToUpper(other) + " c " + base64.StdEncoding.EncodeToString([]byte("x"+key+"y")) + " d"
	got := StruckOut(text, NewSecret(key), NewSecret(other), Secret{})
	if strings.Contains(got, key) || strings.Contains(strings.ToLower(got), other) || strings.Count(got, "***") < 3 {
		t.Errorf("left %q", got)
	}
	if got := StruckOut("nothing here", NewSecret(key)); got != "nothing here" {
		t.Errorf("changed to %q", got)
	}
}

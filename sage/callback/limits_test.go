package callback

import (
	"fmt"
	"testing"
	"time"
)

func TestCallersAreCountedInBoundedMemory(t *testing.T) {
	l := newLimits(1, 2)
	for i := range 100 * maxCallers {
		l.allow(fmt.Sprint(i), noon)
	}
	if len(l.counts) > maxCallers {
		t.Errorf("%d callers are remembered", len(l.counts))
	}
	if l.allow("a newcomer among them", noon) {
		t.Error("the newcomers' shared count has no limit")
	}
	if l.allow("0", noon); l.allow("0", noon) {
		t.Error("a busy caller was forgotten")
	}
	if !l.allow("a newcomer", noon.Add(time.Minute)) || len(l.counts) > 10 {
		t.Errorf("quiet callers are not forgotten: %d", len(l.counts))
	}
}

func TestAnAddressIsTheCallersWhateverItsPort(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:1234":               "192.0.2.7",
		"[::ffff:192.0.2.7]:99":        "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:1":     "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:2":     "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":            "fe80::/64",
		"@":                            "",
		"":                             "",
		"nonsense:with:many:colons:80": "",
	} {
		if got := address(remote); got != want {
			t.Errorf("%q is %q, not %q", remote, got, want)
		}
	}
}

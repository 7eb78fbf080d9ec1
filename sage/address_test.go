package sage

import (
	"net/netip"
	"net/url"
	"testing"
)

func at(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	return u
}

func TestWhatAPlatformMayLeadTo(t *testing.T) {
	const public, local, inside = "https://api.sage.example", "http://127.0.0.1:8080", "https://10.1.2.3"
	for _, c := range []struct {
		base, address string
		allowed       bool
	}{
		{public, "https://api.sage.example/x", true},
		{public, "https://API.sage.example.:443/x", true},
		{public, "https://storage.example/x", true},
		{public, "https://93.184.216.34/x", true},
		{public, "https://[2606:2800:220:1::1]/x", true},
		{public, "http://api.sage.example/x", false},
		{public, "http://storage.example/x", false},
		{public, "http://localhost/x", false},
		{public, "https://localhost/x", false},
		{public, "https://LOCALHOST./x", false},
		{public, "https://a.localhost/x", false},
		{public, "https://127.0.0.1/x", false},
		{public, "https://127.9.9.9:8443/x", false},
		{public, "https://[::1]/x", false},
		{public, "https://[::ffff:127.0.0.1]/x", false},
		{public, "https://[::ffff:10.0.0.1]/x", false},
		{public, "https://[64:ff9b::7f00:1]/x", false},
		{public, "https://[64:ff9b::a00:1]/x", false},
		{public, "https://[2002:7f00:1::]/x", false},
		{public, "https://[::127.0.0.1]/x", false},
		{public, "https://0.0.0.0/x", false},
		{public, "https://0.1.2.3/x", false},
		{public, "https://[::]/x", false},
		{public, "https://10.0.0.1/x", false},
		{public, "https://172.16.0.1/x", false},
		{public, "https://192.168.1.1/x", false},
		{public, "https://169.254.169.254/latest/meta-data", false},
		{public, "https://100.64.0.1/x", false},
		{public, "https://198.18.0.1/x", false},
		{public, "https://224.0.0.1/x", false},
		{public, "https://255.255.255.255/x", false},
		{public, "https://[fe80::1]/x", false},
		{public, "https://[fe80::1%25eth0]/x", false},
		{public, "https://[fd00::1]/x", false},
		{public, "https://2130706433/x", false},
		{public, "https://127.1/x", false},
		{public, "https://0x7f.0.0.1/x", false},
		{public, "https://0x7f000001/x", false},
		{public, "https://api.sage.example@127.0.0.1/x", false},
		{public, "ftp://storage.example/x", false},
		{public, "file:///etc/passwd", false},
		{public, "javascript:alert(1)", false},
		{public, "https:///x", false},
		{local, "http://127.0.0.1:8080/x", true},
		{local, "http://127.0.0.1:9090/x", true},
		{local, "http://localhost:9090/x", true},
		{local, "http://[::1]:9090/x", true},
		{local, "https://storage.example/x", true},
		{local, "http://storage.example/x", false},
		{local, "http://192.168.1.1/x", false},
		{local, "https://192.168.1.1/x", false},
		{local, "https://169.254.169.254/x", false},
		{"https://localhost:8443", "http://localhost:8080/x", false},
		{inside, "https://10.9.9.9/x", true},
		{inside, "https://127.0.0.1/x", false},
		{inside, "https://169.254.1.1/x", false},
	} {
		if err := newGuard(at(t, c.base)).check(at(t, c.address)); (err == nil) != c.allowed {
			t.Errorf("%s leads to %s: %v, want allowed: %v", c.base, c.address, err, c.allowed)
		}
	}
}

func TestAnotherHostIsAnotherSchemeHostOrPort(t *testing.T) {
	g := newGuard(at(t, "https://api.sage.example/broker"))
	for address, own := range map[string]bool{
		"https://api.sage.example/other": true, "https://api.sage.example:443": true, "HTTPS://API.Sage.Example": true,
		"http://api.sage.example": false, "https://api.sage.example:8443": false, "https://sage.example": false,
		"https://api.sage.example.evil.example": false, "https://x.api.sage.example": false,
		"https://api.sage.example@evil.example": false,
	} {
		if g.own(at(t, address)) != own {
			t.Errorf("%s: own is %v", address, !own)
		}
	}
}

func TestWhatIsDialledIsLookedAtAgain(t *testing.T) {
	g := newGuard(at(t, "https://api.sage.example"))
	for address, allowed := range map[string]bool{
		"93.184.216.34:443": true, "127.0.0.1:443": false, "[::1]:443": false, "10.0.0.1:443": false,
		"169.254.169.254:80": false, "[::ffff:10.0.0.1]:443": false, "nonsense": false,
	} {
		if err := g.checkDial(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func FuzzAddressesNeverReachInside(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("::ffff:127.0.0.1").AsSlice())
	f.Fuzz(func(t *testing.T, b []byte) {
		address, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		if plain := address.Unmap(); reachOf(address) == public && (plain.IsLoopback() || plain.IsPrivate() || plain.IsLinkLocalUnicast() || plain.IsUnspecified() || plain.IsMulticast()) {
			t.Errorf("%s counts as public", address)
		}
	})
}

package sage

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// origin is what the key may be sent to: "another host" means another scheme, host or port. [A] 4
type origin struct{ scheme, host, port string }

func originOf(u *url.URL) origin {
	o := origin{strings.ToLower(u.Scheme), strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()}
	if o.port == "" {
		o.port = map[string]string{"http": "80", "https": "443"}[o.scheme]
	}
	return o
}

// reach is how near a platform is. What it hands out may lead no nearer: a platform on the internet could else make
// us speak to services inside the user's own network.
type reach int

const (
	public   reach = iota
	private        // in the same network
	loopback       // on this computer
)

// guard decides which of the addresses that a platform hands out are followed.
type guard struct {
	base     origin
	platform reach
}

func newGuard(base *url.URL) guard {
	g := guard{base: originOf(base), platform: public}
	if isLoopbackHost(base.Hostname()) {
		g.platform = loopback
	} else if address, ok := hostAddress(base.Hostname()); ok && reachOf(address) == private {
		g.platform = private
	}
	return g
}

// own tells whether an address is on the platform's own host.
func (g guard) own(u *url.URL) bool { return originOf(u) == g.base }

// check refuses what must not be followed. What a name resolves to is looked at when it is dialled; see checkDial.
func (g guard) check(u *url.URL) error {
	host := u.Hostname()
	switch {
	case g.own(u):
		return nil
	case u.Scheme != "https" && u.Scheme != "http", host == "":
		return fmt.Errorf("%w: %q is not a web address", ErrUnsafeURL, u.Scheme)
	case u.Scheme == "http" && (g.base.scheme == "https" || !isLoopbackHost(host)):
		return fmt.Errorf("%w: plain http to %s", ErrUnsafeURL, host)
	case isLoopbackHost(host) && g.platform != loopback:
		return fmt.Errorf("%w: %s is this computer", ErrUnsafeURL, host)
	}
	if address, ok := hostAddress(host); ok {
		return g.checkAddress(address)
	}
	if looksNumeric(host) {
		return fmt.Errorf("%w: %s is an address in disguise", ErrUnsafeURL, host)
	}
	return nil
}

// checkDial looks at what is really dialled, so that a name cannot resolve to one thing when it is checked and to
// another when it is used.
func (g guard) checkDial(hostPort string) error {
	address, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return fmt.Errorf("%w: %s is not an address", ErrUnsafeURL, hostPort)
	}
	return g.checkAddress(address.Addr())
}

func (g guard) checkAddress(address netip.Addr) error {
	switch reachOf(address) {
	case public, g.platform:
		return nil
	case loopback:
		return fmt.Errorf("%w: %s is this computer", ErrUnsafeURL, address)
	}
	return fmt.Errorf("%w: %s is not a public address", ErrUnsafeURL, address)
}

// isLoopbackHost tells whether a host's name or number is this computer.
func isLoopbackHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, ok := hostAddress(host)
	return ok && reachOf(address) == loopback && !address.IsUnspecified()
}

func hostAddress(host string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.TrimSuffix(host, "."))
	return address, err == nil
}

// looksNumeric tells the forms of an address that some resolvers understand and netip does not: 2130706433, 127.1,
// 0x7f.0.0.1. No public name ends so.
func looksNumeric(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits, hex := strings.CutPrefix(last, "0x")
	if !hex {
		return last != "" && strings.Trim(last, "0123456789") == ""
	}
	return strings.Trim(digits, "0123456789abcdef") == ""
}

// nearby are networks that are not the internet, besides those that netip names. Those with an IPv4 address inside
// are unpacked before.
var nearby = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carriers' own, and VPNs
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), // once "IPv4-compatible"
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("fec0::/10"), // once "site-local"
	netip.MustParsePrefix("2001::/32"), // Teredo: an IPv4 address in a form of its own
}

// never is a reach that no platform has: link-local addresses hold the metadata services of clouds.
const never reach = -1

func reachOf(address netip.Addr) reach {
	address = unpack(address.WithZone(""))
	switch {
	case address.IsLoopback():
		return loopback
	case address.IsUnspecified():
		return loopback // dialling it reaches this computer
	case address.IsPrivate():
		return private
	case address.IsLinkLocalUnicast(), address.IsMulticast(), !address.IsValid():
		return never
	}
	for _, network := range nearby {
		if network.Contains(address) {
			return never
		}
	}
	return public
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixToV4 = netip.MustParsePrefix("2002::/16")
)

// unpack takes an IPv4 address out of an IPv6 one that carries it.
func unpack(address netip.Addr) netip.Addr {
	address = address.Unmap()
	b := address.As16()
	switch {
	case nat64.Contains(address):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToV4.Contains(address):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return address
}

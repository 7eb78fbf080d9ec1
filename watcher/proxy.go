package watcher

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// proxyNone is the setting that goes straight to the platform.
const proxyNone = "none"

// proxy is the way to the platform that a person chose. It is asked for every new connection, so a change of the
// setting needs no restart.
func (e *Engine) proxy(r *http.Request) (*url.URL, error) {
	switch chosen := e.settings().Proxy; {
	case chosen == proxyNone || isLoopback(r.URL.Hostname()):
		return nil, nil // no proxy, as http.Transport has it
	case chosen != "":
		return url.Parse(chosen)
	}
	if fromEnvironment, err := http.ProxyFromEnvironment(r); err != nil || fromEnvironment != nil {
		return fromEnvironment, err
	}
	return systemProxy().forURL(r.URL)
}

// isLoopback reports whether a host is this computer.
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// proxyRules are a system's proxy settings as Windows keeps them: one proxy, or one for each scheme, and the hosts
// that are reached without. The zero value is no proxy.
type proxyRules struct {
	servers  string // "proxy:8080", or "http=proxy:8080;https=proxy:8443"
	bypassed string // "*.local;10.*;<local>"
}

// forURL is the proxy for an address, or nil.
func (r proxyRules) forURL(u *url.URL) (*url.URL, error) {
	if r.servers == "" || r.bypasses(u.Hostname()) {
		return nil, nil // no proxy
	}
	server := ""
	for part := range strings.SplitSeq(r.servers, ";") {
		scheme, address, named := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !named && server == "":
			server = scheme
		case named && strings.EqualFold(scheme, u.Scheme):
			server = address
		}
	}
	if server == "" {
		return nil, nil // none for this scheme
	}
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	return url.Parse(server)
}

func (r proxyRules) bypasses(host string) bool {
	host = strings.ToLower(host)
	for pattern := range strings.SplitSeq(strings.ToLower(r.bypassed), ";") {
		pattern = strings.TrimSpace(pattern)
		if pattern == "<local>" && !strings.Contains(host, ".") && net.ParseIP(host) == nil {
			return true
		}
		if matched, err := path.Match(pattern, host); err == nil && matched {
			return true
		}
	}
	return false
}

package sage

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// proxySettings are Windows' proxy settings as the registry keeps them.
type proxySettings struct {
	enabled bool
	server  string // "host:port", or "http=host:port;https=host:port"
	bypass  string // "*.example.com;10.*;<local>"
}

// proxyFor is the proxy that the settings give for an address, nil for none.
func (s proxySettings) proxyFor(u *url.URL) (*url.URL, error) {
	if !s.enabled || s.bypasses(strings.ToLower(u.Hostname())) {
		return nil, nil
	}
	server := s.serverFor(u.Scheme)
	if server == "" {
		return nil, nil
	}
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	proxy, err := url.Parse(server)
	if err != nil || proxy.Host == "" {
		return nil, fmt.Errorf("the system's proxy setting for %s is not an address", u.Scheme)
	}
	return proxy, nil
}

func (s proxySettings) serverFor(scheme string) string {
	for entry := range strings.SplitSeq(s.server, ";") {
		kind, server, ok := strings.Cut(strings.TrimSpace(entry), "=")
		switch {
		case !ok && kind != "":
			return kind
		case strings.EqualFold(kind, scheme):
			return strings.TrimSpace(server)
		}
	}
	return ""
}

func (s proxySettings) bypasses(host string) bool {
	for pattern := range strings.SplitSeq(strings.ToLower(s.bypass), ";") {
		pattern = strings.TrimSpace(pattern)
		if pattern == "<local>" && !strings.Contains(host, ".") {
			return true
		}
		if matches, err := path.Match(pattern, host); err == nil && matches {
			return true
		}
	}
	return false
}

package sage

import (
	"net/http"
	"net/url"
)

// unusableProxy is a proxy setting that cannot be used. Its text leaves the setting out, which may hold a password.
type unusableProxy struct{ err error }

func (p *unusableProxy) Error() string { return "the proxy setting cannot be used" }
func (p *unusableProxy) Unwrap() error { return p.err }

// quietly keeps a proxy's setting out of errors.
func quietly(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		found, err := proxy(r)
		if err != nil {
			return nil, &unusableProxy{err}
		}
		return found, nil
	}
}

// SystemProxy finds the proxy for a request as the user's system says. HTTPS_PROXY and NO_PROXY come first where they
// are set; Windows' own settings, which Go does not read, come next. This computer itself is never reached through a
// proxy.
func SystemProxy() func(*http.Request) (*url.URL, error) {
	system := systemProxy()
	return func(r *http.Request) (*url.URL, error) {
		if isLoopbackHost(r.URL.Hostname()) {
			return nil, nil
		}
		proxy, err := http.ProxyFromEnvironment(r)
		if proxy != nil || err != nil || system == nil {
			return proxy, err
		}
		return system(r.URL)
	}
}

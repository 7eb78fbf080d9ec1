package sage

import (
	"net/http"
	"net/url"
)

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

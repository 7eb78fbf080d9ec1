package sage

import (
	"net/url"

	"golang.org/x/sys/windows/registry"
)

const internetSettings = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// systemProxy reads the user's proxy settings, anew for each call, so that a change needs no restart. A
// configuration script (PAC) is not run.
func systemProxy() func(*url.URL) (*url.URL, error) {
	return func(u *url.URL) (*url.URL, error) {
		key, err := registry.OpenKey(registry.CURRENT_USER, internetSettings, registry.QUERY_VALUE)
		if err != nil {
			return nil, nil // no settings, no proxy
		}
		defer key.Close()
		var s proxySettings
		enabled, _, err := key.GetIntegerValue("ProxyEnable")
		s.enabled = err == nil && enabled != 0
		s.server, _, _ = key.GetStringValue("ProxyServer")
		s.bypass, _, _ = key.GetStringValue("ProxyOverride")
		return s.proxyFor(u)
	}
}

package watcher

import "golang.org/x/sys/windows/registry"

// systemProxy reads what the user set in Windows' network settings, which Go does not look at. A configuration
// script is not followed: it is a program of its own, and the manual setting is there for those networks.
func systemProxy() proxyRules {
	key, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return proxyRules{}
	}
	defer func() { _ = key.Close() }()
	if enabled, _, err := key.GetIntegerValue("ProxyEnable"); err != nil || enabled == 0 {
		return proxyRules{}
	}
	var rules proxyRules
	rules.servers, _, _ = key.GetStringValue("ProxyServer")
	rules.bypassed, _, _ = key.GetStringValue("ProxyOverride")
	return rules
}

package watcher

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"postroom/sage/sandbox"
)

func TestTheChosenProxyIsUsedButNeverForThisComputer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOnboardingRig(t, sandbox.Options{}).open()
		way := func(address string) string {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			proxy, err := e.proxy(request)
			if err != nil {
				t.Fatal(err)
			}
			if proxy == nil {
				return ""
			}
			return proxy.String()
		}
		choose := func(proxy string) {
			s := e.settings()
			s.Proxy = proxy
			if err := e.SaveSettings(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		choose("http://proxy.example:8080")
		if got := way("https://sage.example/api"); got != "http://proxy.example:8080" {
			t.Errorf("to the platform by %q", got)
		}
		for _, local := range []string{"http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"} {
			if got := way(local); got != "" {
				t.Errorf("to %s by %q", local, got)
			}
		}
		choose(proxyNone)
		if got := way("https://sage.example/api"); got != "" {
			t.Errorf("without a proxy by %q", got)
		}
	})
}

func TestWindowsProxySettingsAreRead(t *testing.T) {
	for _, c := range []struct {
		rules   proxyRules
		address string
		want    string
	}{
		{proxyRules{}, "https://sage.example", ""},
		{proxyRules{servers: "proxy:8080"}, "https://sage.example", "http://proxy:8080"},
		{proxyRules{servers: "http=plain:80;https=safe:443"}, "https://sage.example", "http://safe:443"},
		{proxyRules{servers: "http=plain:80"}, "https://sage.example", ""},
		{proxyRules{servers: "proxy:8080", bypassed: "*.example;<local>"}, "https://sage.example", ""},
		{proxyRules{servers: "proxy:8080", bypassed: "<local>"}, "https://server", ""},
		{proxyRules{servers: "proxy:8080", bypassed: "<local>"}, "https://[2001:db8::1]/", "http://proxy:8080"},
		{proxyRules{servers: "proxy:8080", bypassed: "10.*; SAGE.*"}, "https://sage.example", ""},
		{proxyRules{servers: "socks5://proxy:1080"}, "https://sage.example", "socks5://proxy:1080"},
	} {
		u, err := url.Parse(c.address)
		if err != nil {
			t.Fatal(err)
		}
		proxy, err := c.rules.forURL(u)
		got := ""
		if proxy != nil {
			got = proxy.String()
		}
		if got != c.want || err != nil {
			t.Errorf("%+v, %s: %q, %v", c.rules, c.address, got, err)
		}
	}
}

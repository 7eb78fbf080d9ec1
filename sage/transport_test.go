package sage

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// secure starts a TLS server whose handshake failures are not printed.
func secure(t *testing.T, handler http.Handler, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// trusting makes a client's own transport trust a test server.
func trusting(t *testing.T, c *Client, server *httptest.Server) {
	t.Helper()
	own := c.transport.(*transport)
	pool := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	own.trusted.TLSClientConfig.RootCAs, own.checked.TLSClientConfig.RootCAs = pool, pool
}

func TestTheOwnTransportTakesTLS12AtLeast(t *testing.T) {
	for version, want := range map[uint16]error{tls.VersionTLS11: ErrNetwork, tls.VersionTLS12: nil, tls.VersionTLS13: nil} {
		server := secure(t, says(200, `{"status":"validating"}`), &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version})
		c, err := New(Options{BaseURL: server.URL})
		must(t, err)
		trusting(t, c, server)
		_, err = session(c).Track(t.Context(), "/t")
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", tls.VersionName(version), err, want)
		}
		c.Close()
	}
}

func TestACertificateThatNobodyVouchesForIsRefused(t *testing.T) {
	var calls record
	server := secure(t, calls.of(says(200, `{}`)), nil)
	c, err := New(Options{BaseURL: server.URL})
	must(t, err)
	defer c.Close()
	_, err = session(c).Track(t.Context(), "/t")
	wantError(t, err, ErrNetwork)
	var verification *tls.CertificateVerificationError
	if !errors.As(err, &verification) || len(calls.all()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestANameThatResolvesInsideIsRefusedWhenItIsDialled(t *testing.T) {
	var calls record
	server := secure(t, calls.of(says(200, `[]`)), nil)
	g := newGuard(&url.URL{Scheme: "https", Host: "platform.test"})
	own := newTransport(g, DefaultProfile().Timeouts, func(*http.Request) (*url.URL, error) { return nil, nil })
	c := over(t, nil, func(o *Options) { o.Transport = own })
	trusting(t, c, server)
	// The guard's look at the name would stop this address before; here it is as if the name had passed.
	u, err := url.Parse(server.URL)
	must(t, err)
	r := &request{op: "download", method: http.MethodGet, url: u, shown: "x", header: http.Header{}}
	_, err = c.exchange(t.Context(), r)
	wantError(t, err, ErrUnsafeURL)
	if len(calls.all()) != 0 {
		t.Error("it was asked all the same")
	}
}

func TestOtherHostsAreReachedThroughTheProxyToo(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	must(t, err)
	c, err := New(Options{BaseURL: platform, Proxy: http.ProxyURL(address)}) // a proxy inside the company is no platform's doing
	must(t, err)
	defer c.Close()
	for _, to := range []string{"/t", "https://storage.test/t"} {
		_, err := session(c).Track(t.Context(), to)
		wantError(t, err, ErrNetwork)
	}
	if strings.Join(asked, ", ") != "CONNECT platform.test:443, CONNECT storage.test:443" {
		t.Errorf("the proxy was asked for %v", asked)
	}
}

func TestAProxySettingThatCannotBeReadIsTold(t *testing.T) {
	errProxy := errors.New("not an address: http://me:hunter2@proxy")
	c, err := New(Options{BaseURL: platform, Proxy: func(*http.Request) (*url.URL, error) { return nil, errProxy }})
	must(t, err)
	defer c.Close()
	for _, to := range []string{"/t", "https://storage.test/t"} {
		if _, err := session(c).Track(t.Context(), to); !errors.Is(err, errProxy) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestThisComputerIsNotReachedThroughAProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy.test:3128")
	for address, want := range map[string]string{"http://127.0.0.1:80": "", "https://localhost": "", "https://[::1]": ""} {
		proxy, err := SystemProxy()(&http.Request{URL: at(t, address)})
		if err != nil || proxy != nil {
			t.Errorf("%s: %v, %v; want %q", address, proxy, err, want)
		}
	}
}

func TestWindowsProxySettings(t *testing.T) {
	const bypass = "*.corp.test;10.*;<local>; intra.test "
	for _, c := range []struct {
		settings proxySettings
		address  string
		want     string // "" for none, "error"
	}{
		{proxySettings{true, "proxy:3128", ""}, "https://sage.test", "http://proxy:3128"},
		{proxySettings{false, "proxy:3128", ""}, "https://sage.test", ""},
		{proxySettings{true, "", ""}, "https://sage.test", ""},
		{proxySettings{true, "http=a:80;https=b:443", ""}, "https://sage.test", "http://b:443"},
		{proxySettings{true, "http=a:80;https=b:443", ""}, "http://sage.test", "http://a:80"},
		{proxySettings{true, "socks=a:80", ""}, "https://sage.test", ""},
		{proxySettings{true, "https=socks5://a:80", ""}, "https://sage.test", "socks5://a:80"},
		{proxySettings{true, "p:1", bypass}, "https://a.CORP.test", ""},
		{proxySettings{true, "p:1", bypass}, "https://10.1.2.3", ""},
		{proxySettings{true, "p:1", bypass}, "https://server", ""},
		{proxySettings{true, "p:1", bypass}, "https://intra.test", ""},
		{proxySettings{true, "p:1", bypass}, "https://corp.test", "http://p:1"},
		{proxySettings{true, "p:1", "[bad"}, "https://sage.test", "http://p:1"},
		{proxySettings{true, "http://[", ""}, "https://sage.test", "error"},
	} {
		got, err := c.settings.proxyFor(at(t, c.address))
		text := ""
		if got != nil {
			text = got.String()
		}
		if err != nil {
			text = "error"
		}
		if text != c.want {
			t.Errorf("%+v for %s: %q, want %q", c.settings, c.address, text, c.want)
		}
	}
}

func TestExchangesAreToldWithoutWhatIsSecret(t *testing.T) {
	var told []Exchange
	var logged bytes.Buffer
	c := over(t, inTurn(says(401, `{"code":2100,"message":"The key expired."}`), says(200, `{"apikey":"key-two"}`), redirects(302, "/t2?token=hush"), says(200, `{"status":"x"}`)),
		func(o *Options) {
			o.OnExchange = func(x Exchange) { told = append(told, x) }
			o.Logger = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.UserAgent = "Postroom/1.2"
		})
	_, err := session(c).Track(t.Context(), "/t?token=hush")
	must(t, err)
	want := []struct {
		op, method, url string
		status, code    int
		failure         string
	}{
		{"trackFile", "GET", platform + "/…", 401, 2100, "The key expired."},
		{"rotateKey", "PATCH", platform + "/api/apikey", 200, 0, ""},
		{"trackFile", "GET", platform + "/…", 302, 0, ""},
		{"trackFile", "GET", platform + "/…", 200, 0, ""},
	}
	if len(told) != len(want) {
		t.Fatalf("%d exchanges: %+v", len(told), told)
	}
	for i, w := range want {
		x := told[i]
		if x.Op != w.op || x.Method != w.method || x.URL != w.url || x.Status != w.status || x.Code != w.code || x.Failure != w.failure || x.At.IsZero() {
			t.Errorf("%d: %+v, want %+v", i, x, w)
		}
	}
	for _, s := range []string{"hush", "key-initial", "key-two", "secret-one"} {
		if strings.Contains(logged.String(), s) {
			t.Errorf("%s stands in the log: %s", s, logged.String())
		}
	}
	if n := strings.Count(logged.String(), "Exchange with the platform"); n != 4 {
		t.Errorf("%d lines in the log", n)
	}
}

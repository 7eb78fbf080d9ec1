package platform

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"postroom/sage/secrettest"
)

// Hosts that are not the platform's.
const (
	stranger = "https://stranger.example" // where redirects lead
	forger   = "https://forger.example"   // which only a forged call names
)

// redirect answers with another address, where the fault says so. None of it repeats what the request held.
func (c *call) redirect(k Kind) *http.Response {
	var to string
	switch k {
	case RedirectHome:
		if c.r.URL.Query().Has("again") {
			return nil // once
		}
		to = c.r.URL.Path + "?again=1"
		if c.r.URL.RawQuery != "" {
			to = c.r.URL.Path + "?" + c.r.URL.RawQuery + "&again=1"
		}
	case RedirectLoop:
		to = c.r.URL.Path + "?loop=1"
	case RedirectAway:
		to = stranger + "/moved"
	case RedirectPlain:
		to = []string{"http://" + c.r.URL.Host + "/moved", "http://stranger.example/moved"}[c.platform.gate.Intn(2)]
	case RedirectInside:
		to = []string{
			"https://127.0.0.1:8443/moved", "https://[::1]/moved", "https://localhost/moved", "https://169.254.169.254/latest/meta-data/",
			"https://10.0.0.1/moved", "https://2130706433/moved",
		}[c.platform.gate.Intn(6)]
	default:
		return nil
	}
	status := []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusFound}[c.platform.gate.Intn(3)]
	resp := c.answer(status, "", "")
	resp.Header.Set("Location", to)
	return resp
}

// elsewhere is a host that is not the platform's. It writes down what should not have come to it, and is of no use.
func (c *call) elsewhere() (*http.Response, error) {
	p, u := c.platform, c.r.URL
	p.gate.Count("net.elsewhere")
	host := u.Scheme + "://" + u.Host
	switch {
	case host == forger:
		p.violation("forged-address: a call went to an address that only a forged notification named")
	case u.Scheme != "https" || inside(u.Hostname()):
		p.violation(fmt.Sprintf("unsafe-address: a call went to %s", host))
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, largest))
	if err != nil {
		return nil, err
	}
	p.search(host, c.r, body)
	if host != stranger && host != forger {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errNoRoute}
	}
	switch p.gate.Intn(4) {
	case 0:
		return c.answer(http.StatusForbidden, "application/xml", "<Error><Code>AccessDenied</Code></Error>"), nil
	case 1:
		return c.answer(http.StatusNotFound, "text/html", page), nil
	case 2:
		return c.answer(http.StatusUnauthorized, jsonType, `{"code":2100,"message":"Key expired."}`), nil
	}
	return c.answer(http.StatusOK, jsonType, `{"hello":"world"}`), nil
}

// search looks for every secret that the computer ever held in what came to a host that should see none.
func (p *Platform) search(host string, r *http.Request, body []byte) {
	var text strings.Builder
	text.WriteString(r.Method + " " + r.URL.String() + "\n")
	_ = r.Header.Write(&text)
	if r.Header.Get(p.profile.Key.Header) != "" {
		p.violation("foreign-host: a key was sent to " + host)
	}
	if p.keyring == nil {
		return
	}
	secrets := make(map[string]string)
	for i, value := range p.keyring.Ever() {
		if len(value) >= 8 {
			secrets[fmt.Sprint("secret ", i)] = value
		}
	}
	for _, find := range secrettest.New(secrets).In(append([]byte(text.String()), body...)) {
		p.violation(fmt.Sprintf("foreign-host: %s reached %s", find, host))
	}
}

// inside tells whether a host is this computer or in its network.
func inside(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast()) ||
		err != nil && strings.Trim(host, "0123456789.") == ""
}

// serves tells whether a host is one of the platform's.
func (p *Platform) serves(host string) bool {
	return host == p.base.Host || "https://"+host == UploadURL
}

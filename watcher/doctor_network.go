package watcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"postroom/sage"
)

const (
	clockLimit     = 2 * time.Minute     // that this computer's clock may differ from the platform's
	expiryWarning  = 14 * 24 * time.Hour // before a certificate ends
	dateResolution = 2 * time.Second     // of a Date header, with the way there and back
)

// platforms are looked at once each, however many connections there are.
func (x *examination) platforms(ctx context.Context, records []accountRecord) {
	seen := make(map[string]bool)
	for _, record := range records {
		if record.Practice {
			x.well("platform", "platformPractice", "company", record.Company)
			continue
		}
		if seen[record.Platform] {
			continue
		}
		seen[record.Platform] = true
		x.platform(ctx, record)
	}
}

func (x *examination) platform(ctx context.Context, record accountRecord) {
	u, err := url.Parse(record.Platform)
	if err != nil {
		x.wrong("platform", "platformUnsafe", "host", record.Platform)
		return
	}
	x.way(u)
	client, _, err := x.e.client(record.Profile, record.Platform)
	if err != nil {
		x.trouble("platform", problemOf(err, "platformUnreachable"))
		return
	}
	defer client.Close()
	probe, err := client.Probe(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		x.e.log.Warn("the platform was not reached", "host", u.Host, "error", err)
		x.wrong("platform", unreached(err), "host", u.Host)
		return
	}
	x.well("platform", "platformReached", "host", u.Host, "seconds", seconds(probe.Took))
	x.tls(u, probe.TLS)
	x.clock(probe)
}

// way is the proxy in use.
func (x *examination) way(platform *url.URL) {
	proxy, err := x.e.proxy(&http.Request{URL: platform})
	switch {
	case err != nil:
		x.wrong("proxy", "proxyUnusable", "host", platform.Host)
	case proxy == nil:
		x.well("proxy", "proxyNone", "host", platform.Host)
	default:
		x.well("proxy", "proxyUsed", "host", platform.Host, "proxy", proxy.Scheme+"://"+proxy.Host) // what it is let in by is left out
	}
}

// unreached tells the reasons apart for which the platform is not reached.
func unreached(err error) string {
	var name *net.DNSError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return "tlsUnknown"
	case errors.As(err, &host):
		return "tlsOtherName"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "tlsExpired"
	case errors.As(err, &invalid), errors.As(err, &record):
		return "tlsBroken"
	case errors.As(err, &name):
		return "platformNoName"
	}
	return "platformSilent"
}

func (x *examination) tls(platform *url.URL, shown *sage.ProbeTLS) {
	if shown == nil {
		x.note("tls", "tlsNone", "host", platform.Host)
		return
	}
	args := []string{
		"host", platform.Host, "version", shown.Version, "issuer", shown.Issuer, "expires", shown.Expires.UTC().Format(time.DateOnly),
	}
	if shown.Expires.Sub(x.e.now()) < expiryWarning {
		x.note("tls", "tlsEnds", args...)
		return
	}
	x.well("tls", "tlsGood", args...)
}

// clock is this computer's, against the platform's.
func (x *examination) clock(probe sage.Probe) {
	if probe.Date.IsZero() {
		x.note("clock", "clockUnknown")
		return
	}
	off := probe.At.Sub(probe.Date).Abs()
	switch {
	case off > clockLimit:
		x.wrong("clock", "clockOff", "seconds", seconds(off))
	case off <= dateResolution:
		x.well("clock", "clockGood", "seconds", "0")
	default:
		x.well("clock", "clockGood", "seconds", seconds(off))
	}
}

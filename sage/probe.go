package sage

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Probe is how the platform was reached by a call that asks for nothing and carries no key.
type Probe struct {
	Status int       // of the answer; any will do
	Date   time.Time // the server's clock, by its Date header; zero where it gave none
	At     time.Time // this computer's clock when the answer came
	Took   time.Duration
	TLS    *ProbeTLS // nil without TLS
}

// ProbeTLS is what protects the way to the platform.
type ProbeTLS struct {
	Version string // "TLS 1.3"
	Issuer  string // of the certificate that the platform, or a proxy that looks inside, has shown
	Expires time.Time
}

// Probe reaches for the platform's address as any call does: the same proxy, the same trust, the same limits in time. An
// answer of any status is success.
func (c *Client) Probe(ctx context.Context) (Probe, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.profile.Timeouts.Call, errTooLong)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/", http.NoBody)
	if err != nil {
		return Probe{}, err
	}
	request.Header.Set("User-Agent", c.userAgent)
	began := time.Now()
	answer, err := c.transport.RoundTrip(request)
	if err != nil {
		return Probe{}, err
	}
	defer answer.Body.Close()
	probe := Probe{Status: answer.StatusCode, At: c.now(), Took: time.Since(began)}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		probe.Date = date
	}
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		certificate := answer.TLS.PeerCertificates[0]
		probe.TLS = &ProbeTLS{
			Version: tls.VersionName(answer.TLS.Version), Issuer: sentence(certificate.Issuer.String()), Expires: certificate.NotAfter,
		}
	}
	return probe, nil
}

package sage

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAProbeTellsOfTheWayAndCarriesNothing(t *testing.T) {
	var asked *http.Request
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		w.Header().Set("Date", "Tue, 24 Nov 2026 09:00:00 GMT")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	c, err := New(Options{BaseURL: server.URL + "/base", Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	probe, err := c.Probe(t.Context())
	if err != nil || probe.Status != http.StatusTeapot || !probe.Date.Equal(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("told %+v, %v", probe, err)
	}
	if probe.TLS == nil || probe.TLS.Version == "" || probe.TLS.Issuer == "" || probe.TLS.Expires.IsZero() {
		t.Errorf("of TLS it told %+v", probe.TLS)
	}
	if asked.Method != http.MethodGet || asked.URL.Path != "/base/" || asked.Header.Get("apikey") != "" || len(asked.Header) != 2 {
		t.Errorf("asked %s %s with %v", asked.Method, asked.URL, asked.Header)
	}
	server.Close()
	if _, err := c.Probe(t.Context()); err == nil {
		t.Error("a platform that is not there was reached")
	}
}

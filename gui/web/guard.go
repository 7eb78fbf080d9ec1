package web

import (
	"net"
	"net/http"
	"net/netip"
)

// mostBody bounds what a form may send, in bytes.
const mostBody = 16 << 10

// policy lets a page load its own style, fonts, pictures and script, and send its forms home; nothing else.
const policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard refuses what does not come from a browser on this computer that was asked for it, and locks up every answer.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Frame-Options":              "DENY",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
			"Cache-Control":                "no-store",
		} {
			w.Header().Set(name, value)
		}
		switch {
		case !loopback(r.Host):
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodPost:
			w.Header().Set("Allow", "GET, POST")
			http.Error(w, "This is not done here.", http.StatusMethodNotAllowed)
		case r.Method == http.MethodPost && !sameOrigin(r):
			http.Error(w, "Another site asked for this.", http.StatusForbidden)
		default:
			r.Body = http.MaxBytesReader(w, r.Body, mostBody)
			next.ServeHTTP(w, r)
		}
	})
}

// loopback tells whether a request was sent to this computer under one of its own names. A name of somebody else's that leads
// here would make his pages ours in the eyes of a browser. The port may be another one: that of a tunnel.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// sameOrigin tells whether a page of ours sent a form. Every browser that sends forms says one of the two; where neither is said
// it is refused. "Origin: null" is what a page says that keeps its address to itself, as ours do: then only the other counts.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return r.Header.Get("Origin") == "http://"+r.Host
}

package sandbox

import "net/http"

// newPages makes the web pages.
func newPages(s *Sandbox) (http.Handler, error) { return http.NotFoundHandler(), nil }

//go:build !windows

package sage

import "net/url"

// systemProxy is nil: outside Windows the environment says it all.
func systemProxy() func(*url.URL) (*url.URL, error) { return nil }

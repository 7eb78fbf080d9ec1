//go:build !linux && !windows && !headless

package desktop

import "context"

// systemLook: these systems say whether they are light or dark, and do not say here that they want more contrast.
func systemLook(context.Context) string { return "" }

//go:build !headless && !linux

package desktop

// usualTheme: these systems always say whether they are light or dark.
func usualTheme() string { return "" }

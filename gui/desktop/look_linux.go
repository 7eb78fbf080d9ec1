//go:build !headless

package desktop

import "github.com/rymdport/portal/settings/appearance"

// usualTheme is light on a desktop that does not say whether it is light or dark, where Fyne would go dark.
func usualTheme() string {
	if _, err := appearance.GetColorScheme(); err != nil {
		return "light"
	}
	return ""
}

package assets

import "embed"

//go:embed tray/*.png tray/*.ico
var trayIcons embed.FS

// TrayState is what the icon in the tray tells at a glance.
type TrayState string

// The states of the tray's icon.
const (
	TrayGood     TrayState = "good"
	TrayBusy     TrayState = "busy"
	TrayNeedsYou TrayState = "needsyou"
	TrayPaused   TrayState = "paused"
	TrayOffline  TrayState = "offline"
)

// TrayIcon is the tray's icon in the form this system's tray takes: ICO on Windows, PNG elsewhere.
func TrayIcon(state TrayState) []byte {
	return embedded(trayIcons, "tray/"+string(state)+trayExtension)
}

// TrayTemplate is the same in black with alpha, for a menu bar that colours its icons itself (macOS).
func TrayTemplate(state TrayState) []byte {
	return embedded(trayIcons, "tray/"+string(state)+"-template.png")
}

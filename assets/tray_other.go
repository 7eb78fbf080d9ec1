//go:build !windows

package assets

const trayExtension = ".png"

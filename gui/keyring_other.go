//go:build !windows && !darwin

package gui

// keyringName is the key of what the system calls the place where it keeps passwords.
const keyringName = "connection.kept.keyring"

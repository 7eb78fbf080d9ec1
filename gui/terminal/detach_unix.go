//go:build unix

package terminal

import (
	"os/exec"
	"syscall"
)

// detach lets a process live on when the terminal it was started from is closed.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// attachConsole is for Windows: elsewhere a program has the terminal it was started from.
func attachConsole() bool { return false }

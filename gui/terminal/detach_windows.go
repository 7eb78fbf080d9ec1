package terminal

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach lets a process live on when the console it was started from is closed.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}

var attachToConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

// attachConsole connects a command with the console it was typed in. Windows gives none to a program with a window,
// and then what `postroom status` says would be seen nowhere. A redirected output is left as it is.
// It tells whether os.Stdin, os.Stdout and os.Stderr are others now.
func attachConsole() bool {
	if _, err := os.Stdout.Stat(); err == nil {
		return false
	}
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	if attached, _, _ := attachToConsole.Call(parent); attached == 0 {
		return false
	}
	if console, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
		os.Stdout, os.Stderr = console, console
	}
	if console, err := os.OpenFile("CONIN$", os.O_RDWR, 0); err == nil {
		os.Stdin = console
	}
	return true
}

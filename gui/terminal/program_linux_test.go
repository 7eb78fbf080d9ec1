package terminal_test

import (
	"os/exec"
	"syscall"
)

// dieWithTest makes sure that a test which panics leaves no process behind.
func dieWithTest(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// dup makes a handle of its own, that no os.File closes.
func dup(f *os.File) (int, error) {
	var copied windows.Handle
	self := windows.CurrentProcess()
	err := windows.DuplicateHandle(self, windows.Handle(f.Fd()), self, &copied, 0, false, windows.DUPLICATE_SAME_ACCESS)
	return int(copied), err
}

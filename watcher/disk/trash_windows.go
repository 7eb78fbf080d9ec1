package disk

import (
	"fmt"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

var shFileOperation = windows.NewLazySystemDLL("shell32.dll").NewProc("SHFileOperationW")

// fileOperation is SHFILEOPSTRUCTW of 64-bit Windows.
type fileOperation struct {
	window    uintptr
	what      uint32
	from, to  *uint16
	flags     uint16
	aborted   int32
	mappings  uintptr
	animation *uint16
}

const (
	operationDelete = 3
	// FOF_SILENT, FOF_NOCONFIRMATION, FOF_ALLOWUNDO, FOF_NOERRORUI: into the recycle bin, asking nobody
	operationFlags = 0x4 | 0x10 | 0x40 | 0x400
)

// trash moves a file into the recycle bin. Only a fixed drive has one: elsewhere the same call would delete.
func trash(name string) error {
	name, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(name) + `\`)
	if err != nil {
		return err
	}
	if windows.GetDriveType(root) != windows.DRIVE_FIXED {
		return ErrNoTrash
	}
	from, err := windows.UTF16FromString(name)
	if err != nil {
		return err
	}
	from = append(from, 0) // a list of names, ended by an empty one
	operation := fileOperation{what: operationDelete, from: &from[0], flags: operationFlags}
	if failed, _, _ := shFileOperation.Call(uintptr(unsafe.Pointer(&operation))); failed != 0 || operation.aborted != 0 {
		return fmt.Errorf("%w: SHFileOperation %#x", ErrNoTrash, failed)
	}
	return nil
}

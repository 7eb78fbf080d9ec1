package gui

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	comdlg32             = windows.NewLazySystemDLL("comdlg32.dll")
	getOpenFileName      = comdlg32.NewProc("GetOpenFileNameW")
	commDlgExtendedError = comdlg32.NewProc("CommDlgExtendedError")
	shell32              = windows.NewLazySystemDLL("shell32.dll")
	browseForFolder      = shell32.NewProc("SHBrowseForFolderW")
	pathFromIDList       = shell32.NewProc("SHGetPathFromIDListW")
	ole32                = windows.NewLazySystemDLL("ole32.dll")
	coTaskMemFree        = ole32.NewProc("CoTaskMemFree")
)

// openFileName is OPENFILENAMEW.
type openFileName struct {
	size                       uint32
	owner, instance            uintptr
	filter, customFilter       *uint16
	maxCustomFilter, filterIdx uint32
	file                       *uint16
	maxFile                    uint32
	fileTitle                  *uint16
	maxFileTitle               uint32
	initialDir, title          *uint16
	flags                      uint32
	fileOffset, fileExtension  uint16
	defExt                     *uint16
	custData, hook             uintptr
	template                   *uint16
	reserved                   uintptr
	reserved2, flagsEx         uint32
}

const (
	ofnAllowMultiSelect = 0x200
	ofnExplorer         = 0x80000
	ofnFileMustExist    = 0x1000
	ofnNoChangeDir      = 0x8
	bifNewDialogStyle   = 0x40
	bifReturnOnlyFSDirs = 0x1
)

// ChooseFiles asks the person for files in the system's own dialog.
func ChooseFiles(_ context.Context, title string) ([]string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	heading, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return nil, fmt.Errorf("ask for files: %w", err)
	}
	names := make([]uint16, 64*1024)
	asked := openFileName{
		file: &names[0], maxFile: uint32(len(names)), title: heading,
		flags: ofnAllowMultiSelect | ofnExplorer | ofnFileMustExist | ofnNoChangeDir,
	}
	asked.size = uint32(unsafe.Sizeof(asked))
	if chosen, _, _ := getOpenFileName.Call(uintptr(unsafe.Pointer(&asked))); chosen == 0 {
		if code, _, _ := commDlgExtendedError.Call(); code != 0 {
			return nil, fmt.Errorf("ask for files: error %#x of the dialog", code)
		}
		return nil, nil // closed without choosing
	}
	return several(names), nil
}

// several reads what the dialog wrote: one path, or a folder and the names in it, each ended by a zero.
func several(names []uint16) []string {
	var parts []string
	for len(names) > 0 && names[0] != 0 {
		part := windows.UTF16ToString(names)
		parts = append(parts, part)
		end := 0
		for end < len(names) && names[end] != 0 {
			end++
		}
		names = names[min(end+1, len(names)):]
	}
	if len(parts) < 2 {
		return parts
	}
	for i, name := range parts[1:] {
		parts[i+1] = filepath.Join(parts[0], name)
	}
	return parts[1:]
}

// browseInfo is BROWSEINFOW.
type browseInfo struct {
	owner, root        uintptr
	displayName, title *uint16
	flags              uint32
	callback, param    uintptr
	image              int32
}

// ChooseFolder asks the person for a folder; "" and no error is a person who changed their mind.
func ChooseFolder(_ context.Context, title string) (string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED); err == nil {
		defer windows.CoUninitialize()
	}
	heading, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return "", fmt.Errorf("ask for a folder: %w", err)
	}
	display := make([]uint16, windows.MAX_PATH)
	asked := browseInfo{displayName: &display[0], title: heading, flags: bifNewDialogStyle | bifReturnOnlyFSDirs}
	list, _, _ := browseForFolder.Call(uintptr(unsafe.Pointer(&asked)))
	if list == 0 {
		return "", nil // closed without choosing
	}
	defer func() { _, _, _ = coTaskMemFree.Call(list) }() // memory of the shell's, freed as it asks
	path := make([]uint16, windows.MAX_PATH)
	if done, _, _ := pathFromIDList.Call(list, uintptr(unsafe.Pointer(&path[0]))); done == 0 {
		return "", fmt.Errorf("ask for a folder: what was chosen is no folder on a disk")
	}
	return windows.UTF16ToString(path), nil
}

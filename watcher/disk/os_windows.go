package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// patience is how long an operation is tried again while another program is in the way: a virus scanner or an
// indexer that looks at each new file is done by then.
const patience = 2 * time.Second

func patiently(operation func() error) error {
	pause := 5 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := operation()
		if !inTheWay(err) {
			return err
		}
		if waited >= patience {
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
		pause = min(2*pause, 100*time.Millisecond)
		time.Sleep(pause)
	}
}

// inTheWay tells the errors that another program's open handle causes. A removal that is still pending answers
// "access denied", and so may a true refusal: that one is then told 2 s later.
func inTheWay(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) ||
		errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_USER_MAPPED_FILE)
}

// openRegular does not share writing: it is refused while a program still writes, and keeps others from writing
// while the content is read.
func openRegular(name string) (*os.File, error) {
	before, err := lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.Regular() {
		return nil, fmt.Errorf("opening %s: %w", name, ErrNotRegular)
	}
	var f *os.File
	err = patiently(func() error {
		h, err := open(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, windows.FILE_ATTRIBUTE_NORMAL)
		if err == nil {
			f = os.NewFile(uintptr(h), name)
		}
		return err
	})
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	// A link that took the file's place since the look is not what was asked for.
	after, err := statFile(f)
	if err == nil && after.Identity != before.Identity {
		err = fmt.Errorf("opening %s: replaced meanwhile: %w", name, ErrNotRegular)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func open(name string, access, share, flags uint32) (windows.Handle, error) {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	return windows.CreateFile(p, access, share, nil, windows.OPEN_EXISTING, flags, 0)
}

func lstat(name string) (Info, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	i := toInfo(info)
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	h, err := open(name, 0, share, windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OPEN_REPARSE_POINT)
	if err != nil {
		return Info{}, &fs.PathError{Op: "identify", Path: name, Err: err}
	}
	i.Identity, err = identity(h)
	if err = errors.Join(err, windows.CloseHandle(h)); err != nil {
		return Info{}, &fs.PathError{Op: "identify", Path: name, Err: err}
	}
	return i, nil
}

func statFile(f *os.File) (Info, error) {
	info, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	i := toInfo(info)
	i.Identity, err = identity(windows.Handle(f.Fd()))
	return i, err
}

func toInfo(info fs.FileInfo) Info {
	i := Info{Size: info.Size(), ModTime: info.ModTime(), Mode: info.Mode()}
	if s, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		i.Hidden = s.FileAttributes&windows.FILE_ATTRIBUTE_HIDDEN != 0
	}
	return i
}

func identity(h windows.Handle) (string, error) {
	var d windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(h, &d); err != nil {
		return "", err
	}
	index := uint64(d.FileIndexHigh)<<32 | uint64(d.FileIndexLow)
	return strconv.FormatUint(uint64(d.VolumeSerialNumber), 16) + "-" + strconv.FormatUint(index, 16), nil
}

func moveNoReplace(oldName, newName string) error {
	from, err := windows.UTF16PtrFromString(oldName)
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(newName)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(from, to, 0) // neither REPLACE_EXISTING nor COPY_ALLOWED
	if errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) {
		return fmt.Errorf("%w: %w", ErrOtherVolume, err)
	}
	return err
}

// syncDir has nothing to do: NTFS journals its names, and a folder cannot be flushed by a plain user.
func syncDir(string) error { return nil }

func free(name string) (uint64, error) {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	var available uint64
	if err := windows.GetDiskFreeSpaceEx(p, &available, nil, nil); err != nil {
		return 0, fmt.Errorf("asking for free space at %s: %w", name, err)
	}
	return available, nil
}

func remote(name string) bool {
	volume := filepath.VolumeName(name)
	if len(volume) > 2 { // \\server\share
		return true
	}
	p, err := windows.UTF16PtrFromString(volume + `\`)
	return err == nil && windows.GetDriveType(p) == windows.DRIVE_REMOTE
}

// held tries to open the file without sharing it with a writer.
func held(name string) bool {
	h, err := open(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, windows.FILE_ATTRIBUTE_NORMAL)
	if err != nil {
		return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
	}
	return windows.CloseHandle(h) != nil
}

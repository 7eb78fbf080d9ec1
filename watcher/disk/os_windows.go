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

// moveNoReplace is not written through: a caller that needs the new name to outlive a power cut asks SyncDir for it.
func moveNoReplace(oldName, newName string) error {
	return moveFile(oldName, newName, 0) // neither REPLACE_EXISTING nor COPY_ALLOWED
}

// rename replaces, and returns once the volume has written down the change.
func rename(oldName, newName string) error {
	err := moveFile(oldName, newName, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: oldName, New: newName, Err: err}
	}
	return nil
}

func moveFile(oldName, newName string, flags uint32) error {
	from, err := windows.UTF16PtrFromString(oldName)
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(newName)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(from, to, flags)
	if errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) {
		return fmt.Errorf("%w: %w", ErrOtherVolume, err)
	}
	return err
}

// syncDir flushes a folder as one flushes a file: NTFS then writes down its log as far as the folder's last change. The
// handle must be one that may write; it shares everything, so that nobody is kept from the folder meanwhile.
func syncDir(name string) error {
	var h windows.Handle
	err := patiently(func() (err error) {
		const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
		if h, err = open(name, windows.GENERIC_WRITE, share, windows.FILE_FLAG_BACKUP_SEMANTICS); refusesFlush(err) {
			h, err = windows.InvalidHandle, nil
		}
		return err
	})
	if err != nil {
		return &fs.PathError{Op: "sync folder", Path: name, Err: err}
	}
	if h == windows.InvalidHandle {
		return nil
	}
	err = windows.FlushFileBuffers(h)
	if refusesFlush(err) {
		err = nil
	}
	if err = errors.Join(err, windows.CloseHandle(h)); err != nil {
		return &fs.PathError{Op: "sync folder", Path: name, Err: err}
	}
	return nil
}

// refusesFlush tells the answers of file systems that do not flush folders at all, and of folders in which this user may
// not: there it is the system's own order that counts.
func refusesFlush(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_INVALID_FUNCTION) ||
		errors.Is(err, windows.ERROR_NOT_SUPPORTED) || errors.Is(err, windows.ERROR_INVALID_PARAMETER)
}

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

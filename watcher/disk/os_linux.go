package disk

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// remoteTypes are the file systems whose changes may come from another machine, or from a program that tells
// nobody (FUSE). Sweeping a local one of them too often costs little; not sweeping a remote one loses files.
var remoteTypes = map[uint32]bool{
	unix.NFS_SUPER_MAGIC:   true,
	unix.SMB_SUPER_MAGIC:   true,
	unix.SMB2_SUPER_MAGIC:  true,
	unix.CIFS_SUPER_MAGIC:  true,
	unix.FUSE_SUPER_MAGIC:  true,
	unix.V9FS_MAGIC:        true,
	unix.AFS_SUPER_MAGIC:   true,
	unix.AFS_FS_MAGIC:      true,
	unix.CEPH_SUPER_MAGIC:  true,
	unix.CODA_SUPER_MAGIC:  true,
	unix.NCP_SUPER_MAGIC:   true,
	unix.OCFS2_SUPER_MAGIC: true,
	0x01161970:             true, // GFS2
	0x0bd00bd0:             true, // Lustre
	0x47504653:             true, // GPFS
	0x786f4256:             true, // VirtualBox shared folder
	0xbacbacbc:             true, // VMware shared folder
}

func renameNoReplace(oldName, newName string) error {
	for {
		err := unix.Renameat2(unix.AT_FDCWD, oldName, unix.AT_FDCWD, newName, unix.RENAME_NOREPLACE)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func remote(name string) bool {
	var s unix.Statfs_t
	if err := statfs(name, &s); err != nil {
		return false
	}
	return remoteTypes[uint32(s.Type)] //nolint:gosec // magics are 32 bits wide, whatever the field is
}

// held asks for a read lease, which the kernel refuses while anybody has the file open for writing. It is given
// back at once. Network drives give none, nor does the file of another user: then nobody can tell.
func held(name string) bool {
	f, err := openRegular(name)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	if err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	}
	return errors.Is(err, unix.EAGAIN)
}

func hidden(*syscall.Stat_t) bool { return false }

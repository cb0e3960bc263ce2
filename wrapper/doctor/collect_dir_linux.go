package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// examineDir makes a file in a directory, and asks its file system what it knows.
func examineDir(role, path string) Dir {
	d := Dir{Role: role, Path: path}
	if path == "" {
		d.Path, d.Error = "(none)", "not set"
		return d
	}
	if abs, err := filepath.Abs(path); err == nil {
		d.Path = abs
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		d.Error = err.Error()
		return d
	}
	d.FileSystem = fileSystemName(uint32(fs.Type))
	d.NoExec = fs.Flags&unix.ST_NOEXEC != 0
	// What cannot be tried on a file is asked of the directory.
	sample := d.Path
	file, err := os.CreateTemp(path, ".feign-doctor-*")
	if d.Writable = err == nil; d.Writable {
		defer os.Remove(file.Name())
		defer file.Close()
		sample = file.Name()
		d.UserXattr = answerOf(unix.Setxattr(sample, "user.feign", []byte("x"), 0))
		d.EntryType = tellsTypes(d.Path, filepath.Base(sample))
	}
	d.Birth = tellsBirth(sample)
	d.Generation = tellsGeneration(sample)
	return d
}

func tellsBirth(path string) Answer {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME, &st); err != nil {
		return no(err)
	}
	if st.Mask&unix.STATX_BTIME == 0 {
		return Answer{Asked: true, Why: "statx tells none"}
	}
	return yes
}

// tellsGeneration asks by FS_IOC_GETVERSION, ioctl_iflags(2)'s neighbour, for the number that tells apart files that have the
// same inode number one after the other.
func tellsGeneration(path string) Answer {
	f, err := os.Open(path)
	if err != nil {
		return no(err)
	}
	defer f.Close()
	_, err = unix.IoctlGetInt(int(f.Fd()), getVersion)
	return answerOf(err)
}

// getVersion is FS_IOC_GETVERSION, _IOR('v', 1, long) (include/uapi/linux/fs.h).
const getVersion = 2<<30 | strconv.IntSize/8<<16 | 'v'<<8 | 1

// tellsTypes reports whether getdents(2) tells that an entry is a file. os.ReadDir asks lstat(2) where it does not, so the raw
// entries are looked at.
func tellsTypes(dir, name string) Answer {
	f, err := os.Open(dir)
	if err != nil {
		return no(err)
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Getdents(int(f.Fd()), buf)
		if err != nil {
			return no(err)
		}
		if n == 0 {
			return Answer{Asked: true, Why: "the entry is missing"}
		}
		if kind, ok := entryType(buf[:n], name); ok {
			if kind == unix.DT_REG {
				return yes
			}
			return Answer{Asked: true, Why: fmt.Sprintf("type %d", kind)}
		}
	}
}

// fileSystemName is the name of the type that statfs(2) tells.
func fileSystemName(magic uint32) string {
	if name, ok := fileSystems[magic]; ok {
		return name
	}
	return fmt.Sprintf("file system of type %#x", magic)
}

// fileSystems are types by the numbers of include/uapi/linux/magic.h.
var fileSystems = map[uint32]string{
	unix.EXT4_SUPER_MAGIC:      "ext4",
	unix.XFS_SUPER_MAGIC:       "xfs",
	unix.BTRFS_SUPER_MAGIC:     "btrfs",
	unix.BCACHEFS_SUPER_MAGIC:  "bcachefs",
	unix.F2FS_SUPER_MAGIC:      "f2fs",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.RAMFS_MAGIC:           "ramfs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlay",
	unix.NFS_SUPER_MAGIC:       "nfs",
	unix.CEPH_SUPER_MAGIC:      "ceph",
	unix.SMB2_SUPER_MAGIC:      "smb",
	unix.CIFS_SUPER_MAGIC:      "cifs",
	unix.FUSE_SUPER_MAGIC:      "fuse",
	unix.V9FS_MAGIC:            "9p",
	unix.ISOFS_SUPER_MAGIC:     "iso9660",
	unix.SQUASHFS_MAGIC:        "squashfs",
	unix.REISERFS_SUPER_MAGIC:  "reiserfs",
	unix.MSDOS_SUPER_MAGIC:     "vfat",
	0x2fc12fc1:                 "zfs",
	unix.PROC_SUPER_MAGIC:      "proc",
}

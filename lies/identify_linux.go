package lies

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// Identify tells what file is at path, which is not followed if it is a symbolic link. The error is a unix.Errno.
func Identify(path string) (Key, Identity, error) {
	var st unix.Statx_t
	const flags = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	if err := unix.Statx(unix.AT_FDCWD, path, flags, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st); err != nil {
		return Key{}, Identity{}, err
	}
	id := Identity{Type: uint32(st.Mode) & typeMask, Ctime: Timespec{Sec: st.Ctime.Sec, Nsec: st.Ctime.Nsec}}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Btime = Timespec{Sec: st.Btime.Sec, Nsec: st.Btime.Nsec}
	}
	key := Key{Dev: Makedev(st.Dev_major, st.Dev_minor), Ino: st.Ino}
	if id.NoBtime = id.Btime.IsZero(); id.NoBtime {
		id.Generation = generation(path, key, id.Type)
	}
	return key, id, nil
}

// getVersion is FS_IOC_GETVERSION, _IOR('v', 1, long) (include/uapi/linux/fs.h).
const getVersion = 2<<30 | strconv.IntSize/8<<16 | 'v'<<8 | 1

// generation asks for the generation of the file at path; 0 if it cannot be known, or if key is not that file's. Only what is
// harmless to open is: files and directories.
func generation(path string, key Key, typ uint32) uint32 {
	if typ &= typeMask; path == "" || typ != unix.S_IFREG && typ != unix.S_IFDIR {
		return 0
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || (Key{Dev: uint64(st.Dev), Ino: st.Ino}) != key {
		return 0
	}
	n, err := unix.IoctlGetInt(fd, getVersion)
	if err != nil {
		return 0 // most file systems with birth times have none, and need none
	}
	return uint32(n)
}

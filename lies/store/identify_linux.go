package store

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

var errNotDir error = unix.ENOTDIR

// Identify tells what file is at path, which is not followed if it is a symbolic link.
func Identify(path string) (lies.Key, lies.Identity, error) {
	var st unix.Statx_t
	const flags = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	if err := unix.Statx(unix.AT_FDCWD, path, flags, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st); err != nil {
		return lies.Key{}, lies.Identity{}, err
	}
	id := lies.Identity{Type: uint32(st.Mode) & typeMask, Ctime: lies.Timespec{Sec: st.Ctime.Sec, Nsec: st.Ctime.Nsec}}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Btime = lies.Timespec{Sec: st.Btime.Sec, Nsec: st.Btime.Nsec}
	}
	id.NoBtime = id.Btime.IsZero()
	return lies.Key{Dev: lies.Makedev(st.Dev_major, st.Dev_minor), Ino: st.Ino}, id, nil
}

package lies

import "golang.org/x/sys/unix"

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
	id.NoBtime = id.Btime.IsZero()
	return Key{Dev: Makedev(st.Dev_major, st.Dev_minor), Ino: st.Ino}, id, nil
}

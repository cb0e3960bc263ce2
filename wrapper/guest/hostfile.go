package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// hostStat looks at a file on the tracer's side: at a path, or, if that is empty, at a descriptor of the tracer. flags may
// have AT_SYMLINK_NOFOLLOW.
func hostStat(fd int, path string, flags int) (ptlib.Stat, error) {
	if path == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	var stx unix.Statx_t
	err := unix.Statx(fd, path, flags, statxMask, &stx)
	if isMissing(err) {
		return hostStatWithoutBirth(fd, path, flags)
	}
	if err != nil {
		return ptlib.Stat{}, err
	}
	return ptlib.Stat{
		Dev: unix.Mkdev(stx.Dev_major, stx.Dev_minor), Ino: stx.Ino, Nlink: uint64(stx.Nlink),
		Mode: uint32(stx.Mode), UID: stx.Uid, GID: stx.Gid, Rdev: unix.Mkdev(stx.Rdev_major, stx.Rdev_minor),
		Immutable: stx.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0,
		Ctime:     ptlib.Timestamp{Sec: stx.Ctime.Sec, Nsec: stx.Ctime.Nsec},
		Btime:     ptlib.Timestamp{Sec: stx.Btime.Sec, Nsec: stx.Btime.Nsec},
	}, nil
}

func hostStatWithoutBirth(fd int, path string, flags int) (ptlib.Stat, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, path, &st, flags); err != nil {
		return ptlib.Stat{}, err
	}
	sec, nsec := st.Ctim.Unix()
	return ptlib.Stat{
		Dev: st.Dev, Ino: st.Ino, Nlink: uint64(st.Nlink), Mode: st.Mode, UID: st.Uid, GID: st.Gid, Rdev: st.Rdev,
		Ctime: ptlib.Timestamp{Sec: sec, Nsec: uint32(nsec)},
	}, nil
}

// isMissing reports whether a call is one that the kernel does not have, or that a filter refuses which was made before there
// was such a call.
func isMissing(err error) bool { return err == unix.ENOSYS || err == unix.EPERM }

// sight is a file that the tracer has open, as the action sees it.
func (k *Kernel) sight(fd int) (cred.Inode, lies.Key, unix.Errno) {
	st, err := hostStat(fd, "", 0)
	if err != nil {
		return cred.Inode{}, lies.Key{}, err.(unix.Errno)
	}
	ino, _ := k.seen(&st)
	return ino, keyOf(&st), 0
}

// seen is a file as the action sees it, and what is claimed about it.
func (k *Kernel) seen(st *ptlib.Stat) (cred.Inode, lies.Claim) {
	var claim lies.Claim
	if k.nameless(st) {
		claim = k.claimOfNameless(st)
	} else {
		claim, _ = k.lies.Lookup(keyOf(st), identity(st, true), nil)
	}
	ino := cred.Inode{Mode: st.Mode, UID: k.mapUID(st.UID), GID: k.mapGID(st.UID, st.GID)}
	if !claim.Empty() {
		ino.Mode, ino.UID, ino.GID, _ = applied(&claim, ino.Mode, ino.UID, ino.GID, 0)
		ino.ACL = claimedACL(&claim)
	}
	return ino, claim
}

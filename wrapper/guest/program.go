package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// program tells what execve(2) by a task of credentials c looks at in a program's file. A set-id file of the machine's
// counts as what it is; whatever the caller owns is root's.
func (k *Kernel) program(c *cred.Cred, path string) (cred.FileCred, error) {
	st, err := hostStat(path)
	if err != nil {
		return cred.FileCred{}, err
	}
	file := cred.FileCred{Mode: st.Mode, UID: k.mapUID(st.UID), GID: k.mapGID(st.UID, st.GID)}
	claim := k.orphans.find(keyOf(&st))
	if st.Nlink > 0 {
		claim, _ = k.lies.Lookup(keyOf(&st), identity(&st, true), nil)
	}
	file.Mode, file.UID, file.GID, _ = applied(&claim, file.Mode, file.UID, file.GID, 0)
	setID := file.Mode&(unix.S_ISUID|unix.S_ISGID) != 0
	if setID || fileCapsMatter(c) {
		file.Caps = fileCaps(&claim, path)
	}
	if setID || file.Caps != nil {
		var fs unix.Statfs_t
		if err := unix.Statfs(path, &fs); err != nil {
			return file, err
		}
		file.NoSUID = fs.Flags&unix.ST_NOSUID != 0
	}
	return file, nil
}

// fileCapsMatter reports whether capabilities of a program's file could make a difference to a task. They make none to
// root, who gets them all in any case.
func fileCapsMatter(c *cred.Cred) bool {
	s := c.State()
	return s.UID != 0 || s.EUID != 0 || s.Securebits != 0 || s.Ambient != 0 || isLimited(c)
}

// fileCaps returns the capabilities that are claimed of a file, or else those that it has; nil if there are none.
func fileCaps(claim *lies.Claim, path string) []byte {
	if x, ok := claim.Xattr(cred.FileCapsName); ok {
		if x.Hidden {
			return nil
		}
		return append([]byte{}, x.Value...)
	}
	var value [64]byte // more than any revision has
	n, err := unix.Getxattr(path, cred.FileCapsName, value[:])
	if err != nil {
		return nil
	}
	return value[:n]
}

// hostStat looks at a file on the tracer's side.
func hostStat(path string) (ptlib.Stat, error) {
	var stx unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, statxMask, &stx); err != nil {
		return ptlib.Stat{}, err
	}
	return ptlib.Stat{
		Dev: unix.Mkdev(stx.Dev_major, stx.Dev_minor), Ino: stx.Ino, Nlink: uint64(stx.Nlink),
		Mode: uint32(stx.Mode), UID: stx.Uid, GID: stx.Gid,
		Ctime: ptlib.Timestamp{Sec: stx.Ctime.Sec, Nsec: stx.Ctime.Nsec},
		Btime: ptlib.Timestamp{Sec: stx.Btime.Sec, Nsec: stx.Btime.Nsec},
	}, nil
}

package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// program tells what execve(2) by a task of credentials c looks at in a program's file. A set-id file of the machine's
// counts as what it is; whatever the caller owns is root's.
func (k *Kernel) program(c *cred.Cred, path string) (cred.FileCred, lies.Key, error) {
	st, err := hostStat(unix.AT_FDCWD, path, 0)
	if err != nil {
		return cred.FileCred{}, lies.Key{}, err
	}
	key := keyOf(&st)
	ino, claim := k.seen(&st)
	file := cred.FileCred{Mode: ino.Mode, UID: ino.UID, GID: ino.GID}
	setID := file.Mode&(unix.S_ISUID|unix.S_ISGID) != 0
	if setID || fileCapsMatter(c) {
		file.Caps = fileCaps(&claim, path)
	}
	if setID || file.Caps != nil {
		var fs unix.Statfs_t
		if err := unix.Statfs(path, &fs); err != nil {
			return file, key, err
		}
		file.NoSUID = fs.Flags&unix.ST_NOSUID != 0
	}
	return file, key, nil
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

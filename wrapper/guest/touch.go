package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// What is claimed of a file changes nothing on the disk, but the kernel would have changed its ctime and told those who watch it
// (IN_ATTRIB of inotify(7)), and would have refused to on a file system that is mounted read-only. A chown(2) to the owner that
// there is does just that, and owners may make it (fs/open.c, chown_common; fs/attr.c, notify_change). It takes set-id bits from the
// disk as well, so it serves for other claims only where there are none. Files of others are left alone: they are not the
// action's to change.

// A touch is how a file is touched.
type touch uint8

const (
	untouched touch = iota
	dated           // nobody is told, as chown(2) does that is given no id
	told
)

// touchAt makes the tracer's own chown(2) of a file of which statx(2) just told st.
func (k *Kernel) touchAt(how touch, st *ptlib.Stat, dirfd int, path string, flags int) unix.Errno {
	if how == untouched || !k.isCallers(st) || st.Immutable {
		return 0
	}
	uid := -1
	if how == told {
		uid = int(st.UID)
	}
	if unix.Fchownat(dirfd, path, uid, -1, flags) == unix.EROFS {
		return unix.EROFS
	}
	return 0 // what else may be wrong, such as a sandbox that refuses, is no reason not to claim
}

// touch is touchAt for the file of in, which the tracee has just looked at, before a claim is made, or refused with errno.
func (k *Kernel) touch(how touch, c *ptlib.Call, in *inode, errno unix.Errno) unix.Errno {
	if errno != 0 || !k.isCallers(&in.real) {
		if k.readOnly(c, in.at) {
			return unix.EROFS // which the kernel looks at first
		}
		return errno
	}
	r, unreached := k.reach(c, in)
	if unreached != 0 {
		return 0
	}
	defer r.close()
	return k.touchAt(how, &in.real, r.fd, "", unix.AT_EMPTY_PATH)
}

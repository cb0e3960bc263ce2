package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// What is claimed of a file changes nothing on the disk, but the kernel would have changed its ctime, and would have refused
// to on a file system that is mounted read-only. A chown(2) that changes no owner does just that, and anybody may make it of files
// of their own (fs/open.c, chown_common). It takes set-id bits from the disk as well, so it serves for other claims only
// where there are none. Files of others are left alone: their ctime is not the action's to change.

// touchAt makes the tracer's own chown(2) of a file of which statx(2) just told st.
func (k *Kernel) touchAt(st *ptlib.Stat, dirfd int, path string, flags int) unix.Errno {
	if st.UID != k.caller.UID || st.Immutable {
		return 0
	}
	if unix.Fchownat(dirfd, path, -1, -1, flags) == unix.EROFS {
		return unix.EROFS
	}
	return 0 // what else may be wrong, such as a sandbox that refuses, is no reason not to claim
}

// touch is touchAt for the file of in, which the tracee has just looked at, before a claim is made, or refused with errno.
func (k *Kernel) touch(c *ptlib.Call, in *inode, errno unix.Errno) unix.Errno {
	if errno != 0 || in.real.UID != k.caller.UID {
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
	return k.touchAt(&in.real, r.fd, "", unix.AT_EMPTY_PATH)
}

package guest

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// glance is look by the tracer itself, for a target that is the same file whoever looks: what a descriptor has open, or a name in a
// directory that one has open, unless it is a link to be followed. It spares the tracee a stop. No call has ended, so that
// nothing can be injected on account of what is seen. If ok is false, for any reason, the tracee's own call is to tell.
func (k *Kernel) glance(t *task, c *ptlib.Call, tg target) (in *inode, ok bool) {
	if t.viewed() || k.real != nil || t.isDropped() || needsChecks(t.cred) {
		return nil, false
	}
	name, flags := procFD(c.Thread.Tid, tg.dirfd), 0
	if !tg.byFD {
		path, errno := c.Thread.ReadPath(tg.path)
		if errno != 0 || !isName(path) {
			return nil, false
		}
		name, flags = name+"/"+string(path), unix.AT_SYMLINK_NOFOLLOW
	}
	st, err := hostStat(unix.AT_FDCWD, name, flags)
	if err != nil || !tg.byFD && st.Mode&unix.S_IFMT == unix.S_IFLNK && tg.flags&unix.AT_SYMLINK_NOFOLLOW == 0 {
		return nil, false
	}
	return k.inodeOf(c, &st, tg), true
}

// isName reports whether a path is the name of an entry of its directory.
func isName(path []byte) bool {
	return len(path) > 0 && bytes.IndexByte(path, '/') < 0 && string(path) != "." && string(path) != ".."
}

package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

var dacRows = flat(
	emulate("dac", "answered from the file's remembered owner and mode, with the caller's remembered identity", access, ptlib.SysAccess),
	emulate("dac", "as access, relative to a directory", faccessat, ptlib.SysFaccessat, ptlib.SysFaccessat2),
	emulate("dac", "directories that the caller may not search but root may are made accessible for a while", chdir, ptlib.SysChdir),
	emulate("dac", "files that the caller may not write but root may are made accessible for a while", truncate, ptlib.SysTruncate, ptlib.SysTruncate64),
)

func access(k *Kernel, t *task, c *ptlib.Call) {
	k.accessAt(t, c, byPath(c.Args[0]), uint32(c.Args[1]), false)
}

// faccessat has no flags of its own; faccessat2 has.
func faccessat(k *Kernel, t *task, c *ptlib.Call) {
	var flags uint64
	if c.Sys == ptlib.SysFaccessat2 {
		flags = c.Args[3]
		if uint32(flags)&^(unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
			c.Fail(unix.EINVAL)
			return
		}
	}
	k.accessAt(t, c, byAt(c.Args[0], c.Args[1], flags&^unix.AT_EACCESS), uint32(c.Args[2]), flags&unix.AT_EACCESS != 0)
}

// preload is the file that the dynamic loader asks for at the start of every program. Everybody may look for it, so the
// kernel's answer is the right one.
const preload = "/etc/ld.so.preload"

// accessAt answers access(2) (fs/open.c, do_faccessat).
func (k *Kernel) accessAt(t *task, c *ptlib.Call, tg target, want uint32, effective bool) {
	if want&^(unix.R_OK|unix.W_OK|unix.X_OK) != 0 {
		c.Fail(unix.EINVAL)
		return
	}
	keep(c, tg)
	c.Local[4] = uint64(want)
	if effective {
		c.Local[5] = 1
	}
	c.Value = k
	who := subject(t, c)
	if needsChecks(who) && !tg.byFD {
		// The directories on the way are searched as who, too.
		if _, errno := k.search(who, c, tg, endingOf(tg)); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	if !who.Capable(cred.CAP_DAC_OVERRIDE) || t.viewed() && t.readOnly && want&unix.W_OK != 0 {
		k.lookAs(who, c, tg, accessClaimed)
		return
	}
	path, errno := c.Thread.ReadPath(tg.path)
	if errno == 0 && string(path) == preload || errno == 0 && k.accessByGlance(t, c, tg, path, want) {
		return
	}
	c.Then(accessEnd)
}

// accessByGlance answers from a glance, unless that does not tell enough.
func (k *Kernel) accessByGlance(t *task, c *ptlib.Call, tg target, path []byte, want uint32) bool {
	if !k.mayGlance(t) || len(path) == 0 {
		return false
	}
	fd, errno, ok := k.glanceOpen(path, procFD(c.Thread.Tid, tg.dirfd), tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0)
	switch {
	case !ok:
		return false
	case errno != 0:
		c.Fail(errno)
		return true
	}
	defer unix.Close(fd)
	switch err := unix.Faccessat2(fd, "", want, unix.AT_EMPTY_PATH); {
	case err == nil:
		c.Answer(0)
	case err == unix.EACCES && c.LookAt(&k.stat, fd, "", unix.AT_EMPTY_PATH, statxMask) == nil:
		accessClaimed(k, t, c, k.inodeOf(c, &k.stat.Stat, tg))
	default:
		return false
	}
	return true
}

// subject is the identity that access(2) asks about: the real ids, unless the call says otherwise.
func subject(t *task, c *ptlib.Call) *cred.Cred {
	if c.Local[5] != 0 {
		return t.cred
	}
	return t.cred.ForAccess()
}

// accessEnd is the end of the real call. What the caller may do, root may; only what the caller is refused must be
// looked at.
func accessEnd(c *ptlib.Call) {
	if c.Errno() == unix.EACCES {
		c.Value.(*Kernel).lookAs(subject(taskOf(c.Thread), c), c, kept(c), accessClaimed)
	}
}

// accessClaimed answers from what is claimed of the file. Whether its file system is read-only does not depend on who
// asks.
func accessClaimed(k *Kernel, t *task, c *ptlib.Call, in *inode) {
	want := uint32(c.Local[4])
	if errno := subject(t, c).Permission(in.Inode, acl.Perm(want)); errno != 0 {
		c.Fail(errno)
		return
	}
	if want&unix.W_OK != 0 && !in.isSpecial() && (t.viewed() && t.readOnly || k.readOnly(c, kept(c))) {
		c.Fail(unix.EROFS)
		return
	}
	c.Answer(0)
}

// isSpecial reports whether a file is a device or the like, which a read-only file system has no say about (include/linux/fs.h,
// special_file).
func (in *inode) isSpecial() bool {
	switch in.Mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK:
		return true
	}
	return false
}

// readOnly reports whether the target is on a file system that is mounted read-only (fs/open.c, do_faccessat).
func (k *Kernel) readOnly(c *ptlib.Call, tg target) bool {
	var fs unix.Statfs_t
	path := k.hostPath(c, tg)
	if path == "" || unix.Statfs(path, &fs) != nil {
		return false
	}
	return fs.Flags&unix.ST_RDONLY != 0
}

func chdir(k *Kernel, t *task, c *ptlib.Call) {
	if errno := k.mayUseKind(t, c, byPath(c.Args[0]), acl.Exec, unix.S_IFDIR); errno != 0 {
		c.Fail(errno)
		return
	}
	k.retryThen(c, byPath(c.Args[0]), unlockSelfDir)
}

func truncate(k *Kernel, t *task, c *ptlib.Call) {
	if errno := k.mayUseKind(t, c, byPath(c.Args[0]), acl.Write, unix.S_IFREG); errno != 0 {
		c.Fail(errno)
		return
	}
	at := byPath(c.Args[0])
	if !k.lies.AnyNode() && !k.lies.AnySuid() && !k.lies.AnyXattr() {
		k.retryThen(c, at, unlockWrite)
		return
	}
	size := c.Args
	k.look(c, at, func(k *Kernel, t *task, c *ptlib.Call, in *inode) {
		if in.claim.Has&lies.HasType != 0 {
			c.Fail(unix.EINVAL)
			return
		}
		c.Run(func(c *ptlib.Call) {
			switch errno := c.Errno(); {
			case errno == unix.EACCES && k.unlock(c, at, unlockWrite):
				c.Restart()
			case errno != 0:
				c.Fail(errno)
			default:
				k.written(c, t, in)
				c.Answer(0)
			}
		}, c.Sys, size[:]...)
	})
}

// retryThen makes the call, and makes it again after it was refused and the refusal could be removed.
func (k *Kernel) retryThen(c *ptlib.Call, at target, want uint8) {
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == unix.EACCES && k.unlock(c, at, want) {
			c.Restart()
		}
	})
}

// unlockThen is retryThen for a call that changes the directory of at; done may be nil.
func (k *Kernel) unlockThen(c *ptlib.Call, at target, done func(*ptlib.Call)) {
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == unix.EACCES && k.unlock(c, at, unlockParent) {
			c.Restart()
			return
		}
		if done != nil {
			done(c)
		}
	})
}

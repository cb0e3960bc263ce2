package guest

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

var linkRows = flat(
	emulate("link", "the lie is forgotten with the file's last name", unlink, ptlib.SysUnlink, ptlib.SysRmdir),
	emulate("link", "as unlink, relative to a directory", unlinkat, ptlib.SysUnlinkat),
	emulate("link", "the lie goes with the file; that of a replaced file is forgotten", rename, ptlib.SysRename),
	emulate("link", "as rename, relative to directories", renameat, ptlib.SysRenameat, ptlib.SysRenameat2),
	emulate("link", "a further name has the same lie", link, ptlib.SysLink),
	emulate("link", "as link, relative to directories; a file without a name gets one", linkat, ptlib.SysLinkat),
)

// What a call may remove the last name of is held open by the tracer (O_PATH) over the call, and asked afterwards how many
// names it has left. So a lie is never forgotten for a file that is still there, whatever races there are: the path that
// the tracer opens is a hint. Nothing of this happens where nothing is claimed.

func unlink(k *Kernel, t *task, c *ptlib.Call) {
	k.removeAt(t, c, byLink(c.Args[0]), c.Sys == ptlib.SysRmdir)
}

func unlinkat(k *Kernel, t *task, c *ptlib.Call) {
	at := byAt(c.Args[0], c.Args[1], unix.AT_SYMLINK_NOFOLLOW)
	k.removeAt(t, c, at, c.Args[2]&unix.AT_REMOVEDIR != 0)
}

func (k *Kernel) removeAt(t *task, c *ptlib.Call, at target, directory bool) {
	if errno := k.mayRemove(t, c, at, directory); errno != 0 {
		c.Fail(errno)
		return
	}
	v := k.hold(c, at)
	k.unlockThen(c, at, func(c *ptlib.Call) { v.settle(c) })
}

func rename(k *Kernel, t *task, c *ptlib.Call) {
	k.renameAt(t, c, byLink(c.Args[0]), byLink(c.Args[1]), 0)
}

func renameat(k *Kernel, t *task, c *ptlib.Call) {
	const nofollow = unix.AT_SYMLINK_NOFOLLOW
	var flags uint32
	if c.Sys == ptlib.SysRenameat2 {
		if flags = uint32(c.Args[4]); !validRename(flags) {
			return // EINVAL
		}
	}
	k.renameAt(t, c, byAt(c.Args[0], c.Args[1], nofollow), byAt(c.Args[2], c.Args[3], nofollow), flags)
}

// validRename is what fs/namei.c, do_renameat2 says of flags before it looks at the paths.
func validRename(flags uint32) bool {
	const noReplace, exchange, whiteout = unix.RENAME_NOREPLACE, unix.RENAME_EXCHANGE, unix.RENAME_WHITEOUT
	return flags&^(noReplace|exchange|whiteout) == 0 && (flags&exchange == 0 || flags == exchange)
}

func (k *Kernel) renameAt(t *task, c *ptlib.Call, from, to target, flags uint32) {
	if errno := k.mayMove(t, c, from, to, flags); errno != 0 {
		c.Fail(errno)
		return
	}
	moved, replaced := k.hold(c, from), k.hold(c, to)
	moved.mayMove(c, from)
	replaced.mayMove(c, to)
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == unix.EACCES && (k.unlock(c, from, unlockParent|unlockSelfDir) || k.unlock(c, to, unlockParent)) {
			moved.close()
			replaced.close()
			c.Restart()
			return
		}
		if c.Errno() == 0 {
			if flags&unix.RENAME_EXCHANGE != 0 {
				moved.stepAside()
				replaced.follow(c, from)
			}
			moved.follow(c, to)
		}
		moved.close()
		replaced.settle(c)
		if c.Errno() == 0 && flags&unix.RENAME_WHITEOUT != 0 {
			k.leftWhiteout(t, c, from)
		}
	})
}

// leftWhiteout claims what the whiteout that a rename left behind is not on disk. It is made as by mknod(2), with mode 0
// (include/linux/fs.h, WHITEOUT_MODE).
func (k *Kernel) leftWhiteout(t *task, c *ptlib.Call, at target) {
	if t.cred.FSUID() == 0 && t.cred.FSGID() == 0 && !k.config.UnknownReal && !k.lies.AnySetgidDir() && !k.lies.AnyXattr() {
		return
	}
	at = withoutSlashes(c, at)
	if in, errno := k.inspect(c, at); errno != 0 || in.real.Mode&unix.S_IFMT != unix.S_IFCHR || in.real.Rdev != 0 {
		return // a file that was renamed to itself
	}
	if errno := k.created(c, &creation{k: k, at: at, kind: unix.S_IFCHR}); errno != 0 {
		k.tell(c.Sys.String() + ": the whiteout's owner could not be remembered: " + errno.Error())
	}
	c.Answer(0)
}

// withoutSlashes is a target whose path may have slashes at its end, which a directory's name may have and another file's not.
func withoutSlashes(c *ptlib.Call, at target) target {
	path, errno := c.Thread.ReadPath(at.path)
	if name := bytes.TrimRight(path, "/"); errno == 0 && len(name) < len(path) {
		if scratch, ok := c.Scratch(); ok && c.Thread.WriteMemory(scratch+scratchArgs, append(name, 0)) == 0 {
			at.path = scratch + scratchArgs
		}
	}
	return at
}

func link(k *Kernel, t *task, c *ptlib.Call) {
	k.linkAt(t, c, byLink(c.Args[0]), byLink(c.Args[1]))
}

func linkat(k *Kernel, t *task, c *ptlib.Call) {
	from := byAt(c.Args[0], c.Args[1], c.Args[4]&unix.AT_EMPTY_PATH)
	if c.Args[4]&unix.AT_SYMLINK_FOLLOW == 0 {
		from.flags |= unix.AT_SYMLINK_NOFOLLOW
	}
	k.linkAt(t, c, from, byAt(c.Args[2], c.Args[3], unix.AT_SYMLINK_NOFOLLOW))
}

func (k *Kernel) linkAt(t *task, c *ptlib.Call, from, to target) {
	if errno := k.mayLink(t, c, from, to); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Then(func(c *ptlib.Call) {
		switch errno := c.Errno(); {
		case errno == unix.EACCES && (k.unlock(c, from, 0) || k.unlock(c, to, unlockParent)):
			c.Restart()
		case errno == unix.ENOENT && from.flags&unix.AT_EMPTY_PATH != 0:
			// The kernel lets only a task with CAP_DAC_READ_SEARCH link by descriptor alone; by way of /proc everybody may.
			k.linkByProc(t, c, from, to)
		case errno == 0:
			k.named(c, to)
		}
	})
}

// named looks after a file that may have had no name before (O_TMPFILE): its lie belongs to the index now.
func (k *Kernel) named(c *ptlib.Call, at target) {
	if !k.shared.orphans.any() {
		return
	}
	in, errno := k.inspect(c, at)
	if errno != 0 || in.real.Nlink != 1 {
		return // it had a name: a claim about its number is about an earlier file
	}
	if lie, ok := k.shared.orphans.take(keyOf(&in.real), identity(&in.real, true)); ok {
		lie.Path, lie.Identity = k.pathOf(c, at), identity(&in.real, true)
		k.lies.Set(lie)
	}
}

// linkByProc makes the link of linkat(2) with AT_EMPTY_PATH in the other way that it can be made.
func (k *Kernel) linkByProc(t *task, c *ptlib.Call, from, to target) {
	path, errno := c.Thread.ReadPath(from.path)
	if errno != 0 || len(path) != 0 || c.Sys != ptlib.SysLinkat {
		return
	}
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	name := "/proc/self/fd/" + strconv.Itoa(int(from.dirfd))
	if errno := c.Thread.WriteString(scratch+scratchPath, name); errno != 0 {
		c.Fail(errno)
		return
	}
	result, errno := c.Inject(ptlib.SysLinkat, cwdArg, scratch+scratchPath, c.Args[2], c.Args[3], unix.AT_SYMLINK_FOLLOW)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	c.Answer(result)
	k.named(c, to)
}

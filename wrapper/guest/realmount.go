package guest

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// What the kernel does for a task in namespaces of its own (realroot.go), at the end of a call that has looked at the paths.

// realChroot is chroot(2). The directory may be one that only root may search.
func (k *Kernel) realChroot(c *ptlib.Call) unix.Errno {
	path := c.Args[0]
	_, errno := c.Inject(ptlib.SysChroot, path)
	if errno == unix.EACCES && k.unlock(c, byPath(path), unlockSelfDir) {
		_, errno = c.Inject(ptlib.SysChroot, path)
	}
	return errno
}

// realBind binds a file that the call names to the one of its second path, and all that is mounted below: parts of what came
// from another user namespace cannot be had (fs/namespace.c, has_locked_children).
func (k *Kernel) realBind(c *ptlib.Call, source, target uint64) unix.Errno {
	_, errno := c.Inject(ptlib.SysMount, source, target, 0, unix.MS_BIND|unix.MS_REC, 0)
	return errno
}

// realBindMachines binds a directory of the machine's own file systems to the file of a path. Where the task is, no path may
// lead to it.
func (k *Kernel) realBindMachines(t *task, c *ptlib.Call, dir string, target uint64) unix.Errno {
	up := strings.Repeat("/..", strings.Count(k.rootOf(t), "/"))
	fd, err := unix.Open(k.rootDir(c.Thread)+up+dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err.(unix.Errno)
	}
	defer unix.Close(fd)
	given, errno := c.Give(fd)
	if errno != 0 {
		return errno
	}
	defer c.Inject(ptlib.SysClose, uint64(given))
	scratch, ok := c.Scratch()
	if !ok {
		return unix.ENOMEM
	}
	here := scratch + scratchPath
	if errno := c.Thread.WriteMemory(here, []byte(".\x00")); errno != 0 {
		return errno
	}
	before, errno := c.Inject(ptlib.SysOpenat, cwdArg, here, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if errno != 0 {
		return errno
	}
	defer c.Inject(ptlib.SysClose, uint64(before))
	// The target is known by its path from the root directory, which the working directory has no part in.
	at, errno := k.absolute(t, c, target, here+16)
	if errno != 0 {
		return errno
	}
	if _, errno := c.Inject(ptlib.SysFchdir, uint64(given)); errno != 0 {
		return errno
	}
	defer c.Inject(ptlib.SysFchdir, uint64(before))
	return k.realBind(c, here, at)
}

// absolute returns the address of a path from the task's root directory that leads where another path does; it is written to
// room, unless the other one is such a path.
func (k *Kernel) absolute(t *task, c *ptlib.Call, addr, room uint64) (uint64, unix.Errno) {
	text, errno := c.Thread.ReadPath(addr)
	if errno != 0 || strings.HasPrefix(string(text), "/") {
		return addr, errno
	}
	place, errno := k.place(t, c, -1, addr)
	if errno != 0 {
		return 0, errno
	}
	shown := k.walker(t).Shown(place)
	if shown == "" || len(shown) >= unix.PathMax {
		return 0, unix.EPERM
	}
	return room, c.Thread.WriteString(room, shown)
}

// realBindRoot binds the task's root directory to the file of a path.
func (k *Kernel) realBindRoot(c *ptlib.Call, target uint64) unix.Errno {
	scratch, ok := c.Scratch()
	if !ok {
		return unix.ENOMEM
	}
	if errno := c.Thread.WriteMemory(scratch+scratchPath, []byte("/\x00")); errno != 0 {
		return errno
	}
	return k.realBind(c, scratch+scratchPath, target)
}

// realReadOnly makes a mount read-only or not, and leaves its other flags as they are: those that came from another user
// namespace are locked.
func (k *Kernel) realReadOnly(t *task, c *ptlib.Call, path uint64, at vfs.Place, readOnly bool) unix.Errno {
	up := strings.Repeat("/..", strings.Count(k.rootOf(t), "/"))
	var fs unix.Statfs_t
	if err := unix.Statfs(k.rootDir(c.Thread)+up+at.Virtual, &fs); err != nil {
		return err.(unix.Errno)
	}
	flags := uint64(unix.MS_REMOUNT | unix.MS_BIND)
	// ST_* have the values of MS_*, but for one (include/linux/statfs.h).
	flags |= uint64(fs.Flags) & (unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	if uint64(fs.Flags)&unix.ST_RELATIME != 0 {
		flags |= unix.MS_RELATIME
	}
	if readOnly {
		flags |= unix.MS_RDONLY
	}
	_, errno := c.Inject(ptlib.SysMount, 0, path, 0, flags, 0)
	return errno
}

// realUnmount takes a mount away, with what came with it.
func (k *Kernel) realUnmount(c *ptlib.Call, at target) unix.Errno {
	flags := uint64(unix.MNT_DETACH)
	if at.flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		flags |= unix.UMOUNT_NOFOLLOW
	}
	_, errno := c.Inject(ptlib.SysUmount2, at.path, flags)
	return errno
}

package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Mounts that scripts make for another root directory: /proc, /sys, /dev and parts of them, or files of the action's own. They
// are entries of the namespace, and seen by tasks whose paths are looked at. Others see the directory below, which is told where
// that matters: of the machine's own file systems nobody looks for a second one but who then changes the root.
var mountRows = flat(
	emulateWhere("mount", "proc, sysfs, devtmpfs, devpts and binds are seen by tasks in another root directory; anything else is refused with EPERM, as to "+
		"root in a container, after the kernel's checks of the path", mount, contested, ptlib.SysMount),
	emulateWhere("mount", "as mount; what is no mount is EINVAL", umount, contested, ptlib.SysUmount, ptlib.SysUmount2),
	emulateWhere("mount", "as chroot, if the new root is a mount of the action's; EPERM, as to root in a container, for any other", pivotRoot, contested, ptlib.SysPivotRoot),
)

// machineTypes are file systems that the machine has one of.
var machineTypes = map[string]string{"proc": "/proc", "sysfs": "/sys", "devtmpfs": "/dev", "devpts": "/dev/pts"}

// place is where path argument number i leads, for a task whose paths are looked at or not.
func (k *Kernel) place(t *task, c *ptlib.Call, i int, arg uint64) (vfs.Place, unix.Errno) {
	if t.viewed() && i >= 0 {
		return t.places[i], 0
	}
	text, errno := c.Thread.ReadPath(arg)
	if errno != 0 {
		return vfs.Place{}, errno
	}
	if len(text) == 0 {
		return vfs.Place{}, unix.ENOENT
	}
	r, errno := k.lookup(t, atFDCWD, string(text), vfs.Follow, 0)
	return r.Place, errno
}

// lookPlace looks at the file that a call's first path names, and at where that is. The call ends with what decide says, 0 or an
// error.
func (k *Kernel) lookPlace(t *task, c *ptlib.Call, at target, decide func(t *task, c *ptlib.Call, in *inode, place vfs.Place) unix.Errno) {
	if errno := k.mayReach(t, c, at); errno != 0 {
		c.Fail(errno)
		return
	}
	place, errno := k.place(t, c, 0, at.path)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	k.look(c, at, func(_ *Kernel, t *task, c *ptlib.Call, in *inode) {
		if errno := decide(t, c, in, place); errno != 0 {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	})
}

// mount is fs/namespace.c do_mount.
func mount(k *Kernel, t *task, c *ptlib.Call) { k.lookPlace(t, c, byPath(c.Args[1]), k.mountAt) }

const propagation = unix.MS_SHARED | unix.MS_PRIVATE | unix.MS_SLAVE | unix.MS_UNBINDABLE

func (k *Kernel) mountAt(t *task, c *ptlib.Call, in *inode, to vfs.Place) unix.Errno {
	if !t.cred.Capable(cred.CAP_SYS_ADMIN) || to.Virtual == "" {
		return unix.EPERM
	}
	flags := c.Args[3]
	switch {
	case flags&unix.MS_REMOUNT != 0:
		return k.remount(t, c, to, flags&unix.MS_RDONLY != 0)
	case flags&(propagation|unix.MS_MOVE) != 0 && flags&unix.MS_BIND == 0:
		if _, mounted := k.namespace.At(to.Virtual); !mounted || flags&unix.MS_MOVE != 0 {
			return unix.EPERM
		}
		return 0 // there is no other namespace
	}
	from, errno := k.mountSource(t, c, flags)
	if errno != 0 {
		return errno
	}
	st, err := hostStat(unix.AT_FDCWD, from, 0)
	if err != nil {
		return err.(unix.Errno)
	}
	if (st.Mode&unix.S_IFMT == unix.S_IFDIR) != in.isDir() {
		return unix.ENOTDIR
	}
	if k.real != nil {
		if flags&unix.MS_BIND != 0 {
			errno = k.realBind(c, c.Args[0], c.Args[1])
		} else {
			errno = k.realBindMachines(t, c, from, c.Args[1])
		}
		if errno != 0 {
			return errno
		}
	}
	if !t.viewed() && k.real == nil && !isMachines(from) && from != to.Host {
		k.tell("mount on " + to.Host + ": seen in another root directory (chroot) only: to others the files below stay")
	}
	readOnly := flags&unix.MS_RDONLY != 0 && flags&unix.MS_BIND == 0
	k.namespace.Mount(vfs.Mount{To: to.Virtual, From: from, ReadOnly: readOnly})
	if readOnly && k.real != nil {
		return k.realReadOnly(t, c, c.Args[1], to, true)
	}
	return 0
}

// remount makes a mount of the action's read-only or not.
func (k *Kernel) remount(t *task, c *ptlib.Call, at vfs.Place, readOnly bool) unix.Errno {
	if _, mounted := k.namespace.At(at.Virtual); !mounted {
		return unix.EPERM
	}
	if k.real != nil {
		if errno := k.realReadOnly(t, c, c.Args[1], at, readOnly); errno != 0 {
			return errno
		}
	}
	k.namespace.SetReadOnly(at.Virtual, readOnly)
	return 0
}

// mountSource is the file of the host that is to be mounted.
func (k *Kernel) mountSource(t *task, c *ptlib.Call, flags uint64) (string, unix.Errno) {
	if flags&unix.MS_BIND != 0 {
		from, errno := k.place(t, c, -1, c.Args[0])
		return from.Host, errno
	}
	name, errno := c.Thread.ReadPath(c.Args[2])
	if errno != 0 {
		return "", errno
	}
	from, ok := machineTypes[string(name)]
	if !ok {
		return "", unix.EPERM
	}
	return from, 0
}

// isMachines reports whether a file of the host is one of the machine's own.
func isMachines(host string) bool {
	for _, dir := range []string{"/proc", "/sys", "/dev"} {
		if vfs.IsWithin(host, dir) {
			return true
		}
	}
	return false
}

const umountFlags = unix.MNT_FORCE | unix.MNT_DETACH | unix.MNT_EXPIRE | unix.UMOUNT_NOFOLLOW

// umount is fs/namespace.c ksys_umount and can_umount. The older call has no flags.
func umount(k *Kernel, t *task, c *ptlib.Call) {
	at, detach := byPath(c.Args[0]), false
	if c.Sys == ptlib.SysUmount2 {
		flags := uint32(c.Args[1])
		if flags&^umountFlags != 0 {
			c.Fail(unix.EINVAL)
			return
		}
		if flags&unix.UMOUNT_NOFOLLOW != 0 {
			at = byLink(c.Args[0])
		}
		detach = flags&unix.MNT_DETACH != 0
	}
	k.lookPlace(t, c, at, func(t *task, c *ptlib.Call, in *inode, from vfs.Place) unix.Errno {
		if !t.cred.Capable(cred.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		switch found, busy := k.namespace.Unmount(from.Virtual, detach); {
		case busy:
			return unix.EBUSY
		case found && k.real != nil:
			return k.realUnmount(c, at)
		case found:
			return 0
		case !k.isMount(c, in):
			return unix.EINVAL
		}
		return unix.EPERM
	})
}

// isMount reports whether a file is where a file system is mounted, or whether that cannot be known.
func (k *Kernel) isMount(c *ptlib.Call, in *inode) bool {
	r, errno := k.reach(c, in)
	if errno != 0 {
		return true
	}
	defer r.close()
	var stx unix.Statx_t
	if unix.Statx(r.fd, "", unix.AT_EMPTY_PATH, 0, &stx) != nil || stx.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		return true
	}
	return stx.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// pivotRoot is fs/namespace.c sys_pivot_root: the old root directory is found at another place of the new one.
func pivotRoot(k *Kernel, t *task, c *ptlib.Call) {
	if !t.cred.Capable(cred.CAP_SYS_ADMIN) {
		c.Fail(unix.EPERM)
		return
	}
	root, errno := k.place(t, c, 0, c.Args[0])
	old := vfs.Place{}
	if errno == 0 {
		old, errno = k.place(t, c, 1, c.Args[1])
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	k.look(c, byPath(c.Args[0]), func(k *Kernel, t *task, c *ptlib.Call, in *inode) {
		if !in.isDir() {
			c.Fail(unix.ENOTDIR)
			return
		}
		if _, mounted := k.namespace.At(root.Virtual); !mounted {
			c.Fail(unix.EPERM)
			return
		}
		from := k.rootOf(t)
		if _, mounted := k.namespace.At(from); !mounted && from != "/" {
			c.Fail(unix.EINVAL) // who has changed the root directory by chroot(2) cannot
			return
		}
		if !vfs.IsWithin(old.Virtual, root.Virtual) {
			c.Fail(unix.EINVAL)
			return
		}
		before := k.walker(t).RootPlace().Host
		if k.real != nil && old.Virtual != root.Virtual {
			if errno := k.realBindRoot(c, c.Args[1]); errno != 0 {
				c.Fail(errno)
				return
			}
		}
		if errno := k.chrootTo(t, c, root); errno != 0 {
			c.Fail(errno)
			return
		}
		if old.Virtual != root.Virtual {
			k.namespace.Mount(vfs.Mount{To: old.Virtual, From: before, Tree: before == "/"})
		}
		c.Answer(0)
	})
}

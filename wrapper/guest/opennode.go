package guest

import (
	"path"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// A device node is claimed, and a file without content on the disk. To open one opens the machine's device of the same number, if it is
// one that every user may use; it fails like a device that there is no driver for, if it is another.

// nodeRules are for programs that begin when there are devices which the kernel would open as the files that they are on the disk: in a
// root directory of its making. Where paths are changed, each open stops; elsewhere the action has the machine's devices.
func nodeRules() []ptlib.Rule {
	return []ptlib.Rule{{Sys: ptlib.SysOpen}, {Sys: ptlib.SysOpenat}}
}

// openedNode handles the opening of a file that is claimed to be a device; fd is that of the file on the disk.
func (k *Kernel) openedNode(c *ptlib.Call, o *opening, fd uint64, in *inode) {
	if in.isNull() && !o.writes() {
		return // an empty file reads the same, and is what fchown(2) and the like are about
	}
	node := k.tracedPath(c.Thread.Tid, int32(fd))
	c.Inject(ptlib.SysClose, fd)
	device, ok := machineDevice(in.Mode, in.rdev)
	switch {
	case !ok:
		c.Fail(unix.ENXIO)
		return
	case in.rdev == ptmxDevice:
		if errno := k.besideTerminals(taskOf(c.Thread), node); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	if k.real != nil {
		k.openGiven(c, o, device)
		return
	}
	k.openInstead(c, o, device)
}

// besideTerminals tells what the device of new terminals says of the file system of terminals, which is to be mounted at "pts" beside
// it (fs/devpts/inode.c, devpts_acquire).
func (k *Kernel) besideTerminals(t *task, node string) unix.Errno {
	at := k.walker(t).PlaceOf(node)
	if at.Virtual == "" {
		return 0 // nobody knows what is beside it
	}
	terminals, _ := k.namespace.Host(path.Join(path.Dir(at.Virtual), "pts"))
	var fs unix.Statfs_t
	switch err := unix.Statfs(terminals, &fs); {
	case err != nil:
		return unix.ENOENT
	case fs.Type != unix.DEVPTS_SUPER_MAGIC:
		return unix.ENODEV
	}
	return 0
}

// isNull reports whether a file is the device that reads as empty.
func (in *inode) isNull() bool {
	return in.Mode&unix.S_IFMT == unix.S_IFCHR && in.rdev == unix.Mkdev(1, 3)
}

// openInstead opens another path in place of the program's.
func (k *Kernel) openInstead(c *ptlib.Call, o *opening, path string) {
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	if errno := c.Thread.WriteString(scratch+scratchPath, path); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Run(func(c *ptlib.Call) { c.Answer(c.Result) }, ptlib.SysOpenat, cwdArg, scratch+scratchPath, o.again(), 0)
}

// again are the flags for something that is there.
func (o *opening) again() uint64 {
	return o.flags &^ (unix.O_CREAT | unix.O_EXCL | unix.O_TRUNC | unix.O_NOFOLLOW)
}

// openGiven is openInstead where the tracee's root directory need not have the path: the tracer opens it. The descriptor
// is the lowest that is free, as that of open(2).
func (k *Kernel) openGiven(c *ptlib.Call, o *opening, path string) {
	file, err := unix.Open(path, int(o.again())|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		c.Fail(err.(unix.Errno))
		return
	}
	defer unix.Close(file)
	given, errno := c.Give(file)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	dup := uint64(unix.F_DUPFD)
	if o.flags&unix.O_CLOEXEC != 0 {
		dup = unix.F_DUPFD_CLOEXEC
	}
	fd, errno := c.Inject(ptlib.SysFcntl, uint64(given), dup, 0)
	c.Inject(ptlib.SysClose, uint64(given))
	if errno != 0 {
		c.Fail(errno)
		return
	}
	c.Answer(fd)
}

// ptmxDevice makes terminals.
var ptmxDevice = unix.Mkdev(5, 2)

// machineDevices are the devices that an ordinary user may use.
var machineDevices = map[uint64]string{
	unix.Mkdev(1, 3): "/dev/null", unix.Mkdev(1, 5): "/dev/zero", unix.Mkdev(1, 7): "/dev/full",
	unix.Mkdev(1, 8): "/dev/random", unix.Mkdev(1, 9): "/dev/urandom",
	unix.Mkdev(5, 0): "/dev/tty", ptmxDevice: "/dev/ptmx",
}

func machineDevice(mode uint32, rdev uint64) (string, bool) {
	if mode&unix.S_IFMT != unix.S_IFCHR {
		return "", false
	}
	path, ok := machineDevices[rdev]
	return path, ok
}

package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// A target is how a call names a file.
type target struct {
	dirfd int32
	path  uint64 // address of the path in the tracee
	flags uint32 // AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH
	byFD  bool   // dirfd itself; there is no path

	resolve uint64 // RESOLVE_* of openat2(2)
}

const (
	atFDCWD = unix.AT_FDCWD
	// cwdArg is AT_FDCWD as an argument of an injected call.
	cwdArg = 1<<64 + atFDCWD
)

func byFD(fd uint64) target { return target{dirfd: int32(fd), byFD: true} }

func byPath(addr uint64) target { return target{dirfd: atFDCWD, path: addr} }

func byLink(addr uint64) target {
	return target{dirfd: atFDCWD, path: addr, flags: unix.AT_SYMLINK_NOFOLLOW}
}

func byAt(dirfd, addr, flags uint64) target {
	return target{dirfd: int32(dirfd), path: addr, flags: uint32(flags)}
}

// direct reports whether the path of the file is that of what the target names, and not of a symbolic link to it.
func (tg target) direct() bool { return tg.byFD || tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0 }

// keep puts a target into the first four of a call's Local, so that its end knows it and nothing is allocated.
func keep(c *ptlib.Call, tg target) {
	c.Local[0], c.Local[1], c.Local[2], c.Local[3] = uint64(uint32(tg.dirfd)), tg.path, uint64(tg.flags), 0
	if tg.byFD {
		c.Local[3] = 1
	}
}

// kept is the target that keep has put away.
func kept(c *ptlib.Call) target {
	return target{dirfd: int32(c.Local[0]), path: c.Local[1], flags: uint32(c.Local[2]), byFD: c.Local[3] != 0}
}

// Places in a thread's scratch memory. All of it is zero at first, and scratchEmpty stays so: it is the empty path.
const (
	scratchStatx = 0
	scratchEmpty = 512
	scratchPath  = 1024
	scratchData  = scratchPath + unix.PathMax
	scratchView  = 8192 // paths in terms of the host, two at most
	scratchArgs  = scratchView + 2*unix.PathMax
)

// statxMask asks for what a view needs: the kernel fills the basic fields in any case.
const statxMask = unix.STATX_BASIC_STATS | unix.STATX_BTIME

// A statCall tells about a target: statx(2), or what takes its place.
type statCall struct {
	sys  ptlib.Sys
	args []uint64
}

// statCall is the call by which c's program would learn about the target.
func (t *task) statCall(c *ptlib.Call, tg target, scratch uint64) statCall {
	path, flags, buf := tg.path, tg.flags, scratch+scratchStatx
	if tg.byFD {
		path, flags = scratch+scratchEmpty, unix.AT_EMPTY_PATH
	}
	dirfd := uint64(uint32(tg.dirfd))
	if t.withoutStatx {
		return statCall{c.ABI.Fstatat(), []uint64{dirfd, path, buf, uint64(flags &^ (unix.AT_STATX_FORCE_SYNC | unix.AT_STATX_DONT_SYNC))}}
	}
	return statCall{ptlib.SysStatx, []uint64{dirfd, path, uint64(flags), statxMask, buf}}
}

// lacksStatx reports whether a statCall failed because there is no statx(2), or a filter does not know it: before Linux 4.11,
// in sandboxes of that time, and in those that a program has made around itself. The next one is fstatat(2).
func (t *task) lacksStatx(errno unix.Errno) bool {
	if t.withoutStatx || !isMissing(errno) {
		return false
	}
	t.withoutStatx = true
	return true
}

// look makes the tracee stat the target in the place of its call and goes on with then, which can see the file. If the
// kernel refuses, the call fails as it would have.
func (k *Kernel) look(c *ptlib.Call, tg target, then func(k *Kernel, t *task, c *ptlib.Call, in *inode)) {
	t := taskOf(c.Thread)
	if errno := k.mayReach(t, c, tg); errno != 0 {
		c.Fail(errno)
		return
	}
	k.lookAs(t.cred, c, tg, then)
}

// lookAs is look for a file that who has been allowed to reach.
func (k *Kernel) lookAs(who *cred.Cred, c *ptlib.Call, tg target, then func(k *Kernel, t *task, c *ptlib.Call, in *inode)) {
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	t := taskOf(c.Thread)
	call := t.statCall(c, tg, scratch)
	c.Run(func(c *ptlib.Call) {
		if errno := c.Errno(); errno != 0 {
			if t.lacksStatx(errno) || errno == unix.EACCES && k.unlockAs(who, c, tg, 0) {
				c.Restart()
				return
			}
			c.Fail(errno)
			return
		}
		in, errno := k.readInode(c, tg, call, scratch)
		if errno != 0 {
			c.Fail(errno)
			return
		}
		then(k, t, c, in)
	}, call.sys, call.args...)
}

// inspect is look in the middle of a call that has ended, for a target that is known to be there.
func (k *Kernel) inspect(c *ptlib.Call, tg target) (*inode, unix.Errno) {
	scratch, ok := c.Scratch()
	if !ok {
		return nil, unix.ENOMEM
	}
	t := taskOf(c.Thread)
	for {
		call := t.statCall(c, tg, scratch)
		_, errno := c.Inject(call.sys, call.args...)
		switch {
		case errno == 0:
			return k.readInode(c, tg, call, scratch)
		case !t.lacksStatx(errno):
			return nil, errno
		}
	}
}

func (k *Kernel) readInode(c *ptlib.Call, tg target, call statCall, scratch uint64) (*inode, unix.Errno) {
	if errno := c.ReadStatOf(&k.stat, call.sys, scratch+scratchStatx); errno != 0 {
		return nil, errno
	}
	st := &k.stat.Stat
	k.trueOwner(c, tg, st)
	if call.sys != ptlib.SysStatx && !k.withoutStatx {
		// Only the program cannot ask.
		host, err := hostStat(unix.AT_FDCWD, k.hostPath(c, tg), int(tg.flags&unix.AT_SYMLINK_NOFOLLOW))
		if err == nil && keyOf(&host) == keyOf(st) {
			st.Btime = host.Btime
		}
	}
	return k.inodeOf(c, st, tg), 0
}

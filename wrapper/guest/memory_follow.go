package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// translateMemory is translateArg for a path that leads to a file in memory, or to a name that only such a file can have. What becomes
// of names is left to changeNames.
func (k *Kernel) translateMemory(t *task, c *ptlib.Call, i int, p pathArg, s *sighting) bool {
	made, errno := k.makeMemory(t, c, s)
	if errno != 0 {
		c.Fail(errno)
		return false
	}
	if !substitutePath(c, p.path, i, s.Path()) {
		return false
	}
	if made {
		p.keep |= unix.O_CREAT | unix.O_EXCL // it is there by now
	}
	switch {
	case c.Sys == ptlib.SysOpenat2:
		return relax(c, unix.O_NOFOLLOW|uint64(p.keep), unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS|unix.RESOLVE_NO_XDEV)
	case made || s.end == vfs.Self && k.memory.byHost[s.Host] != nil:
		return k.followMemory(t, c, p)
	}
	return true
}

// followMemory makes a call that keeps a link at the end of its path, which leads to a file in memory by now, be about the file. It
// returns false if the call is decided.
func (k *Kernel) followMemory(t *task, c *ptlib.Call, p pathArg) bool {
	switch c.Sys {
	case ptlib.SysReadlink, ptlib.SysReadlinkat:
		c.Fail(unix.EINVAL)
		return false
	case ptlib.SysLchown, ptlib.SysLchown16:
		k.chownAt(c, byPath(c.Args[0]), c.Args[1], c.Args[2])
		return false
	case ptlib.SysLstat, ptlib.SysLstat64, ptlib.SysOldlstat:
		k.statFollowing(t, c)
		return false
	case ptlib.SysLgetxattr, ptlib.SysLlistxattr, ptlib.SysLsetxattr, ptlib.SysLremovexattr:
		t.follows = true
	}
	if p.flags != noFlags && p.keep != 0 {
		c.Substitute(p.flags, c.Args[p.flags]&^uint64(p.keep))
	}
	return true
}

// statCalls are the calls that follow a link, for those that do not. Their structures are the same.
var statCalls = map[ptlib.Sys]ptlib.Sys{
	ptlib.SysLstat: ptlib.SysStat, ptlib.SysLstat64: ptlib.SysStat64, ptlib.SysOldlstat: ptlib.SysOldstat,
}

// statFollowing makes stat(2) of what was lstat(2).
func (k *Kernel) statFollowing(t *task, c *ptlib.Call) {
	tg := byPath(c.Args[0])
	if errno := k.mayReach(t, c, tg); errno != 0 {
		c.Fail(errno)
		return
	}
	keep(c, tg)
	c.Local[4] = c.Args[1]
	c.Value = k
	c.Run(statEnd, statCalls[c.Sys], c.Args[0], c.Args[1])
}

// relax takes flags and RESOLVE_* out of an openat2(2), which has another path than the program's. It returns false if the call starts
// over, or has failed.
func relax(c *ptlib.Call, flags, resolve uint64) bool {
	how := make([]byte, min(c.Args[3], openHowMax))
	scratch, ok := c.Scratch()
	if !ok || len(how) < openHowSize || c.Thread.ReadMemory(c.Args[2], how) != 0 {
		return ok // the kernel says what is wrong
	}
	changed := false
	clearBits := func(at int, bits uint64) {
		before := binary.NativeEndian.Uint64(how[at:])
		binary.NativeEndian.PutUint64(how[at:], before&^bits)
		changed = changed || before&bits != 0
	}
	clearBits(0, flags)
	clearBits(16, resolve)
	if flags&unix.O_CREAT != 0 {
		clearBits(8, ^uint64(0)) // a mode without O_CREAT is EINVAL
	}
	if !changed {
		return true
	}
	if errno := c.Thread.WriteMemory(scratch+scratchArgs, how); errno != 0 {
		c.Fail(errno)
		return false
	}
	c.Substitute(2, scratch+scratchArgs)
	return true
}

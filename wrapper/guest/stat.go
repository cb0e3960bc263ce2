package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

var statRows = flat(
	emulate("stat", "owner, mode, device as remembered; the caller's own files are root's", statPath, ptlib.SysStat, ptlib.SysStat64, ptlib.SysOldstat),
	emulate("stat", "as stat, of a link itself", statLink, ptlib.SysLstat, ptlib.SysLstat64, ptlib.SysOldlstat),
	emulate("stat", "as stat, of a descriptor", statFD, ptlib.SysFstat, ptlib.SysFstat64, ptlib.SysOldfstat),
	emulate("stat", "as stat, relative to a directory", statAt, ptlib.SysNewfstatat, ptlib.SysFstatat64),
	emulate("stat", "as stat", statx, ptlib.SysStatx),
)

// The real call is made; its answer is corrected. How the call named the file is kept for the rare case that the answer
// does not tell the file's identity.

func statPath(k *Kernel, t *task, c *ptlib.Call) { k.statThen(t, c, byPath(c.Args[0]), c.Args[1]) }
func statLink(k *Kernel, t *task, c *ptlib.Call) { k.statThen(t, c, byLink(c.Args[0]), c.Args[1]) }
func statFD(k *Kernel, t *task, c *ptlib.Call)   { k.statThen(t, c, byFD(c.Args[0]), c.Args[1]) }

func statAt(k *Kernel, t *task, c *ptlib.Call) {
	k.statThen(t, c, byAt(c.Args[0], c.Args[1], c.Args[3]), c.Args[2])
}

func statx(k *Kernel, t *task, c *ptlib.Call) {
	k.statThen(t, c, byAt(c.Args[0], c.Args[1], c.Args[2]), c.Args[4])
}

// statThen lets the real call run. What its end needs to know stands in Local, so that nothing is allocated.
func (k *Kernel) statThen(t *task, c *ptlib.Call, tg target, buf uint64) {
	keep(c, tg)
	c.Local[4] = buf
	if errno := k.mayReach(t, c, tg); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Value = k
	if k.statByGlance(t, c, tg, buf) {
		return
	}
	c.Then(statEnd)
}

// statByGlance answers the call from a glance, unless that does not tell enough.
func (k *Kernel) statByGlance(t *task, c *ptlib.Call, tg target, buf uint64) bool {
	const (
		known = unix.AT_SYMLINK_NOFOLLOW | unix.AT_EMPTY_PATH | unix.AT_NO_AUTOMOUNT
		syncs = unix.AT_STATX_FORCE_SYNC | unix.AT_STATX_DONT_SYNC
	)
	mask, sync := uint32(statxMask), uint32(0)
	if c.Sys == ptlib.SysStatx {
		mask, sync = uint32(c.Args[3]), tg.flags&syncs
	}
	if mask&unix.STATX__RESERVED != 0 || sync == syncs {
		return false // EINVAL, whatever the path is
	}
	if !c.CanPut() || tg.flags&^(known|sync) != 0 {
		return false
	}
	errno, ok := k.glance(t, c, tg, gaze{mask: int(mask), sync: int(sync)})
	switch {
	case !ok:
		return false
	case errno != 0:
		c.Fail(errno)
		return true
	}
	st := &k.stat.Stat
	if !k.stat.HasOwner() || k.procDev == 0 || st.Dev == k.procDev && ofProcess(c, k.pathOf(c, tg)) || k.isCallers(st) && hidden(st.Mode) || !k.present(c, st) ||
		c.Put(&k.stat, buf) != 0 {
		return false // the kernel says that the buffer is wrong, or what else is
	}
	c.Answer(0)
	return true
}

func statEnd(c *ptlib.Call) {
	k := c.Value.(*Kernel)
	if errno := c.Errno(); errno != 0 {
		if errno == unix.EACCES && k.unlock(c, kept(c), 0) {
			c.Restart()
		}
		return
	}
	b := &k.stat
	if c.ReadStat(b, c.Local[4]) != 0 || !b.HasOwner() {
		return
	}
	k.trueOwner(c, kept(c), &b.Stat)
	if k.procDev != 0 && b.Stat.Dev == k.procDev && k.seesProc(c, b) {
		return
	}
	st := &b.Stat
	if k.isCallers(st) && hidden(st.Mode) {
		k.unlock(c, kept(c), unlockRead|unlockSelfDir)
		k.statAgain(c)
		return
	}
	if b.Narrow() || !k.present(c, st) {
		k.statAgain(c)
		return
	}
	b.Patch()
}

// hidden reports whether a mode keeps the owner from reading a file or from searching a directory. Programs that look at
// such a file go on to open it.
func hidden(mode uint32) bool {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return mode&0400 == 0
	case unix.S_IFDIR:
		return mode&0500 != 0500
	}
	return false
}

// present corrects the answer of a stat call, if it tells enough to know whether a lie is meant.
func (k *Kernel) present(c *ptlib.Call, st *ptlib.Stat) bool {
	if k.nameless(st) && k.knowsOfNameless(keyOf(st)) {
		return false
	}
	uid, gid := k.mapUID(st.UID), k.mapGID(st.UID, st.GID)
	k.met = met{k, c, kept(c)}
	claim, outcome := k.lies.Lookup(keyOf(st), identity(st, false), &k.met)
	switch outcome {
	case lies.None:
		st.UID, st.GID = uid, gid
		return true
	case lies.Found:
		st.Mode, st.UID, st.GID, st.Rdev = applied(&claim, st.Mode, uid, gid, st.Rdev)
		presentNode(&claim, st)
		return true
	}
	return false
}

// presentNode makes a placeholder look like the device that it stands for: a device has no size and no blocks.
func presentNode(claim *lies.Claim, st *ptlib.Stat) {
	if claim.Has&lies.HasType != 0 {
		st.Size, st.Blocks = 0, 0
	}
}

// statAgain answers from a statx(2) of the same file, where the program's own call does not tell all of the file's
// identity: its birth time, or even its whole inode number.
func (k *Kernel) statAgain(c *ptlib.Call) {
	in, errno := k.inspect(c, kept(c))
	if errno != 0 {
		c.Fail(errno)
		return
	}
	b := &k.stat
	if c.ReadStat(b, c.Local[4]) != 0 {
		return
	}
	st := &b.Stat
	st.Mode, st.UID, st.GID, st.Rdev = in.Mode, in.UID, in.GID, in.rdev
	presentNode(&in.claim, st)
	if f := k.memory.byKey[keyOf(&in.real)]; f != nil {
		st.Nlink = uint64(len(f.names))
	}
	b.Patch()
}

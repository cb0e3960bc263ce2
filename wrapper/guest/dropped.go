package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// A task that is not root any more, or gave up the capabilities that let root pass, must be refused what the kernel would
// refuse. The kernel does not: the files are the caller's, and so is the task. So such a task has a further filter, which
// stops its calls with paths, and the checks are made here, on what is remembered. Tasks that stay root never come
// here.

var droppedRows = flat(
	emulateDropped("dropped", "a task that is no longer root is refused what the kernel would refuse; links of /proc are as seen from the task's root directory", readlink, ptlib.SysReadlink),
	emulateDropped("dropped", "as readlink", readlinkat, ptlib.SysReadlinkat),
	emulateDropped("dropped", "as readlink; times are set only by the owner", checkTimes, ptlib.SysUtime, ptlib.SysUtimes, ptlib.SysFutimesat, ptlib.SysUtimensat, ptlib.SysUtimensatTime64),
	emulateDropped("dropped", "as readlink; watching needs permission to read", checkWatch, ptlib.SysInotifyAddWatch),
	emulateDropped("dropped", "as chdir, of a descriptor", checkFchdir, ptlib.SysFchdir),
	emulateDropped("dropped", "as readlink", checkRead(0), ptlib.SysStatfs, ptlib.SysStatfs64),
)

// emulateDropped makes rows of calls that stop only for a task that is no longer root.
func emulateDropped(subject, note string, h handler, calls ...ptlib.Sys) []Row {
	return emulateWhere(subject, note, h, []ptlib.Rule{}, calls...)
}

// droppedRules is the filter of such tasks: what has no rules of its own, what has rules that let some calls pass, and what
// a shortcut lets pass.
func droppedRules() []ptlib.Rule {
	var rules []ptlib.Rule
	for i := range Table {
		if r := &Table[i]; r.Subject == "dropped" || r.Subject == othersSubject || r.Subject == "open" || r.Subject == "exec" && r.handle != nil || r.isShort() {
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.Stop})
		}
	}
	return rules
}

// needsChecks reports whether the kernel would refuse the task anything that it does not refuse the caller.
func needsChecks(c *cred.Cred) bool {
	return c.FSUID() != 0 || !c.Capable(cred.CAP_DAC_OVERRIDE) || !c.Capable(cred.CAP_FOWNER) ||
		!c.Capable(cred.CAP_DAC_READ_SEARCH) || !c.Capable(cred.CAP_CHOWN)
}

// checkRead makes a handler for a call whose path is the given argument.
func checkRead(arg int) handler {
	return func(k *Kernel, t *task, c *ptlib.Call) {
		if errno := k.mayReach(t, c, byPath(c.Args[arg])); errno != 0 {
			c.Fail(errno)
		}
	}
}

func checkWatch(k *Kernel, t *task, c *ptlib.Call) {
	at := byPath(c.Args[1])
	if c.Args[2]&unix.IN_DONT_FOLLOW != 0 {
		at = byLink(c.Args[1])
	}
	if errno := k.mayUse(t, c, at, acl.Read); errno != 0 {
		c.Fail(errno)
	}
}

func checkFchdir(k *Kernel, t *task, c *ptlib.Call) {
	if errno := k.mayUseKind(t, c, byFD(c.Args[0]), acl.Exec, unix.S_IFDIR); errno != 0 {
		c.Fail(errno)
	}
}

// checkTimes checks who may set a file's times: any times its owner, the present time whoever may write it.
func checkTimes(k *Kernel, t *task, c *ptlib.Call) {
	if !t.isDropped() {
		return
	}
	var at target
	var now bool
	switch c.Sys {
	case ptlib.SysUtime, ptlib.SysUtimes:
		at, now = byPath(c.Args[0]), c.Args[1] == 0
	case ptlib.SysFutimesat:
		at, now = byAt(c.Args[0], c.Args[1], 0), c.Args[2] == 0
	default:
		var ok bool
		if now, ok = timesNow(c); !ok {
			return // the kernel says what is wrong, or has nothing to do
		}
		at = byAt(c.Args[0], c.Args[1], c.Args[3])
		at.byFD = at.path == 0
		if at.byFD && k.isPathFD(c, c.Args[0]) {
			return // EBADF
		}
	}
	f, errno := k.search(t.cred, c, at, endingOf(at))
	if errno == 0 && f.there {
		errno = unix.Errno(t.cred.MaySetTimes(f.file, now))
	}
	if errno != 0 {
		c.Fail(errno)
	}
}

// timesNow reports whether utimensat(2) is to set both times to the present, which is no choice of one's own. ok is false
// if the call does not come as far as asking for permission (fs/utimes.c, do_utimes).
func timesNow(c *ptlib.Call) (now, ok bool) {
	if c.Args[2] == 0 {
		return true, true
	}
	size := 8 // of struct timespec
	if c.ABI.PointerBits() == 64 || c.Sys == ptlib.SysUtimensatTime64 {
		size = 16
	}
	b := make([]byte, 2*size)
	if c.Thread.ReadMemory(c.Args[2], b) != 0 {
		return false, false
	}
	nsec := func(i int) uint32 { return binary.NativeEndian.Uint32(b[i*size+size/2:]) }
	valid := func(n uint32) bool { return n < 1e9 || n == unix.UTIME_NOW || n == unix.UTIME_OMIT }
	atime, mtime := nsec(0), nsec(1)
	if !valid(atime) || !valid(mtime) || atime == unix.UTIME_OMIT && mtime == unix.UTIME_OMIT {
		return false, false
	}
	return atime == unix.UTIME_NOW && mtime == unix.UTIME_NOW, true
}

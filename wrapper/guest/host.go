package guest

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// Calls about the machine that only root may make. The action is root like root in a container without privileges: what it
// does to its own files is believed, and what it would do to the machine is refused with EPERM, for which every program
// that runs in containers has a way. To pretend would be worse where the action looks at what it did: at what was mounted,
// at the time that was set. So only that is pretended whose effect no program looks for: limits and classes of scheduling.
var hostRows = flat(
	emulate("host", "the name in the configuration, or what sethostname set; the domain that setdomainname set", uname,
		ptlib.SysUname, ptlib.SysOlduname, ptlib.SysOldolduname),
	emulate("host", "the action's own name, which uname shows; the machine keeps its own", sethostname, ptlib.SysSethostname),
	emulate("host", "as sethostname", setdomainname, ptlib.SysSetdomainname),
	emulateWhere("host", "new namespaces are refused, as in a container: in them, ids would be others than the remembered ones; the rest passes",
		unshare, []ptlib.Rule{denyFlags(allNamespaces), whereAny(0, unix.CLONE_FS)}, ptlib.SysUnshare),
	emulateWhere("host", "as unshare", unobserved, []ptlib.Rule{denyFlags(namespaces)}, ptlib.SysClone),
	emulate("host", "as unshare; the flags are in memory, so every call stops", clone3, ptlib.SysClone3),

	machineRows,
	fileattrRows,
	priorityRows,
	emulate("host", "a hard limit above the caller's stays what it is; the soft one is raised as far as may be", setrlimit, ptlib.SysSetrlimit),
	emulateWhere(othersSubject, "as setrlimit; passes where it only reads, unless by a task that is no longer root", prlimit,
		[]ptlib.Rule{{When: []ptlib.Test{{Arg: 2, Mask: ^uint32(0), Not: true}}}}, ptlib.SysPrlimit64),
)

// unobserved handles calls whose rules never stop.
func unobserved(*Kernel, *task, *ptlib.Call) {}

// Names.

func uname(k *Kernel, _ *task, c *ptlib.Call) {
	if k.config.Hostname == "" && k.domain == nil {
		return
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			return
		}
		errno := unix.Errno(0)
		if k.config.Hostname != "" {
			errno = c.WriteNodename(c.Args[0], k.config.Hostname)
		}
		if k.domain != nil && errno == 0 {
			errno = c.WriteDomainname(c.Args[0], *k.domain)
		}
		if errno != 0 {
			c.Fail(errno)
		}
	})
}

func sethostname(k *Kernel, t *task, c *ptlib.Call) {
	if name, ok := utsName(t, c); ok {
		k.config.Hostname = name
		c.Answer(0)
	}
}

func setdomainname(k *Kernel, t *task, c *ptlib.Call) {
	if name, ok := utsName(t, c); ok {
		k.domain = &name
		c.Answer(0)
	}
}

// utsNameMax is __NEW_UTS_LEN.
const utsNameMax = 64

// utsName reads a name that a task sets (kernel/sys.c, sys_sethostname). If ok is false the call has failed.
func utsName(t *task, c *ptlib.Call) (name string, ok bool) {
	size := int32(c.Args[1])
	if !t.cred.Capable(cred.CAP_SYS_ADMIN) {
		c.Fail(unix.EPERM)
		return "", false
	}
	if size < 0 || size > utsNameMax {
		c.Fail(unix.EINVAL)
		return "", false
	}
	buf := make([]byte, size)
	if size > 0 {
		if errno := c.Thread.ReadMemory(c.Args[0], buf); errno != 0 {
			c.Fail(errno)
			return "", false
		}
	}
	return string(buf), true
}

// Namespaces.

// namespaces are the flags of clone(2) that make them. unshare(2) and clone3(2) have one more, whose bit clone(2) takes for
// a part of the signal's number.
const (
	namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID |
		unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP
	allNamespaces = namespaces | unix.CLONE_NEWTIME
)

// denyFlags refuses calls whose first argument has any of the bits.
func denyFlags(bits uint32) ptlib.Rule {
	r := whereAny(0, bits)
	r.Do, r.Errno = ptlib.Deny, unix.EPERM
	return r
}

// unshare parts the task from those that it shared its umask with.
func unshare(_ *Kernel, t *task, c *ptlib.Call) {
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == 0 {
			fs := *t.fs
			t.fs = &fs
		}
	})
}

// clone3 looks at the first member of struct clone_args, the flags.
func clone3(_ *Kernel, _ *task, c *ptlib.Call) {
	flags, errno := c.ReadCloneFlags(c.Args[0])
	if errno == 0 && flags&allNamespaces != 0 {
		c.Fail(unix.EPERM)
	}
}

// Limits.

// pretend makes a call, and says that it has succeeded where the caller may not and who has a capability may.
func pretend(needs cred.Cap, t *task, c *ptlib.Call) {
	if !t.cred.Capable(needs) {
		return
	}
	c.Then(func(c *ptlib.Call) {
		if errno := c.Errno(); errno == unix.EPERM || errno == unix.EACCES {
			c.Answer(0)
		}
	})
}

func setrlimit(k *Kernel, t *task, c *ptlib.Call) { k.raiseLimit(t, c, 0, c.Args[0], c.Args[1]) }

func prlimit(k *Kernel, t *task, c *ptlib.Call) {
	mayLimit := func(t, other *task, _ *ptlib.Call) bool { return t.cred.MayLimit(other.cred) }
	if !checkOther(t, c, int32(c.Args[0]), mayLimit) {
		return
	}
	if c.Args[2] != 0 {
		k.raiseLimit(t, c, c.Args[0], c.Args[1], c.Args[2])
	}
}

// raiseLimit lets the kernel set limits. What it refuses for want of a capability is done as far as it may be.
func (k *Kernel) raiseLimit(t *task, c *ptlib.Call, pid, resource, addr uint64) {
	if !t.cred.Capable(cred.CAP_SYS_RESOURCE) {
		return
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != unix.EPERM {
			return
		}
		want, errno := c.ReadRlimit(addr)
		switch {
		case errno != 0:
		case uint32(resource) == unix.RLIMIT_NOFILE && want.Max > maxNoFile():
			return // nobody may (kernel/sys.c, do_prlimit)
		default:
			errno = raiseSoft(c, pid, resource, want)
		}
		if errno != 0 {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	})
}

// maxNoFile is the greatest limit of descriptors that root may set.
func maxNoFile() uint64 {
	const otherwise = 1 << 20 // fs/file.c, sysctl_nr_open
	text, err := os.ReadFile("/proc/sys/fs/nr_open")
	if err != nil {
		return otherwise
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// raiseSoft sets the soft limit, which does not go above the hard one.
func raiseSoft(c *ptlib.Call, pid, resource uint64, want ptlib.Rlimit) unix.Errno {
	scratch, ok := c.Scratch()
	if !ok {
		return unix.ENOMEM
	}
	limits := scratch + scratchData
	if _, errno := c.Inject(ptlib.SysPrlimit64, pid, resource, 0, limits); errno != 0 {
		return errno
	}
	now, errno := c.ReadRlimit64(limits)
	if errno != 0 {
		return errno
	}
	now.Cur = min(want.Cur, now.Max)
	if errno := c.WriteRlimit64(limits, now); errno != 0 {
		return errno
	}
	_, errno = c.Inject(ptlib.SysPrlimit64, pid, resource, limits, 0)
	return errno
}

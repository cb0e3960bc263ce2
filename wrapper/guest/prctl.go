package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

var procRows = flat(
	emulateWhere("prctl", "capabilities, securebits, keepcaps and no_new_privs are remembered; dumpable too, since the tracer "+
		"could not read the memory of a process that is not; the filters and mode of seccomp shown are the action's own; "+
		"other options pass", prctl, prctlRules(), ptlib.SysPrctl),
	emulateWhere("prctl", "filters of the action's own are installed as root may, without no_new_privs; other operations pass",
		seccomp, []ptlib.Rule{where(0, ^uint32(0), unix.SECCOMP_SET_MODE_FILTER)}, ptlib.SysSeccomp),
)

// credOptions are the options of prctl(2) about credentials.
var credOptions = []uint32{
	unix.PR_GET_KEEPCAPS, unix.PR_SET_KEEPCAPS, unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP,
	unix.PR_GET_SECUREBITS, unix.PR_SET_SECUREBITS, unix.PR_GET_NO_NEW_PRIVS, unix.PR_SET_NO_NEW_PRIVS,
	unix.PR_CAP_AMBIENT,
}

func prctlRules() []ptlib.Rule {
	var rules []ptlib.Rule
	for _, option := range credOptions {
		rules = append(rules, where(0, ^uint32(0), option))
	}
	for _, option := range []uint32{unix.PR_GET_DUMPABLE, unix.PR_SET_DUMPABLE, unix.PR_GET_SECCOMP, unix.PR_SET_SECCOMP} {
		rules = append(rules, where(0, ^uint32(0), option))
	}
	return rules
}

func prctl(k *Kernel, t *task, c *ptlib.Call) {
	switch option := int32(c.Args[0]); option {
	case unix.PR_GET_DUMPABLE:
		c.Answer(1)
		if t.proc.undumpable {
			c.Answer(0)
		}
	case unix.PR_SET_DUMPABLE:
		if c.Args[1] > 1 {
			c.Fail(unix.EINVAL)
			return
		}
		t.proc.undumpable = c.Args[1] == 0
		c.Answer(0)
	case unix.PR_GET_SECCOMP:
		c.Answer(int64(t.seccompMode()))
	case unix.PR_SET_SECCOMP:
		c.Thread.Confined()
		if c.Args[1] == unix.SECCOMP_MODE_FILTER {
			seccomp(k, t, c)
		}
	default:
		next, ret, errno, _ := t.cred.Prctl(option, c.Args[1], c.Args[2], c.Args[3], c.Args[4])
		if errno != 0 {
			c.Fail(errno)
			return
		}
		k.become(t, c, next, int64(ret))
	}
}

// seccomp installs a filter of the action's. The kernel takes it from anybody here, because ours has set no_new_privs; it
// would not from a task that has neither said so nor is privileged (kernel/seccomp.c, seccomp_prepare_filter).
func seccomp(_ *Kernel, t *task, c *ptlib.Call) {
	c.Thread.Confined()
	if !t.cred.NoNewPrivs() && !t.cred.Capable(cred.CAP_SYS_ADMIN) {
		c.Fail(unix.EACCES)
	}
}

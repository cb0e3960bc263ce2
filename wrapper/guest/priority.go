package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

var priorityRows = flat(
	emulate("priority", "a nice value below what the caller may have is remembered", setpriority, ptlib.SysSetpriority),
	emulate("priority", "as setpriority, relative to the present value", nice, ptlib.SysNice),
	emulate("priority", "a remembered nice value, else the real one", getpriority, ptlib.SysGetpriority),
	emulate("priority", "classes of scheduling that only root may have are not had, and nothing tells",
		schedule, ptlib.SysSchedSetscheduler, ptlib.SysSchedSetparam, ptlib.SysSchedSetattr),
	emulate("priority", "as sched_setscheduler", rank, ptlib.SysIoprioSet),
)

// niceness is a nice value that a task believes to have.
type niceness struct {
	claimed bool
	value   int8
}

// Arguments and results of getpriority(2) and setpriority(2).
const (
	niceLowest, niceHighest = -20, 19
	niceWidth               = niceHighest - niceLowest + 1
	niceBase                = 20 // getpriority(2) itself returns 20 minus the nice value, which is never negative
)

func clampNice(v int32) int8 { return int8(min(max(v, niceLowest), niceHighest)) }

// priorityTask is the task that a call is about, nil for others, and for groups of them.
func (k *Kernel) priorityTask(t *task, c *ptlib.Call) *task {
	which, who := int32(c.Args[0]), int32(c.Args[1])
	switch {
	case which != unix.PRIO_PROCESS:
		return nil
	case who == 0:
		return t
	}
	return k.taskOfPID(c, who)
}

// schedule is the calls whose first argument is the process that is scheduled.
func schedule(_ *Kernel, t *task, c *ptlib.Call) {
	if checkOther(t, c, int32(c.Args[0]), maySchedule) {
		pretend(cred.CAP_SYS_NICE, t, c)
	}
}

// rank is ioprio_set(2).
func rank(_ *Kernel, t *task, c *ptlib.Call) {
	const ofProcess = 1 // IOPRIO_WHO_PROCESS
	mayRank := func(t, other *task, _ *ptlib.Call) bool { return t.cred.MayRank(other.cred) }
	if int32(c.Args[0]) != ofProcess || checkOther(t, c, int32(c.Args[1]), mayRank) {
		pretend(cred.CAP_SYS_NICE, t, c)
	}
}

func setpriority(k *Kernel, t *task, c *ptlib.Call) {
	if int32(c.Args[0]) == unix.PRIO_PROCESS && !checkOther(t, c, int32(c.Args[1]), maySchedule) {
		return
	}
	c.Then(func(c *ptlib.Call) {
		whose := k.priorityTask(t, c)
		c.Answer(niceEnd(t, c, whose, clampNice(int32(c.Args[2]))))
	})
}

// niceEnd is the result of a call that gives a task a nice value. The kernel refuses the caller what it allows a task with
// CAP_SYS_NICE, and everybody whose value was lower before (kernel/sys.c, set_one_prio; kernel/sched/syscalls.c,
// can_nice).
func niceEnd(t *task, c *ptlib.Call, whose *task, value int8) int64 {
	switch errno := c.Errno(); {
	case errno == 0:
		if whose != nil {
			whose.nice = niceness{}
		}
	case errno != unix.EACCES && errno != unix.EPERM:
	case t.cred.Capable(cred.CAP_SYS_NICE), whose != nil && whose.nice.claimed && value >= whose.nice.value:
		if whose != nil {
			whose.nice = niceness{true, value}
		}
		return 0
	}
	return c.Result
}

func nice(_ *Kernel, t *task, c *ptlib.Call) {
	c.Then(func(c *ptlib.Call) {
		now := int32(t.nice.value)
		if !t.nice.claimed {
			real, errno := c.Inject(ptlib.SysGetpriority, unix.PRIO_PROCESS, 0)
			if errno != 0 {
				return
			}
			now = niceBase - int32(real)
		}
		step := min(max(int32(c.Args[0]), -niceWidth), niceWidth)
		c.Answer(niceEnd(t, c, t, clampNice(now+step)))
	})
}

func getpriority(k *Kernel, t *task, c *ptlib.Call) {
	if whose := k.priorityTask(t, c); whose != nil && whose.nice.claimed {
		c.Answer(niceBase - int64(whose.nice.value))
	}
}

package guest

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// What a task may do to other processes. All of the action's are really the caller's, who may do everything to them. So a task
// that is no longer root is asked here whether it may. Processes that are not the action's are the kernel's to answer for.

const othersSubject = "others"

var otherRows = flat(
	emulateWhere(othersSubject, "a task that is no longer root may signal only its own user's; to signal all processes is to signal all of the action's",
		kill, []ptlib.Rule{where(0, ^uint32(0), ^uint32(0))}, ptlib.SysKill),
	emulateDropped(othersSubject, "as kill", onPID(0, maySignal(1)), ptlib.SysTkill, ptlib.SysRtSigqueueinfo),
	emulateDropped(othersSubject, "as kill, of a thread", onPID(1, maySignal(2)), ptlib.SysTgkill, ptlib.SysRtTgsigqueueinfo),
	emulateDropped(othersSubject, "as kill, by a descriptor", onPIDFD(maySignal(1)), ptlib.SysPidfdSendSignal),
	emulateDropped(othersSubject, "a task that is no longer root may read and write only what has its ids", onPID(0, mayTrace), ptlib.SysProcessVmReadv, ptlib.SysProcessVmWritev),
	emulateDropped(othersSubject, "as process_vm_readv", onPIDFD(mayTrace), ptlib.SysPidfdGetfd),
	emulateDropped(othersSubject, "as process_vm_readv, of both processes", kcmp, ptlib.SysKcmp),
	emulateDropped(othersSubject, "a task that is no longer root may schedule only its own user's", onPID(0, maySchedule), ptlib.SysSchedSetaffinity),
)

// A permission says whether a task may do something to another one, which is of another process.
type permission func(t, other *task, c *ptlib.Call) bool

// onPID makes a handler of calls that do something to the process or thread of an argument.
func onPID(arg int, may permission) handler {
	return func(_ *Kernel, t *task, c *ptlib.Call) { checkOther(t, c, int32(c.Args[arg]), may) }
}

// onPIDFD makes a handler of calls whose first argument is a descriptor of the process (pidfd_open(2)).
func onPIDFD(may permission) handler {
	return func(_ *Kernel, t *task, c *ptlib.Call) { checkOther(t, c, pidOfFD(c, int32(c.Args[0])), may) }
}

// checkOther refuses the call if it is about a process of the action's to which the task may not do it. It reports whether
// it has not.
func checkOther(t *task, c *ptlib.Call, tid int32, may permission) bool {
	if other := otherTask(c, tid); other != nil && !may(t, other, c) {
		c.Fail(unix.EPERM)
		return false
	}
	return true
}

// otherTask is the task of another process of the action, nil if there is none.
func otherTask(c *ptlib.Call, tid int32) *task {
	th := c.Thread.Tracer().Thread(int(tid))
	if tid <= 0 || th == nil || th.Data == nil || th.Tgid == c.Thread.Tgid {
		return nil
	}
	return taskOf(th)
}

// pidOfFD is the process of a descriptor of processes, 0 for other descriptors.
func pidOfFD(c *ptlib.Call, fd int32) int32 {
	info, err := os.ReadFile("/proc/" + strconv.Itoa(c.Thread.Tid) + "/fdinfo/" + strconv.Itoa(int(fd)))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(info, []byte("\nPid:\t"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	pid, err := strconv.ParseInt(string(line), 10, 32)
	if err != nil {
		return 0
	}
	return int32(pid)
}

func mayTrace(t, other *task, _ *ptlib.Call) bool {
	return t.cred.MayTrace(other.cred, other.proc.undumpable)
}

func maySchedule(t, other *task, _ *ptlib.Call) bool { return t.cred.MaySchedule(other.cred) }

// maySignal makes the permission to send the signal of an argument.
func maySignal(arg int) permission {
	return func(t, other *task, c *ptlib.Call) bool {
		return t.cred.MayKill(other.cred) || unix.Signal(c.Args[arg]) == unix.SIGCONT && sameSession(c, other)
	}
}

// sameSession reports whether the other task is of the calling one's session.
func sameSession(c *ptlib.Call, other *task) bool {
	mine, err := unix.Getsid(c.Thread.Tid)
	theirs, errOther := unix.Getsid(other.thread.Tid)
	return err == nil && errOther == nil && mine == theirs
}

// kcmp is kcmp(2), which asks of both processes (kernel/kcmp.c).
func kcmp(_ *Kernel, t *task, c *ptlib.Call) {
	if checkOther(t, c, int32(c.Args[0]), mayTrace) {
		checkOther(t, c, int32(c.Args[1]), mayTrace)
	}
}

// kill is kill(2). Of a group, those get the signal who may; it is refused if nobody may (kernel/signal.c, __kill_pgrp_info).
func kill(_ *Kernel, t *task, c *ptlib.Call) {
	switch pid := int32(c.Args[0]); {
	case pid > 0:
		checkOther(t, c, pid, maySignal(1))
	case pid == -1:
		killAll(t, c)
	case !t.cred.Capable(cred.CAP_KILL):
		killGroup(t, c, int(-pid))
	}
}

// killAll sends the signal of a kill(2) to all processes of the action but the task's own. Nobody else gets it: who would be
// killed by root is not the action's to kill. It is no error if nobody may get it.
func killAll(t *task, c *ptlib.Call) {
	var pids []int
	errno, may := unix.ESRCH, maySignal(1)
	for th := range c.Thread.Tracer().Processes() {
		if other := otherTask(c, int32(th.Tgid)); other != nil {
			errno = 0
			if may(t, other, c) {
				pids = append(pids, th.Tgid)
			}
		}
	}
	sendAll(c, pids, errno)
}

// killGroup is kill(2) of a process group, 0 for the task's own, the task's process last.
func killGroup(t *task, c *ptlib.Call, group int) {
	if group == 0 {
		group, _ = unix.Getpgid(c.Thread.Tid)
	}
	var pids []int
	errno, isMember, may := unix.ESRCH, false, maySignal(1)
	for th := range c.Thread.Tracer().Processes() {
		if of, err := unix.Getpgid(th.Tgid); err != nil || of != group {
			continue
		}
		errno = unix.EPERM
		if th.Tgid == c.Thread.Tgid {
			isMember = true
		} else if other := otherTask(c, int32(th.Tgid)); other != nil && may(t, other, c) {
			pids = append(pids, th.Tgid)
		}
	}
	if isMember {
		pids = append(pids, c.Thread.Tgid)
	}
	sendAll(c, pids, errno)
}

// sendAll ends a kill(2) by one of each process. errno is the result where there is none.
func sendAll(c *ptlib.Call, pids []int, errno unix.Errno) {
	signal := c.Args[1]
	c.Run(func(c *ptlib.Call) {
		sent := false
		for _, pid := range pids {
			_, errno = c.Inject(ptlib.SysKill, uint64(pid), signal)
			sent = sent || errno == 0
		}
		if errno != 0 && !sent {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	}, ptlib.SysGetpid)
}

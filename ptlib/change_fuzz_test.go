package ptlib

import (
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is a tid that no process can have (kernel/pid.c, PID_MAX_LIMIT): every request about it fails with ESRCH.
const nobody = 1 << 28

// FuzzChanges: whatever wait(2) reports, in whatever order, about tracees that are dead by the time they are asked, the
// tracer ends with nothing left, and a Handler may try whatever it likes.
func FuzzChanges(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 3, 1, 4, 0, 5})
	f.Add([]byte{0, 0x47, 1, 0x16, 0, 0x36, 2, 0x05, 0, 0x25, 1, 0x75})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 512 {
			return
		}
		var tr *Tracer
		next := func() byte {
			if len(script) == 0 {
				return 0
			}
			b := script[0]
			script = script[1:]
			return b
		}
		var try func(c *Call)
		try = func(c *Call) {
			switch next() % 8 {
			case 0:
				c.Answer(1)
			case 1:
				c.Then(try)
			case 2:
				c.Run(try, SysGetpid)
			case 3:
				c.Inject(SysGetpid)
			case 4:
				c.Scratch()
			case 5:
				c.Restart()
			case 6:
				c.SetArg(0, 1)
				c.Then(try)
			}
		}
		b := newBusy(t)
		b.hooks.call = try
		b.hooks.exec = func(th, _ *Thread) { th.SetAuxIDs(AuxIDs{}) }
		tr = New(Options{Handler: b})
		root := tr.newThread(nobody, nobody)
		root.space = newAddressSpace()
		b.alive[nobody] = root
		tids := []int{nobody, nobody + 1, nobody + 2}
		for n := 0; n < 200 && len(script) > 0; n++ {
			tid := tids[int(next())%len(tids)]
			b := next()
			if tid != nobody && tr.threads[tid] == nil && b%2 == 0 {
				thread := tr.newThread(tid, []int{nobody, tid}[b/2%2])
				thread.space = root.space.share()
				thread.Data = nil
				tr.handler.(*busy).alive[tid] = thread
			}
			tr.change(change{tid, fuzzedStatus(b)})
		}
		for _, tid := range []int{nobody + 2, nobody + 1, nobody} {
			tr.change(change{tid, unix.WaitStatus(unix.SIGKILL)})
		}
		if len(tr.threads) > 0 || len(tr.embryos) > 0 {
			t.Errorf("left over: %d threads, %d embryos", len(tr.threads), len(tr.embryos))
		}
		b.finish()
	})
}

// fuzzedStatus is a wait status of every kind.
func fuzzedStatus(b byte) unix.WaitStatus {
	stop := func(event int, sig unix.Signal) unix.WaitStatus {
		return unix.WaitStatus(event<<16 | int(sig)<<8 | 0x7f)
	}
	switch b / 16 {
	case 0:
		return stop(unix.PTRACE_EVENT_SECCOMP, unix.SIGTRAP)
	case 1:
		return stop(0, unix.SIGTRAP|syscallStopBit)
	case 2:
		return stop(unix.PTRACE_EVENT_STOP, []unix.Signal{unix.SIGTRAP, unix.SIGSTOP, unix.SIGTTIN}[b%3])
	case 3:
		return stop(0, []unix.Signal{unix.SIGSTOP, unix.SIGSYS, unix.SIGSEGV, unix.SIGCHLD}[b%4])
	case 4:
		return stop([]int{unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE, 99}[b%4], unix.SIGTRAP)
	case 5:
		return stop(unix.PTRACE_EVENT_EXEC, unix.SIGTRAP)
	case 6:
		return unix.WaitStatus(int(b%16) << 8)
	case 7:
		return unix.WaitStatus(unix.SIGKILL)
	}
	return unix.WaitStatus(0xffff) // continued, which is not asked for
}

// Package ptlib traces a command and all its descendants, and lets a Go program decide what becomes of their system
// calls.
//
// # Promise
//
// Every process and thread that descends from the command is traced from before its first instruction, whatever it was
// made by, until it is gone. A call that the rules select stops; any other runs at native speed. For a call that stops,
// the [Handler] decides: answer it, let it happen and see its end, put another call in its place, make calls of its own
// after it. Whatever the Handler does, the program finds its registers, its signal mask and its pending signals as the
// kernel would have left them; a signal is neither lost nor seen too early; a process that is killed at any moment is
// reported once, as gone.
//
// Everything that depends on the operating system or the processor is in this package: registers, numbers, structures.
// A Handler works in neutral terms ([Sys], [Stat], [CloneFlags]) and serves programs of every ABI that the kernel executes.
// The exported names keep their meaning within a major version; the values of [Sys] constants do not, and are not to be
// stored.
//
// # In a nutshell
//
//	type handler struct{ ptlib.Watcher }
//
//	func (handler) Syscall(c *ptlib.Call) {
//		switch c.Sys {
//		case ptlib.SysGetuid:
//			c.Answer(0) // the kernel does not make the call
//		case ptlib.SysFstat:
//			c.Then(func(c *ptlib.Call) { // the kernel has made it
//				var b ptlib.StatBuffer
//				if c.Errno() == 0 && c.ReadStat(&b, c.Args[1]) == 0 {
//					b.Stat.UID = 0
//					b.Patch()
//				}
//			})
//		}
//	}
//
//	filter, err := ptlib.NewFilter([]ptlib.Rule{{Sys: ptlib.SysGetuid}, {Sys: ptlib.SysFstat}}, ptlib.FilterOptions{Base: true})
//	cmd := exec.Command("make", "install")
//	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
//	tracer := ptlib.New(ptlib.Options{Filter: filter, Handler: handler{}})
//	status, err := tracer.Run(ctx, func() (int, error) { err := cmd.Start(); return cmd.Process.Pid, err })
//
// # The way of a stop
//
// A seccomp filter in the tracee tests the number and the arguments of each call (package bpf). If a rule holds, the thread
// stops in the kernel, before the call is made, and wait(2) reports it to the tracer's loop. One request tells number,
// arguments and ABI; registers are read only if the Handler's choice needs them, once per stop, and are written back
// when the thread goes on. A call that is to be seen to its end runs to its exit stop, which is the second and last stop.
//
//	pass              1 stop    3 requests (wait, read the call, continue)
//	answer            1 stop    5 (and read and write the registers)
//	then              2 stops   6
//	run               2 stops   9
//	inject, each      2 more    6 more, and 4 once for the signal mask
//
// Calls that begin at the program's own, in its place, are interrupted by signals as it would be. Calls after its end
// (Inject, Run) are made by the instruction that made the last one, which the thread is sent back to; signals wait
// meanwhile, and group stops are made up for. The very first instruction of a program is replaced by one that enters the
// kernel, for as long as a call takes.
//
// A filter around the tracer (a container's, the Nix sandbox) may forbid a call before the tracer is asked. For such calls
// there are [StopContested] and [FilterOptions].Outranked: they arrive as a SIGSYS that the program does not see.
//
// # Signals and job control
//
// A program under the tracer stops, goes on and takes signals as it would alone. A Handler that has the methods of
// [SignalHandler] or [StopHandler] is told of it.
//
// # Commands of other processes
//
// Run starts the command as a child of this process. Adopt and TakeOver trace one that is a child of another, and stays it: a
// process that is about to execute the command in its own place, or one that another tracer has started for the purpose
// (HandOver). Its parent learns of its end when the tracer has; Options.Ending comes in between. Options.Leaving comes before that, while
// the command can still be kept from ending well.
//
// # What cannot be made right
//
//   - A process has one tracer. Tracees cannot use ptrace(2) on each other; a tracer that is itself traced cannot Run.
//   - A child of clone3(2) with CLONE_UNTRACED is not traced, and the calls that the filter selects fail with ENOSYS in
//     it. (For clone(2) the flag is taken out.)
//   - A program that forbids itself calls by a filter that kills is killed by calls that the Handler makes in its name.
//   - Where a call is contested and Outranked is set, a program that blocks SIGSYS alone gets it unblocked by the kernel,
//     and one that ignores it has the default action afterwards.
//   - A fatal signal ends a traced process when it takes the signal, not when it is sent: a parent in vfork(2) dies only
//     after its child has called execve(2) or is gone.
//   - The memory of a process that is not dumpable (prctl(2), PR_SET_DUMPABLE; a program that the user may not read)
//     is closed to a tracer without privileges: transfers fail with EPERM.
//   - Between the report of a leader's stop and the Handler's last request another thread may execute a new program, which
//     then has the leader's id. Linux 5.13 and later refuse such requests; before that they reach the new program, in the
//     few microseconds that ptlib cannot guard.
//
// # Lock order
//
// A Tracer has one lock, for the table of its threads, which is held for no call of a Handler and for no wait. All methods of
// Thread and Call, and those of Tracer but Run and Kill, are for the tracer's thread: they are called from a Handler, or
// after Run has returned.
package ptlib

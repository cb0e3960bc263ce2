package ptlib

import "runtime"

// native is the same on all processors, but for Tracees (support_linux_*.go) and StateSize.
var native = Platform{
	OS:      "linux",
	Arch:    runtime.GOARCH,
	Tracees: tracedABIs,

	// ptrace(2): PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK, PTRACE_O_TRACECLONE.
	SupportsFork:  true,
	SupportsVfork: true,
	SupportsClone: true,
	// kernel/exit.c: wait_task_zombie gives a child that its tracer has waited for back to the parent (EXIT_TRACE), and
	// do_wait looks at stopped children for the parent as long as it is not the parent's own thread that traces them.
	ParentCanWait: true,
	// fs/exec.c, ptrace_event: SIGTRAP, unless the tracer asked for PTRACE_O_TRACEEXEC or seized.
	TrapAfterExec: true,
	StateSize:     registersSize,

	Nop:     noCall, // kernel/seccomp.c, __seccomp_filter: "if the syscall was changed to -1, skip it"
	Stat:    SysStatx,
	Lstat:   SysStatx,
	Fstat:   SysStatx,
	Fstatat: SysStatx,
}

// noCall is Platform.Nop.
const noCall = -1

package ptlib

// A Platform is what an operating system and a processor mean for tracing: the facts that a port states about itself, and
// that the rest of the package relies on. Probe measures those that can be measured.
type Platform struct {
	// OS and Arch are Go's names.
	OS, Arch string
	// Tracees are the conventions that a tracee may use, the native one first. One process may use several.
	Tracees []ABI

	// SupportsFork, SupportsVfork, SupportsClone: the child of a traced fork(2), vfork(2) or clone(2) is traced too, from
	// before its first instruction, without a call being changed for it. Where one is false, a port has to catch the
	// child with code of its own in the tracee.
	SupportsFork, SupportsVfork, SupportsClone bool
	// ParentCanWait: a parent that waits for a child is told of its stops and of its end although another process traces
	// it; and the child stays a zombie until the parent does, whether the tracer has waited for it or not. Where it is
	// false, wait(2) has to be emulated.
	ParentCanWait bool
	// TrapAfterExec: a child that asked to be traced (PTRACE_TRACEME) stops with SIGTRAP after execve(2), before its
	// program's first instruction. Run takes it over there.
	TrapAfterExec bool
	// StateSize is how many bytes it takes to keep a tracee's registers, so that it can do something else meanwhile and
	// go on as if nothing had been.
	StateSize int

	// Nop is the number of a call that does nothing, to be made in the place of one that must not be. A negative number
	// is no call at all: the kernel leaves the result to the tracer.
	Nop int
	// Stat, Lstat, Fstat and Fstatat are the calls that tell about files with the whole range of inodes, on every
	// convention in Tracees, and fill the structure that Call.ReadStatOf reads. Where all are the same call, its flags say
	// which of them is meant (AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH). Where a kernel lacks
	// them, ABI.Fstatat takes their place.
	Stat, Lstat, Fstat, Fstatat Sys
}

// Native returns the platform that this program was built for.
func Native() Platform { return native }

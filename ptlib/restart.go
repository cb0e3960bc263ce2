package ptlib

import "golang.org/x/sys/unix"

// An interrupted call that had arguments of the Handler's is made again by the kernel, if no handler of the program's
// says otherwise, and it is to be the program's own call. Where the result overwrites the first argument, the kernel
// has kept that one aside: some kernels what the program gave, others what the tracer put in its place. Nothing tells
// which, and the copy cannot be written. But before the program goes on, the thread stops: for the signal, or at the
// entry of the call itself. There the first argument is mended.

// mendRestart mends it at whatever stop comes after the call's exit stop. Until t runs on, it may have to be done again.
func (t *Thread) mendRestart(event int) {
	if event == unix.PTRACE_EVENT_SECCOMP || t.load() != 0 {
		return // see mendEntry
	}
	c := &t.call
	if t.regs.instructionPointer()+uint64(len(t.regs.syscallInsn())) == c.IP {
		t.setFirstArg(c.own[0])
	}
}

// mendEntry mends it where no other stop came before that at the entry of the call.
func (t *Thread) mendEntry(info *syscallInfo) {
	c := &t.call
	if info.ip == c.IP && int(int32(info.nr)) == c.Number && t.load() == 0 {
		info.args[0] = c.own[0]
		t.setFirstArg(c.own[0])
	}
}

func (t *Thread) setFirstArg(v uint64) {
	abi := t.regs.abi()
	args := t.regs.args(abi)
	args[0] = v
	t.regs.setArgs(abi, args)
	t.dirty = true
}

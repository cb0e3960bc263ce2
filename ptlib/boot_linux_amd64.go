package ptlib

import (
	"bytes"
	"slices"

	"golang.org/x/sys/unix"
)

// boot maps the stub into t's memory, and memory for detours within reach of ip, unless they are there. t's program stands at the
// end of a call (over), where one was answered, or at its beginning, in text that it does not write.
func (t *Thread) boot(ip uint64, over bool) bool {
	s, cut := &t.space.shortcuts, t.tracer.options.Shortcut
	if s.mapped || s.off {
		return s.mapped
	}
	cwd := int64(unix.AT_FDCWD)
	s.mapped = t.bootBy(ip, SysOpenat, uint64(cwd), bootPath, unix.O_RDONLY|unix.O_CLOEXEC)
	if !s.mapped && over { // t has another /proc than this process, or none
		if fd, errno := t.giveReadable(ABIAMD64, cut.file); errno == 0 {
			// It becomes itself, and the code closes it: after code that came to its end no call can be made here.
			s.mapped = t.bootBy(ip, SysDup2, uint64(fd), uint64(fd), 0)
		}
	}
	s.off = !s.mapped
	return s.mapped
}

// bootPath, as an argument of bootBy's call, stands for the address of the name by which the stub's file is reached in /proc.
const bootPath = ^uint64(0)

// bootBy is boot with the call by which t gets a descriptor of the stub's file. While t makes the calls, all in one go, code of ours
// stands in the place of the beginning of ip's page: to make each of them from outside takes two stops.
func (t *Thread) bootBy(ip uint64, sys Sys, arg0, arg1, arg2 uint64) bool {
	at := (ip - 1) &^ (pageSize - 1)
	code := slices.Concat(bootText(), t.tracer.options.Shortcut.path)
	code = append(code, make([]byte, -len(code)&7)...)
	if arg1 == bootPath {
		arg1 = at + uint64(len(bootText()))
	}
	program := make([]byte, len(code))
	if t.ReadMemory(at, program) != 0 {
		return false
	}
	// What the code begins with (stub_linux_amd64.s).
	start := t.regs
	start.Rip, start.Orig_rax = at, ^uint64(0)
	start.R12, start.Rdi, start.Rsi, start.Rdx = uint64(nrOf(ABIAMD64, sys)), arg0, arg1, arg2
	start.R13, start.R14, start.R15 = stubBase, stubSize, unix.MAP_SHARED|unix.MAP_FIXED_NOREPLACE
	start.Rbp, start.Rbx = detourHint(ip), detourArea
	var end registers
	var errno unix.Errno
	written := t.poke(at, code)
	if written {
		end, errno = t.runText(start)
	}
	if !t.poke(at, program) || !written || errno != 0 {
		return false
	}
	return t.booted(int64(end.Rbx), int64(end.R12))
}

// booted looks at where the stub and the memory for detours are, or at what errors there were. What is of no use is unmapped.
func (t *Thread) booted(stub, area int64) bool {
	there := !isError(stub) && uint64(stub) == stubBase && t.hasStub()
	if there && !isError(area) {
		t.space.shortcuts.area = uint64(area)
		return true
	}
	// The call that the code ended with comes to its end first: before, no other can be made.
	if _, errno := t.runOurs(phaseReexit); errno != 0 {
		return false
	}
	if !isError(stub) { // before Linux 4.17 the address is a mere wish
		t.injectSys(ABIAMD64, SysMunmap, uint64(stub), stubSize)
	}
	if !isError(area) {
		t.injectSys(ABIAMD64, SysMunmap, uint64(area), detourArea)
	}
	return false
}

// runText lets t run code of ours, with registers of ours, as far as a prctl(2) of probeOption, which the filter selects, and returns
// the registers that it makes that with. It is for the end of a call, and for code that takes no time. The program's registers
// are put back. errno is as for inject; EFAULT, if the code did not come so far.
func (t *Thread) runText(start registers) (end registers, errno unix.Errno) {
	if errno := t.load(); errno != 0 {
		return end, errno
	}
	t.tracer.stats.Injected++
	program := t.regs
	t.block()
	t.regs, t.dirty, t.ours = start, true, ourCall{}
	result, errno := t.runOurs(phaseText)
	if errno == 0 {
		errno = t.load()
	}
	if errno != 0 {
		return end, errno
	}
	end = t.regs
	t.regs, t.known, t.dirty = program, true, true
	t.regs.setNumber(noCall) // the call that the code ended with is not made, nor another in its place
	return end, unix.Errno(-result)
}

// hasStub reports whether what was mapped is the stub: in another PID namespace the name is that of somebody else's file.
func (t *Thread) hasStub() bool {
	var head [headEnd]byte
	return t.ReadMemory(stubHeader, head[:]) == 0 && bytes.Equal(head[:], t.tracer.options.Shortcut.memory[stubHeader-stubBase:][:headEnd])
}

// poke writes code, a multiple of 8 bytes.
func (t *Thread) poke(at uint64, code []byte) bool {
	for i := 0; i < len(code); i += 8 {
		if t.pokeText(uintptr(at)+uintptr(i), nativeEndian.Uint64(code[i:])) != 0 {
			return false
		}
	}
	return true
}

package ptlib

import "golang.org/x/sys/unix"

// ScratchSize is how much memory Scratch gives, in bytes.
const ScratchSize = slotSize

// Scratch returns the address of ScratchSize bytes in the tracee's memory that the program does not use, for arguments and
// results of calls that a Handler makes. They are the thread's own until its process execs. If ok is false the memory is
// not there yet: the call is used to map it, and starts over as a new Call, so the Handler returns at once.
func (c *Call) Scratch() (addr uint64, ok bool) {
	t := c.Thread
	if t.slot != 0 {
		return t.slot, true
	}
	if t.slot = t.space.take(); t.slot != 0 {
		return t.slot, true
	}
	sys, args := mapCall(c.ABI, scratchSlots*slotSize)
	if !c.atEnd && !c.trapped {
		c.Run(scratchMapped, sys, args[:]...)
		return 0, false
	}
	at, errno := c.Inject(sys, args[:]...)
	if errno != 0 {
		c.Fail(unix.ENOMEM)
		return 0, false
	}
	t.space.add(uint64(at))
	t.slot = t.space.take()
	return t.slot, true
}

// scratchMapped is the end of the call that maps scratch memory at the entry of another one. What cannot be mapped, for
// want of address space, fails the program's own call as the kernel might.
func scratchMapped(c *Call) {
	if c.Errno() != 0 {
		c.Fail(unix.ENOMEM)
		return
	}
	c.Thread.space.add(uint64(c.Result))
	c.Restart()
}

// Mmap is the call that maps memory: i386 has mmap2(2), which counts offsets in units of 4096 bytes, for what mmap(2) is elsewhere.
func (a ABI) Mmap() Sys {
	if nrOf(a, SysMmap2) >= 0 {
		return SysMmap2
	}
	return SysMmap
}

// mapCall is the call that maps memory for the tracer.
func mapCall(abi ABI, size uint64) (Sys, [6]uint64) {
	return abi.Mmap(), [6]uint64{
		0, size,
		unix.PROT_READ | unix.PROT_WRITE,
		unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE,
		^uint64(0), 0,
	}
}

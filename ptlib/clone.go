package ptlib

import "golang.org/x/sys/unix"

// ReadCloneFlags reads the flags of clone3(2): the first member of struct clone_args, 64 bits on every ABI.
func (c *Call) ReadCloneFlags(addr uint64) (CloneFlags, unix.Errno) {
	return c.Thread.readCloneFlags(addr)
}

func (t *Thread) readCloneFlags(addr uint64) (CloneFlags, unix.Errno) {
	var raw [8]byte
	errno := t.ReadMemory(addr, raw[:])
	return CloneFlags(nativeEndian.Uint64(raw[:])), errno
}

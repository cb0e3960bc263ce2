package ptlib

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Confine puts a filter into the calling thread, which keeps it, as does all that it starts. There is nobody to hear of
// stops: the rules are to pass or deny. The goroutine has to be locked to its thread, and never to be unlocked.
//
// The thread gets no new privileges any more (PR_SET_NO_NEW_PRIVS): without that an ordinary user may not install filters
// (seccomp(2)).
func (f *Filter) Confine() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("%w: no new privileges: %w", ErrNoSeccomp, err)
	}
	prog := unix.SockFprog{Len: uint16(len(f.insns)), Filter: (*unix.SockFilter)(unsafe.Pointer(&f.code[0]))}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)), 0, 0); err != nil {
		return fmt.Errorf("%w: %w", ErrNoSeccomp, err)
	}
	return nil
}

// DenyNetwork leaves the calling thread, and what it starts, no sockets but those of AF_UNIX: others fail with EACCES, and so
// do all that 32-bit programs ask socketcall(2) for, whose arguments no filter sees. io_uring, whose operations no filter
// sees either, is not there. See Confine.
func DenyNetwork() error {
	const socketcallSocket = 1 // SYS_SOCKET of linux/net.h; its arguments are in memory, where no filter sees them
	f, err := NewFilter([]Rule{
		{Sys: SysSocket, Do: Pass, When: []Test{{Arg: 0, Mask: ^uint32(0), Value: unix.AF_UNIX}}},
		{Sys: SysSocket, Do: Deny, Errno: unix.EACCES},
		{Sys: SysSocketcall, Do: Deny, Errno: unix.EACCES, When: []Test{{Arg: 0, Mask: ^uint32(0), Value: socketcallSocket}}},
		{Sys: SysIoUringSetup, Do: Deny, Errno: unix.ENOSYS},
	}, FilterOptions{})
	if err != nil {
		return err
	}
	return f.Confine()
}

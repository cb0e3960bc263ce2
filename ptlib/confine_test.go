package ptlib

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDenyNetwork(t *testing.T) {
	type result struct{ confine, local, internet, packet, uring error }
	ended := make(chan result)
	go func() { // the thread ends with the goroutine
		runtime.LockOSThread()
		r := result{confine: DenyNetwork()}
		socket := func(family int) error {
			// Not by socketcall(2), as unix.Socket does on 386: that has no sockets at all.
			fd, _, errno := unix.RawSyscall(unix.SYS_SOCKET, uintptr(family), unix.SOCK_DGRAM, 0)
			if errno != 0 {
				return errno
			}
			return unix.Close(int(fd))
		}
		r.local, r.internet, r.packet = socket(unix.AF_UNIX), socket(unix.AF_INET), socket(unix.AF_PACKET)
		_, _, r.uring = unix.RawSyscall(unix.SYS_IO_URING_SETUP, 0, 0, 0)
		ended <- r
	}()
	r := <-ended
	if r.confine != nil || r.local != nil || r.internet != unix.EACCES || r.packet != unix.EACCES || r.uring != unix.ENOSYS {
		t.Errorf("%+v", r)
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0); err != nil {
		t.Errorf("another thread has no network: %v", err)
	} else {
		unix.Close(fd)
	}
}

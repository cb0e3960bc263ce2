package ptlib

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Give makes the tracee have a descriptor, closed on exec, of a file that this process has open, and returns it. It is for the end
// of a call. The file is handed through a socket, which leads into other namespaces too, and what it was opened for stays. errno
// is ENOSYS before Linux 5.6, else what the tracee's calls or pidfd_getfd(2) say.
func (c *Call) Give(file int) (fd int, errno unix.Errno) {
	if !c.atEnd && !c.trapped {
		return -1, unix.EBUSY
	}
	return c.Thread.give(c.ABI, file)
}

// giveRoom is what give needs below the stack pointer, with the 128 bytes there that are the program's own.
const giveRoom = 1024

// give is Give for a thread between two instructions.
func (t *Thread) give(abi ABI, file int) (fd int, errno unix.Errno) {
	if errno := t.load(); errno != 0 {
		return -1, errno
	}
	at := (t.regs.stackPointer() - giveRoom) &^ 63
	if _, errno := t.injectSys(abi, SysSocketpair, unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0, at); errno != 0 {
		return -1, errno
	}
	var pair [8]byte
	if errno := t.ReadMemory(at, pair[:]); errno != 0 {
		return -1, errno
	}
	ends := [2]uint64{uint64(nativeEndian.Uint32(pair[0:])), uint64(nativeEndian.Uint32(pair[4:]))}
	defer t.injectSys(abi, SysClose, ends[0])
	defer t.injectSys(abi, SysClose, ends[1])
	if err := t.sendTo(int(ends[0]), file); err != nil {
		return -1, err.(unix.Errno)
	}

	// struct msghdr, iovec, a byte of data, and control data, one behind the other (include/linux/socket.h).
	w := wordSize(abi)
	var m [256]byte
	put := func(i int, v uint64) {
		if w == 4 {
			nativeEndian.PutUint32(m[4*i:], uint32(v))
		} else {
			nativeEndian.PutUint64(m[8*i:], v)
		}
	}
	const iov, data, control, controlLen = 64, 96, 128, 64
	put(2, at+iov)
	put(3, 1)
	put(4, at+control)
	put(5, controlLen)
	put(iov/w, at+data)
	put(iov/w+1, 1)
	if errno := t.WriteMemory(at, m[:]); errno != 0 {
		return -1, errno
	}
	if _, errno := t.injectSys(abi, SysRecvmsg, ends[1], at, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC); errno != 0 {
		return -1, errno
	}
	var got [4]byte
	if errno := t.ReadMemory(at+control+uint64(w)+8, got[:]); errno != 0 {
		return -1, errno
	}
	var kind [4]byte
	if t.ReadMemory(at+control+uint64(w)+4, kind[:]) != 0 || nativeEndian.Uint32(kind[:]) != unix.SCM_RIGHTS {
		return -1, unix.EBADF // the tracee may have no more descriptors: nothing came
	}
	return int(nativeEndian.Uint32(got[:])), 0
}

// sendTo sends a file into the socket that is t's descriptor fd.
func (t *Thread) sendTo(fd, file int) error {
	process, err := unix.PidfdOpen(t.Tgid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(process)
	socket, err := unix.PidfdGetfd(process, fd, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	return unix.Sendmsg(socket, []byte{0}, unix.UnixRights(file), nil, unix.MSG_DONTWAIT)
}

// giveReadable is give for a file of which the tracee is to have no more than a view.
func (t *Thread) giveReadable(abi ABI, file int) (fd int, errno unix.Errno) {
	view, err := unix.Open("/proc/self/fd/"+strconv.Itoa(file), os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err.(unix.Errno)
	}
	defer unix.Close(view)
	return t.give(abi, view)
}

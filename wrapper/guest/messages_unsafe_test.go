package guest

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// messages are what sendmmsg(2) takes.
type messages struct {
	headers []messageHeader
	next    int
}

type messageHeader struct {
	unix.Msghdr
	length uint32
}

// newMessages makes messages of pairs of content and control data.
func newMessages(parts ...[]byte) *messages {
	m := &messages{headers: make([]messageHeader, len(parts)/2)}
	for i := range m.headers {
		h, content, control := &m.headers[i], parts[2*i], parts[2*i+1]
		h.Iov = &unix.Iovec{Base: unsafe.SliceData(content)}
		h.Iov.SetLen(len(content))
		h.SetIovlen(1)
		h.Control = unsafe.SliceData(control)
		h.SetControllen(len(control))
	}
	return m
}

func (m *messages) left() int { return len(m.headers) - m.next }

func (m *messages) send(fd int) (int, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.headers[m.next])), uintptr(m.left()), 0, 0, 0)
	if errno == 0 {
		m.next += int(n)
	}
	return int(n), errno
}

// sent tells the lengths that the kernel wrote.
func (m *messages) sent() []uint32 {
	var list []uint32
	for i := range m.headers {
		list = append(list, m.headers[i].length)
	}
	return list
}

package ptlib

import "golang.org/x/sys/unix"

// A Message is struct msghdr of sendmsg(2), recvmsg(2) and their kin in a tracee's memory, as far as Handlers need it.
type Message struct {
	Name       uint64 // address of the socket address, 0: none
	NameLen    uint32
	Control    uint64 // address of the control data
	ControlLen uint64 // its length in bytes

	raw  [msghdrMax]byte
	size int
}

// msghdrMax is the size of the larger struct msghdr, that of 64-bit ABIs.
const msghdrMax = 56

// wordSize returns the length of a pointer in bytes. struct msghdr is a row of fields of that length, some of them padded
// (include/linux/socket.h, include/net/compat.h): name, namelen, iov, iovlen, control, controllen, flags.
func wordSize(abi ABI) int { return abi.PointerBits() / 8 }

// MessageSize is the distance of the messages that sendmmsg(2) and recvmmsg(2) take: struct mmsghdr, a msghdr with the
// length that was sent or received, padded.
func (c *Call) MessageSize() uint64 { return uint64(8 * wordSize(c.ABI)) }

// MessageLen is where in a struct mmsghdr the length stands.
func (c *Call) MessageLen() uint64 { return uint64(7 * wordSize(c.ABI)) }

// ReadMessage reads a message.
func (c *Call) ReadMessage(addr uint64) (Message, unix.Errno) {
	w := wordSize(c.ABI)
	m := Message{size: 7 * w}
	if errno := c.Thread.ReadMemory(addr, m.raw[:m.size]); errno != 0 {
		return Message{}, errno
	}
	word := func(i int) uint64 {
		if w == 4 {
			return uint64(nativeEndian.Uint32(m.raw[4*i:]))
		}
		return nativeEndian.Uint64(m.raw[8*i:])
	}
	m.Name, m.NameLen = word(0), uint32(word(1))
	m.Control, m.ControlLen = word(4), word(5)
	return m, 0
}

// WriteMessage writes the message with another place for its control data.
func (c *Call) WriteMessage(addr uint64, m *Message, control uint64) unix.Errno {
	raw := m.raw
	if w := wordSize(c.ABI); w == 4 {
		nativeEndian.PutUint32(raw[4*w:], uint32(control))
	} else {
		nativeEndian.PutUint64(raw[4*w:], control)
	}
	return c.Thread.WriteMemory(addr, raw[:m.size])
}

// WriteMessageTo writes the message with another address of the socket that it is for.
func (c *Call) WriteMessageTo(addr uint64, m *Message, name uint64, nameLen uint32) unix.Errno {
	raw := m.raw
	if w := wordSize(c.ABI); w == 4 {
		nativeEndian.PutUint32(raw[0:], uint32(name))
	} else {
		nativeEndian.PutUint64(raw[0:], name)
	}
	nativeEndian.PutUint32(raw[wordSize(c.ABI):], nameLen)
	return c.Thread.WriteMemory(addr, raw[:m.size])
}

// Credentials is struct ucred: who is at the other end of a unix socket. It is the same on every ABI.
type Credentials struct {
	PID      int32
	UID, GID uint32
}

// CredentialsSize is the length of struct ucred in bytes.
const CredentialsSize = 12

// ParseCredentials reads what Append writes.
func ParseCredentials(b []byte) Credentials {
	return Credentials{int32(nativeEndian.Uint32(b[0:])), nativeEndian.Uint32(b[4:]), nativeEndian.Uint32(b[8:])}
}

// Append appends the structure to b.
func (u Credentials) Append(b []byte) []byte {
	b = nativeEndian.AppendUint32(b, uint32(u.PID))
	b = nativeEndian.AppendUint32(b, u.UID)
	return nativeEndian.AppendUint32(b, u.GID)
}

// FindCredentials returns where in control data the credentials stand, -1 if there are none (cmsg(3)).
func (c *Call) FindCredentials(control []byte) int {
	w := wordSize(c.ABI)
	head := w + 8 // length, level, type
	for at := 0; len(control)-at >= head; {
		var size uint64
		if w == 4 {
			size = uint64(nativeEndian.Uint32(control[at:]))
		} else {
			size = nativeEndian.Uint64(control[at:])
		}
		if size < uint64(head) || size > uint64(len(control)-at) {
			return -1
		}
		level, kind := nativeEndian.Uint32(control[at+w:]), nativeEndian.Uint32(control[at+w+4:])
		if level == unix.SOL_SOCKET && kind == unix.SCM_CREDENTIALS && size >= uint64(head+CredentialsSize) {
			return at + head
		}
		at += (int(size) + w - 1) &^ (w - 1)
	}
	return -1
}

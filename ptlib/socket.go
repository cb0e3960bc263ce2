package ptlib

import (
	"bytes"
	"net/netip"

	"golang.org/x/sys/unix"
)

// socketCalls are the calls that socketcall(2) stands for, by its first argument (include/uapi/linux/net.h), with the
// number of arguments that each takes (net/socket.c, nargs).
var socketCalls = [...]struct {
	sys  Sys
	args int
}{
	1: {SysSocket, 3}, 2: {SysBind, 3}, 3: {SysConnect, 3}, 4: {SysListen, 2}, 5: {SysAccept, 3},
	6: {SysGetsockname, 3}, 7: {SysGetpeername, 3}, 8: {SysSocketpair, 4}, 9: {SysSend, 4}, 10: {SysRecv, 4},
	11: {SysSendto, 6}, 12: {SysRecvfrom, 6}, 13: {SysShutdown, 2}, 14: {SysSetsockopt, 5}, 15: {SysGetsockopt, 5},
	16: {SysSendmsg, 3}, 17: {SysRecvmsg, 3}, 18: {SysAccept4, 4}, 19: {SysRecvmmsg, 5}, 20: {SysSendmmsg, 4},
}

// SocketCall tells the number by which socketcall(2) knows a call, for rules that test its first argument.
func SocketCall(s Sys) (nr uint32, ok bool) {
	for i := range socketCalls {
		if i > 0 && socketCalls[i].sys == s {
			return uint32(i), true
		}
	}
	return 0, false
}

// A SocketArgs is a call about a socket with its arguments, whether or not it was made by way of socketcall(2).
type SocketArgs struct {
	Sys  Sys
	Args [6]uint64
}

// ReadSocketArgs returns what c says of a socket. EINVAL is for a socketcall(2) that does not exist.
func (c *Call) ReadSocketArgs() (SocketArgs, unix.Errno) {
	if c.Sys != SysSocketcall {
		return SocketArgs{c.Sys, c.Args}, 0
	}
	if c.Args[0] == 0 || c.Args[0] >= uint64(len(socketCalls)) {
		return SocketArgs{}, unix.EINVAL
	}
	call := socketCalls[c.Args[0]]
	var raw [6 * 4]byte
	if errno := c.Thread.ReadMemory(c.Args[1], raw[:4*call.args]); errno != 0 {
		return SocketArgs{}, errno
	}
	s := SocketArgs{Sys: call.sys}
	for i := range call.args {
		s.Args[i] = uint64(nativeEndian.Uint32(raw[4*i:]))
	}
	return s, 0
}

// SocketArgsSize is how much memory SetSocketArgs needs.
const SocketArgsSize = 6 * 4

// SetSocketArgs changes the arguments of the call that the kernel is about to make; it goes with Then, as SetArg does. Those
// of socketcall(2) are written to the address.
func (c *Call) SetSocketArgs(s SocketArgs, at uint64) unix.Errno {
	if c.Sys != SysSocketcall {
		for i, v := range s.Args {
			if v != c.Args[i] {
				c.SetArg(i, v)
			}
		}
		return 0
	}
	var raw [SocketArgsSize]byte
	for i, v := range s.Args {
		nativeEndian.PutUint32(raw[4*i:], uint32(v))
	}
	if errno := c.Thread.WriteMemory(at, raw[:]); errno != 0 {
		return errno
	}
	c.SetArg(1, at)
	return 0
}

// SubstituteSocketArgs is SetSocketArgs that changes Args too, as Substitute does.
func (c *Call) SubstituteSocketArgs(s SocketArgs, at uint64) unix.Errno {
	errno := c.SetSocketArgs(s, at)
	switch {
	case errno != 0:
	case c.Sys == SysSocketcall:
		c.Args[1] = at
	default:
		c.Args = s.Args
	}
	return errno
}

// A SocketAddress is what a tracee calls the other end of a socket, or its own.
type SocketAddress struct {
	Family uint16     // unix.AF_*
	IP     netip.Addr // of AF_INET and AF_INET6
	Path   []byte     // of AF_UNIX; nil for an abstract address, or none

	raw []byte
}

// sockaddrMax is the size of struct sockaddr_storage: the kernel takes no longer address (net/socket.c,
// move_addr_to_kernel).
const sockaddrMax = 128

// Offsets in struct sockaddr_in, sockaddr_in6 and sockaddr_un; the same on every ABI.
const (
	sockaddrIPv4 = 4
	sockaddrIPv6 = 8
	sockaddrPath = 2
)

// ReadSocketAddress reads an address of size bytes. EINVAL is for one that is too long, or too short for its family.
func (c *Call) ReadSocketAddress(addr, size uint64) (SocketAddress, unix.Errno) {
	if size < 2 || size > sockaddrMax {
		return SocketAddress{}, unix.EINVAL
	}
	raw := make([]byte, size)
	if errno := c.Thread.ReadMemory(addr, raw); errno != 0 {
		return SocketAddress{}, errno
	}
	return parseSocketAddress(raw)
}

func parseSocketAddress(raw []byte) (SocketAddress, unix.Errno) {
	a := SocketAddress{Family: nativeEndian.Uint16(raw), raw: raw}
	switch a.Family {
	case unix.AF_INET:
		if len(raw) < sockaddrIPv4+4 {
			return a, unix.EINVAL
		}
		a.IP = netip.AddrFrom4([4]byte(raw[sockaddrIPv4:]))
	case unix.AF_INET6:
		if len(raw) < sockaddrIPv6+16 {
			return a, unix.EINVAL
		}
		a.IP = netip.AddrFrom16([16]byte(raw[sockaddrIPv6:]))
	case unix.AF_UNIX:
		path := raw[sockaddrPath:]
		if len(path) > 0 && path[0] != 0 {
			a.Path, _, _ = bytes.Cut(path, []byte{0})
		}
	}
	return a, 0
}

// Loopback returns an Internet address, as it stands in memory, with this machine's own in its place.
func (a *SocketAddress) Loopback() []byte {
	raw := bytes.Clone(a.raw)
	switch a.Family {
	case unix.AF_INET:
		copy(raw[sockaddrIPv4:], []byte{127, 0, 0, 1})
	case unix.AF_INET6:
		loopback := netip.IPv6Loopback().As16()
		copy(raw[sockaddrIPv6:], loopback[:])
	}
	return raw
}

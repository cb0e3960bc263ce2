package guest

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Unix sockets are named by paths, in addresses. Those that a task gives are put in terms of the host, those that it is told are what was
// given. An address has room for few characters: where the host's path is too long, the directory is named by a
// descriptor that the tracer has open meanwhile.

// socketNames are the paths that sockets were bound to, by what the kernel was told.
type socketNames map[string]string

// maxSocketNames bounds how many are remembered: nobody tells when an address is gone.
const maxSocketNames = 4096

// sunPathMax is the size of sun_path in struct sockaddr_un; sunPath is where it begins.
const (
	sunPathMax = 108
	sunPath    = 2
)

// holdParent opens the directory of a path in the tracer until the task's next call that is looked at, and returns a shorter name for
// the file.
func (t *task) holdParent(path string) (string, unix.Errno) {
	host := strings.TrimRight(path, "/")
	dir, name, err := vfs.OpenParent(host)
	if err != nil {
		return "", err.(unix.Errno)
	}
	t.hold(dir)
	return procFD(unix.Getpid(), int32(dir.Fd())) + "/" + name + path[len(host):], 0
}

// Places in scratch memory for socket calls.
const (
	scratchSockaddr   = scratchArgs
	scratchSockaddrIn = scratchSockaddr + 128
	scratchSocklen    = scratchSockaddrIn + 128
	scratchMsghdr     = scratchSocklen + 64
	scratchSocketArgs = scratchMsghdr + 64 // struct mmsghdr has 64 bytes, at most
)

// translateSocket puts the address of a socket call in terms of the host, or sees to the one that it will tell. It returns
// false if the call is decided already.
func (k *Kernel) translateSocket(t *task, c *ptlib.Call) bool {
	s, errno := c.ReadSocketArgs()
	if errno != 0 {
		return true // the kernel says the same
	}
	switch s.Sys {
	case ptlib.SysBind:
		return k.nameSocket(t, c, s, 1, vfs.Name)
	case ptlib.SysConnect:
		return k.nameSocket(t, c, s, 1, vfs.Follow)
	case ptlib.SysSendto:
		return k.nameSocket(t, c, s, 4, vfs.Follow)
	case ptlib.SysSendmsg:
		return k.nameMessage(t, c, s)
	case ptlib.SysSendmmsg:
		return k.nameMessages(t, c, s)
	case ptlib.SysGetsockname, ptlib.SysGetpeername, ptlib.SysAccept, ptlib.SysAccept4:
		return k.tellSocket(t, c, s, 1)
	case ptlib.SysRecvfrom:
		return k.tellSocket(t, c, s, 4)
	}
	return true
}

// hostAddress is the address of the host for one of a task's; nil if it is the same.
func (k *Kernel) hostAddress(t *task, c *ptlib.Call, addr, size uint64, end vfs.Ending) ([]byte, unix.Errno) {
	a, errno := c.ReadSocketAddress(addr, size)
	if errno != 0 || a.Family != unix.AF_UNIX || len(a.Path) == 0 || size > sunPath+sunPathMax {
		return nil, 0
	}
	given := string(a.Path)
	r, errno := k.lookup(t, atFDCWD, given, end, 0)
	if errno == 0 {
		errno = k.judge(t, c, &r)
	}
	if errno != 0 || r.Same {
		return nil, errno
	}
	if end == vfs.Name && r.Mount.ReadOnly {
		return nil, unix.EROFS
	}
	host := r.Path()
	if len(host) >= sunPathMax {
		if host, errno = t.holdParent(host); errno != 0 {
			return nil, errno
		}
	}
	if len(host) >= sunPathMax {
		return nil, unix.ENAMETOOLONG
	}
	if end == vfs.Name {
		if len(k.socketNames) >= maxSocketNames {
			clear(k.socketNames)
		}
		k.socketNames[host] = given
	}
	return append(binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX), host+"\x00"...), 0
}

// hold keeps a file of the tracer's open until the task makes its next call that is looked at.
func (t *task) hold(f *os.File) { t.held = append(t.held, f) }

func (t *task) letGo() {
	for _, f := range t.held {
		f.Close()
	}
	t.held = nil
}

// renamed has the call made with an address of the host, where a task's own is another one: aim makes the arguments mean the one at
// at, of size bytes. It returns false if the call is decided already.
func (k *Kernel) renamed(t *task, c *ptlib.Call, addr, size uint64, end vfs.Ending, aim func(scratch, at, size uint64) (ptlib.SocketArgs, unix.Errno)) bool {
	raw, errno := k.hostAddress(t, c, addr, size, end)
	if errno != 0 {
		c.Fail(errno)
		return false
	}
	if raw == nil {
		return true
	}
	scratch, ok := c.Scratch()
	if !ok {
		return false
	}
	at := scratch + scratchSockaddr
	s, errno := aim(scratch, at, uint64(len(raw)))
	if errno != 0 {
		c.Fail(errno)
		return false
	}
	return k.withSocketArgs(c, s, scratch, at, raw)
}

// nameSocket is translateSocket for a call that has an address at an argument, and its length behind it.
func (k *Kernel) nameSocket(t *task, c *ptlib.Call, s ptlib.SocketArgs, arg int, end vfs.Ending) bool {
	if s.Args[arg] == 0 {
		return true
	}
	return k.renamed(t, c, s.Args[arg], uint64(uint32(s.Args[arg+1])), end, func(_, at, size uint64) (ptlib.SocketArgs, unix.Errno) {
		s.Args[arg], s.Args[arg+1] = at, size
		return s, 0
	})
}

// nameMessage is translateSocket for a message that has an address.
func (k *Kernel) nameMessage(t *task, c *ptlib.Call, s ptlib.SocketArgs) bool {
	m, errno := c.ReadMessage(s.Args[1])
	if errno != 0 || m.Name == 0 || m.NameLen == 0 {
		return true
	}
	return k.renamed(t, c, m.Name, uint64(m.NameLen), vfs.Follow, func(scratch, at, size uint64) (ptlib.SocketArgs, unix.Errno) {
		s.Args[1] = scratch + scratchMsghdr
		return s, c.WriteMessageTo(s.Args[1], &m, at, uint32(size))
	})
}

// nameMessages is translateSocket for sendmmsg(2), which may send fewer messages than it was asked to: the first alone, if it has
// such an address, and else those before the first that has.
func (k *Kernel) nameMessages(t *task, c *ptlib.Call, s ptlib.SocketArgs) bool {
	vector := s.Args[1]
	for i := range min(uint64(uint32(s.Args[2])), maxMessages) {
		m, errno := c.ReadMessage(vector + i*c.MessageSize())
		if errno != 0 {
			return true
		}
		if a, errno := c.ReadSocketAddress(m.Name, uint64(m.NameLen)); m.Name == 0 || errno != 0 || a.Family != unix.AF_UNIX || len(a.Path) == 0 {
			continue
		}
		s.Args[2] = max(i, 1)
		if i == 0 {
			if !k.nameMessage(t, c, s) {
				return false
			}
			if now, errno := c.ReadSocketArgs(); errno == 0 && now.Args[1] == vector {
				return true // the address is the host's already
			}
			c.Then(func(c *ptlib.Call) { k.sentNamed(c, vector) })
			return true
		}
		scratch, ok := c.Scratch()
		if !ok {
			return false
		}
		if errno := c.SubstituteSocketArgs(s, scratch+scratchSocketArgs); errno != 0 {
			c.Fail(errno)
			return false
		}
		c.Then(func(*ptlib.Call) {})
		return true
	}
	return true
}

// sentNamed copies the length that was sent to the program's own message.
func (k *Kernel) sentNamed(c *ptlib.Call, vector uint64) {
	scratch, ok := c.Scratch()
	var sent [4]byte
	if ok && c.Errno() == 0 && c.Thread.ReadMemory(scratch+scratchMsghdr+c.MessageLen(), sent[:]) == 0 {
		c.Thread.WriteMemory(vector+c.MessageLen(), sent[:])
	}
}

// withSocketArgs writes memory and gives the call other arguments.
func (k *Kernel) withSocketArgs(c *ptlib.Call, s ptlib.SocketArgs, scratch, addr uint64, raw []byte) bool {
	errno := c.Thread.WriteMemory(addr, raw)
	if errno == 0 {
		errno = c.SubstituteSocketArgs(s, scratch+scratchSocketArgs)
	}
	if errno != 0 {
		c.Fail(errno)
		return false
	}
	return true
}

// tellSocket has the kernel tell an address in scratch memory, and tells the task what it knows it by. The argument points to
// the address, the next one to its length (net/socket.c, move_addr_to_user).
func (k *Kernel) tellSocket(_ *task, c *ptlib.Call, s ptlib.SocketArgs, arg int) bool {
	addr, length := s.Args[arg], s.Args[arg+1]
	var word [4]byte
	if addr == 0 || length == 0 || c.Thread.ReadMemory(length, word[:]) != 0 {
		return true
	}
	room := int32(binary.NativeEndian.Uint32(word[:]))
	if room < 0 {
		return true // EINVAL
	}
	scratch, ok := c.Scratch()
	if !ok {
		return false
	}
	s.Args[arg], s.Args[arg+1] = scratch+scratchSockaddrIn, scratch+scratchSocklen
	if !k.withSocketArgs(c, s, scratch, scratch+scratchSocklen, binary.NativeEndian.AppendUint32(nil, 128)) {
		return false
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			return
		}
		raw, errno := k.shownAddress(c, scratch)
		if errno == 0 {
			errno = c.Thread.WriteMemory(length, binary.NativeEndian.AppendUint32(nil, uint32(len(raw))))
		}
		if n := min(len(raw), int(room)); errno == 0 && n > 0 {
			errno = c.Thread.WriteMemory(addr, raw[:n])
		}
		if errno != 0 {
			c.Fail(errno)
		}
	})
	return true
}

// shownAddress is the address that the kernel has told, as the task knows it.
func (k *Kernel) shownAddress(c *ptlib.Call, scratch uint64) ([]byte, unix.Errno) {
	var buf [4 + 128]byte
	if errno := c.Thread.ReadMemory(scratch+scratchSocklen, buf[:4]); errno != 0 {
		return nil, errno
	}
	size := min(binary.NativeEndian.Uint32(buf[:4]), 128)
	raw := buf[4 : 4+size]
	if size == 0 {
		return nil, 0
	}
	if errno := c.Thread.ReadMemory(scratch+scratchSockaddrIn, raw); errno != 0 {
		return nil, errno
	}
	return k.shownName(c, raw), 0
}

// shownName is an address that the kernel has told, as the task knows it.
func (k *Kernel) shownName(c *ptlib.Call, raw []byte) []byte {
	if len(raw) <= sunPath || binary.NativeEndian.Uint16(raw) != unix.AF_UNIX || raw[sunPath] == 0 {
		return raw
	}
	name, _, _ := bytes.Cut(raw[sunPath:], []byte{0})
	given, ok := k.socketNames[string(name)]
	if !ok && name[0] == '/' {
		given = k.shown(taskOf(c.Thread), string(name))
	}
	if given == "" {
		return raw
	}
	return append(raw[:sunPath:sunPath], given+"\x00"...)
}

// nameRooms are the sizes of the addresses that a task has room for in messages that it is about to receive. It is nil for a task
// that knows addresses as they are.
func (k *Kernel) nameRooms(c *ptlib.Call, vector, count uint64) []uint32 {
	if !taskOf(c.Thread).viewed() {
		return nil
	}
	rooms := make([]uint32, min(count, maxMessages))
	for i := range rooms {
		if m, errno := c.ReadMessage(vector + uint64(i)*c.MessageSize()); errno == 0 && m.Name != 0 {
			rooms[i] = m.NameLen
		}
	}
	return rooms
}

// receivedFrom puts the address that a message came from in the task's terms. One that did not fit into the room is left as it is.
func (k *Kernel) receivedFrom(c *ptlib.Call, addr uint64, room uint32) {
	m, errno := c.ReadMessage(addr)
	if errno != 0 || m.Name == 0 || m.NameLen > room || m.NameLen > sunPath+sunPathMax {
		return
	}
	raw := make([]byte, m.NameLen)
	if c.Thread.ReadMemory(m.Name, raw) != 0 {
		return
	}
	shown := k.shownName(c, raw)
	if c.Thread.WriteMemory(m.Name, shown[:min(len(shown), int(room))]) == 0 {
		m.NameLen = uint32(len(shown))
		c.WriteMessageTo(addr, &m, m.Name, m.NameLen)
	}
}

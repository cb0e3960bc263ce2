package guest

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// Credentials that go with messages (SCM_CREDENTIALS of unix(7)).
var messageRows = flat(
	emulate("sock", "credentials that are sent may be those that are remembered; the kernel gets the real ones", sendmsg, ptlib.SysSendmsg),
	emulate("sock", "as sendmsg", sendmmsg, ptlib.SysSendmmsg),
	emulateWhere("sock", "credentials that are received are the remembered ones of the sender; stops only after SO_PASSCRED", recvmsg,
		seldom, ptlib.SysRecvmsg),
	emulateWhere("sock", "as recvmsg", recvmmsg, seldom, ptlib.SysRecvmmsg, ptlib.SysRecvmmsgTime64),
)

// passingRules is the filter of tasks that receive credentials with messages.
func passingRules() []ptlib.Rule {
	rules := []ptlib.Rule{{Sys: ptlib.SysRecvmsg}, {Sys: ptlib.SysRecvmmsg}, {Sys: ptlib.SysRecvmmsgTime64}}
	for _, r := range socketcallRules(ptlib.SysRecvmsg, ptlib.SysRecvmmsg) {
		r.Sys = ptlib.SysSocketcall
		rules = append(rules, r)
	}
	return rules
}

func sendmsg(k *Kernel, t *task, c *ptlib.Call)  { sendmsgOf(k, t, c, ownArgs(c)) }
func sendmmsg(k *Kernel, t *task, c *ptlib.Call) { sendmmsgOf(k, t, c, ownArgs(c)) }
func recvmsg(k *Kernel, t *task, c *ptlib.Call)  { recvmsgOf(k, t, c, ownArgs(c)) }
func recvmmsg(k *Kernel, t *task, c *ptlib.Call) { recvmmsgOf(k, t, c, ownArgs(c)) }

// maxControl bounds the control data that is looked at. The kernel takes net.core.optmem_max, 128 KiB, and a message has no
// more than one set of credentials and 253 descriptors.
const maxControl = 1 << 16

// readControl reads a message and its control data, and where in it credentials stand, -1 if there are none.
func readControl(c *ptlib.Call, addr uint64) (m ptlib.Message, control []byte, at int) {
	m, errno := c.ReadMessage(addr)
	if errno != 0 || m.Control == 0 || m.ControlLen == 0 || m.ControlLen > maxControl {
		return m, nil, -1
	}
	control = make([]byte, m.ControlLen)
	if c.Thread.ReadMemory(m.Control, control) != 0 {
		return m, nil, -1
	}
	return m, control, c.FindCredentials(control)
}

// Receiving.

func recvmsgOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	rooms := k.nameRooms(c, s.Args[1], 1)
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			return
		}
		k.received(c, s.Args[1], uint32(c.Result))
		if rooms != nil {
			k.receivedFrom(c, s.Args[1], rooms[0])
		}
	})
}

func recvmmsgOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	rooms := k.nameRooms(c, s.Args[1], uint64(uint32(s.Args[2])))
	c.Then(func(c *ptlib.Call) {
		for i := int64(0); i < c.Result; i++ {
			message := s.Args[1] + uint64(i)*c.MessageSize()
			var length [4]byte
			if c.Thread.ReadMemory(message+c.MessageLen(), length[:]) == 0 {
				k.received(c, message, binary.NativeEndian.Uint32(length[:]))
			}
			if i < int64(len(rooms)) {
				k.receivedFrom(c, message, rooms[i])
			}
		}
	})
}

// received corrects the credentials that came with a message: those that were given with it, or else the real ids of the
// process that sent it (include/net/scm.h, scm_set_cred).
func (k *Kernel) received(c *ptlib.Call, addr uint64, size uint32) {
	m, control, at := readControl(c, addr)
	if at < 0 {
		return
	}
	u := ptlib.ParseCredentials(control[at:])
	if given, ok := k.sockets.takeSent(u.PID, size); ok {
		u = given
	} else if who := k.credOfPID(c, u.PID); who != nil {
		u.UID, u.GID = who.UID(), who.GID()
	} else {
		u.UID, u.GID = k.realIDs(u.PID, u.UID, u.GID)
		u.UID, u.GID = k.mapUID(u.UID), k.mapGID(u.UID, u.GID)
	}
	c.Thread.WriteMemory(m.Control+uint64(at), u.Append(nil))
}

// A sentMessage was given credentials that the kernel was not told.
type sentMessage struct {
	pid   int32 // whom the kernel names
	size  uint32
	given ptlib.Credentials
}

// maxSent bounds how many are remembered: those that nobody asks about are never taken.
const maxSent = 256

// putSent remembers a message that was sent.
func (s *sockets) putSent(m sentMessage) {
	if len(s.sent) == maxSent {
		s.sent = slices.Delete(s.sent, 0, 1)
	}
	s.sent = append(s.sent, m)
}

// takeSent tells the credentials that a message was given. The kernel does not name the message; the oldest one of the
// process and of that length is it, if the process gives credentials with all its messages or with none.
func (s *sockets) takeSent(pid int32, size uint32) (given ptlib.Credentials, ok bool) {
	for i := range s.sent {
		if s.sent[i].pid == pid && s.sent[i].size == size {
			given = s.sent[i].given
			s.sent = slices.Delete(s.sent, i, i+1)
			return given, true
		}
	}
	return given, false
}

// Sending.

func sendmsgOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	m, control, at := readControl(c, s.Args[1])
	if errno := k.maySend(c, uint64(m.Name), uint64(m.NameLen)); errno != 0 {
		c.Fail(errno)
		return
	}
	if at < 0 {
		return
	}
	k.sendAs(t, c, s, &m, control, at, func(c *ptlib.Call) (sent uint32) { return uint32(c.Result) })
}

// maxMessages is UIO_MAXIOV, the most that sendmmsg(2) takes of the messages it is given.
const maxMessages = 1024

// sendmmsgOf sends the first message alone, if it has credentials, and else those before the first that has: the call
// may send fewer than it was asked to, and programs come back for the rest (sendmmsg(2)).
func sendmmsgOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	count := min(s.Args[2], maxMessages)
	for i := range count {
		m, control, at := readControl(c, s.Args[1]+i*c.MessageSize())
		errno := k.maySend(c, uint64(m.Name), uint64(m.NameLen))
		switch {
		case errno == 0 && at < 0:
			continue
		case i > 0:
			k.sendFewer(c, s, i)
		case errno != 0:
			c.Fail(errno)
		default:
			vector := s.Args[1]
			s.Args[2] = 1
			k.sendAs(t, c, s, &m, control, at, func(c *ptlib.Call) (sent uint32) { return copySent(c, vector) })
		}
		return
	}
}

// sendFewer makes sendmmsg(2) with the first n messages.
func (k *Kernel) sendFewer(c *ptlib.Call, s ptlib.SocketArgs, n uint64) {
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	s.Args[2] = n
	if errno := c.SetSocketArgs(s, scratch+scratchData); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Then(func(*ptlib.Call) {})
}

// copySent copies the length that was sent from the copied message to the program's.
func copySent(c *ptlib.Call, vector uint64) uint32 {
	scratch, ok := c.Scratch()
	if !ok {
		return 0
	}
	var sent [4]byte
	if c.Thread.ReadMemory(scratch+scratchMessage+c.MessageLen(), sent[:]) == 0 {
		c.Thread.WriteMemory(vector+c.MessageLen(), sent[:])
	}
	return binary.NativeEndian.Uint32(sent[:])
}

// Places in scratch memory, from scratchData on, for a message that is sent in the place of the program's.
const (
	scratchMessage = scratchData + 64
	scratchControl = scratchMessage + 64
)

// sendAs sends a message with credentials. The kernel would refuse those that are remembered, so a copy of the message
// has the real ones. sent tells at the end how many bytes were sent.
func (k *Kernel) sendAs(t *task, c *ptlib.Call, s ptlib.SocketArgs, m *ptlib.Message, control []byte, at int, sent func(*ptlib.Call) uint32) {
	given := ptlib.ParseCredentials(control[at:])
	self := int32(c.Thread.Tgid)
	if errno := maySendAs(t.cred, given, self); errno != 0 {
		c.Fail(errno)
		return
	}
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	if scratchControl+len(control) > ptlib.ScratchSize {
		c.Fail(unix.ENOBUFS)
		return
	}
	real := ptlib.Credentials{PID: self, UID: k.caller.UID, GID: k.caller.GID}
	copy(control[at:], real.Append(nil))
	errno := c.Thread.WriteMemory(scratch+scratchControl, control)
	if errno == 0 {
		errno = c.WriteMessage(scratch+scratchMessage, m, scratch+scratchControl)
	}
	if errno == 0 {
		s.Args[1] = scratch + scratchMessage
		errno = c.SetSocketArgs(s, scratch+scratchData)
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == 0 {
			k.sockets.putSent(sentMessage{self, sent(c), given})
		}
	})
}

// maySendAs is net/core/scm.c scm_check_creds, and the look for the process in __scm_send.
func maySendAs(who *cred.Cred, u ptlib.Credentials, tgid int32) unix.Errno {
	uid := u.UID == who.UID() || u.UID == who.EUID() || u.UID == who.SUID()
	gid := u.GID == who.GID() || u.GID == who.EGID() || u.GID == who.SGID()
	switch {
	case u.PID != tgid && !who.Capable(cred.CAP_SYS_ADMIN),
		!uid && !who.Capable(cred.CAP_SETUID),
		!gid && !who.Capable(cred.CAP_SETGID):
		return unix.EPERM
	case u.PID != tgid && unix.Kill(int(u.PID), 0) == unix.ESRCH:
		return unix.ESRCH
	}
	return 0
}

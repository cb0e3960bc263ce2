package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Credentials of unix sockets. Whom the kernel names as the other end is the caller; the process that it names has
// remembered ids, which are shown in place of the caller's. They are those that the process has when the question is asked:
// one that gave up ids after it connected is shown without them.
var sockRows = flat(
	emulateWhere("sock", "SO_PEERCRED and SO_PEERGROUPS tell the remembered ids of the process at the other end", getsockopt,
		[]ptlib.Rule{whereOption(unix.SO_PEERCRED), whereOption(unix.SO_PEERGROUPS)}, ptlib.SysGetsockopt),
	emulateWhere("sock", "SO_PASSCRED makes the calls of this thread that receive messages stop", setsockopt,
		[]ptlib.Rule{whereOption(unix.SO_PASSCRED)}, ptlib.SysSetsockopt),
	emulateWhere("sock", "the calls of this list, as 32-bit programs make them", socketcall, socketcallRules(
		ptlib.SysGetsockopt, ptlib.SysSetsockopt, ptlib.SysSendmsg, ptlib.SysSendmmsg, ptlib.SysBind), ptlib.SysSocketcall),
	messageRows,
	networkRows,
)

// seldom are the rules of calls that the action's first filter lets pass. Further filters, or the configuration, may
// select them.
var seldom = []ptlib.Rule{}

// whereOption selects an option of sockets themselves in getsockopt(2) and setsockopt(2).
func whereOption(option uint32) ptlib.Rule {
	return ptlib.Rule{When: []ptlib.Test{
		{Arg: 1, Mask: ^uint32(0), Value: unix.SOL_SOCKET},
		{Arg: 2, Mask: ^uint32(0), Value: option},
	}}
}

// socketcallRules selects calls by the number that socketcall(2) has for them.
func socketcallRules(calls ...ptlib.Sys) []ptlib.Rule {
	var rules []ptlib.Rule
	for _, s := range calls {
		if nr, ok := ptlib.SocketCall(s); ok {
			rules = append(rules, where(0, ^uint32(0), nr))
		}
	}
	return rules
}

// sockHandler decides about a call on a socket, by whatever way it was made.
type sockHandler func(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs)

var sockHandlers = map[ptlib.Sys]sockHandler{
	ptlib.SysSocket:     socketOf,
	ptlib.SysBind:       bindOf,
	ptlib.SysConnect:    connectOf,
	ptlib.SysSendto:     sendtoOf,
	ptlib.SysGetsockopt: getsockoptOf,
	ptlib.SysSetsockopt: setsockoptOf,
	ptlib.SysSendmsg:    sendmsgOf,
	ptlib.SysSendmmsg:   sendmmsgOf,
	ptlib.SysRecvmsg:    recvmsgOf,
	ptlib.SysRecvmmsg:   recvmmsgOf,
}

func socketcall(k *Kernel, t *task, c *ptlib.Call) {
	s, errno := c.ReadSocketArgs()
	if errno != 0 {
		return // the kernel says the same
	}
	if h := sockHandlers[s.Sys]; h != nil {
		h(k, t, c, s)
	}
}

func ownArgs(c *ptlib.Call) ptlib.SocketArgs { return ptlib.SocketArgs{Sys: c.Sys, Args: c.Args} }

func getsockopt(k *Kernel, t *task, c *ptlib.Call) { getsockoptOf(k, t, c, ownArgs(c)) }
func setsockopt(k *Kernel, t *task, c *ptlib.Call) { setsockoptOf(k, t, c, ownArgs(c)) }

// taskOfPID is the task that leads a process of the action, nil for other processes.
func (k *Kernel) taskOfPID(c *ptlib.Call, pid int32) *task {
	if pid <= 0 {
		return nil
	}
	if th := c.Thread.Tracer().Thread(int(pid)); th != nil && th.Data != nil {
		return taskOf(th)
	}
	return nil
}

// noID is what the kernel says of a socket without another end.
const noID = ^uint32(0)

// presentCredentials puts the remembered ids of a process in the place of the real ones: the effective ones for the peer
// of a connection, the real ones for the sender of a message (net/core/sock.c, cred_to_ucred; include/net/scm.h,
// scm_set_cred).
func (k *Kernel) presentCredentials(c *ptlib.Call, u ptlib.Credentials, effective bool) ptlib.Credentials {
	if u.UID == noID {
		return u
	}
	other := k.taskOfPID(c, u.PID)
	switch {
	case other == nil:
		u.UID, u.GID = k.mapUID(u.UID), k.mapGID(u.UID, u.GID)
	case effective:
		u.UID, u.GID = other.cred.EUID(), other.cred.EGID()
	default:
		u.UID, u.GID = other.cred.UID(), other.cred.GID()
	}
	return u
}

func getsockoptOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if uint32(s.Args[1]) != unix.SOL_SOCKET {
		return
	}
	switch uint32(s.Args[2]) {
	case unix.SO_PEERCRED:
		c.Then(func(c *ptlib.Call) { k.peerCredentials(c, s.Args[3], s.Args[4]) })
	case unix.SO_PEERGROUPS:
		var room [4]byte
		if errno := c.Thread.ReadMemory(s.Args[4], room[:]); errno != 0 {
			return
		}
		c.Then(func(c *ptlib.Call) { k.peerGroups(c, s, int32(binary.NativeEndian.Uint32(room[:]))) })
	}
}

// peerCredentials corrects struct ucred, of which the kernel has written as much as there was room for.
func (k *Kernel) peerCredentials(c *ptlib.Call, addr, lenAddr uint64) {
	var length [4]byte
	if c.Errno() != 0 || c.Thread.ReadMemory(lenAddr, length[:]) != 0 {
		return
	}
	var raw [ptlib.CredentialsSize]byte
	n := min(binary.NativeEndian.Uint32(length[:]), ptlib.CredentialsSize)
	if c.Thread.ReadMemory(addr, raw[:n]) != 0 {
		return
	}
	u := k.presentCredentials(c, ptlib.ParseCredentials(raw[:]), true)
	if errno := c.Thread.WriteMemory(addr, u.Append(nil)[:n]); errno != 0 {
		c.Fail(errno)
	}
}

// peerGroups answers SO_PEERGROUPS (net/core/sock.c, sk_getsockopt): the length is written even where the list does not
// fit.
func (k *Kernel) peerGroups(c *ptlib.Call, s ptlib.SocketArgs, room int32) {
	if errno := c.Errno(); errno != 0 && errno != unix.ERANGE {
		return
	}
	other := k.taskOfPID(c, k.peerPID(c, s.Args[0]))
	if other == nil {
		return
	}
	var list []byte
	groups := other.cred.State().Groups
	for _, g := range groups {
		list = binary.NativeEndian.AppendUint32(list, g)
	}
	if errno := c.Thread.WriteMemory(s.Args[4], binary.NativeEndian.AppendUint32(nil, uint32(len(list)))); errno != 0 {
		c.Fail(errno)
		return
	}
	if int(room) < len(list) {
		c.Fail(unix.ERANGE)
		return
	}
	if len(list) > 0 {
		if errno := c.Thread.WriteMemory(s.Args[3], list); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	c.Answer(0)
}

// peerPID asks for the process at the other end of a socket, 0 if nobody knows.
func (k *Kernel) peerPID(c *ptlib.Call, fd uint64) int32 {
	scratch, ok := c.Scratch()
	if !ok {
		return 0
	}
	addr, lenAddr := scratch+scratchData, scratch+scratchData+ptlib.CredentialsSize
	if errno := c.Thread.WriteMemory(lenAddr, binary.NativeEndian.AppendUint32(nil, ptlib.CredentialsSize)); errno != 0 {
		return 0
	}
	if errno := injectGetsockopt(c, fd, unix.SOL_SOCKET, unix.SO_PEERCRED, addr, lenAddr); errno != 0 {
		return 0
	}
	var raw [ptlib.CredentialsSize]byte
	if c.Thread.ReadMemory(addr, raw[:]) != 0 {
		return 0
	}
	return ptlib.ParseCredentials(raw[:]).PID
}

// injectGetsockopt makes getsockopt(2). i386 has it since 4.3, before that only socketcall(2).
func injectGetsockopt(c *ptlib.Call, args ...uint64) unix.Errno {
	_, errno := c.Inject(ptlib.SysGetsockopt, args...)
	return errno
}

// setsockoptOf has the filter for received credentials put into a thread that asks for them.
func setsockoptOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if uint32(s.Args[1]) != unix.SOL_SOCKET || uint32(s.Args[2]) != unix.SO_PASSCRED || t.filtered&filteredPassing != 0 {
		return
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			return
		}
		if errno := k.filter(t, c, k.passing, filteredPassing); errno != 0 {
			c.Fail(errno)
		}
	})
}

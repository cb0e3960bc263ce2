package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Unix sockets tell who is at the other end. To the kernel that is always the caller; the action sees the remembered ids that
// the other process had when the two ends were joined.
var sockRows = flat(
	emulateWhere("sock", "SO_PEERCRED and SO_PEERGROUPS tell the remembered ids of the process at the other end", getsockopt,
		[]ptlib.Rule{whereOption(unix.SO_PEERCRED), whereOption(unix.SO_PEERGROUPS)}, ptlib.SysGetsockopt),
	emulate("sock", "whose the two ends are is remembered, for SO_PEERCRED", socketpair, ptlib.SysSocketpair),
	emulate("sock", "as socketpair, of those who will connect", listen, ptlib.SysListen),
	emulateWhere("sock", "SO_PASSCRED makes the calls of this thread that receive messages stop", setsockopt,
		[]ptlib.Rule{whereOption(unix.SO_PASSCRED)}, ptlib.SysSetsockopt),
	emulateWhere("sock", "the calls of this list, as 32-bit programs make them", socketcall, socketcallRules(
		ptlib.SysGetsockopt, ptlib.SysSetsockopt, ptlib.SysSendmsg, ptlib.SysSendmmsg, ptlib.SysBind, ptlib.SysConnect,
		ptlib.SysListen, ptlib.SysSocketpair), ptlib.SysSocketcall),
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
	ptlib.SysListen:     listenOf,
	ptlib.SysSocketpair: socketpairOf,
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
func listen(k *Kernel, t *task, c *ptlib.Call)     { listenOf(k, t, c, ownArgs(c)) }
func socketpair(k *Kernel, t *task, c *ptlib.Call) { socketpairOf(k, t, c, ownArgs(c)) }

// setsockoptOf has the filter for received credentials put into a thread that asks for them.
func setsockoptOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if uint32(s.Args[1]) != unix.SOL_SOCKET || uint32(s.Args[2]) != unix.SO_PASSCRED || t.filtered&filteredPassing != 0 {
		return
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			return
		}
		if errno := k.filter(t, c, k.passing); errno != 0 {
			c.Fail(errno)
		}
	})
}

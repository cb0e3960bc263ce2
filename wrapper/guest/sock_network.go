package guest

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
)

// What the action's sockets may reach. Without a network no socket of a network family can be made, which costs nothing:
// the filter says so. With this machine alone such sockets can be made, and the addresses that they are given are looked
// at. Netlink is no network: the C library asks it for the machine's interfaces.
var networkRows = flat(
	emulateWhere("sock", "passes; where the network is denied, families other than unix and netlink fail with EACCES", socket, seldom, ptlib.SysSocket),
	emulate("sock", "the owner and mode of a unix socket's file are remembered; where only loopback is allowed, other addresses fail", bind, ptlib.SysBind),
	emulate("sock", "who connected is remembered, for SO_PEERCRED; where only loopback is allowed, other addresses fail with ENETUNREACH", connect, ptlib.SysConnect),
	emulateWhere("sock", "as connect", sendto, seldom, ptlib.SysSendto),
)

// Families of sockets that reach nobody but processes and the kernel of this machine.
var localFamilies = []uint32{unix.AF_UNIX, unix.AF_NETLINK}

// networkRules are the rules that deny networks. They come before those of the table.
func networkRules(n Network) []ptlib.Rule {
	if n == NetworkAllow {
		return nil
	}
	families := localFamilies
	if n == NetworkLoopback {
		families = append([]uint32{unix.AF_INET, unix.AF_INET6}, families...)
	}
	var rules []ptlib.Rule
	for _, f := range families {
		rules = append(rules, ptlib.Rule{Sys: ptlib.SysSocket, Do: ptlib.Pass, When: where(0, ^uint32(0), f).When})
	}
	rules = append(rules, ptlib.Rule{Sys: ptlib.SysSocket, Do: ptlib.Deny, Errno: unix.EACCES})
	indirect := []ptlib.Sys{ptlib.SysSocket}
	if n == NetworkLoopback {
		withAddress := ptlib.Test{Arg: 4, Mask: ^uint32(0), Not: true}
		rules = append(rules, ptlib.Rule{Sys: ptlib.SysSendto, Do: ptlib.Stop, When: []ptlib.Test{withAddress}})
		indirect = append(indirect, ptlib.SysSendto)
	}
	for _, r := range socketcallRules(indirect...) {
		r.Sys = ptlib.SysSocketcall
		rules = append(rules, r)
	}
	return rules
}

func socket(k *Kernel, t *task, c *ptlib.Call)  { socketOf(k, t, c, ownArgs(c)) }
func bind(k *Kernel, t *task, c *ptlib.Call)    { bindOf(k, t, c, ownArgs(c)) }
func connect(k *Kernel, t *task, c *ptlib.Call) { connectOf(k, t, c, ownArgs(c)) }
func sendto(k *Kernel, t *task, c *ptlib.Call)  { sendtoOf(k, t, c, ownArgs(c)) }

// socketOf is for socketcall(2), whose arguments the filter cannot see.
func socketOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	switch family := uint32(s.Args[0]); {
	case k.config.Network == NetworkAllow, family == unix.AF_UNIX, family == unix.AF_NETLINK:
	case k.config.Network == NetworkLoopback && (family == unix.AF_INET || family == unix.AF_INET6):
	default:
		c.Fail(unix.EACCES)
	}
}

func connectOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if errno := k.maySend(c, s.Args[1], s.Args[2]); errno != 0 {
		c.Fail(errno)
		return
	}
	a, errno := c.ReadSocketAddress(s.Args[1], uint64(uint32(s.Args[2])))
	if errno != 0 || a.Family != unix.AF_UNIX {
		return
	}
	if len(a.Path) > 0 && t.isDropped() {
		at, ok := pathInScratch(c, a.Path)
		if !ok {
			return
		}
		if errno := k.mayUse(t, c, at, acl.Write); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == 0 {
			k.joins(t, c, int32(s.Args[0]))
		}
	})
}

// pathInScratch puts the path of a unix socket, which need not be terminated where the program has it, into scratch
// memory. If ok is false the call has been given an end or starts over.
func pathInScratch(c *ptlib.Call, path []byte) (at target, ok bool) {
	scratch, ok := c.Scratch()
	if !ok {
		return target{}, false
	}
	if errno := c.Thread.WriteMemory(scratch+scratchData, append(path[:len(path):len(path)], 0)); errno != 0 {
		c.Fail(errno)
		return target{}, false
	}
	return byPath(scratch + scratchData), true
}

func sendtoOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if errno := k.maySend(c, s.Args[4], s.Args[5]); errno != 0 {
		c.Fail(errno)
	}
}

// maySend tells whether an address may be reached. What is wrong with the address itself is for the kernel to say.
func (k *Kernel) maySend(c *ptlib.Call, addr, size uint64) unix.Errno {
	if k.config.Network != NetworkLoopback || addr == 0 {
		return 0
	}
	a, errno := c.ReadSocketAddress(addr, uint64(uint32(size)))
	if errno != 0 || !a.IP.IsValid() || reachesLoopback(a.IP) {
		return 0
	}
	return unix.ENETUNREACH
}

// reachesLoopback reports whether who sends to an address reaches this machine: to no address in particular does
// (net/ipv4/route.c, ip_route_output_key_hash_rcu; net/ipv6/tcp_ipv6.c, tcp_v6_connect).
func reachesLoopback(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsUnspecified()
}

// bindOf gives a socket its address: that of the loopback interface where a program would listen on all of them, if the
// network is not to reach it.
func bindOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	a, errno := c.ReadSocketAddress(s.Args[1], uint64(uint32(s.Args[2])))
	if errno != 0 {
		return // the kernel says what is wrong
	}
	switch {
	case len(a.Path) > 0:
		k.bindFile(t, c, a.Path)
	case k.config.Network != NetworkLoopback || !a.IP.IsValid() || a.IP.Unmap().IsLoopback():
	case a.IP.Unmap().IsUnspecified():
		k.bindLoopback(c, s, &a)
	default:
		c.Fail(unix.EADDRNOTAVAIL)
	}
}

func (k *Kernel) bindLoopback(c *ptlib.Call, s ptlib.SocketArgs, a *ptlib.SocketAddress) {
	scratch, ok := c.Scratch()
	if !ok {
		return
	}
	errno := c.Thread.WriteMemory(scratch+scratchMessage, a.Loopback())
	if errno == 0 {
		s.Args[1] = scratch + scratchMessage
		errno = c.SetSocketArgs(s, scratch+scratchData)
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	c.Then(func(*ptlib.Call) {})
}

// bindFile makes the file of a unix socket.
func (k *Kernel) bindFile(t *task, c *ptlib.Call, path []byte) {
	at, ok := pathInScratch(c, path)
	if !ok {
		return
	}
	at.flags = unix.AT_SYMLINK_NOFOLLOW
	if errno := k.mayCreate(t, c, at, unix.S_IFSOCK); errno != 0 {
		c.Fail(errno)
		return
	}
	cr := &creation{k: k, at: at, kind: unix.S_IFSOCK, mode: 0777, disk: 0777}
	k.unlockThen(c, at, func(c *ptlib.Call) {
		if c.Errno() != 0 || cr.plain(t) {
			return
		}
		if errno := k.created(c, cr); errno != 0 {
			c.Fail(errno)
		}
	})
}

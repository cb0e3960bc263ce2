package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// noID is what the kernel says of a socket without another end.
const noID = ^uint32(0)

func getsockoptOf(k *Kernel, _ *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if uint32(s.Args[1]) != unix.SOL_SOCKET {
		return
	}
	switch uint32(s.Args[2]) {
	case unix.SO_PEERCRED:
		c.Then(func(c *ptlib.Call) { k.peerCredentials(c, s) })
	case unix.SO_PEERGROUPS:
		var room [4]byte
		if errno := c.Thread.ReadMemory(s.Args[4], room[:]); errno != 0 {
			return
		}
		c.Then(func(c *ptlib.Call) { k.peerGroups(c, s, int32(binary.NativeEndian.Uint32(room[:]))) })
	}
}

// peerCredentials corrects struct ucred, of which the kernel has written as much as there was room for.
func (k *Kernel) peerCredentials(c *ptlib.Call, s ptlib.SocketArgs) {
	addr, lenAddr := s.Args[3], s.Args[4]
	var length [4]byte
	if c.Errno() != 0 || c.Thread.ReadMemory(lenAddr, length[:]) != 0 {
		return
	}
	var raw [ptlib.CredentialsSize]byte
	n := min(binary.NativeEndian.Uint32(length[:]), ptlib.CredentialsSize)
	if c.Thread.ReadMemory(addr, raw[:n]) != 0 {
		return
	}
	u := ptlib.ParseCredentials(raw[:])
	if u.UID == noID {
		return // there is no other end
	}
	if who := k.peerCred(c, int32(s.Args[0]), u.PID); who != nil {
		u.UID, u.GID = who.EUID(), who.EGID()
	} else {
		u.UID, u.GID = k.realIDs(u.PID, u.UID, u.GID)
		u.UID, u.GID = k.mapUID(u.UID), k.mapGID(u.UID, u.GID)
	}
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
	who := k.peerCred(c, int32(s.Args[0]), k.peerPID(c, s.Args[0]))
	if who == nil {
		return
	}
	var list []byte
	for _, g := range who.State().Groups {
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
	if _, errno := c.Inject(ptlib.SysGetsockopt, fd, unix.SOL_SOCKET, unix.SO_PEERCRED, addr, lenAddr); errno != 0 {
		return 0
	}
	var raw [ptlib.CredentialsSize]byte
	if c.Thread.ReadMemory(addr, raw[:]) != 0 {
		return 0
	}
	return ptlib.ParseCredentials(raw[:]).PID
}

// peerCred is who is at the other end of a socket: whoever made or connected that end, or listened for it. What is not
// remembered, because the other end is not the action's or too much was joined since, is answered with what the process that
// the kernel names is now; nil if that is not the action's either.
func (k *Kernel) peerCred(c *ptlib.Call, fd, pid int32) *cred.Cred {
	if own := socketInode(c, fd); own != 0 {
		if peer, ok := unixPeer(own); ok {
			if who := k.sockets.ends.get(peer); who != nil {
				return who
			}
		}
	}
	if who := k.sockets.listeners.get(uint32(pid)); who != nil {
		return who
	}
	return k.credOfPID(c, pid)
}

// credOfPID is the credentials of a process of the action, nil for other processes. One that has ended had the
// credentials that it ended with.
func (k *Kernel) credOfPID(c *ptlib.Call, pid int32) *cred.Cred {
	if t := k.taskOfPID(c, pid); t != nil {
		return t.cred
	}
	return k.sockets.gone.get(uint32(pid))
}

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

// Remembering who joins sockets.

func socketpairOf(k *Kernel, t *task, c *ptlib.Call, s ptlib.SocketArgs) {
	if uint32(s.Args[0]) != unix.AF_UNIX {
		return
	}
	c.Then(func(c *ptlib.Call) {
		var pair [8]byte
		if c.Errno() != 0 || c.Thread.ReadMemory(s.Args[3], pair[:]) != 0 {
			return
		}
		k.joins(t, c, int32(binary.NativeEndian.Uint32(pair[0:])))
		k.joins(t, c, int32(binary.NativeEndian.Uint32(pair[4:])))
	})
}

func listenOf(k *Kernel, t *task, c *ptlib.Call, _ ptlib.SocketArgs) {
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == 0 {
			k.sockets.listeners.put(uint32(c.Thread.Tgid), t.cred)
		}
	})
}

// joins remembers whose a socket is that has another end from now on.
func (k *Kernel) joins(t *task, c *ptlib.Call, fd int32) {
	if ino := socketInode(c, fd); ino != 0 {
		k.sockets.ends.put(ino, t.cred)
	}
}

// left remembers who an ended process was: what it sent may not have been received yet.
func (k *Kernel) left(t *ptlib.Thread) {
	if who, ok := t.Data.(*task); ok && t.Tid == t.Tgid {
		k.sockets.gone.put(uint32(t.Tgid), who.cred)
	}
}

// sockets remembers whose sockets and messages are.
type sockets struct {
	ends      recentCreds // by inode of the socket
	listeners recentCreds // by process
	gone      recentCreds // by process
	sent      []sentMessage
}

// recentCreds keeps the latest few of a set of credentials. There is no telling when they are needed no more.
type recentCreds struct {
	creds map[uint32]*cred.Cred
	order []uint32
}

const maxRecent = 1024

func (r *recentCreds) get(key uint32) *cred.Cred { return r.creds[key] }

func (r *recentCreds) put(key uint32, who *cred.Cred) {
	if r.creds == nil {
		r.creds = make(map[uint32]*cred.Cred)
	}
	if _, ok := r.creds[key]; !ok {
		if len(r.order) == maxRecent {
			delete(r.creds, r.order[0])
			r.order = append(r.order[:0], r.order[1:]...)
		}
		r.order = append(r.order, key)
	}
	r.creds[key] = who
}

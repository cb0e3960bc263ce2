//go:build linux

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

var socketCases = []testCase{
	{"peercred-socketpair", "", func() {
		a, b := pair()
		sayPeer("a", a)
		sayPeer("b", b)
	}},
	// The credentials are those of the moment when the sockets were joined.
	{"peercred-is-of-the-moment", "", func() {
		a, _ := pair()
		seteuid(1000)
		b, _ := pair()
		seteuid(0)
		setresuid(1001, 1001, 1001)
		c, _ := pair()
		sayPeer("as root", a)
		sayPeer("as 1000", b)
		sayPeer("as 1001", c)
	}},
	{"peercred-listening", "", func() {
		s := bound("s")
		sayPeer("unconnected", s)
		must(unix.Listen(int(s), 4), "listen")
		must(unix.Chmod("s", 0666), "chmod")
		for _, uid := range []int64{0, 1000} {
			as(uid, uid+1, func() {
				c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
				must(err, "socket")
				must(unix.Connect(c, &unix.SockaddrUnix{Name: "s"}), "connect")
				sayPeer("the server", fd(c))
			})
			c, _, err := unix.Accept(int(s))
			must(err, "accept")
			sayPeer("the client", fd(c))
		}
	}},
	{"peercred-of-processes", "", func() {
		self := copySelf("v", 0755)
		s := bound("s")
		must(unix.Listen(int(s), 4), "listen")
		must(unix.Chmod("s", 0666), "chmod")
		for _, uid := range []int64{0, 1000} {
			var pid int
			r, w, err := os.Pipe()
			must(err, "pipe")
			as(uid, uid, func() { pid, err = startWith(r, self, "connect", "s") })
			must(err, "start")
			c, _, err := unix.Accept(int(s))
			must(err, "accept")
			sayPeer("the client", fd(c))
			must(unix.SetsockoptInt(c, unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "SO_PASSCRED")
			w.WriteString(".")
			unix.Poll([]unix.PollFd{{Fd: int32(c), Events: unix.POLLIN}}, 5000)
			receive(fd(c))
			w.Close()
			wait(pid, "client")
			receive(fd(c))
		}
	}},
	{"peercred-from-exec", "", func() {
		self := copySelf("v", 0755)
		a, b := pair()
		as(1000, 1000, func() {
			pid, err := startWith(os.NewFile(uintptr(b), "b"), self, "wait")
			must(err, "start")
			sayPeer("child", a)
			unix.Write(int(a), []byte("."))
			wait(pid, "child")
		})
	}},
	{"peercred-short-buffer", "", func() {
		a, _ := pair()
		cred := make([]byte, 16)
		for _, size := range []uint32{0, 4, 8, 12, 16} {
			length := size
			clear(cred)
			_, e := getsockopt(a, unix.SO_PEERCRED, addr(&cred[0]), addr(&length))
			say("%d: %s, %d given", size, errno(e), length)
		}
	}},
	{"peergroups", "", func() {
		setgroups(5, 6)
		a, _ := pair()
		list := make([]uint32, 4)
		length := uint32(16)
		_, e := getsockopt(a, unix.SO_PEERGROUPS, addr(&list[0]), addr(&length))
		say("%s %v", errno(e), list[:length/4])
	}},
	{"scm-credentials-automatic", "", func() {
		a, b := pair()
		must(unix.SetsockoptInt(int(b), unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "SO_PASSCRED")
		send(a, nil)
		receive(b)
		setresgid(6, 7, 8)
		setreuid(-1, 1000)
		send(a, nil)
		receive(b)
		seteuid(0)
		setresuid(1001, 1002, 1003)
		send(a, nil)
		receive(b)
	}},
	{"scm-credentials-given", "", func() {
		a, b := pair()
		must(unix.SetsockoptInt(int(b), unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "SO_PASSCRED")
		for _, id := range []uint32{0, 55, 1000} {
			send(a, &unix.Ucred{Pid: int32(unix.Getpid()), Uid: id, Gid: id + 1})
			receive(b)
		}
		send(a, &unix.Ucred{Pid: 1 << 30, Uid: 0, Gid: 0})
	}},
	// net/core/scm.c scm_check_creds
	{"scm-credentials-as-other", "", func() {
		a, b := pair()
		must(unix.SetsockoptInt(int(b), unix.SOL_SOCKET, unix.SO_PASSCRED, 1), "SO_PASSCRED")
		setresgid(1000, 1001, 1002)
		setresuid(1000, 1001, 1002)
		for _, id := range []uint32{0, 1000, 1001, 1002, 1003} {
			send(a, &unix.Ucred{Pid: int32(unix.Getpid()), Uid: id, Gid: 1000})
		}
		send(a, &unix.Ucred{Pid: int32(unix.Getpid()), Uid: 1000, Gid: 5})
		send(a, &unix.Ucred{Pid: 1, Uid: 1000, Gid: 1000})
		for range 3 {
			receive(b)
		}
	}},
	{"scm-credentials-not-asked", "", func() {
		a, b := pair()
		send(a, nil)
		receive(b)
	}},
	{"socket-file", "", func() {
		umask(027)
		s := bound("s")
		look("s")
		chown("s", 1, 2)
		chmod("s", 04711)
		look("s")
		lookAt("the socket itself", s)
		link("s", "t")
		unlink("s")
		look("t")
	}},
}

func pair() (a, b fd) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err, "socketpair")
	return fd(p[0]), fd(p[1])
}

// bound makes a socket and binds it to a path.
func bound(path string) fd {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err, "socket")
	must(unix.Bind(s, &unix.SockaddrUnix{Name: path}), "bind "+path)
	return fd(s)
}

func getsockopt(s fd, option int, value, length ptr) (int, unix.Errno) {
	return call(unix.SYS_GETSOCKOPT, s, unix.SOL_SOCKET, option, value, length)
}

func connect(path string) {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err, "socket")
	say("connect(%q): %s", path, errno(unix.Connect(s, &unix.SockaddrUnix{Name: path})))
	unix.Close(s)
}

func sayPeer(label string, s fd) {
	c, err := unix.GetsockoptUcred(int(s), unix.SOL_SOCKET, unix.SO_PEERCRED)
	must(err, "SO_PEERCRED")
	say("%s: uid %d gid %d has pid %v", label, int32(c.Uid), int32(c.Gid), c.Pid != 0)
}

// send sends one byte, with credentials when they are given.
func send(s fd, c *unix.Ucred) {
	var control []byte
	what := "none"
	if c != nil {
		control = unix.UnixCredentials(c)
		what = show(int(c.Uid)) + ":" + show(int(c.Gid))
	}
	say("send %s: %s", what, errno(unix.Sendmsg(int(s), []byte("."), control, nil, 0)))
}

// receive takes one byte and prints whose it is.
func receive(s fd) {
	control := make([]byte, 128)
	n, length, _, _, err := unix.Recvmsg(int(s), make([]byte, 1), control, unix.MSG_DONTWAIT)
	if err != nil {
		say("receive: %s", errno(err))
		return
	}
	messages, err := unix.ParseSocketControlMessage(control[:length])
	must(err, "parse control")
	for _, m := range messages {
		c, err := unix.ParseUnixCredentials(&m)
		must(err, "parse credentials")
		say("receive %d: uid %d gid %d, of this process %v", n, int32(c.Uid), int32(c.Gid), int(c.Pid) == unix.Getpid())
	}
	if len(messages) == 0 {
		say("receive %d: no credentials", n)
	}
}

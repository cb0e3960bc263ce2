package guest

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	helpers["sock"] = func() {
		runtime.LockOSThread()
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		showPeer("own", pair[0], err)
		listener, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0)
		if err == nil {
			err = unix.Bind(listener, &unix.SockaddrUnix{Name: "s"})
		}
		if err == nil {
			err = unix.Chmod("s", 0o777)
		}
		if err == nil {
			err = unix.Listen(listener, 1)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		client := exec.Command("/proc/self/exe")
		client.Env = append(os.Environ(), helperVariable+"=sock-client")
		client.Stdout = os.Stdout
		client.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 33, Gid: 44, Groups: []uint32{66, 55}}}
		if err := client.Start(); err != nil {
			fmt.Println(err)
			return
		}
		fd, _, err := unix.Accept(listener)
		showPeer("client", fd, err)
		room[0] = 4
		raw("groups into too little:", unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERGROUPS, at(100), at(0))
		fmt.Println("needs:", room[0])
		raw("groups:", unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERGROUPS, at(100), at(0))
		fmt.Println(room[100], room[104], "of length", room[0])
		fmt.Println("pass:", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1))
		unix.Write(fd, []byte("go"))
		showMessage("from the client", fd)
		showMessage("explicit", fd)
		client.Wait()

		unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
		self := int32(os.Getpid())
		fmt.Println("as root:", sendAs(pair[0], self, 0, 0))
		showMessage("from root", pair[1])
		fmt.Println("as another:", sendAs(pair[0], self, 99, 99))
		showMessage("from root", pair[1])
		fmt.Println("two:", sendTwo(pair[0], self))
	}
	helpers["sock-client"] = func() {
		runtime.LockOSThread()
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0)
		if err == nil {
			err = unix.Connect(fd, &unix.SockaddrUnix{Name: "s"})
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		showPeer("server", fd, nil)
		unix.Read(fd, make([]byte, 2))
		unix.Write(fd, []byte("x"))
		self := int32(os.Getpid())
		fmt.Println("client as itself:", sendAs(fd, self, 33, 44))
		fmt.Println("client as root:", sendAs(fd, self, 0, 44))
		fmt.Println("client as init:", sendAs(fd, 1, 33, 44))
	}
	helpers["network"] = func() {
		for _, family := range []int{unix.AF_UNIX, unix.AF_NETLINK, unix.AF_INET, unix.AF_INET6, unix.AF_PACKET, unix.AF_VSOCK} {
			fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
			if err == nil {
				unix.Close(fd)
			}
			fmt.Println("family", family, err)
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			return
		}
		fmt.Println("bind elsewhere:", unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}}))
		fmt.Println("bind anywhere:", unix.Bind(fd, &unix.SockaddrInet4{}))
		name, _ := unix.Getsockname(fd)
		fmt.Println("bound to", name.(*unix.SockaddrInet4).Addr)
		fmt.Println("sendto elsewhere:", unix.Sendto(fd, nil, 0, &unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}, Port: 9}))
		_, err = unix.SendmsgN(fd, []byte("x"), nil, &unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}, Port: 9}, 0)
		fmt.Println("sendmsg elsewhere:", err)
		fmt.Println("connect elsewhere:", unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{192, 0, 2, 1}, Port: 9}))
		fmt.Println("sendto here:", unix.Sendto(fd, nil, 0, name))
		fmt.Println("connect here:", unix.Connect(fd, name))
	}
}

func showPeer(who string, fd int, err error) {
	var u *unix.Ucred
	if err == nil {
		u, err = unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	}
	if err != nil {
		fmt.Println(who, err)
		return
	}
	fmt.Println(who, u.Uid, u.Gid)
}

func showMessage(what string, fd int) {
	control := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	_, n, _, _, err := unix.Recvmsg(fd, make([]byte, 8), control, 0)
	if err != nil {
		fmt.Println(what, err)
		return
	}
	messages, _ := unix.ParseSocketControlMessage(control[:n])
	for i := range messages {
		u, err := unix.ParseUnixCredentials(&messages[i])
		fmt.Println(what, u.Uid, u.Gid, err)
	}
}

func sendAs(fd int, pid int32, uid, gid uint32) error {
	rights := unix.UnixCredentials(&unix.Ucred{Pid: pid, Uid: uid, Gid: gid})
	before := string(rights)
	err := unix.Sendmsg(fd, []byte("m"), rights, nil, 0)
	if string(rights) != before {
		return fmt.Errorf("the program's own message was changed")
	}
	return err
}

// sendTwo sends a message without credentials and one with, by sendmmsg(2).
func sendTwo(fd int, pid int32) string {
	rights := unix.UnixCredentials(&unix.Ucred{Pid: pid})
	var sent []string
	vector := newMessages([]byte("one"), nil, []byte("three"), rights)
	for vector.left() > 0 {
		n, errno := vector.send(fd)
		sent = append(sent, fmt.Sprint(n, errno, vector.sent()))
		if errno != 0 {
			break
		}
	}
	return strings.Join(sent, "; ")
}

// frng-1: the action's ids are remembered ones, at both ends of a socket.
func TestSocketCredentials(t *testing.T) {
	out := new(action).helper(t, "sock")
	// The two processes write by themselves: what the client says is sorted out.
	var server, client []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "client ") && strings.Contains(line, " as ") || strings.HasPrefix(line, "server") {
			client = append(client, line)
		} else {
			server = append(server, line)
		}
	}
	wantText(t, strings.Join(server, ""), `
		own 0 0
		client 33 44
		groups into too little: ERANGE
		needs: 8
		groups: 0
		55 66 of length 8
		pass: <nil>
		from the client 33 44 <nil>
		explicit 33 44 <nil>
		as root: <nil>
		from root 0 0 <nil>
		as another: <nil>
		from root 99 99 <nil>
		two: 1 errno 0 [3 0]; 1 errno 0 [3 5]
	`)
	wantText(t, strings.Join(client, ""), `
		server 0 0
		client as itself: <nil>
		client as root: operation not permitted
		client as init: operation not permitted
	`)
}

func TestNetwork(t *testing.T) {
	const local = `
		family 1 <nil>
		family 16 <nil>
	`
	for _, c := range []struct {
		network Network
		want    string
	}{
		{NetworkDeny, local + `
			family 2 permission denied
			family 10 permission denied
			family 17 permission denied
			family 40 permission denied
		`},
		{NetworkLoopback, local + `
			family 2 <nil>
			family 10 <nil>
			family 17 permission denied
			family 40 permission denied
			bind elsewhere: cannot assign requested address
			bind anywhere: <nil>
			bound to [127 0 0 1]
			sendto elsewhere: network is unreachable
			sendmsg elsewhere: network is unreachable
			connect elsewhere: network is unreachable
			sendto here: <nil>
			connect here: <nil>
		`},
	} {
		a := &action{config: Config{Network: c.network}}
		wantText(t, a.helper(t, "network"), c.want)
	}
}

func TestReachesLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "0.0.0.0": true, "::1": true, "::": true, "::ffff:127.0.0.1": true,
		"10.0.0.1": false, "128.0.0.1": false, "fe80::1": false, "::ffff:10.0.0.1": false, "255.255.255.255": false,
	} {
		if got := reachesLoopback(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
}

// The file of a unix socket belongs to who made it.
func TestSocketFile(t *testing.T) {
	wantText(t, new(action).shell(t, `mkdir d; chmod 777 d; mkdir -m 755 n; setpriv --reuid 33 --regid 44 --clear-groups python3 -c '
import socket
socket.socket(socket.AF_UNIX).bind("d/s")
try: socket.socket(socket.AF_UNIX).bind("n/s")
except OSError as e: print(e.strerror)'
		stat -c "%u %g %F" d/s`), `
		Permission denied
		33 44 socket
	`)
}

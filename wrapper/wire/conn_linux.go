package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies/store"
)

// maxFiles is how many descriptors come with a message at most.
const maxFiles = 2

// A Conn is one connection. Its socket blocks.
type Conn struct{ fd int }

// NewConn makes a Conn of a connected SOCK_SEQPACKET socket, which is the Conn's from now on.
func NewConn(fd int) *Conn { return &Conn{fd} }

// Pair returns two ends of one connection.
func Pair() (a, b *Conn, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return &Conn{fds[0]}, &Conn{fds[1]}, nil
}

// FD returns the socket, which stays the Conn's.
func (c *Conn) FD() int { return c.fd }

// Close ends the connection.
func (c *Conn) Close() error { return unix.Close(c.fd) }

// Hangup ends the connection for both sides, also for a goroutine that reads from it. Close is to follow.
func (c *Conn) Hangup() { _ = unix.Shutdown(c.fd, unix.SHUT_RDWR) }

// Done says that nothing more is sent from here.
func (c *Conn) Done() { _ = unix.Shutdown(c.fd, unix.SHUT_WR) }

// Peer returns who is at the other end: the process that has connected or listens. pid is 0 if it is in a pid namespace that
// is not below ours; uid is that of our user namespace.
func (c *Conn) Peer() (pid int, uid uint32, err error) {
	cred, err := unix.GetsockoptUcred(c.fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, 0, err
	}
	return int(cred.Pid), cred.Uid, nil
}

// Send sends a message with descriptors, which stay the caller's.
func (c *Conn) Send(m Message, files ...int) error {
	b, err := Marshal(m)
	if err != nil {
		return err
	}
	var oob []byte
	if len(files) > 0 {
		oob = unix.UnixRights(files...)
	}
	for {
		err := unix.Sendmsg(c.fd, b, oob, nil, unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return err
		}
	}
}

// Receive waits for a message. The files that come with it are the caller's. The error is io.EOF if the other side has hung up,
// however it did.
func (c *Conn) Receive() (m Message, files []*os.File, err error) {
	var n, oobn int
	buf, oob := make([]byte, MaxSize), make([]byte, unix.CmsgSpace(4*maxFiles))
	flags := 0
	for {
		n, oobn, flags, _, err = unix.Recvmsg(c.fd, buf, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	switch {
	case errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE), err == nil && n == 0:
		return nil, nil, io.EOF
	case err != nil:
		return nil, nil, err
	}
	files = received(oob[:oobn])
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = fmt.Errorf("%w: too long", ErrMalformed)
	} else {
		m, err = Parse(buf[:n])
	}
	if err != nil {
		CloseFiles(files)
		return nil, nil, err
	}
	return m, files, nil
}

// received takes the descriptors out of a control message.
func received(oob []byte) (files []*os.File) {
	list, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for i := range list {
		fds, err := unix.ParseUnixRights(&list[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	return files
}

// CloseFiles closes what came with a message.
func CloseFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// Listen binds the socket of the state in the directory dir, in the place of one that a daemon left behind: the caller
// holds the state's lock, so that nobody is using it.
func Listen(dir string) (fd int, err error) {
	err = inDir(dir, func(path string) error {
		if err := unix.Unlink(path); err != nil && err != unix.ENOENT {
			return err
		}
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		if err = unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err == nil {
			err = unix.Listen(fd, unix.SOMAXCONN)
		}
		if err != nil {
			unix.Close(fd)
		}
		return err
	})
	return fd, err
}

// Unlisten removes the name of the socket, which the caller has bound.
func Unlisten(dir string) error { return inDir(dir, unix.Unlink) }

// Accept waits for a connection to a socket that listens.
func Accept(fd int) (*Conn, error) {
	for {
		c, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			return &Conn{c}, nil
		case unix.EINTR, unix.ECONNABORTED:
		default:
			return nil, err
		}
	}
}

// Dial connects to the daemon of the state in the directory dir. An error for which Absent reports true means that there is
// none.
func Dial(dir string) (c *Conn, err error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	err = inDir(dir, func(path string) error {
		for {
			if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != unix.EINTR {
				return err
			}
		}
	})
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Conn{fd}, nil
}

// Absent reports whether an error of Dial says that nobody listens.
func Absent(err error) bool { return errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOENT) }

// inDir calls do with a path of the socket that is short enough for struct sockaddr_un, whatever that of the directory is.
func inDir(dir string, do func(path string) error) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do("/proc/self/fd/" + strconv.Itoa(fd) + "/" + store.SocketFile)
}

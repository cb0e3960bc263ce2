package guest

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// socketInode is the inode number of a tracee's socket, 0 if the descriptor is none (proc_pid_fd(5)).
func socketInode(c *ptlib.Call, fd int32) uint32 {
	link, err := os.Readlink(procFD(c.Thread.Tid, fd))
	if err != nil {
		return 0
	}
	number, ok := strings.CutPrefix(link, "socket:[")
	if !ok {
		return 0
	}
	ino, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(ino)
}

// What is asked of sock_diag(7) about unix sockets (include/uapi/linux/sock_diag.h, unix_diag.h).
const (
	sockDiagByFamily  = 20
	unixDiagShowPeer  = 4
	unixDiagPeer      = 2
	unixDiagReqSize   = 24
	unixDiagReplySize = 16
	netlinkAttrSize   = 4
)

// unixPeer asks the kernel for the inode number of the socket at the other end of a unix socket. It fails where there is
// none any more, and where the kernel does not tell: without the module unix_diag, in gVisor.
func unixPeer(ino uint32) (peer uint32, ok bool) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, unixDiagRequest(ino), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, false
	}
	var buf [512]byte
	n, _, err := unix.Recvfrom(fd, buf[:], unix.MSG_DONTWAIT) // the answer is there already (net/netlink/af_netlink.c, netlink_rcv_skb)
	if err != nil {
		return 0, false
	}
	return parseUnixDiag(buf[:n])
}

// unixDiagRequest is struct nlmsghdr with struct unix_diag_req.
func unixDiagRequest(ino uint32) []byte {
	ne := binary.NativeEndian
	b := ne.AppendUint32(nil, unix.SizeofNlMsghdr+unixDiagReqSize)
	b = ne.AppendUint16(b, sockDiagByFamily)
	b = ne.AppendUint16(b, unix.NLM_F_REQUEST)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // sequence number, port
	b = append(b, unix.AF_UNIX, 0, 0, 0)
	b = ne.AppendUint32(b, ^uint32(0)) // in whatever state
	b = ne.AppendUint32(b, ino)
	b = ne.AppendUint32(b, unixDiagShowPeer)
	return append(b, 255, 255, 255, 255, 255, 255, 255, 255) // whatever cookie
}

// parseUnixDiag finds UNIX_DIAG_PEER in the answer.
func parseUnixDiag(b []byte) (peer uint32, ok bool) {
	ne := binary.NativeEndian
	if len(b) < unix.SizeofNlMsghdr+unixDiagReplySize || ne.Uint16(b[4:]) != sockDiagByFamily {
		return 0, false
	}
	for b = b[unix.SizeofNlMsghdr+unixDiagReplySize:]; len(b) >= netlinkAttrSize; {
		size := int(ne.Uint16(b))
		if size < netlinkAttrSize || size > len(b) {
			return 0, false
		}
		if ne.Uint16(b[2:]) == unixDiagPeer && size >= netlinkAttrSize+4 {
			return ne.Uint32(b[netlinkAttrSize:]), true
		}
		b = b[min(len(b), (size+3)&^3):]
	}
	return 0, false
}

package guest

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

func readlink(k *Kernel, t *task, c *ptlib.Call) { k.readlinkOf(t, c, byLink(c.Args[0])) }

func readlinkat(k *Kernel, t *task, c *ptlib.Call) {
	k.readlinkOf(t, c, byAt(c.Args[0], c.Args[1], unix.AT_SYMLINK_NOFOLLOW))
}

func (k *Kernel) readlinkOf(t *task, c *ptlib.Call, tg target) {
	if _, size, _ := readlinkBuffer(c); size <= 0 {
		c.Fail(unix.EINVAL) // whatever the path is (fs/stat.c, do_readlinkat)
		return
	}
	if errno := k.mayReach(t, c, tg); errno != 0 {
		c.Fail(errno)
		return
	}
	k.readlinkShown(t, c)
}

// readlinkBuffer is where readlink(2) or readlinkat(2) puts what is in a link; ok is false for other calls.
func readlinkBuffer(c *ptlib.Call) (addr uint64, size int32, ok bool) {
	switch c.Sys {
	case ptlib.SysReadlink:
		return c.Args[1], int32(c.Args[2]), true
	case ptlib.SysReadlinkat:
		return c.Args[2], int32(c.Args[3]), true
	}
	return 0, 0, false
}

// answerReadlink answers readlink(2) of what a walk has come to: compilers ask of every directory on the way to each of their files
// whether it is a link, and a call with another path than its own would stop at its end too. It returns false if the tracee's own
// call is to tell: of what /proc shows each process in its own way, where the task may be refused what the tracer is not, and of
// what cannot be opened.
func (k *Kernel) answerReadlink(t *task, c *ptlib.Call, s *sighting) bool {
	addr, size, _ := readlinkBuffer(c)
	switch {
	case s.There:
		c.Fail(unix.EINVAL)
		return true
	case s.Missing:
		c.Fail(unix.ENOENT)
		return true
	case s.Slash || t.isDropped():
		return false
	}
	fd, err := unix.Open(s.Host, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		c.Fail(unix.ENOENT)
		return true
	}
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	if isProc(fd) {
		return false
	}
	var text [unix.PathMax]byte
	n, err := unix.Readlinkat(fd, "", text[:min(size, unix.PathMax)])
	switch err {
	case nil:
		writeLink(c, addr, text[:n])
	case unix.ENOENT, unix.EINVAL: // the descriptor is no link's (fs/stat.c, do_readlinkat; gVisor)
		c.Fail(unix.EINVAL)
	default:
		return false
	}
	return true
}

// readlinkShown answers readlink(2) of a link of /proc about a process in terms of the task's root directory. Any
// other is the kernel's to answer.
func (k *Kernel) readlinkShown(t *task, c *ptlib.Call) {
	link := t.places[0].Host
	if !t.viewed() || !vfs.IsProcessLink(link) {
		return
	}
	text, err := os.Readlink(link)
	if err != nil || !strings.HasPrefix(text, "/") {
		return
	}
	if to, ok := k.procLink(t, link); ok {
		text = to.Host
	}
	file, deleted := strings.CutSuffix(text, " (deleted)")
	shown := k.shown(t, file)
	if m := k.memory.behind(link); m != nil {
		shown, deleted = k.walker(t).Shown(vfs.Place{Virtual: m.names[0]}), false
	}
	if shown == "" || shown == text {
		return // what is outside is shown as the host has it
	}
	if deleted {
		shown += " (deleted)"
	}
	addr, size, _ := readlinkBuffer(c)
	writeLink(c, addr, []byte(shown)[:min(len(shown), int(size))])
}

// writeLink answers readlink(2) with what is in a link, cut to the size of the buffer.
func writeLink(c *ptlib.Call, addr uint64, text []byte) {
	if errno := c.Thread.WriteMemory(addr, text); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Answer(int64(len(text)))
}

package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Pipes and files in memory have no names. They belong to whoever made them (fs/pipe.c, get_pipe_inode), which is worth
// remembering only for a task that is no longer root.
var anonymousRows = flat(
	emulateDropped("dropped", "a pipe of a task that is no longer root belongs to its user", pipe, ptlib.SysPipe, ptlib.SysPipe2),
	emulateDropped("dropped", "as pipe, for a file in memory", memfdCreate, ptlib.SysMemfdCreate),
)

func pipe(k *Kernel, t *task, c *ptlib.Call) {
	c.Then(func(c *ptlib.Call) {
		var fds [8]byte
		if c.Errno() == 0 && c.Thread.ReadMemory(c.Args[0], fds[:]) == 0 {
			k.madeAnonymous(t, c, binary.NativeEndian.Uint32(fds[:])) // both ends are one inode
		}
	})
}

func memfdCreate(k *Kernel, t *task, c *ptlib.Call) {
	c.Then(func(c *ptlib.Call) {
		if c.Errno() == 0 {
			k.madeAnonymous(t, c, uint32(c.Result))
		}
	})
}

// madeAnonymous claims that the file of a new descriptor belongs to the task.
func (k *Kernel) madeAnonymous(t *task, c *ptlib.Call, fd uint32) {
	in, errno := k.inspect(c, byFD(uint64(fd)))
	if errno != 0 || t.cred.FSUID() == in.UID && t.cred.FSGID() == in.GID {
		return
	}
	in.claim.SetOwner(t.cred.FSUID(), t.cred.FSGID())
	k.remember(c, in)
}

// nameless reports whether a file cannot be found by any name, so that what is claimed of it goes with its descriptors.
func (k *Kernel) nameless(st *ptlib.Stat) bool { return st.Nlink == 0 || st.Dev == k.pipeDev }

// pipeDevice is the device number that all pipes have.
func pipeDevice() uint64 {
	var ends [2]int
	if unix.Pipe2(ends[:], unix.O_CLOEXEC) != nil {
		return 0
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	var st unix.Stat_t
	if unix.Fstat(ends[0], &st) != nil {
		return 0
	}
	return st.Dev
}

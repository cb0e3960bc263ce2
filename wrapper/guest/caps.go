package guest

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

var capRows = flat(
	emulate("caps", "answered from the remembered capabilities of the thread that is asked about", capget, ptlib.SysCapget),
	emulate("caps", "changes the task's remembered capabilities by the kernel's rules", capset, ptlib.SysCapset),
)

// headerOf reads the header of capget(2) and capset(2) up to its version, and answers for a version that the kernel does
// not know by telling the one that it prefers (kernel/capability.c, cap_validate_magic).
func headerOf(c *ptlib.Call) (cred.CapHeader, unix.Errno) {
	var b [cred.CapHeaderSize]byte
	if errno := c.Thread.ReadMemory(c.Args[0], b[:4]); errno != 0 {
		return cred.CapHeader{}, errno
	}
	h := cred.ParseCapHeader(b)
	if h.DataSize() != 0 {
		return h, 0
	}
	binary.NativeEndian.PutUint32(b[:], cred.CapVersion3)
	if errno := c.Thread.WriteMemory(c.Args[0], b[:4]); errno != 0 {
		return h, errno
	}
	return h, unix.EINVAL
}

// readPID reads the rest of the header.
func readPID(c *ptlib.Call) (int32, unix.Errno) {
	var b [4]byte
	errno := c.Thread.ReadMemory(c.Args[0]+4, b[:])
	return int32(binary.NativeEndian.Uint32(b[:])), errno
}

func capget(_ *Kernel, t *task, c *ptlib.Call) {
	data := c.Args[1]
	h, errno := headerOf(c)
	switch {
	case data == 0 && (errno == 0 || errno == unix.EINVAL):
		c.Answer(0) // the version was all that was asked for
		return
	case errno != 0:
		c.Fail(errno)
		return
	}
	pid, errno := readPID(c)
	if errno == 0 && pid < 0 {
		errno = unix.EINVAL
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	whose := t.cred
	if pid != 0 {
		other := c.Thread.Tracer().Thread(int(pid))
		if other == nil {
			return // not of the action: the kernel knows
		}
		whose = taskOf(other).cred
	}
	if errno := c.Thread.WriteMemory(data, h.EncodeData(whose.CapGet())); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Answer(0)
}

func capset(k *Kernel, t *task, c *ptlib.Call) {
	h, errno := headerOf(c)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	pid, errno := readPID(c)
	if errno == 0 && pid != 0 && int(pid) != c.Thread.Tid {
		errno = unix.EPERM // only one's own can be set
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	data := make([]byte, h.DataSize())
	if errno := c.Thread.ReadMemory(c.Args[1], data); errno != 0 {
		c.Fail(errno)
		return
	}
	sets, _ := h.ParseData(data)
	next, errno := t.cred.CapSet(sets)
	k.change(t, c, next, errno)
}

// lastCap is the highest capability that the kernel knows (/proc/sys/kernel/cap_last_cap, since Linux 3.2).
func lastCap() cred.Cap {
	text, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err == nil {
		if n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 6); err == nil {
			return cred.Cap(n)
		}
	}
	return cred.CAP_CHECKPOINT_RESTORE
}

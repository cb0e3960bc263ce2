package guest

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

const (
	idNote    = "answered from the task's remembered identity"
	tellNote  = idNote + "; by the filter while that is root's"
	setIDNote = "changes the task's remembered identity by the kernel's rules; the real one stays"
	note16    = "; ids of 16 bits"
)

var idRows = flat(
	emulateTell((*cred.Cred).UID, ptlib.SysGetuid, ptlib.SysGetuid16),
	emulateTell((*cred.Cred).EUID, ptlib.SysGeteuid, ptlib.SysGeteuid16),
	emulateTell((*cred.Cred).GID, ptlib.SysGetgid, ptlib.SysGetgid16),
	emulateTell((*cred.Cred).EGID, ptlib.SysGetegid, ptlib.SysGetegid16),
	emulateIDs(idNote, getresuid, ptlib.SysGetresuid, ptlib.SysGetresuid16),
	emulateIDs(idNote, getresgid, ptlib.SysGetresgid, ptlib.SysGetresgid16),
	emulateIDs(idNote, getgroups, ptlib.SysGetgroups, ptlib.SysGetgroups16),
	emulateIDs(setIDNote, setuid, ptlib.SysSetuid, ptlib.SysSetuid16),
	emulateIDs(setIDNote, setgid, ptlib.SysSetgid, ptlib.SysSetgid16),
	emulateIDs(setIDNote, setreuid, ptlib.SysSetreuid, ptlib.SysSetreuid16),
	emulateIDs(setIDNote, setregid, ptlib.SysSetregid, ptlib.SysSetregid16),
	emulateIDs(setIDNote, setresuid, ptlib.SysSetresuid, ptlib.SysSetresuid16),
	emulateIDs(setIDNote, setresgid, ptlib.SysSetresgid, ptlib.SysSetresgid16),
	emulateIDs(setIDNote, setfsuid, ptlib.SysSetfsuid, ptlib.SysSetfsuid16),
	emulateIDs(setIDNote, setfsgid, ptlib.SysSetfsgid, ptlib.SysSetfsgid16),
	emulateIDs(setIDNote, setgroups, ptlib.SysSetgroups, ptlib.SysSetgroups16),
)

// emulateIDs makes the rows of a call and of its older spelling.
func emulateIDs(note string, h handler, call, call16 ptlib.Sys) []Row {
	return flat(emulate("ids", note, h, call), emulate("ids", note+note16, h, call16))
}

// emulateTell makes the rows of a call that returns an id.
//
// Programs ask for their ids at every start, and nearly always they are root's. So the first filter answers 0 by itself,
// and a task whose ids are others gets a further filter, by which these calls stop (kernel.go, filteredIDs).
func emulateTell(of func(*cred.Cred) uint32, call, call16 ptlib.Sys) []Row {
	rows := emulateIDs(tellNote, getID(of), call, call16)
	for i := range rows {
		rows[i].tells = of
	}
	return rows
}

// constant reports whether the first filter can answer the call, for an action that starts with these credentials.
func (r *Row) constant(first *cred.Cred) bool { return r.tells != nil && r.tells(first) == 0 }

// tellRules is the filter of tasks whose ids are not root's. It has to outrank the first one: SECCOMP_RET_TRAP does. A shortcut
// of access(2), which asks for the real ids, is outranked by an ordinary stop.
func tellRules(first *cred.Cred) []ptlib.Rule {
	var rules []ptlib.Rule
	for i := range Table {
		if r := &Table[i]; r.constant(first) {
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.StopContested})
		} else if r.isAccess() {
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.Stop})
		}
	}
	return rules
}

// hasOtherIDs reports whether any id that a call tells is not root's.
func hasOtherIDs(c *cred.Cred) bool { return c.UID()|c.EUID()|c.GID()|c.EGID() != 0 }

// overflowID is what a call of 16 bits tells in the place of an id that does not fit (include/linux/highuid.h,
// DEFAULT_OVERFLOWUID).
const overflowID = 65534

// shown is an id as the call tells it (include/linux/highuid.h, high2lowuid).
func shown(c *ptlib.Call, id uint32) uint32 {
	if c.Sys.Has16BitIDs() && id > 0xffff {
		return overflowID
	}
	return id
}

// getID makes the handler of a call that returns one id.
func getID(of func(*cred.Cred) uint32) handler {
	return func(_ *Kernel, t *task, c *ptlib.Call) { c.Answer(int64(shown(c, of(t.cred)))) }
}

func getresuid(_ *Kernel, t *task, c *ptlib.Call) {
	putIDs(c, t.cred.UID(), t.cred.EUID(), t.cred.SUID())
}

func getresgid(_ *Kernel, t *task, c *ptlib.Call) {
	putIDs(c, t.cred.GID(), t.cred.EGID(), t.cred.SGID())
}

// putIDs stores ids where the arguments point to, one by one: what stands before a bad pointer is stored all the same
// (kernel/sys.c, getresuid).
func putIDs(c *ptlib.Call, ids ...uint32) {
	var b [4]byte
	for i, id := range ids {
		if errno := c.Thread.WriteMemory(c.Args[i], appendID(c, b[:0], id)); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	c.Answer(0)
}

// appendID appends an id in the width of the call.
func appendID(c *ptlib.Call, b []byte, id uint32) []byte {
	if c.Sys.Has16BitIDs() {
		return binary.NativeEndian.AppendUint16(b, uint16(shown(c, id)))
	}
	return binary.NativeEndian.AppendUint32(b, id)
}

// groupsAtOnce is how many groups are copied at a time.
const groupsAtOnce = 128

func getgroups(_ *Kernel, t *task, c *ptlib.Call) {
	n, groups, errno := t.cred.GetGroups(int32(c.Args[0]))
	if errno != 0 {
		c.Fail(errno)
		return
	}
	var room [4 * groupsAtOnce]byte
	for addr := c.Args[1]; len(groups) > 0; {
		b, some := room[:0], min(len(groups), groupsAtOnce)
		for _, id := range groups[:some] {
			b = appendID(c, b, id)
		}
		if errno := c.Thread.WriteMemory(addr, b); errno != 0 {
			c.Fail(errno)
			return
		}
		groups, addr = groups[some:], addr+uint64(len(b))
	}
	c.Answer(int64(n))
}

func setgroups(k *Kernel, t *task, c *ptlib.Call) {
	size := int32(c.Args[0])
	if errno := t.cred.MaySetGroups(size); errno != 0 {
		c.Fail(errno)
		return
	}
	groups, errno := readGroups(c, c.Args[1], int(size))
	if errno != 0 {
		c.Fail(errno)
		return
	}
	next, errno := t.cred.SetGroups(groups)
	k.change(t, c, next, errno)
}

// readGroups reads the argument of setgroups(2).
func readGroups(c *ptlib.Call, addr uint64, size int) ([]uint32, unix.Errno) {
	width := 4
	if c.Sys.Has16BitIDs() {
		width = 2
	}
	b := make([]byte, size*width)
	if len(b) == 0 {
		return nil, 0
	}
	if errno := c.Thread.ReadMemory(addr, b); errno != 0 {
		return nil, errno
	}
	groups := make([]uint32, size)
	for i := range groups {
		if width == 2 {
			groups[i] = id(c, uint64(binary.NativeEndian.Uint16(b[2*i:])))
		} else {
			groups[i] = binary.NativeEndian.Uint32(b[4*i:])
		}
	}
	return groups, 0
}

func setuid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetUID(id(c, c.Args[0]))
	k.change(t, c, next, errno)
}

func setgid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetGID(id(c, c.Args[0]))
	k.change(t, c, next, errno)
}

func setreuid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetREUID(id(c, c.Args[0]), id(c, c.Args[1]))
	k.change(t, c, next, errno)
}

func setregid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetREGID(id(c, c.Args[0]), id(c, c.Args[1]))
	k.change(t, c, next, errno)
}

func setresuid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetRESUID(id(c, c.Args[0]), id(c, c.Args[1]), id(c, c.Args[2]))
	k.change(t, c, next, errno)
}

func setresgid(k *Kernel, t *task, c *ptlib.Call) {
	next, errno := t.cred.SetRESGID(id(c, c.Args[0]), id(c, c.Args[1]), id(c, c.Args[2]))
	k.change(t, c, next, errno)
}

func setfsuid(k *Kernel, t *task, c *ptlib.Call) {
	next, previous := t.cred.SetFSUID(id(c, c.Args[0]))
	k.become(t, c, next, int64(shown(c, previous)))
}

func setfsgid(k *Kernel, t *task, c *ptlib.Call) {
	next, previous := t.cred.SetFSGID(id(c, c.Args[0]))
	k.become(t, c, next, int64(shown(c, previous)))
}

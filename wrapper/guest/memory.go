package guest

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A policy's files in memory are sealed memfds of the tracer. For the action each is mounted, read-only, from the tracer's /proc/PID/fd:
// by that path the kernel comes to the file itself. Only a call that keeps a link at the end of its path would mean the link of /proc,
// which is not what the action has named; such calls are made to follow.

// memory is the policy's files in memory.
type memory struct {
	hosts []string // the paths of the tracer's descriptors, in the order of files
	fds   []int
	files []MemFile
	keys  map[lies.Key]*MemFile
}

// openMemory makes the files of a policy.
func (k *Kernel) openMemory(files []MemFile) error {
	m := &k.memory
	m.files, m.keys = files, make(map[lies.Key]*MemFile, len(files))
	k.fixed = make(map[lies.Key]lies.Claim, len(files))
	for i := range files {
		f := &files[i]
		fd, errno := sealed("feign-file", f.Data, diskMode(unix.S_IFREG, f.Mode)|0400)
		if errno != 0 {
			return fmt.Errorf("file %s in memory: %w", f.Path, errno)
		}
		m.fds = append(m.fds, fd)
		m.hosts = append(m.hosts, procFD(unix.Getpid(), int32(fd)))
		st, err := hostStat(fd, "", 0)
		if err != nil {
			return fmt.Errorf("file %s in memory: %w", f.Path, err)
		}
		var claim lies.Claim
		claim.SetOwner(f.UID, f.GID)
		claim.SetMode(unix.S_IFREG | f.Mode)
		m.keys[keyOf(&st)], k.fixed[keyOf(&st)] = f, claim
	}
	return nil
}

// mounts are where the action sees the files.
func (m *memory) mounts() []vfs.Mount {
	var list []vfs.Mount
	for i, host := range m.hosts {
		list = append(list, vfs.Mount{To: m.files[i].Path, From: host, ReadOnly: true})
	}
	return list
}

func (m *memory) close() {
	for _, fd := range m.fds {
		unix.Close(fd)
	}
	*m = memory{}
}

// holds reports whether a path of the host is that of one of the files.
func (m *memory) holds(host string) bool { return slices.Contains(m.hosts, host) }

// has reports whether an inode is that of one of the files.
func (m *memory) has(key lies.Key) bool { return m.keys[key] != nil }

// behind returns the file that a link of /proc leads to, nil if it is none of them.
func (m *memory) behind(link string) *MemFile {
	if len(m.keys) == 0 {
		return nil
	}
	var st unix.Stat_t
	if unix.Stat(link, &st) != nil {
		return nil
	}
	return m.keys[lies.Key{Dev: st.Dev, Ino: st.Ino}]
}

// changesMemory reports whether a call would change one of the files by a descriptor of it.
func (k *Kernel) changesMemory(c *ptlib.Call) bool {
	switch c.Sys {
	case ptlib.SysFchown, ptlib.SysFchown16, ptlib.SysFchmod, ptlib.SysFsetxattr, ptlib.SysFremovexattr:
		return k.memory.behind(procFD(c.Thread.Tid, int32(c.Args[0]))) != nil
	}
	return false
}

// followMemory makes a call that keeps a link at the end of its path, which leads to one of the files by now, be about the file. It
// returns false if the call is decided.
func (k *Kernel) followMemory(t *task, c *ptlib.Call, p pathArg) bool {
	switch c.Sys {
	case ptlib.SysReadlink, ptlib.SysReadlinkat:
		c.Fail(unix.EINVAL)
		return false
	case ptlib.SysLgetxattr:
		c.Fail(unix.ENODATA)
		return false
	case ptlib.SysLlistxattr:
		c.Answer(0)
		return false
	case ptlib.SysLstat, ptlib.SysLstat64, ptlib.SysOldlstat:
		k.statFollowing(t, c)
		return false
	}
	if p.flags != noFlags && p.keep != 0 {
		c.Substitute(p.flags, c.Args[p.flags]&^uint64(p.keep))
	}
	return true
}

// statCalls are the calls that follow a link, for those that do not. Their structures are the same.
var statCalls = map[ptlib.Sys]ptlib.Sys{
	ptlib.SysLstat: ptlib.SysStat, ptlib.SysLstat64: ptlib.SysStat64, ptlib.SysOldlstat: ptlib.SysOldstat,
}

// statFollowing makes stat(2) of what was lstat(2).
func (k *Kernel) statFollowing(t *task, c *ptlib.Call) {
	tg := byPath(c.Args[0])
	if errno := k.mayReach(t, c, tg); errno != 0 {
		c.Fail(errno)
		return
	}
	keep(c, tg)
	c.Local[4] = c.Args[1]
	c.Value = k
	c.Run(statEnd, statCalls[c.Sys], c.Args[0], c.Args[1])
}

// relax takes flags and RESOLVE_* out of an openat2(2), which has another path than the program's. It returns false if the call starts
// over, or has failed.
func relax(c *ptlib.Call, flags, resolve uint64) bool {
	how := make([]byte, min(c.Args[3], openHowMax))
	scratch, ok := c.Scratch()
	if !ok || len(how) < openHowSize || c.Thread.ReadMemory(c.Args[2], how) != 0 {
		return ok // the kernel says what is wrong
	}
	changed := false
	clearBits := func(at int, bits uint64) {
		before := binary.NativeEndian.Uint64(how[at:])
		binary.NativeEndian.PutUint64(how[at:], before&^bits)
		changed = changed || before&bits != 0
	}
	clearBits(0, flags)
	clearBits(16, resolve)
	if !changed {
		return true
	}
	if errno := c.Thread.WriteMemory(scratch+scratchArgs, how); errno != 0 {
		c.Fail(errno)
		return false
	}
	c.Substitute(2, scratch+scratchArgs)
	return true
}

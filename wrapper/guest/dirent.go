package guest

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// direntRows stop once per buffer of a directory, also where no device was ever made: a filter cannot know of that, and
// one that is added with the first device would not reach the processes that run already. A directory takes two such calls,
// beside the stats of its files, which stop one by one: `ls -lR` is slower by less than a hundredth.
var direntRows = emulate("dirent", "devices that are remembered have their own type; nothing is looked at before the first one is made",
	getdents, ptlib.SysGetdents, ptlib.SysGetdents64)

// direntMax bounds how much of one answer is looked at. The C library asks for 32 KiB.
const direntMax = 1 << 20

func getdents(k *Kernel, t *task, c *ptlib.Call) {
	if !k.lies.AnyNode() && !(t.viewed() && k.hidesAny()) {
		return
	}
	c.Value = k
	c.Then(getdentsEnd)
}

// getdentsEnd corrects the types of placeholders. Entries are matched by the inode number in the entry and the device of the
// directory; where a file system (overlayfs on several others) shows numbers that are not those of stat(2), the type stays
// that of the placeholder, as if the file system told no better.
func getdentsEnd(c *ptlib.Call) {
	k := c.Value.(*Kernel)
	if c.Result <= 0 || c.Result > direntMax {
		return
	}
	dir := procFD(c.Thread.Tid, int32(c.Args[0]))
	var st unix.Stat_t
	if unix.Stat(dir, &st) != nil {
		return
	}
	buf := make([]byte, c.Result)
	if c.Thread.ReadMemory(c.Args[1], buf) != 0 {
		return
	}
	if t := taskOf(c.Thread); t.viewed() && k.hidesAny() {
		if left := k.withoutHidden(t, c, buf); len(left) < len(buf) {
			if len(left) == 0 {
				c.Restart() // 0 would be the end of the directory
				return
			}
			if errno := c.Thread.WriteMemory(c.Args[1], left); errno != 0 {
				c.Fail(errno)
				return
			}
			buf = left
			c.Answer(int64(len(left)))
		}
	}
	changed := false
	for at := 0; ; {
		d, next, ok := c.NextDirent(buf, at)
		if !ok {
			break
		}
		at = next
		if d.Type != unix.DT_REG {
			continue
		}
		if kind := k.nodeType(dir, lies.Key{Dev: st.Dev, Ino: d.Ino}, d.Name); kind != 0 {
			d.SetType(buf, kind)
			changed = true
		}
	}
	if changed {
		c.Thread.WriteMemory(c.Args[1], buf)
	}
}

// nodeType is the type, as in a directory entry, of a file that a device is claimed to be; 0 for others. The file itself is
// asked whether it is still the one that the lie is about.
func (k *Kernel) nodeType(dir string, key lies.Key, name []byte) uint8 {
	lie, ok := k.lies.Get(key)
	if !ok || lie.Has&lies.HasType == 0 {
		return 0
	}
	path := dir + "/" + string(name)
	ino, id, err := hostIdentity(path)
	if err != nil || ino != key {
		return 0
	}
	claim, outcome := k.lies.Lookup(key, id, entry{dir, string(name)})
	if outcome != lies.Found || claim.Has&lies.HasType == 0 {
		return 0
	}
	return uint8(claim.Mode & unix.S_IFMT >> 12) // DT_* are the bits of S_IFMT (include/linux/fs_types.h)
}

// hostIdentity looks at a file, in the tracer.
func hostIdentity(path string) (lies.Key, lies.Identity, error) {
	st, err := hostStat(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return lies.Key{}, lies.Identity{}, err
	}
	return keyOf(&st), identity(&st, true), nil
}

// entry is a file by the directory that it is in, a name of procFD.
type entry struct{ dir, name string }

// MetPath implements lies.Met.
func (e entry) MetPath() string {
	dir, err := os.Readlink(e.dir)
	if err != nil {
		return ""
	}
	return dir + "/" + e.name
}

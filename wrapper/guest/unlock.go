package guest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// Root is not stopped by modes, but the caller is. Where the kernel refuses the action something because of the mode of
// one of the caller's own files or directories, the mode is widened, the one that the action should see is claimed, and
// the call is made again. At the end of the action those that still have the widened mode get their own back.

// What unlock has to allow, besides searching the directories on the way.
const (
	unlockRead     = 1 << iota // read the file
	unlockWrite                // write the file
	unlockParent               // change the directory that the file is in
	unlockSelfDir              // search and change the file, which is a directory
	unlockNoFollow             // the last component is not followed
)

// widened is a file whose mode on disk was changed for the action's sake.
type widened struct {
	fd   int    // O_PATH descriptor, which finds the file wherever it is moved to; -1: too many are held
	path string // that it had
	mode uint32 // before
	disk uint32 // since
	told uint32 // what was claimed then, which is another mode where an earlier action claimed it
}

// maxHeld bounds the descriptors that are held for the end. Further files are looked for by their paths.
const maxHeld = 512

// unlock widens what stands in the way of tg, and reports whether anything did.
func (k *Kernel) unlock(c *ptlib.Call, tg target, want uint8) bool {
	return k.unlockAs(taskOf(c.Thread).cred, c, tg, want)
}

// unlockAs is unlock for credentials that may be others than the task's (access(2) checks the real ids).
func (k *Kernel) unlockAs(who *cred.Cred, c *ptlib.Call, tg target, want uint8) bool {
	reads := want&(unlockWrite|unlockParent) == 0
	if !who.Capable(cred.CAP_DAC_OVERRIDE) && !(reads && who.Capable(cred.CAP_DAC_READ_SEARCH)) {
		return false
	}
	w, ok := k.newWalk(c, tg)
	if !ok {
		return false
	}
	defer w.close()
	follow := tg.flags&unix.AT_SYMLINK_NOFOLLOW == 0 && want&(unlockParent|unlockNoFollow) == 0
	changed := false
	errno := w.run(follow, func(dir int, last bool) unix.Errno {
		need := uint32(0100)
		if last && want&unlockParent != 0 {
			need |= 0200
		}
		changed = k.widen(dir, need) || changed
		return 0
	})
	if errno == 0 {
		changed = k.widen(w.dir, wantedBits(want)) || changed
	}
	return changed
}

// wantedBits are the rights to the file itself that its owner needs.
func wantedBits(want uint8) (bits uint32) {
	if want&unlockRead != 0 {
		bits |= 0400
	}
	if want&unlockWrite != 0 {
		bits |= 0200
	}
	if want&unlockSelfDir != 0 {
		bits |= 0700
	}
	return bits
}

// widen gives the caller the missing ones of the needed rights to a file of its own, and reports whether some were.
func (k *Kernel) widen(fd int, need uint32) bool {
	st, err := hostStat(fd, "", 0)
	if need == 0 || err != nil {
		return false
	}
	mode, kind := st.Mode&07777, st.Mode&unix.S_IFMT
	if st.UID != k.caller.UID || kind == unix.S_IFLNK {
		return false
	}
	if kind == unix.S_IFDIR {
		need = 0700
	} else {
		need &^= 0100
	}
	disk := mode | need
	if disk == mode {
		return false
	}
	path := fdPath(unix.Getpid(), int32(fd))
	if unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), disk) != nil {
		return false
	}
	if st, err = hostStat(fd, "", 0); err != nil {
		return false
	}
	k.claimWidened(fd, &st, path, mode, disk)
	return true
}

// claimWidened claims the mode that a file had before it was widened, unless one is claimed already: by this action, or by an
// earlier one with the same state.
func (k *Kernel) claimWidened(fd int, st *ptlib.Stat, path string, mode, disk uint32) {
	key := keyOf(st)
	k.lies.Update(key, identity(st, true), path, func(claim *lies.Claim) {
		if claim.Has&lies.HasMode == 0 {
			claim.SetMode(mode)
		}
		w, ok := k.widened[key]
		if !ok {
			w = widened{fd: k.holdWidened(fd), path: path, mode: mode, told: claim.Mode & 07777}
		}
		w.disk = disk
		k.widened[key] = w
	})
}

// holdWidened returns a descriptor of its own for the file, or -1.
func (k *Kernel) holdWidened(fd int) int {
	if len(k.widened) >= maxHeld {
		return -1
	}
	held, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return held
}

// Restore gives files whose mode was widened their own mode back, except those that the action has changed itself. It is
// to be called when the action has ended, after the tree was read.
func (k *Kernel) Restore() {
	k.writes.close()
	// What is deeper comes first: the directories on the way must still be open.
	keys := slices.SortedFunc(maps.Keys(k.widened), func(a, b lies.Key) int {
		return strings.Compare(k.widened[b].path, k.widened[a].path)
	})
	for _, key := range keys {
		w := k.widened[key]
		lie, ok := k.lies.Get(key)
		if ok && lie.ModeOf(0)&07777 == w.told && !w.restore(key, lie.Path) {
			k.tell(fmt.Sprintf("%s: its mode on disk stays %04o: it is not where it was (chmod it to %04o)", w.path, w.disk, w.mode))
		}
		if w.fd >= 0 {
			unix.Close(w.fd)
		}
	}
	clear(k.widened)
}

// restore gives the file its own mode back; path is where to look for it, if no descriptor is held.
func (w *widened) restore(key lies.Key, path string) bool {
	fd := w.fd
	if fd < 0 {
		var err error
		if fd, err = unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err != nil {
			return false
		}
		defer unix.Close(fd)
	}
	st, err := hostStat(fd, "", 0)
	if err != nil || keyOf(&st) != key {
		return false
	}
	// A mode that somebody else has changed meanwhile stays.
	return st.Mode&07777 != w.disk || unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), w.mode) == nil
}

package guest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// widenings are the files whose modes on the disk were changed for the sake of actions. A file gets its own back when the last
// action is at its end that had to have the other one.
type widenings struct {
	mu    sync.Mutex
	files map[lies.Key]*widened
}

// widened is one of them.
type widened struct {
	fd   int    // O_PATH descriptor, which finds the file wherever it is moved to; -1: too many are held
	path string // that it had
	mode uint32 // before
	disk uint32 // since
	told uint32 // what was claimed then, which is another mode where an earlier action claimed it
	of   map[*Kernel]bool
}

// maxHeld bounds the descriptors that are held for the end. Further files are looked for by their paths.
const maxHeld = 512

// What widen has found.
type width uint8

const (
	narrow  width = iota // nothing that it could do anything about
	already              // the file was widened before: whoever was refused came a moment too early
	wider                // it has widened the file
)

// widen gives the caller the missing ones of the needed rights to a file of its own.
func (k *Kernel) widen(fd int, need uint32) (lies.Key, width) {
	w := &k.shared.widened
	w.mu.Lock()
	defer w.mu.Unlock()
	st, err := hostStat(fd, "", 0)
	if need == 0 || err != nil {
		return lies.Key{}, narrow
	}
	mode, kind := st.Mode&07777, st.Mode&unix.S_IFMT
	if st.UID != k.caller.UID || kind == unix.S_IFLNK {
		return lies.Key{}, narrow
	}
	if kind == unix.S_IFDIR {
		need = 0700
	} else {
		need &^= 0100
	}
	disk := mode | need
	if disk == mode {
		if f, ok := w.files[keyOf(&st)]; ok && f.disk == mode {
			f.of[k] = true
			return keyOf(&st), already
		}
		return lies.Key{}, narrow
	}
	path := fdPath(unix.Getpid(), int32(fd))
	if unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), disk) != nil {
		return lies.Key{}, narrow
	}
	if st, err = hostStat(fd, "", 0); err != nil {
		return lies.Key{}, narrow
	}
	told := k.claimWidened(&st, path, mode)
	w.add(k, keyOf(&st), fd, widened{path: path, mode: mode, disk: disk, told: told})
	return keyOf(&st), wider
}

// claimWidened claims the mode that a file had before it was widened, unless one is claimed already: by this action, or by
// another one with the same state. It returns what is claimed.
func (k *Kernel) claimWidened(st *ptlib.Stat, path string, mode uint32) (told uint32) {
	k.lies.Update(keyOf(st), identity(st, true), path, func(claim *lies.Claim) {
		if claim.Has&lies.HasMode == 0 {
			claim.SetMode(mode)
		}
		told = claim.Mode & 07777
	})
	return told
}

// add notes a file, or that one is wider still.
func (w *widenings) add(k *Kernel, key lies.Key, fd int, now widened) {
	f, ok := w.files[key]
	if !ok {
		f = &now
		f.fd, f.of = w.hold(fd), make(map[*Kernel]bool)
		if w.files == nil {
			w.files = make(map[lies.Key]*widened)
		}
		w.files[key] = f
	}
	f.disk = now.disk
	f.of[k] = true
}

// hold returns a descriptor of its own for the file, or -1.
func (w *widenings) hold(fd int) int {
	if len(w.files) >= maxHeld {
		return -1
	}
	held, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return held
}

// Restore gives files whose mode was widened their own mode back, except those that the action has changed itself, and those that
// other actions still need. It is to be called when the action has ended, after the tree was read.
func (k *Kernel) Restore() {
	k.writes.close()
	for _, line := range k.shared.widened.restore(k) {
		k.tell(line)
	}
}

// restore returns what is to be told of files that could not be given their mode back.
func (w *widenings) restore(k *Kernel) (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// What is deeper comes first: the directories on the way must still be open.
	keys := slices.SortedFunc(maps.Keys(w.files), func(a, b lies.Key) int {
		return strings.Compare(w.files[b].path, w.files[a].path)
	})
	for _, key := range keys {
		f := w.files[key]
		if delete(f.of, k); len(f.of) > 0 {
			continue
		}
		delete(w.files, key)
		lie, ok := k.lies.Get(key)
		if ok && lie.ModeOf(0)&07777 == f.told && !f.restore(key, lie.Path) {
			lines = append(lines, fmt.Sprintf("%s: its mode on disk stays %04o: it is not where it was (chmod it to %04o)", f.path, f.disk, f.mode))
		}
		if f.fd >= 0 {
			unix.Close(f.fd)
		}
	}
	return lines
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

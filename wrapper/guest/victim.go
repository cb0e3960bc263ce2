package guest

import (
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// A victim is a file that a call may remove the last name of, or move.
type victim struct {
	k  *Kernel
	fd int // of the tracer; -1: none is held
	st ptlib.Stat
	at []string // of a directory that may be moved: its path, and as the program spells it
}

// hold opens what at names, if anything is claimed about it, or may be about what is below it.
func (k *Kernel) hold(c *ptlib.Call, at target) *victim {
	v := &victim{k: k, fd: -1}
	if k.lies.Len() == 0 && !k.shared.orphans.any() {
		return v
	}
	path := k.hostPath(c, at)
	if path == "" {
		return v
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return v
	}
	v.fd = fd
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil {
		v.st = ptlib.Stat{Dev: st.Dev, Ino: st.Ino, Mode: st.Mode}
		if _, ok := k.lies.Get(keyOf(&v.st)); ok {
			return v
		}
		// A file of which nothing is claimed may have the number of one that was removed before.
		k.shared.orphans.remove(keyOf(&v.st))
		if st.Mode&unix.S_IFMT == unix.S_IFDIR {
			return v
		}
	}
	v.close()
	return v
}

func (v *victim) held() bool { return v.fd >= 0 }

func (v *victim) close() {
	if v.fd >= 0 {
		unix.Close(v.fd)
		v.fd = -1
	}
}

// mayMove takes note of where a directory is before it is moved.
func (v *victim) mayMove(c *ptlib.Call, at target) {
	if !v.held() || v.st.Mode&unix.S_IFMT != unix.S_IFDIR || v.k.lies.Len() == 0 {
		return
	}
	v.at = []string{fdPath(unix.Getpid(), int32(v.fd))}
	if spelled := filepath.Clean(v.k.pathOf(c, at)); filepath.IsAbs(spelled) && spelled != v.at[0] {
		v.at = append(v.at, spelled)
	}
}

// follow records the new path of what has been moved, and of what is below it.
func (v *victim) follow(c *ptlib.Call, to target) {
	if !v.held() {
		return
	}
	v.k.lies.Rename(keyOf(&v.st), v.k.pathOf(c, to))
	if len(v.at) > 0 {
		now := fdPath(unix.Getpid(), int32(v.fd))
		for _, before := range v.at {
			v.k.lies.RenameDir(before, now)
		}
	}
}

// aside is where one of two directories is that change places, for a moment: no path has such a name.
const aside = "/\x00"

func (v *victim) stepAside() {
	for _, before := range v.at {
		v.k.lies.RenameDir(before, aside)
	}
	v.at = v.at[:min(len(v.at), 1)]
	for i := range v.at {
		v.at[i] = aside
	}
}

// settle forgets the lie about a file that lost its last name. Open descriptors may still show it.
func (v *victim) settle(c *ptlib.Call) {
	if v.held() && c.Errno() == 0 {
		var st unix.Stat_t
		if unix.Fstat(v.fd, &st) == nil && st.Nlink == 0 {
			if lie, ok := v.k.lies.Get(keyOf(&v.st)); ok {
				v.k.shared.orphans.bereave(lie)
				v.k.happened(c, lie.Path, "", "forgotten with its last name")
			}
			v.k.lies.Forget(keyOf(&v.st))
		}
	}
	v.close()
}

package guest

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// A file that somebody writes to loses set-id bits, unless root wrote, and capabilities (fs/inode.c, file_remove_privs). The
// bytes are written unseen. Truncation is seen; for the rest, a file that has such a thing to lose is watched by inotify(7)
// from when it is opened for writing, by whoever it is written then, and through whatever descriptor. touch(1) opens for
// writing and writes nothing, so the opening itself must not count. A change of the time of modification alone (touch -m)
// looks like a write.

// unwritten is what a file that is open for writing loses when it is written to.
type unwritten struct {
	key     lies.Key
	setID   uint32 // bits of the mode
	callers bool   // see Kernel.isCallers
}

// writes are the files that are watched, by watch descriptor.
type writes struct {
	fd      int // of inotify; valid if files is not nil
	files   map[int32]unwritten
	refused bool // there is no inotify to be had
}

// written takes from a file at once what it loses when it is written to.
func (k *Kernel) written(c *ptlib.Call, t *task, in *inode) {
	next, dropCaps := t.cred.Written(in.Inode)
	if next.Mode == in.Mode && !dropCaps {
		return
	}
	if next.Mode != in.Mode {
		in.claim.SetMode(next.Mode)
	}
	if dropCaps {
		k.dropCaps(in)
	}
	in.Inode = next
	k.remember(c, in)
}

// openedForWriting sees to it that a file loses what it has to when it is written to through a descriptor of the task.
// Where the kernel cannot tell of that, it is taken for written.
func (k *Kernel) openedForWriting(c *ptlib.Call, t *task, in *inode, fd int32) {
	next, dropCaps := t.cred.Written(in.Inode)
	loss := unwritten{key: keyOf(&in.real), setID: in.Mode &^ next.Mode, callers: k.isCallers(&in.real)}
	if loss.setID == 0 && !(dropCaps && hasFileCaps(&in.claim)) {
		return
	}
	if k.nameless(&in.real) || !k.writes.watch(procFD(c.Thread.Tid, fd), loss) {
		k.written(c, t, in)
	}
}

func (w *writes) watch(path string, loss unwritten) bool {
	if w.refused {
		return false
	}
	if w.files == nil {
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
		if err != nil {
			w.refused = true
			return false
		}
		w.fd, w.files = fd, make(map[int32]unwritten)
	}
	wd, err := unix.InotifyAddWatch(w.fd, path, unix.IN_MODIFY)
	if err != nil {
		return false
	}
	// It may be watched already, on account of another opening.
	loss.setID |= w.files[int32(wd)].setID
	w.files[int32(wd)] = loss
	return true
}

// settleWrites finds out what was written to until now. It comes before whatever might see a difference: every call that
// stops, and the end of a thread.
func (k *Kernel) settleWrites() {
	if len(k.writes.files) > 0 {
		k.readWrites()
	}
}

// Settle takes from files what they have lost until now, so that what is claimed about them is complete. It is to be called on
// the tracer's thread.
func (k *Kernel) Settle() { k.settleWrites() }

func (k *Kernel) readWrites() {
	w := &k.writes
	var events [4096]byte
	for len(w.files) > 0 {
		n, err := unix.Read(w.fd, events[:])
		if err != nil || n < unix.SizeofInotifyEvent {
			return
		}
		for rest := events[:n]; len(rest) >= unix.SizeofInotifyEvent; { // struct inotify_event
			wd, mask := int32(binary.NativeEndian.Uint32(rest)), binary.NativeEndian.Uint32(rest[4:])
			size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(rest[12:]))
			rest = rest[min(size, len(rest)):]
			switch {
			case mask&unix.IN_Q_OVERFLOW != 0: // any may have been written to
				for wd := range w.files {
					k.wrote(wd)
				}
			case mask&unix.IN_MODIFY != 0:
				k.wrote(wd)
			case mask&unix.IN_IGNORED != 0: // it is no more
				delete(w.files, wd)
			}
		}
	}
}

// wrote takes from a watched file what it loses.
func (k *Kernel) wrote(wd int32) {
	loss, ok := k.writes.files[wd]
	if !ok {
		return
	}
	delete(k.writes.files, wd)
	_, _ = unix.InotifyRmWatch(k.writes.fd, uint32(wd)) // the file may be gone
	lie, ok := k.lies.Get(loss.key)
	if !ok {
		return
	}
	found := lie.Claim
	if lie.Has&lies.HasMode != 0 && lie.Mode&loss.setID != 0 {
		lie.SetMode(lie.Mode &^ loss.setID)
	}
	if hasFileCaps(&lie.Claim) {
		dropFileCaps(&lie.Claim, loss.callers)
	}
	now := ""
	k.lies.Merge(lie, found)
	if !lie.Empty() {
		in := inode{claim: lie.Claim}
		in.Mode, in.UID, in.GID, in.rdev = applied(&in.claim, lie.Type, 0, 0, 0)
		now = in.looks()
	}
	const result = "lost its set-id bits or capabilities, as it was written to"
	if k.config.Event != nil {
		k.config.Event(Event{Syscall: "write", Path: lie.Path, Claim: now, Result: result})
	}
	if k.config.Told != nil {
		k.config.Told(fmt.Sprintf("%s %s", lie.Path, result))
	}
}

// close ends the watches.
func (w *writes) close() {
	if w.files != nil {
		unix.Close(w.fd)
		w.files = nil
	}
}

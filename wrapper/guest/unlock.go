package guest

import (
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

// unlock widens what stands in the way of tg, and reports whether anything did, or may have until a moment ago.
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
	changed, file := false, (*lies.Key)(nil)
	widen := func(fd int, need uint32) {
		switch key, is := k.widen(fd, need); is {
		case wider:
			changed = true
		case already:
			file = &key
		}
	}
	errno := w.run(follow, func(dir int, last bool) unix.Errno {
		need := uint32(0100)
		if last && want&unlockParent != 0 {
			need |= 0200
		}
		widen(dir, need)
		return 0
	})
	if errno == 0 {
		widen(w.dir, wantedBits(want))
	}
	return changed || file != nil && taskOf(c.Thread).retry.once(*file)
}

// A retry keeps a task from trying again and again. That a file has been widened already, for somebody else, says that it was in the way when
// the kernel looked; but what is in the way may be something else.
type retry struct {
	file lies.Key
	n    int
}

// retries is how often a task is refused on account of one file before it is believed.
const retries = 3

func (r *retry) once(file lies.Key) bool {
	if r.file != file {
		*r = retry{file: file}
	}
	r.n++
	return r.n <= retries
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

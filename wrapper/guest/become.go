package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// change is the end of a call that gives the task other credentials, or fails.
func (k *Kernel) change(t *task, c *ptlib.Call, next *cred.Cred, errno unix.Errno) {
	if errno != 0 {
		c.Fail(errno)
		return
	}
	k.become(t, c, next, 0)
}

// become gives the task other credentials, at the entry of a call that then returns result. A task that is all-powerful
// no more, or has other ids than root's, first gets the filter that stops the calls where that matters. Filters are put
// into a task at the end of a call, so a call that does nothing is made; if one cannot be had, the task stays what it was.
func (k *Kernel) become(t *task, c *ptlib.Call, next *cred.Cred, result int64) {
	lacking := k.lacking(t, next)
	if len(lacking) == 0 {
		t.assume(next)
		c.Answer(result)
		return
	}
	c.Run(func(c *ptlib.Call) {
		for _, f := range lacking {
			if errno := k.filter(t, c, f); errno != 0 {
				c.Fail(errno)
				return
			}
		}
		t.assume(next)
		c.Answer(result)
	}, ptlib.SysGetpid)
}

// lacking returns the further filters that a task needs with its next credentials, and has not got.
func (k *Kernel) lacking(t *task, next *cred.Cred) (lacking []furtherFilter) {
	for _, f := range k.further {
		if t.filtered&f.bit == 0 && f.needed(next) {
			lacking = append(lacking, f)
		}
	}
	return lacking
}

// assume changes the credentials of a task. A process whose credentials changed is not to be dumped, nor traced by those
// who have what it was (kernel/cred.c, commit_creds).
func (t *task) assume(next *cred.Cred) {
	if revealing(t.cred, next) {
		t.proc.undumpable = true
	}
	t.cred = next
}

// revealing reports whether memory of a task that goes from one set of credentials to another may hold what others must
// not see.
func revealing(from, to *cred.Cred) bool {
	return from.EUID() != to.EUID() || from.EGID() != to.EGID() ||
		from.FSUID() != to.FSUID() || from.FSGID() != to.FSGID() ||
		to.CapGet().Permitted&^from.CapGet().Permitted != 0
}

// isLimited reports whether the kernel would refuse the task something that it does not refuse the caller: access to a
// file, or a program with capabilities that are not in the task's bounding set.
func isLimited(c *cred.Cred) bool {
	s := c.State()
	all := cred.Caps(1)<<(s.LastCap+1) - 1
	return s.Bounding != all || needsChecks(c)
}

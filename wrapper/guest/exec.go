package guest

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

var execRows = flat(
	emulateDropped("exec", "the new program gets the identity that set-id bits and capabilities of its file claim; a task "+
		"that is no longer root is refused what the kernel would refuse", execve, ptlib.SysExecve),
	emulateDropped("exec", "as execve, relative to a directory", execveat, ptlib.SysExecveat),
)

func execve(k *Kernel, t *task, c *ptlib.Call) { k.execAt(t, c, byPath(c.Args[0])) }

func execveat(k *Kernel, t *task, c *ptlib.Call) {
	tg := byAt(c.Args[0], c.Args[1], c.Args[4])
	if tg.flags&unix.AT_EMPTY_PATH != 0 {
		if path, errno := c.Thread.ReadString(tg.path, 1); errno == 0 && len(path) == 0 {
			tg = byFD(c.Args[0])
		}
	}
	k.execAt(t, c, tg)
}

// execAt refuses a task with limits what it may not execute: a file that is not for it, or a program with capabilities
// that it cannot get. Everything else about execve(2) comes after it, in Exec.
func (k *Kernel) execAt(t *task, c *ptlib.Call, tg target) {
	if isLimited(t.cred) && !k.mayExec(t, c, tg) {
		return
	}
	if t.viewed() {
		k.execViewed(t, c, tg)
	}
}

// mayExec is false, if the call has failed.
func (k *Kernel) mayExec(t *task, c *ptlib.Call, tg target) bool {
	if errno := k.mayUse(t, c, tg, acl.Exec); errno != 0 {
		c.Fail(errno)
		return false
	}
	file, _, err := k.program(t.cred, k.hostPath(c, tg))
	if err != nil {
		return true // the kernel says why
	}
	if _, _, errno := t.cred.Exec(file); errno != 0 {
		c.Fail(errno)
		return false
	}
	return true
}

// Exec implements ptlib.Handler: the credentials of the thread that made the call go over to the new program, changed by
// what is claimed about its file (fs/exec.c begin_new_exec, security/commoncap.c cap_bprm_creds_from_file).
func (k *Kernel) Exec(t, former *ptlib.Thread) {
	var self *task
	if former.Data == nil {
		self = k.start(t)
	} else {
		self = taskOf(former)
		self.thread, t.Data = t, self
	}
	program := vfs.Place{}
	if self.plan != nil {
		program = self.plan.program
	}
	err := k.loadPlanned(self)
	if err == nil {
		err = k.renew(self, program)
	}
	if err != nil {
		if !t.Gone() {
			k.tell(fmt.Sprintf("process %d: killed, because its new program cannot be given its identity: %v", t.Tgid, err))
		}
		unix.Kill(t.Tgid, unix.SIGKILL)
	}
}

// renew gives a task the credentials that it has with the program that it has just got; a place says where its file is, if
// the kernel does not know. After an error the program must
// not run: nothing else is left to do for the kernel either, so late in execve(2).
func (k *Kernel) renew(t *task, program vfs.Place) error {
	path := program.Host
	if path == "" {
		path = "/proc/" + strconv.Itoa(t.thread.Tid) + "/exe"
	}
	file, key, err := k.program(t.cred, path)
	switch err {
	case nil:
		t.thread.Recognize(key.Dev, key.Ino)
	case unix.EACCES:
		// The caller may not read the file, so that the process is closed to the tracer (fs/exec.c, would_dump). It
		// runs, but gains nothing.
	default:
		return fmt.Errorf("look at the program's file: %w", err)
	}
	before := t.cred
	next, secure, errno := before.Exec(file)
	if errno != 0 {
		return fmt.Errorf("the capabilities of the program's file: %w", errno)
	}
	t.cred = next
	t.proc = &process{undumpable: before.EUID() != before.UID() || before.EGID() != before.GID() || revealing(before, next), program: program}
	for _, f := range k.lacking(t, next) {
		filter, err := f.compile()
		if err != nil {
			return err
		}
		if err := t.thread.AddFilter(filter); err != nil {
			return err
		}
		t.filtered |= f.bit
	}
	ids := ptlib.AuxIDs{UID: next.UID(), EUID: next.EUID(), GID: next.GID(), EGID: next.EGID(), Secure: secure}
	if errno := t.thread.SetAuxIDs(ids); errno != 0 && !t.thread.Gone() {
		k.tell(fmt.Sprintf("process %d: its program is closed to the tracer, and sees files as they are: %v (make the "+
			"program's file readable)", t.thread.Tgid, errno))
	}
	return nil
}

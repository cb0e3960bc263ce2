package guest

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Some files of /proc tell who a task is. A descriptor of one is replaced, as soon as we hear of it, by one of a file in
// memory with the text that the action should read. We hear of it when the file is opened without flags, as cat(1) and
// the shell do, or when the open descriptor is looked at with fstat(2), as C libraries and language runtimes do before
// they read. The text is that of the moment: a program that rewinds the file reads the same again.

// openedProc is told that a tracee has opened a path below /proc. It is called at the end of the call.
func (k *Kernel) openedProc(c *ptlib.Call, name []byte, fd int) {
	file := name[bytes.LastIndexByte(name, '/')+1:]
	_, shown := procTexts[string(file)]
	if !shown && taskOf(c.Thread).viewed() {
		_, shown = pathTexts[string(file)]
	}
	if shown {
		k.showProc(c, k.tracedPath(c.Thread.Tid, int32(fd)), fd)
	}
}

// seesProc corrects the answer of a stat call about a file of /proc: what belongs to a process of the action belongs to
// whom the process believes to be.
func (k *Kernel) seesProc(c *ptlib.Call, b *ptlib.StatBuffer) bool {
	tg, st := kept(c), &b.Stat
	name := k.pathOf(c, tg)
	tid, _, ok := procPath(c, name)
	if !ok || st.UID != k.caller.UID {
		return false
	}
	who := c.Thread.Tracer().Thread(tid)
	if who == nil {
		return false
	}
	if st.Mode&unix.S_IFMT == unix.S_IFREG && (tg.byFD || tg.flags&unix.AT_EMPTY_PATH != 0) {
		k.showProc(c, name, int(tg.dirfd))
	}
	st.UID, st.GID = procOwner(taskOf(who), st.Mode)
	b.Patch()
	return true
}

// ofProcess reports whether a path of /proc is that of a file about a process, or may be.
func ofProcess(c *ptlib.Call, name string) bool {
	_, _, ok := procPath(c, name)
	return ok || name == ""
}

// procOwner is who files about a task belong to (fs/proc/base.c, task_dump_owner): root, if the task is not to be
// looked at, but for its directory.
func procOwner(t *task, mode uint32) (uid, gid uint32) {
	if t.proc.undumpable && mode != unix.S_IFDIR|0555 {
		return 0, 0
	}
	return t.cred.EUID(), t.cred.EGID()
}

// procPath takes the path of a file about a task apart: /proc/TASK/name or /proc/PROCESS/task/TASK/name. name is "" for
// the directory itself.
func procPath(c *ptlib.Call, p string) (tid int, name string, ok bool) {
	rest, ok := strings.CutPrefix(path.Clean(p), "/proc/")
	if !ok {
		return 0, "", false
	}
	parts := strings.Split(rest, "/")
	if len(parts) > 2 && parts[1] == "task" {
		parts = parts[2:]
	}
	switch parts[0] {
	case "self":
		tid = c.Thread.Tgid
	case "thread-self":
		tid = c.Thread.Tid
	default:
		n, err := strconv.Atoi(parts[0])
		if err != nil {
			return 0, "", false
		}
		tid = n
	}
	return tid, strings.Join(parts[1:], "/"), true
}

// showProc puts the text that the action should read in the place of an open file of /proc.
func (k *Kernel) showProc(c *ptlib.Call, name string, fd int) {
	if k.procDev == 0 {
		return
	}
	tid, file, ok := procPath(c, name)
	text := procTexts[file]
	if text == nil && taskOf(c.Thread).viewed() {
		text = pathTexts[file]
	}
	if !ok || text == nil {
		return
	}
	who := c.Thread.Tracer().Thread(tid)
	if who == nil {
		return
	}
	// Who has begun to read, or may write, keeps what there is.
	flags, pos, ok := descriptor(c.Thread.Tid, fd)
	if ok && pos < 0 {
		pos, _ = c.Inject(ptlib.SysLseek, uint64(fd), 0, unix.SEEK_CUR)
	}
	if !ok || pos != 0 || flags&(unix.O_ACCMODE|unix.O_PATH) != unix.O_RDONLY {
		return
	}
	c.Thread.Tracer().Disperse() // the text may tell where a task may run
	real, err := os.ReadFile(name)
	if err != nil {
		return
	}
	shown := text(k, taskOf(who), real)
	if bytes.Equal(shown, real) {
		return
	}
	result := c.Result
	switch errno := replace(c, fd, flags&unix.O_CLOEXEC, shown); errno {
	case 0:
	case unix.EACCES, unix.EPERM, unix.ENOENT, unix.ENOSYS:
		// It will not go better next time.
		k.procDev = 0
		k.tell("files of /proc that tell who a process is cannot be replaced: " + errno.Error() +
			" (the action reads the real ids in them)")
	}
	c.Answer(result)
}

// descriptor reads the flags that a descriptor was opened with, and how far it was read (proc_pid_fdinfo(5)); gVisor does not tell
// that: -1.
func descriptor(tid, fd int) (flags uint64, pos int64, ok bool) {
	info, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return 0, 0, false
	}
	flags, ok = field(info, "flags:", 8)
	pos = -1
	if p, known := field(info, "pos:", 10); known {
		pos = int64(p)
	}
	return flags, pos, ok
}

// field is the number after a key at the beginning of a line.
func field(text []byte, key string, base int) (uint64, bool) {
	for line := range bytes.Lines(text) {
		if v, ok := bytes.CutPrefix(line, []byte(key)); ok {
			n, err := strconv.ParseUint(string(bytes.TrimSpace(v)), base, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// replace makes fd a descriptor of a file in memory that holds text, at the end of a call. The tracee opens the file
// by the tracer's /proc/PID/fd, so that it can be read only.
func replace(c *ptlib.Call, fd int, cloexec uint64, text []byte) unix.Errno {
	mem, errno := sealed("proc", text, 0444)
	if errno != 0 {
		return errno
	}
	defer unix.Close(mem)
	scratch, ok := c.Scratch()
	if !ok {
		return unix.ENOMEM
	}
	at := scratch + scratchPath
	if errno := c.Thread.WriteMemory(at, append([]byte(procFD(unix.Getpid(), int32(mem))), 0)); errno != 0 {
		return errno
	}
	other, errno := c.Inject(ptlib.SysOpenat, cwdArg, at, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if errno != 0 { // it is in a namespace of its own, or has no /proc
		given, err := giveReadable(c, mem)
		if err != 0 {
			return errno
		}
		other = int64(given)
	}
	_, errno = c.Inject(ptlib.SysDup3, uint64(other), uint64(fd), cloexec)
	c.Inject(ptlib.SysClose, uint64(other))
	return errno
}

// giveReadable makes the tracee have a descriptor that reads a file of the tracer's.
func giveReadable(c *ptlib.Call, file int) (fd int, errno unix.Errno) {
	view, err := unix.Open(procSelfFD+strconv.Itoa(file), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err.(unix.Errno)
	}
	defer unix.Close(view)
	return c.Give(view)
}

// sealed makes a file in memory whose content nobody can change.
func sealed(name string, text []byte, mode uint32) (fd int, errno unix.Errno) {
	fd, errno = memfd(name, text, mode, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if errno != 0 {
		return -1, errno
	}
	_, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	if err != nil {
		unix.Close(fd)
		return -1, err.(unix.Errno)
	}
	return fd, 0
}

// memfd makes a file in memory.
func memfd(name string, text []byte, mode uint32, flags int) (fd int, errno unix.Errno) {
	fd, err := unix.MemfdCreate(name, flags)
	if err != nil {
		return -1, err.(unix.Errno)
	}
	for err == nil && len(text) > 0 {
		var n int
		n, err = unix.Write(fd, text)
		text = text[max(n, 0):]
	}
	if err == nil {
		err = unix.Fchmod(fd, mode)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err.(unix.Errno)
	}
	return fd, 0
}

package guest

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// The kernel looks for the interpreters of programs under its own root directory, not under the task's. So where a script or
// a program asks for one, the tracer finds it, and has that executed: for a script, with the arguments that the kernel would
// have put before the others; for a program, the dynamic loader, beside which the program is then mapped, so that the loader
// finds all as if the kernel had begun with the program (ptlib.Load). What the task can find out about its program (the name
// in the auxiliary vector, /proc/self/exe, the thread's name) is what it would be in a real root directory.

// An execPlan is what is executed in the place of what the call says.
type execPlan struct {
	host    string    // the file that the kernel executes
	args    []string  // to come before the call's arguments, the first of which is dropped; nil: none
	program vfs.Place // the program that runs
	load    ptlib.Load
	file    *os.File // of load.Program, open until it is mapped
}

func (p *execPlan) close() {
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
}

// path is what the kernel is told. The task finds the name in its memory, where there has to be room for the one that it
// is to find.
func (p *execPlan) path() string {
	return strings.Repeat("/", max(0, len(p.load.Name)-len(p.host))) + p.host
}

// Limits of fs/exec.c and fs/binfmt_script.c.
const (
	scriptHead = 256 // BINPRM_BUF_SIZE
	maxScripts = 5
)

// planExec finds out what execve(2) of a file by a task comes to. name is the call's name for it. A nil plan leaves the call
// as it is.
func (k *Kernel) planExec(t *task, at vfs.Place, name string) (*execPlan, unix.Errno) {
	p := &execPlan{host: at.Host, program: at, load: ptlib.Load{Name: name, Comm: commOf(name)}}
	shown := name
	for depth := 0; ; depth++ {
		if mayExecute(p.host) != 0 {
			return p, 0 // the kernel says why
		}
		f, err := os.Open(p.host)
		if err != nil {
			return p, 0 // the kernel executes what cannot be read, too
		}
		head := make([]byte, scriptHead)
		n, err := f.ReadAt(head, 0)
		if err != nil && err != io.EOF {
			f.Close()
			return p, 0
		}
		if !bytes.HasPrefix(head[:n], []byte("#!")) {
			errno := k.planLoader(t, p, f)
			if p.file != f {
				f.Close()
			}
			return p, errno
		}
		f.Close()
		if depth == maxScripts {
			return nil, unix.ELOOP
		}
		interp, arg, ok := parseScript(head[:n])
		if !ok {
			return nil, unix.ENOEXEC
		}
		args := []string{interp}
		if arg != "" {
			args = append(args, arg)
		}
		args = append(args, shown)
		if p.args != nil {
			args = append(args, p.args[1:]...) // an interpreter that is a script gets the name that it was called by
		}
		p.args, shown = args, interp
		r, errno := k.lookup(t, atFDCWD, interp, vfs.Follow, 0)
		if errno != 0 {
			return nil, errno
		}
		p.host, p.program = r.Host, r.Place
		if errno := mayExecute(r.Path()); errno != 0 {
			return nil, errno
		}
	}
}

// mayExecute is what the kernel says of a file that is to be executed for another one.
func mayExecute(host string) unix.Errno {
	if err := unix.Access(host, unix.X_OK); err != nil {
		return err.(unix.Errno)
	}
	var st unix.Stat_t
	if unix.Stat(host, &st) == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		return unix.EACCES
	}
	return 0
}

// planLoader finds the dynamic loader of a program.
func (k *Kernel) planLoader(t *task, p *execPlan, f *os.File) unix.Errno {
	program, err := ptlib.ReadProgram(f)
	if err != nil || program.Interp == "" {
		return 0
	}
	r, errno := k.lookup(t, atFDCWD, program.Interp, vfs.Follow, 0)
	if errno == 0 {
		errno = mayExecute(r.Path())
	}
	if errno != 0 {
		return errno
	}
	loader, err := os.Open(r.Host)
	if err != nil {
		return unix.EACCES
	}
	defer loader.Close()
	p.load.Loader, err = ptlib.ReadProgram(loader)
	if err != nil {
		return unix.ELIBBAD
	}
	p.file = f
	p.load.Program, p.load.Path = program, procFD(unix.Getpid(), int32(f.Fd()))
	p.host = r.Host
	return 0
}

// parseScript takes the first line of a script apart (fs/binfmt_script.c, load_script).
func parseScript(head []byte) (interp, arg string, ok bool) {
	line, _, ended := bytes.Cut(head[2:], []byte("\n"))
	if i := bytes.IndexByte(line, 0); i >= 0 {
		line = line[:i]
		ended = true
	}
	line = bytes.TrimLeft(line, " \t")
	name, tail, separated := cutBlank(line)
	if !ended && len(head) == scriptHead && !separated {
		return "", "", false // the name of the interpreter is cut off
	}
	if len(name) == 0 {
		return "", "", false
	}
	return string(name), string(bytes.Trim(tail, " \t")), true
}

func cutBlank(line []byte) (word, rest []byte, found bool) {
	i := bytes.IndexAny(line, " \t")
	if i < 0 {
		return line, nil, false
	}
	return line[:i], line[i:], true
}

// commOf is the name that a thread gets with a program (fs/exec.c, TASK_COMM_LEN).
func commOf(name string) string {
	base := name[strings.LastIndexByte(name, '/')+1:]
	return base[:min(len(base), 15)]
}

// execViewed makes the call execute what is planned.
func (k *Kernel) execViewed(t *task, c *ptlib.Call, tg target) {
	place, name, ok := k.programOf(t, c, tg)
	if !ok {
		return
	}
	p, errno := k.planExec(t, place, name)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	if tg.byFD {
		p.load.Comm = commOf(place.Host) // since Linux 6.14 (fs/exec.c, begin_new_exec); the descriptor's number before
	}
	arg, argv := 0, 1
	if c.Sys == ptlib.SysExecveat {
		arg, argv = 1, 2
	}
	if !substitutePath(c, arg, 0, p.path()) {
		p.close()
		return
	}
	t.plan = p
	end := func(c *ptlib.Call) {
		p.close()
		t.plan = nil
	}
	if p.args != nil && !k.prependArgs(c, argv, p.args, end) {
		return
	}
	c.Then(end)
}

// programOf tells what file a call of the exec family is about, and the name that the kernel has for it (fs/exec.c,
// alloc_bprm).
func (k *Kernel) programOf(t *task, c *ptlib.Call, tg target) (place vfs.Place, name string, ok bool) {
	fd := "/dev/fd/" + strconv.Itoa(int(tg.dirfd))
	if tg.byFD {
		host, err := os.Readlink(procFD(c.Thread.Tid, tg.dirfd))
		if err != nil || !strings.HasPrefix(host, "/") || strings.HasSuffix(host, " (deleted)") {
			return place, "", false // a file in memory: the kernel's business
		}
		return k.walker(t).PlaceOf(host), fd, true
	}
	if tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		var st unix.Stat_t
		if unix.Lstat(t.places[0].Host, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
			return place, "", false // ELOOP
		}
	}
	if t.places[0].Host == "" {
		return place, "", false // the kernel says what is wrong
	}
	name = t.named
	if !path.IsAbs(name) && tg.dirfd != atFDCWD {
		name = fd + "/" + name
	}
	return t.places[0], name, true
}

// prependArgs puts arguments before the call's own, the first of which is dropped. It returns false if the call goes on by
// itself, with end called at its end, or will not be made as it is: then end has been called.
func (k *Kernel) prependArgs(c *ptlib.Call, argv int, args []string, end func(*ptlib.Call)) bool {
	own, errno := readPointers(c, c.Args[argv])
	if errno != 0 {
		end(c)
		c.Fail(errno)
		return false
	}
	if len(own) > 0 {
		own = own[1:]
	}
	size := len(own) * 8
	for _, a := range args {
		size += len(a) + 9
	}
	size += 8
	scratch, ok := c.Scratch()
	if !ok {
		end(c)
		return false
	}
	if size <= ptlib.ScratchSize-scratchArgs {
		if errno := writeArgs(c, scratch+scratchArgs, args, own); errno != 0 {
			end(c)
			c.Fail(errno)
			return false
		}
		c.Substitute(argv, scratch+scratchArgs)
		return true
	}
	call := c.Args
	call[argv] = 0
	c.Run(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			end(c)
			c.Fail(unix.ENOMEM)
			return
		}
		room := uint64(c.Result)
		if errno := writeArgs(c, room, args, own); errno != 0 {
			end(c)
			c.Fail(errno)
			return
		}
		call[argv] = room
		c.Run(func(c *ptlib.Call) {
			result := c.Result
			end(c)
			c.Inject(ptlib.SysMunmap, room, uint64(size))
			c.Answer(result)
		}, c.Sys, call[:]...)
	}, c.ABI.Mmap(), 0, uint64(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, ^uint64(0), 0)
	return false
}

// maxArgs bounds how many arguments are looked at: more than fit into what the kernel gives them (execve(2)).
const maxArgs = 1 << 20

// readPointers reads an array of pointers that ends with 0.
func readPointers(c *ptlib.Call, addr uint64) ([]uint64, unix.Errno) {
	if addr == 0 {
		return nil, 0
	}
	width := uint64(c.ABI.PointerBits() / 8)
	var pointers []uint64
	buf := make([]byte, 512)
	for len(pointers) < maxArgs {
		n := min(uint64(len(buf)), 4096-addr%4096)
		if n < width {
			n = width
		}
		if errno := c.Thread.ReadMemory(addr, buf[:n]); errno != 0 {
			return nil, errno
		}
		for at := uint64(0); at+width <= n; at += width {
			v := uint64(binary.NativeEndian.Uint32(buf[at:]))
			if width == 8 {
				v = binary.NativeEndian.Uint64(buf[at:])
			}
			if v == 0 {
				return pointers, 0
			}
			pointers = append(pointers, v)
		}
		addr += n - n%width
	}
	return nil, unix.E2BIG
}

// writeArgs writes an array of pointers, first to strings that follow it.
func writeArgs(c *ptlib.Call, addr uint64, args []string, own []uint64) unix.Errno {
	width := uint64(c.ABI.PointerBits() / 8)
	text := addr + uint64(len(args)+len(own)+1)*width
	var array, texts []byte
	put := func(v uint64) {
		if width == 8 {
			array = binary.NativeEndian.AppendUint64(array, v)
		} else {
			array = binary.NativeEndian.AppendUint32(array, uint32(v))
		}
	}
	for _, a := range args {
		put(text + uint64(len(texts)))
		texts = append(append(texts, a...), 0)
	}
	for _, v := range own {
		put(v)
	}
	put(0)
	return c.Thread.WriteMemory(addr, append(array, texts...))
}

// loadPlanned makes a task's new program what was planned.
func (k *Kernel) loadPlanned(t *task) error {
	p := t.plan
	if p == nil {
		return nil
	}
	t.plan = nil
	defer p.close()
	return t.thread.Load(p.load)
}

// Command tells what to execute for the action's first program, where the action has a root directory of its own: the
// host's path and the arguments. dir is the working directory, as the action sees it. It must be called at most once.
func (k *Kernel) Command(dir string, argv []string) (string, []string, error) {
	if !k.pathPolicy() && k.real == nil {
		return argv[0], argv, nil
	}
	t := &task{thread: &ptlib.Thread{Tid: unix.Getpid(), Tgid: unix.Getpid()}, cred: k.firstCred(), fs: &fsContext{root: "/"}, proc: &process{}}
	w := k.walker(t)
	w.Proc = nil
	if k.real != nil {
		w.Root = k.config.Policy.realRoot()
	}
	base, errno := w.Walk(w.RootPlace(), dir, vfs.Follow)
	if errno != 0 {
		return "", nil, &os.PathError{Op: "chdir", Path: dir, Err: errno}
	}
	r, errno := w.Walk(base.Place, argv[0], vfs.Follow)
	if errno != 0 {
		return "", nil, &os.PathError{Op: "exec", Path: argv[0], Err: errno}
	}
	p := &execPlan{host: r.Host}
	if k.real == nil {
		p, errno = k.planExec(t, r.Place, argv[0])
	}
	if errno == 0 {
		errno = mayExecute(p.host)
	}
	if errno != 0 {
		return "", nil, &os.PathError{Op: "exec", Path: argv[0], Err: errno}
	}
	if k.real != nil {
		return argv[0], argv, nil // the kernel finds the rest
	}
	if p.args != nil {
		argv = append(p.args, argv[1:]...)
	}
	k.first = p
	return p.path(), argv, nil
}

package wrapper

import (
	"errors"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// launch starts the plan's command as a traced child (PTRACE_TRACEME) of the
// calling thread and returns its pid. The child has not run an instruction of
// the command yet: it is stopped, or about to stop, with SIGTRAP after its
// execve. log gets what could not be had without making the run wrong.
//
// No helper process stands between: what the child has to inherit is set on
// the calling thread and taken back after the fork.
//
// Preconditions: the caller has locked its goroutine to its OS thread and
// never unlocks it, since the thread's umask is its own from here on; it is
// the thread that will trace the child.
func launch(p *Plan, log func(Message)) (pid int, err error) {
	if err := checkDir(p.Dir); err != nil {
		return 0, err
	}
	path, err := findCommand(p)
	if err != nil {
		return 0, err
	}
	stdin, err := openStdin(p.Stdin)
	if err != nil {
		return 0, err
	}
	if p.Stdin == StdinNull {
		defer unix.Close(int(stdin))
	}
	if p.CloseFDs {
		if err := closeOnExec(); err != nil {
			return 0, &Error{What: "hermetic.close_fds", Hint: "set it to false", Err: err}
		}
	}
	restore, err := prepareThread(p, log)
	if err != nil {
		return 0, err
	}
	pid, err = forkExec(p, path, stdin)
	restore()
	if err != nil {
		return 0, err
	}
	if err := setRlimits(pid, p.Rlimits); err != nil {
		reap(pid)
		return 0, err
	}
	return pid, nil
}

// forkExec starts path with p.Argv. A file without a magic number that looks
// like text is given to /bin/sh, as execvp(3) and every shell do.
func forkExec(p *Plan, path string, stdin uintptr) (int, error) {
	attr := &syscall.ProcAttr{
		Dir:   p.Dir,
		Env:   p.Env,
		Files: []uintptr{stdin, 1, 2},
		// Until it is seized with PTRACE_O_EXITKILL the child would run on, untraced, if this process were killed.
		Sys: &syscall.SysProcAttr{Ptrace: true, Pdeathsig: unix.SIGKILL},
	}
	if p.enters {
		ownNamespaces(attr.Sys)
	}
	pid, err := syscall.ForkExec(path, p.Argv, attr)
	if errors.Is(err, unix.ENOEXEC) && isText(inDir(p.Dir, path)) {
		argv := append([]string{"/bin/sh", path}, p.Argv[1:]...)
		pid, err = syscall.ForkExec(argv[0], argv, attr)
	}
	if err != nil {
		if refused := traceRefused(); refused != nil && errors.Is(err, refused) {
			return 0, noTrace(refused)
		}
		return 0, execError(p, path, err)
	}
	return pid, nil
}

// traceRefused returns the error that a child of this process gets when it asks to be traced, nil if there is none.
func traceRefused() error { return childRefused(&syscall.SysProcAttr{Ptrace: true}) }

// childRefused returns the error that a child of this process gets when it asks for something, nil if there is none. The
// child asks before it executes anything, and no file has an empty name: ENOENT tells that it was allowed.
func childRefused(attr *syscall.SysProcAttr) error {
	pid, err := syscall.ForkExec("", []string{""}, &syscall.ProcAttr{Sys: attr})
	switch err {
	case nil:
		reap(pid)
		return nil
	case unix.ENOENT:
		return nil
	}
	return err
}

// openStdin returns the descriptor for the child's standard input.
func openStdin(s Stdin) (uintptr, error) {
	if s != StdinNull {
		return 0, nil
	}
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, &Error{What: "cannot open " + os.DevNull, Hint: "or set action.stdin to inherit", Err: err}
	}
	return uintptr(fd), nil
}

// closeOnExec marks the inherited descriptors from 3 on. The process has one
// table for all its threads, so this stays; Go opens everything else so.
func closeOnExec() error {
	err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		return nil
	}
	// Before Linux 5.11, or behind a filter that does not know the call.
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if fd, ok := parseFD(name); ok && fd >= 3 {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// reap kills a child that must not run and waits until it is gone.
func reap(pid int) {
	_ = unix.Kill(pid, unix.SIGKILL)
	for {
		var ws unix.WaitStatus
		wpid, err := unix.Wait4(pid, &ws, unix.WALL, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || wpid == pid && (ws.Exited() || ws.Signaled()) {
			return
		}
	}
}

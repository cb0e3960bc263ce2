package host

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is the process of a plugin.
type process struct {
	name   string
	pid    int
	first  chan firstLine
	words  *lastWords
	exited chan struct{} // closed when status is known
	status unix.WaitStatus
}

// spawn starts a sealed program on a thread of its own.
func (h *Host) spawn(s Spec, program *sealed, env []string) (*process, error) {
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		outR.Close()
		outW.Close()
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	p := &process{name: s.Name, first: make(chan firstLine, 1), words: &lastWords{done: make(chan struct{})}, exited: make(chan struct{})}
	path, files := program.exec([]uintptr{null.Fd(), outW.Fd(), errW.Fd()})
	started := make(chan error, 1)
	go p.live(h.options.Confine, path, []string{s.Path}, &syscall.ProcAttr{
		Dir: "/", Env: env, Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL},
	}, started)
	err = <-started
	null.Close()
	outW.Close()
	errW.Close()
	if err != nil {
		outR.Close()
		errR.Close()
		return nil, &Error{Plugin: s.Name, Why: fmt.Sprintf("cannot execute %s: %v", s.Path, err)}
	}
	var each func(string)
	if h.options.Stderr != nil {
		each = func(line string) { h.options.Stderr(s.Name, line) }
	}
	go readStdout(outR, p.first)
	go p.words.read(errR, each)
	return p, nil
}

// live starts the process and waits for it. The thread is never unlocked: it ends here, with what confine has done to it, and
// would take a living plugin with it (PR_SET_PDEATHSIG).
func (p *process) live(confine func() error, path string, argv []string, attr *syscall.ProcAttr, started chan<- error) {
	runtime.LockOSThread()
	if confine != nil {
		if err := confine(); err != nil {
			started <- fmt.Errorf("its network cannot be denied: %w", err)
			return
		}
	}
	pid, err := syscall.ForkExec(path, argv, attr)
	p.pid = pid
	started <- err
	if err != nil {
		return
	}
	for {
		_, err := unix.Wait4(pid, &p.status, 0, nil)
		if err != unix.EINTR {
			break
		}
	}
	close(p.exited)
}

// ended says how the process ended, if it does so within the time.
func (p *process) ended(within time.Duration) (string, bool) {
	select {
	case <-p.exited:
	case <-time.After(within):
		return "", false
	}
	how := fmt.Sprintf("it ended with status %d", p.status.ExitStatus())
	if p.status.Signaled() {
		how = fmt.Sprintf("it was ended by signal %d (%s)", int(p.status.Signal()), unix.SignalName(p.status.Signal()))
	}
	if last := p.words.last(); last != "" {
		how += fmt.Sprintf(", its last words %q,", last)
	}
	return how, true
}

// kill ends the process and what it has started.
func (p *process) kill() {
	_ = unix.Kill(-p.pid, unix.SIGKILL) // the group is there as long as the process is, or anything of it
	<-p.exited
}

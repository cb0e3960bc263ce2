package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func init() { programs["victim"] = victim }

// victims are what `victim NAME ARG...` does, for what no program does that every machine has.
var victims = map[string]func(args []string) error{
	"deny":    victimDeny,
	"trace":   victimTrace,
	"daemon":  victimDaemon,
	"socket":  victimSocket,
	"connect": victimConnect,
	"uring":   victimUring,
	"call":    victimCall,
	"stack":   victimStack,
}

func victim() {
	f := victims[os.Args[1]]
	if err := f(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1)
	}
}

// victimTrace runs a command under ptrace, with all that it starts, as strace -f does.
func victimTrace(args []string) error {
	runtime.LockOSThread()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	var ws unix.WaitStatus
	if _, err := unix.Wait4(cmd.Process.Pid, &ws, unix.WALL, nil); err != nil {
		return err
	}
	const follow = unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC
	if err := unix.PtraceSetOptions(cmd.Process.Pid, follow); err != nil {
		return err
	}
	status := 0
	for pid := cmd.Process.Pid; ; {
		if ws.Stopped() {
			sig := int(ws.StopSignal())
			if ws.StopSignal() == unix.SIGTRAP || ws.StopSignal() == unix.SIGSTOP {
				sig = 0
			}
			_ = unix.PtraceCont(pid, sig) // who is gone is reported by wait
		} else if pid == cmd.Process.Pid {
			status = ws.ExitStatus()
		}
		var err error
		if pid, err = unix.Wait4(-1, &ws, unix.WALL, nil); err != nil {
			os.Exit(status)
		}
	}
}

// victimDeny runs a command where a sandbox forbids a system call: deny CALL ERRNO COMMAND...
func victimDeny(args []string) error {
	errno := map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS, "EINVAL": unix.EINVAL, "ENOTSUP": unix.ENOTSUP}[args[1]]
	path, err := exec.LookPath(args[2])
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the filter is the thread's, and so is the execve
	if err := denyCalls(errno, strings.Split(args[0], ",")...); err != nil {
		return err
	}
	return unix.Exec(path, args[2:], os.Environ())
}

// victimDaemon starts a command as a daemon does, by a child that ends at once, in a session of its own.
func victimDaemon(args []string) error {
	if os.Getenv("VICTIM_DAEMON") == "" {
		cmd := exec.Command("victim", append([]string{"daemon"}, args...)...)
		cmd.Env = append(os.Environ(), "VICTIM_DAEMON=1")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		return cmd.Run()
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Start()
}

// victimSocket makes sockets of families.
func victimSocket(args []string) error {
	for _, name := range args {
		family := map[string]int{"unix": unix.AF_UNIX, "inet": unix.AF_INET, "inet6": unix.AF_INET6, "netlink": unix.AF_NETLINK, "packet": unix.AF_PACKET, "vsock": unix.AF_VSOCK}[name]
		fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
		if err == nil {
			unix.Close(fd)
		}
		fmt.Println(name, answer(err))
	}
	return nil
}

// victimConnect connects UDP sockets, which sends nothing, to addresses.
func victimConnect(args []string) error {
	for _, to := range args {
		c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to)))
		if err == nil {
			c.Close()
		}
		fmt.Println(to, answer(err))
	}
	return nil
}

// victimCall makes system calls, by name or number, without arguments.
func victimCall(args []string) error {
	for _, name := range args {
		nr, ok := map[string]uintptr{
			"bpf": unix.SYS_BPF, "keyctl": unix.SYS_KEYCTL, "perf_event_open": unix.SYS_PERF_EVENT_OPEN,
			"ptrace": unix.SYS_PTRACE, "userfaultfd": unix.SYS_USERFAULTFD,
		}[name]
		if !ok {
			n, err := strconv.ParseUint(name, 0, 32)
			if err != nil {
				return err
			}
			nr = uintptr(n)
		}
		_, _, errno := unix.Syscall(nr, ^uintptr(0), ^uintptr(0), ^uintptr(0))
		if errno == 0 {
			fmt.Println(name, "ok")
		} else {
			fmt.Println(name, unix.ErrnoName(errno))
		}
	}
	return nil
}

// victimStack prints where the kernel put the stack.
func victimStack([]string) error {
	maps, err := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(line, "[stack]\n") {
			_, end, _ := strings.Cut(strings.Fields(line)[0], "-")
			fmt.Println(end)
		}
	}
	return err
}

// answer is the name of a system call's error.
func answer(err error) string {
	if err == nil {
		return "ok"
	}
	if e := unix.Errno(0); errors.As(err, &e) {
		return unix.ErrnoName(e)
	}
	return err.Error()
}

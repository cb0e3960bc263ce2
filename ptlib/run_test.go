package ptlib

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	victims["tracer"] = func([]string) int {
		cmd := exec.Command("/proc/self/exe")
		cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
		_, err := New(Options{Handler: Watcher{}}).Run(context.Background(), func() (int, error) {
			if err := cmd.Start(); err != nil {
				return 0, err
			}
			return cmd.Process.Pid, nil
		})
		fmt.Println(errors.Is(err, ErrTraced), err)
		return 0
	}
	victims["nothing"] = func([]string) int { return 3 }
}

// A tracer that is traced itself says so, instead of running anything.
func TestTracedTracer(t *testing.T) {
	if out := new(trial).victim(t, "tracer"); !strings.HasPrefix(out, "true already being traced, by process ") {
		t.Errorf("%q", out)
	}
}

// What launch says goes out as it is.
func TestLaunchFails(t *testing.T) {
	tr := New(Options{Handler: Watcher{}})
	_, err := tr.Run(context.Background(), func() (int, error) {
		cmd := exec.Command("/nowhere")
		cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
		return 0, cmd.Start()
	})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A child that nobody told to be traced runs, and the error says what is missing.
func TestLaunchWithoutPtrace(t *testing.T) {
	tt := &trial{ctx: context.Background(), env: []string{victimVariable + "=nothing"}, prepare: func(cmd *exec.Cmd) { cmd.SysProcAttr = nil }}
	tt.run(t, "/proc/self/exe")
	if !errors.Is(tt.err, ErrNoTrace) {
		t.Error(tt.err)
	}
}

// The command starts whatever its parent had blocked, and with the same mask.
func TestStartWithBlockedSignals(t *testing.T) {
	f := mustFilter(t, stops(SysGetuid), FilterOptions{Base: true})
	tr := New(Options{Filter: f, Handler: &hooks{exec: func(th, _ *Thread) {
		th.unblock()
		if mask, errno := ptraceSigmask(th.Tid); errno != 0 || mask != sigBit(unix.SIGCONT)|sigBit(unix.SIGTSTP)|sigBit(unix.SIGUSR1) {
			t.Errorf("mask %#x, %v", mask, errno)
		}
	}}})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	status, err := tr.Run(ctx, func() (int, error) {
		var set unix.Sigset_t
		for _, sig := range []unix.Signal{unix.SIGCONT, unix.SIGTSTP, unix.SIGUSR1} {
			set.Val[(sig-1)/64] |= 1 << ((sig - 1) % 64)
		}
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
			return 0, err
		}
		return syscall.ForkExec("/proc/self/exe", []string{"victim"}, &syscall.ProcAttr{
			Env: []string{victimVariable + "=nothing"}, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Ptrace: true},
		})
	})
	if err != nil || status.ExitStatus() != 3 {
		t.Errorf("status %#x, %v", int(status), err)
	}
}

package ptlib_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/feign-build/feign/ptlib"
)

// counter counts system calls, like strace -c.
type counter struct {
	ptlib.Watcher
	calls, errors map[ptlib.Sys]int
}

func (h *counter) Syscall(c *ptlib.Call) {
	h.calls[c.Sys]++
	c.Then(func(c *ptlib.Call) {
		if c.Errno() != 0 {
			h.errors[c.Sys]++
		}
	})
}

func Example() {
	var rules []ptlib.Rule
	for sys := range ptlib.AllSys() {
		rules = append(rules, ptlib.Rule{Sys: sys})
	}
	filter, err := ptlib.NewFilter(rules, ptlib.FilterOptions{Base: true, KeepUnknown: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := &counter{calls: make(map[ptlib.Sys]int), errors: make(map[ptlib.Sys]int)}
	tracer := ptlib.New(ptlib.Options{Filter: filter, Handler: h})

	cmd := exec.Command(os.Args[0], "-test.list=^$") // any program
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	status, err := tracer.Run(context.Background(), func() (int, error) {
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		return cmd.Process.Pid, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("exit status", status.ExitStatus())
	fmt.Println("sigaltstack at all:", h.calls[ptlib.SysSigaltstack] > 0)
	fmt.Println("exit_group:", h.calls[ptlib.SysExitGroup], "times")
	// Output:
	// exit status 0
	// sigaltstack at all: true
	// exit_group: 1 times
}

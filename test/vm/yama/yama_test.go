//go:build linux

// Package yama runs feign under each scope of the Yama security module. The
// scopes belong to the whole machine, and the last one cannot be taken back, so
// this is for the virtual machines of test/vm only.
package yama

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

const scopeFile = "/proc/sys/kernel/yama/ptrace_scope"

// An outcome is what a user is to see under a scope (admin-guide/LSM/Yama.rst).
type outcome struct {
	scope  int
	works  bool
	stderr string // is part of what feign says
}

// frng-12
func TestScopes(t *testing.T) {
	if os.Getenv("FEIGN_VM") == "" {
		t.Skip("changes the machine for good: run test/vm/run")
	}
	for _, o := range []outcome{
		{scope: 0, works: true},
		{scope: 1, works: true},
		// Only an administrator attaches; nor may a child ask to be traced.
		{scope: 2, stderr: "ptrace_scope"},
		{scope: 3, stderr: "ptrace_scope"},
	} {
		t.Run(fmt.Sprint("scope ", o.scope), func(t *testing.T) {
			if err := os.WriteFile(scopeFile, fmt.Append(nil, o.scope), 0); err != nil {
				t.Fatal(err)
			}
			o.check(t)
		})
	}
}

// check runs a program that asks who it is, as an ordinary user under feign.
func (o outcome) check(t *testing.T) {
	cmd := exec.Command(os.Getenv("FEIGN_BIN"), "run", "--", os.Getenv("FEIGN_VICTIM"), "ids-at-start")
	cmd.Dir = "/tmp"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1500, Gid: 1500}}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	status := cmd.ProcessState.ExitCode()
	t.Logf("status %d, stderr %q", status, stderr.String())
	if o.works {
		if status != 0 || !strings.HasPrefix(stdout.String(), "uid 0 0 0 0 gid 0 0 0 0 ") {
			t.Errorf("status %d, output %q", status, stdout.String())
		}
		return
	}
	if status != 125 || !strings.HasPrefix(stderr.String(), "feign: ") || !strings.Contains(stderr.String(), o.stderr) {
		t.Errorf("status %d, not 125 with a sentence about %s", status, o.stderr)
	}
	if strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("the message is not one line: %q", stderr.String())
	}
}

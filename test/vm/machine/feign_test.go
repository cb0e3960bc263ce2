//go:build linux

// Package machine asks feign about the machine that it runs on: what feign
// doctor finds, and what becomes of actions under each scope of the Yama security
// module. The answers are those of the virtual machines of test/vm, and the tests
// change them for good.
package machine

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// ordinary is a user without privileges, and needs no account.
const ordinary = 1500

// A result is what a program left behind.
type result struct {
	status         int
	stdout, stderr string
}

// feign runs feign as a user, in a directory.
func feign(t *testing.T, uid uint32, dir string, args ...string) result {
	t.Helper()
	cmd := exec.Command(os.Getenv("FEIGN_BIN"), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// inMachine skips a test that is run elsewhere.
func inMachine(t *testing.T) {
	if os.Getenv("FEIGN_VM") == "" {
		t.Skip("is about the machines of test/vm: run test/vm/run")
	}
}

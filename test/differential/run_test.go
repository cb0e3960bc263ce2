//go:build linux

package differential

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// feignUID is the ordinary user that feign runs as; it needs no account.
const feignUID = 1500

// environment is all that a case knows of the machine.
var environment = []string{
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC0", "HOME=/", "TMPDIR=.",
}

// A workbench is a directory with the programs, in which each run gets a
// directory of its own: both sides work in one file system.
type workbench struct {
	dir   string
	feign string
}

func newWorkbench(t *testing.T) *workbench {
	dir, err := os.MkdirTemp("", "feign-diff-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	// Others must reach it, which the mode of MkdirTemp does not allow.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	w := &workbench{dir: dir, feign: os.Getenv("FEIGN_BIN")}
	if w.feign == "" && !*nativeOnly {
		w.feign = w.goBuild(t, "feign", "../../cmd/feign")
	}
	return w
}

// goBuild builds a static program of this module. FEIGN_DIFF_PROGRAMS names a
// directory that has them, for machines without Go.
func (w *workbench) goBuild(t *testing.T, name, pkg string, env ...string) string {
	if dir := os.Getenv("FEIGN_DIFF_PROGRAMS"); dir != "" {
		return filepath.Join(dir, name)
	}
	program := filepath.Join(w.dir, "bin", name)
	cmd := exec.Command("go", "build", "-o", program, pkg)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return program
}

// native runs a case as real root, in mount, host name and IPC name spaces of
// its own: a case that goes wrong stays there.
func (w *workbench) native(t *testing.T, c testCase) []byte {
	return w.run(t, 0, c.argv, &syscall.SysProcAttr{
		Credential:   &syscall.Credential{Uid: 0, Gid: 0},
		Unshareflags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Setsid:       true,
	})
}

// faked runs a case under feign, as an ordinary user without groups: as the
// caller, when the caller is not root.
func (w *workbench) faked(t *testing.T, c testCase) []byte {
	attr := &syscall.SysProcAttr{Setsid: true}
	uid := os.Geteuid()
	if uid == 0 {
		uid = feignUID
		attr.Credential = &syscall.Credential{Uid: feignUID, Gid: feignUID}
	}
	return w.run(t, uid, append([]string{w.feign, "run", "--set", "trace.mode=" + *mode, "--"}, c.argv...), attr)
}

// run runs a program in a fresh directory and returns all that it printed, with
// its exit status in the last line.
func (w *workbench) run(t *testing.T, uid int, argv []string, attr *syscall.SysProcAttr) []byte {
	dir, err := os.MkdirTemp(w.dir, "case-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, uid, -1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, environment, attr
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	cmd.WaitDelay = time.Second
	out := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(out, "no end after %v\n", *timeout)
	case cmd.ProcessState == nil:
		t.Fatalf("%s: %v", argv[0], err)
	case cmd.ProcessState.Exited():
		fmt.Fprintf(out, "exit %d\n", cmd.ProcessState.ExitCode())
	default:
		fmt.Fprintf(out, "%v\n", cmd.ProcessState)
	}
	return out.Bytes()
}

// installed says whether a tool is in the cases' PATH.
func installed(tool string) bool {
	path, _ := strings.CutPrefix(environment[0], "PATH=")
	for _, dir := range filepath.SplitList(path) {
		if info, err := os.Stat(filepath.Join(dir, tool)); err == nil && info.Mode().Perm()&0o111 != 0 {
			return true
		}
	}
	return false
}

// kernelAtLeast compares "6.13" with the running kernel.
func kernelAtLeast(wanted string) bool {
	if wanted == "" {
		return true
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false
	}
	var have, want [2]int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &have[0], &have[1])
	fmt.Sscanf(wanted, "%d.%d", &want[0], &want[1])
	return have[0] > want[0] || have[0] == want[0] && have[1] >= want[1]
}

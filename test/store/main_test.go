//go:build linux

// Package store tries states on file systems that the tests make and break: power that fails, disks that are full or fail,
// inode numbers that come again; and beside the tools whose files feign reads. It needs root to mount; what is tested runs
// as an ordinary user.
package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// user is who runs what is tested. Nothing on the machine need know the number.
const user = 1500

// namespaceEnv is set in the tests' own mount namespace.
const namespaceEnv = "FEIGN_TEST_STORE_NAMESPACE"

// feign is a copy of the command that the user may execute.
var feign string

func TestMain(m *testing.M) {
	if arg := os.Getenv(writerEnv); arg != "" {
		writeForever(arg)
	}
	if os.Getenv(namespaceEnv) == "" && os.Getuid() == 0 {
		// A process elsewhere that copies all mounts would keep a file system alive that is to be gone.
		os.Setenv(namespaceEnv, "1")
		err := syscall.Exec("/usr/bin/unshare", append([]string{"unshare", "--mount", "--propagation", "private", os.Args[0]}, os.Args[1:]...), os.Environ())
		fmt.Fprintln(os.Stderr, "test/store: unshare:", err)
		os.Exit(1)
	}
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/store:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (int, error) {
	if os.Getuid() != 0 {
		return 0, errors.New("needs root, to mount file systems")
	}
	dir, err := os.MkdirTemp("", "feign-store-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	built, err := os.ReadFile("../../bin/feign")
	if err != nil {
		return 0, fmt.Errorf("make build first: %w", err)
	}
	feign = filepath.Join(dir, "feign")
	err = errors.Join(os.Chmod(dir, 0o755), os.WriteFile(feign, built, 0o755), os.Symlink("feign", filepath.Join(dir, "fakeroot")))
	if err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// userDir makes a directory of the user's.
func userDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "feign-store-user-")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		err = os.Chown(dir, user, user)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// asUser makes a command that the user runs in dir.
func asUser(dir string, argv ...string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + filepath.Dir(feign) + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + dir, "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	return cmd
}

// result is how a command ended.
type result struct {
	out, messages string
	status        int
}

func finish(cmd *exec.Cmd) result {
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	r := result{out.String(), messages.String(), 0}
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		if r.status = ended.ExitCode(); r.status < 0 {
			r.status = 128 + int(ended.Sys().(syscall.WaitStatus).Signal())
		}
	case err != nil:
		r.status, r.messages = -1, err.Error()
	}
	return r
}

// must runs a command of the user's that succeeds without a word on standard error, and returns what it prints.
func must(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	r := finish(asUser(dir, argv...))
	if r.status != 0 || r.messages != "" {
		t.Fatalf("%s: status %d\n%s", strings.Join(argv, " "), r.status, r.messages)
	}
	return r.out
}

// leave waits until nobody uses the state any more.
func leave(t *testing.T, state string) {
	t.Helper()
	for range 500 {
		if err := exec.Command("flock", "-n", filepath.Join(state, "lock"), "true").Run(); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the state is still in use")
}

// root runs a command of root's that succeeds.
func root(t *testing.T, argv ...string) {
	t.Helper()
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
}

// scale is a count that an environment variable may change.
func scale(name string, n int) int {
	if m, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return m
	}
	return n
}

package unroot

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Credential returns the ids of the ordinary user, for SysProcAttr. It has no
// groups. It is nil when this process is not root: then the child is an
// ordinary user already.
func Credential() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: UID, Gid: GID, Groups: []uint32{}}
}

// Command returns a command that runs argv as the ordinary user, with HOME and
// TMPDIR of its own, which are removed at the end of the test. The program
// named by argv[0] has to be readable for that user.
func Command(t testing.TB, argv ...string) *exec.Cmd {
	t.Helper()
	s, err := newSandbox()
	if err != nil {
		t.Fatalf("unroot: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(s.dir) })
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = s.environ()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: Credential()}
	return cmd
}

// Reexec returns when this process is not root. Otherwise it runs the same
// test binary with the same arguments as the ordinary user and exits with its
// status. Fuzzing is left as it is: its workers talk over descriptors and
// caches that are root's.
func Reexec() {
	if os.Geteuid() != 0 || fuzzing(os.Args[1:]) {
		return
	}
	status, err := reexec()
	if err != nil {
		fmt.Fprintf(os.Stderr, "unroot: %v\n", err)
		status = 1
	}
	os.Exit(status)
}

func fuzzing(args []string) bool {
	for _, a := range args {
		if strings.HasPrefix(a, "-test.fuzz=") && a != "-test.fuzz=" || strings.HasPrefix(a, "-test.fuzzworker") {
			return true
		}
	}
	return false
}

func reexec() (status int, err error) {
	s, err := newSandbox()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(s.dir)
	exe := filepath.Join(s.dir, filepath.Base(os.Args[0]))
	if err := copyFile(exe, "/proc/self/exe", 0o755); err != nil {
		return 0, err
	}
	args, outputs, err := s.redirect(os.Args[1:])
	if err != nil {
		return 0, err
	}

	// The child dies with this thread (PR_SET_PDEATHSIG), whatever ends it, so
	// the thread must stay.
	runtime.LockOSThread()
	cmd := exec.Command(exe, args...)
	cmd.Env = s.environ()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: Credential(), Pdeathsig: syscall.SIGKILL}

	// go test sends SIGQUIT at the timeout, for the stacks.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		for sig := range signals {
			_ = cmd.Process.Signal(sig)
		}
	}()
	err = cmd.Wait()
	signal.Stop(signals)
	close(signals)

	for original, written := range outputs {
		if cerr := copyFile(original, written, 0o644); cerr != nil && !errors.Is(cerr, os.ErrNotExist) {
			return 0, cerr
		}
	}
	ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return 0, err
	case ws.Signaled():
		return 128 + int(ws.Signal()), nil
	}
	return ws.ExitStatus(), nil
}

// outputFlags are the flags of a test binary that name a file it writes.
var outputFlags = []string{
	"testlogfile", "coverprofile", "cpuprofile", "memprofile", "blockprofile", "mutexprofile", "trace",
}

// redirect replaces the files that args name for output, which lie where only
// root can write, by ones of the user's. outputs says what to copy back:
// original name to written name.
func (s *sandbox) redirect(args []string) (out []string, outputs map[string]string, err error) {
	outputs = map[string]string{}
	dir := outputDir(args)
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		flag, isTest := strings.CutPrefix(name, "-test.")
		switch {
		case !ok || !isTest || value == "":
		case flag == "outputdir":
			a = name + "=" + s.tmp
		case flag == "gocoverdir":
			if err := unix.Chown(value, UID, GID); err != nil {
				return nil, nil, fmt.Errorf("chown %s: %w", value, err)
			}
		default:
			for _, f := range outputFlags {
				if flag != f {
					continue
				}
				written := filepath.Join(s.tmp, "out."+flag)
				if !filepath.IsAbs(value) {
					value = filepath.Join(dir, value)
				}
				outputs[value] = written
				a = name + "=" + written
			}
		}
		out = append(out, a)
	}
	return out, outputs, nil
}

// outputDir is the directory that relative names of outputs count from.
func outputDir(args []string) string {
	for _, a := range args {
		if dir, ok := strings.CutPrefix(a, "-test.outputdir="); ok {
			return dir
		}
	}
	return ""
}

func copyFile(to, from string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Chmod(mode), out.Close())
}

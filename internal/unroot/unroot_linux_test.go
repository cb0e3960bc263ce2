package unroot

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The tests re-execute this binary: as root they go through Reexec, as an
// ordinary user they see what is left of it.
func TestMain(m *testing.M) {
	switch os.Getenv("UNROOT_VICTIM") {
	case "ids":
		Reexec()
		groups, _ := os.Getgroups()
		wd, _ := os.Getwd()
		fmt.Printf("%d %d %v %q %s\n", os.Getuid(), os.Getgid(), groups, os.Args[1:], wd)
		os.Exit(0)
	case "write":
		Reexec()
		err := os.WriteFile(os.TempDir()+"/x", nil, 0o600)
		_, herr := os.ReadDir(os.Getenv("HOME"))
		fmt.Println(errors.Join(err, herr))
		os.Exit(7)
	case "signal":
		Reexec()
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "":
		os.Exit(m.Run())
	}
	os.Exit(99)
}

func victim(t *testing.T, kind string, args ...string) (string, int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	// The parents of TempDir are root's alone.
	for _, d := range []string{tmp, tmp + "/.."} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "UNROOT_VICTIM="+kind, "TMPDIR="+tmp)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return strings.TrimSpace(out.String()), cmd.ProcessState.ExitCode()
}

// frng-1
func TestReexec(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got, status := victim(t, "ids", "-x", "a b")
	want := fmt.Sprintf("%d %d [] %q %s", UID, GID, []string{"-x", "a b"}, wd)
	if os.Geteuid() != 0 {
		want = fmt.Sprintf("%d %d ", os.Getuid(), os.Getgid())
	}
	if status != 0 || !strings.HasPrefix(got, want) {
		t.Errorf("got %s, status %d; want %s", got, status, want)
	}
	if got, status := victim(t, "write"); got != "<nil>" || status != 7 {
		t.Errorf("writing to TMPDIR and reading HOME: %s, status %d; want status 7", got, status)
	}
	if os.Geteuid() == 0 {
		if _, status := victim(t, "signal"); status != 128+9 {
			t.Errorf("killed: status %d, want 137", status)
		}
	}
}

func TestCommand(t *testing.T) {
	cmd := Command(t, "/bin/sh", "-c", "id -u; id -G; touch $TMPDIR/x && cd && pwd")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if os.Geteuid() == 0 && !strings.HasPrefix(string(out), "1500\n1500\n") {
		t.Errorf("ids:\n%s", out)
	}
}

func TestRedirect(t *testing.T) {
	s := &sandbox{tmp: "/s/tmp"}
	args, outputs, err := s.redirect([]string{
		"-test.testlogfile=/w/log", "-test.coverprofile=c.out", "-test.outputdir=/o", "-test.run=X", "-test.v",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"-test.testlogfile=/s/tmp/out.testlogfile", "-test.coverprofile=/s/tmp/out.coverprofile",
		"-test.outputdir=/s/tmp", "-test.run=X", "-test.v",
	}
	if !slices.Equal(args, want) {
		t.Errorf("args %q, want %q", args, want)
	}
	if len(outputs) != 2 || outputs["/w/log"] != "/s/tmp/out.testlogfile" || outputs["/o/c.out"] != "/s/tmp/out.coverprofile" {
		t.Errorf("outputs %v", outputs)
	}
}

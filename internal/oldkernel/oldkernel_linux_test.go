package oldkernel

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	Obey()
	os.Exit(m.Run())
}

// What is said to be missing is missing, for children too, and the rest is there.
func TestAges(t *testing.T) {
	if os.Getenv("OLDKERNEL_TEST") == "" {
		for _, age := range []Age{Linux4_14, Linux4_10} {
			cmd := exec.Command("/proc/self/exe", "-test.run=^TestAges$")
			cmd.Env = append(os.Environ(), variable+"="+string(age), "OLDKERNEL_TEST="+string(age))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", age, err, out)
			}
		}
		return
	}
	want := func(what string, err error, errno unix.Errno) {
		t.Helper()
		if err != errno {
			t.Errorf("%s: %v, want %v", what, err, errno)
		}
	}
	_, err := unix.PidfdOpen(os.Getpid(), 0)
	want("pidfd_open", err, unix.ENOSYS)
	_, err = unix.Openat2(-1, "x", &unix.OpenHow{})
	want("openat2", err, unix.ENOSYS)
	want("faccessat2", unix.Faccessat2(-1, "x", 0, unix.AT_EACCESS), unix.ENOSYS)
	want("close_range", unix.CloseRange(9, 8, 0), unix.ENOSYS)
	var st unix.Statx_t
	statx := unix.EBADF
	if os.Getenv("OLDKERNEL_TEST") == string(Linux4_10) {
		statx = unix.ENOSYS
	}
	want("statx", unix.Statx(-1, "x", 0, 0, &st), statx)
	if err := exec.Command("/bin/true").Run(); err != nil {
		t.Error(err)
	}
}

func TestUnknownAge(t *testing.T) {
	if err := Exec("2.4", "/bin/true", []string{"true"}, nil); err == nil {
		t.Error("a kernel that nothing is known about is accepted")
	}
}

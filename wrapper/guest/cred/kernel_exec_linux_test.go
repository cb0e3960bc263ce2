package cred

import (
	"encoding/json"
	"errors"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// reportEnv makes this test binary say what credentials it was executed with.
const reportEnv = "FEIGN_TEST_REPORT_CREDENTIALS"

// report is what a program says of itself after execve.
type report struct {
	State  State
	Secure bool
}

func TestMain(m *testing.M) {
	if os.Getenv(reportEnv) != "" {
		reportCredentials()
		return
	}
	os.Exit(m.Run())
}

func reportCredentials() {
	const atSecure = 23 // include/uapi/linux/auxvec.h AT_SECURE
	r := report{State: threadState(lastCap())}
	auxv, err := unix.Auxv()
	for _, pair := range auxv {
		if pair[0] == atSecure {
			r.Secure = pair[1] != 0
		}
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		os.Exit(1)
	}
}

// TestKernelAgreesOnExec executes a program, this one, whose file has random
// owners, bits and capabilities, with random credentials.
func TestKernelAgreesOnExec(t *testing.T) {
	needRoot(t)
	last := lastCap()
	rng := rand.New(rand.NewSource(1))
	program := copyOfMyself(t)
	refused, secured, gained := 0, 0, 0
	const rounds = 250
	for range rounds {
		f := randomProgram(rng, last)
		install(t, program, f)
		onThread(func() {
			if f.NoSUID {
				mountNoSUID(t, program)
			}
			var history []op
			for range rng.Intn(12) {
				o := randomOp(rng, last)
				o.native()
				history = append(history, o)
			}
			c := New(threadState(last))
			want, secure, errno := c.Exec(f)
			if denied := c.Permission(Inode{Mode: f.Mode, UID: f.UID, GID: f.GID}, acl.Exec); denied != 0 {
				errno = denied
			}
			got, kerrno := execute(t, program)
			if kerrno != errno {
				t.Errorf("execve of %+v by %+v: kernel errno %d, model %d", f, c.State(), kerrno, errno)
				return
			}
			if errno != 0 {
				refused++
				return
			}
			if secure {
				secured++
			}
			if !want.s.Permitted.in(c.s.Permitted) {
				gained++
			}
			if d := differ(got.State, want.State()); d != "" || got.Secure != secure {
				t.Errorf("execve of %+v by %+v after %v: AT_SECURE kernel %v, model %v\n%s", f, c.State(), history, got.Secure, secure, d)
			}
		})
	}
	if refused < 5 || secured < 20 || gained < 20 {
		t.Errorf("%d refused, %d with AT_SECURE, %d gained capabilities: the generator tests nothing", refused, secured, gained)
	}
	t.Logf("compared the credentials after %d programs with the kernel: %d refused, %d with AT_SECURE, %d gained capabilities", rounds, refused, secured, gained)
}

func randomProgram(rng *rand.Rand, last Cap) FileCred {
	id := func() uint32 { return []uint32{0, 0, 1, 1000}[rng.Intn(4)] }
	f := FileCred{
		Mode: modeReg | []uint32{0o755, 0o4755, 0o2755, 0o6755, 0o6745}[rng.Intn(5)],
		UID:  id(), GID: id(),
		NoSUID: rng.Intn(12) == 0,
	}
	if rng.Intn(2) == 0 {
		caps := FileCaps{
			Permitted:   Caps(rng.Uint64() & rng.Uint64() & rng.Uint64()),
			Inheritable: Caps(rng.Uint64()),
			Effective:   rng.Intn(2) == 0,
		}
		if rng.Intn(8) == 0 {
			caps.RootID = 1000
		}
		if rng.Intn(3) > 0 {
			caps.Permitted &^= CapsOf(CAP_SYS_RESOURCE) // which a container's root lacks
		}
		f.Caps = caps.Encode()
		if rng.Intn(16) == 0 {
			f.Caps = []byte{}
		}
	}
	return f
}

// install gives the program's file its owners, bits and capabilities.
func install(t *testing.T, path string, f FileCred) {
	t.Helper()
	must(t, os.Chown(path, int(f.UID), int(f.GID)))
	must(t, unix.Chmod(path, f.Mode&modeAll))
	if err := unix.Removexattr(path, FileCapsName); err != nil && err != unix.ENODATA {
		t.Fatal(err)
	}
	if f.Caps != nil {
		must(t, unix.Setxattr(path, FileCapsName, f.Caps, 0))
	}
}

// execute runs the program with the credentials of the calling thread.
func execute(t *testing.T, path string) (r report, errno syscall.Errno) {
	t.Helper()
	cmd := exec.Command(path)
	cmd.Dir, cmd.Env = "/", []string{reportEnv + "=1"}
	out, err := cmd.Output()
	if errors.As(err, &errno) {
		return r, errno
	}
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return r, 0
}

// mountNoSUID makes the file's mount nosuid, for the calling thread only.
func mountNoSUID(t *testing.T, path string) {
	t.Helper()
	for _, err := range []error{
		unix.Unshare(unix.CLONE_NEWNS),
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount(path, path, "", unix.MS_BIND, ""),
		unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_NOSUID, ""),
	} {
		if err != nil {
			t.Errorf("nosuid mount of %s: %v", path, err)
		}
	}
}

// copyOfMyself is this test binary where everybody may execute it.
func copyOfMyself(t *testing.T) string {
	t.Helper()
	me, err := os.Executable()
	must(t, err)
	program, err := os.ReadFile(me)
	must(t, err)
	path := filepath.Join(publicDir(t), "program")
	must(t, os.WriteFile(path, program, 0o755))
	return path
}

// publicDir is a directory that everybody may enter.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cred")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

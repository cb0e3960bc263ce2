package ptlib

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/unroot"
)

// identifier tells every new program who it is, and gives it a filter of its own.
type identifier struct {
	Watcher
	t      *testing.T
	filter *Filter
	calls  int
}

func (h *identifier) Exec(t, _ *Thread) {
	if err := t.AddFilter(h.filter); err != nil {
		h.t.Error(err)
	}
	if errno := t.SetAuxIDs(AuxIDs{UID: 11, EUID: 12, GID: 13, EGID: 14}); errno != 0 {
		h.t.Error(errno)
	}
}

func (h *identifier) Syscall(c *Call) {
	h.calls++
	c.Answer(4711)
}

// run traces a command and returns what it wrote.
func run(t *testing.T, tr *Tracer, argv ...string) (string, unix.WaitStatus) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if os.Geteuid() == 0 {
		if err := os.Chown(out.Name(), unroot.UID, unroot.UID); err != nil {
			t.Fatal(err)
		}
	}
	status, err := tr.Run(context.Background(), func() (int, error) {
		return syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
			Env: append(os.Environ(), "LD_SHOW_AUXV=1"), Files: []uintptr{0, out.Fd(), 2},
			Sys: &syscall.SysProcAttr{Ptrace: true, Credential: unroot.Credential()},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), status
}

func TestNewProgram(t *testing.T) {
	first, err := NewFilter(nil, FilterOptions{Base: true})
	if err != nil {
		t.Fatal(err)
	}
	later, err := NewFilter([]Rule{{Sys: SysGetuid}}, FilterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := &identifier{t: t, filter: later}
	tr := New(Options{Filter: first, Handler: h})
	text, status := run(t, tr, "/bin/sh", "-c", "unset LD_SHOW_AUXV; /usr/bin/id -ru; LD_SHOW_AUXV=1 exec /bin/true")
	if status.ExitStatus() != 0 || h.calls == 0 {
		t.Fatalf("wait status %#x, %d calls", int(status), h.calls)
	}
	if !strings.Contains(text, "\n4711\n") {
		t.Errorf("the filter did not stop getuid: %s", text)
	}
	squeezed := strings.Join(strings.Fields(text), " ")
	if n := strings.Count(squeezed, "AT_UID: 11 AT_EUID: 12 AT_GID: 13 AT_EGID: 14 AT_SECURE: 0"); n != 2 {
		t.Errorf("%d of 2 programs were told who they are: %s", n, text)
	}
}

package ptlib

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/oldkernel"
	"github.com/feign-build/feign/internal/unroot"
)

// A victim is a program in Go that is this test binary, executed again.
var victims = map[string]func(args []string) int{}

const victimVariable = "PTLIB_VICTIM"

func TestMain(m *testing.M) {
	oldkernel.Obey()
	if v := victims[os.Getenv(victimVariable)]; v != nil {
		os.Unsetenv(victimVariable)
		os.Exit(v(os.Args[1:]))
	}
	unroot.Main(m)
}

// foreignPrograms reports whether the programs of the machine are for another processor than this one was built for.
func foreignPrograms(t *testing.T) bool {
	t.Helper()
	if _, err := os.Stat("/bin/true"); err != nil {
		return false // it has none
	}
	tr := New(Options{Filter: mustFilter(t, nil, FilterOptions{Base: true}), Handler: Watcher{}})
	_, err := tr.Run(context.Background(), startTrue)
	if err != nil && !strings.Contains(err.Error(), "a program for") {
		t.Fatal(err)
	}
	return err != nil
}

// needsPrograms skips a test that traces programs of the machine where they cannot be traced.
func needsPrograms(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil || foreignPrograms(t) {
		t.Skip("the machine has no programs for this processor")
	}
}

func startTrue() (int, error) {
	return syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
}

// hooks is a Handler made of functions, all of which may be missing.
type hooks struct {
	call    func(c *Call)
	refused func(t *Thread, abi ABI, nr int)
	fork    func(parent, child *Thread, flags CloneFlags)
	exec    func(t, former *Thread)
	exit    func(t *Thread, status unix.WaitStatus)
}

func (h *hooks) Syscall(c *Call) {
	if h.call != nil {
		h.call(c)
	}
}

func (h *hooks) Refused(t *Thread, abi ABI, nr int) {
	if h.refused != nil {
		h.refused(t, abi, nr)
	}
}

func (h *hooks) Fork(parent, child *Thread, flags CloneFlags) {
	if h.fork != nil {
		h.fork(parent, child, flags)
	}
}

func (h *hooks) Exec(t, former *Thread) {
	if h.exec != nil {
		h.exec(t, former)
	}
}

func (h *hooks) Exit(t *Thread, status unix.WaitStatus) {
	if h.exit != nil {
		h.exit(t, status)
	}
}

// patience is how long a command may take before the test fails. It is no measure of anything: a virtual machine without KVM
// on a busy host needs most of it.
const patience = 3 * time.Minute

// A trial is one command to be traced.
type trial struct {
	rules   []Rule
	filter  FilterOptions // Base is set
	handler Handler
	stdin   io.Reader
	env     []string
	ctx     context.Context
	prepare func(cmd *exec.Cmd)
	leaving func(status uint8) uint8
	start   func(*Start) (string, error)

	tracer   *Tracer
	status   unix.WaitStatus
	stdout   []byte
	err      error
	shortcut *Shortcut
}

// stops makes rules that select calls whatever their arguments.
func stops(calls ...Sys) []Rule {
	var rules []Rule
	for _, s := range calls {
		rules = append(rules, Rule{Sys: s})
	}
	return rules
}

// run traces the command and checks that nothing is left of it.
func (tt *trial) run(t testing.TB, argv ...string) {
	t.Helper()
	tt.filter.Base = true
	f := mustFilter(t, tt.rules, tt.filter)
	if tt.handler == nil {
		tt.handler = Watcher{}
	}
	base := tt.ctx
	if base == nil {
		base = context.Background()
	}
	ctx, cancel := context.WithTimeout(base, patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Stdin = &stdout, &stderr, tt.stdin
	cmd.Env = append(os.Environ(), tt.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if tt.prepare != nil {
		tt.prepare(cmd)
	}
	tt.tracer = New(Options{Filter: f, Handler: tt.handler, Shortcut: tt.shortcut, Leaving: tt.leaving, Start: tt.start})
	tt.status, tt.err = tt.tracer.Run(ctx, func() (int, error) {
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		return cmd.Process.Pid, nil
	})
	cmd.Wait() // the tracer has reaped it; this only waits for the copying of its output
	tt.stdout = stdout.Bytes()
	if tt.ctx == nil && tt.err != nil {
		t.Errorf("%s: %v", argv[0], tt.err)
	}
	if stderr.Len() > 0 {
		t.Errorf("%s wrote to standard error: %q", argv[0], stderr.Bytes())
	}
	tt.checkGone(t)
}

// checkGone verifies that the tracer remembers nothing and the kernel knows no child.
func (tt *trial) checkGone(t testing.TB) {
	t.Helper()
	tr := tt.tracer
	if len(tr.threads) > 0 || len(tr.embryos) > 0 || tr.pending.head < len(tr.pending.list) {
		t.Errorf("left over: %d threads, %d embryos, %d changes", len(tr.threads), len(tr.embryos), len(tr.pending.list)-tr.pending.head)
	}
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG|unix.WALL, nil); err != unix.ECHILD {
		t.Errorf("children are left: wait4: %d, %v", pid, err)
	}
}

// succeed is run for a command whose status must be 0.
func (tt *trial) succeed(t testing.TB, argv ...string) {
	t.Helper()
	tt.run(t, argv...)
	if tt.status != 0 {
		t.Errorf("%s: wait status %#x; output %q", argv[0], int(tt.status), tt.stdout)
	}
}

// victim runs one of victims and returns what it wrote.
func (tt *trial) victim(t testing.TB, name string, args ...string) string {
	t.Helper()
	tt.env = append(tt.env, victimVariable+"="+name)
	tt.succeed(t, append([]string{"/proc/self/exe"}, args...)...)
	return strings.TrimSpace(string(tt.stdout))
}

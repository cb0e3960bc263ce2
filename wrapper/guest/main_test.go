package guest

import (
	"bytes"
	"context"
	"debug/elf"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/oldkernel"
	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// helpers are functions that the test binary runs as an action, by name.
var helpers = map[string]func(){}

// helperVariable names the one to run.
const helperVariable = "GUEST_TEST_HELPER"

// Credentials are a thread's own, and /proc/self tells those of the process's first one, on which init runs.
func init() {
	if os.Getenv(helperVariable) != "" {
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	oldkernel.Obey()
	if f, ok := helpers[os.Getenv(helperVariable)]; ok {
		f()
		return
	}
	unroot.Main(m)
}

// An action is run by the Kernel for a test.
type action struct {
	config Config
	dir    string   // to run in; a fresh one if empty
	env    []string // in addition to the test's own
	status unix.WaitStatus
	stats  ptlib.Stats
	told   []string

	prepare func(*Kernel) // before it runs, if not nil
	after   func(*Kernel) // after its end, if not nil
}

// shell runs a script and returns what it writes.
func (a *action) shell(t *testing.T, script string) string {
	t.Helper()
	needPrograms(t)
	return a.run(t, "/bin/sh", "-c", script)
}

// needPrograms skips a test that runs programs of the machine where they have more bits than this one, which cannot trace
// them then.
func needPrograms(t *testing.T) {
	t.Helper()
	f, err := elf.Open("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Class == elf.ELFCLASS64 && strconv.IntSize == 32 {
		t.Skip("the machine's programs are of 64 bits")
	}
}

// helper runs one of helpers.
func (a *action) helper(t *testing.T, name string, args ...string) string {
	t.Helper()
	a.env = append(a.env, helperVariable+"="+name)
	return a.run(t, append([]string{"/proc/self/exe"}, args...)...)
}

func (a *action) run(t *testing.T, argv ...string) string {
	t.Helper()
	if a.config.Lies == nil {
		a.config.Lies = lies.New(lies.Options{})
	}
	if a.dir == "" {
		a.dir = t.TempDir()
	}
	a.config.Tell = func(line string) { a.told = append(a.told, line) }
	k, err := New(a.config)
	if err != nil {
		t.Fatal(err)
	}
	if a.prepare != nil {
		a.prepare(k)
	}
	filter, err := k.Filter()
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	tracer := ptlib.New(ptlib.Options{Filter: filter, Handler: k, Shortcut: k.Shortcut()})
	a.status, err = tracer.Run(context.Background(), func() (int, error) {
		return syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{
			Dir: a.dir, Env: slices.Concat(os.Environ(), []string{"LC_ALL=C"}, a.env), Files: []uintptr{0, out.Fd(), out.Fd()},
			Sys: &syscall.SysProcAttr{Ptrace: true},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	a.stats = tracer.Stats()
	if a.after != nil {
		a.after(k)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantText compares what an action wrote, without regard to the amount of white space.
func wantText(t *testing.T, got, want string) {
	t.Helper()
	if squeeze(got) != squeeze(want) {
		t.Errorf("the action wrote\n%snot\n%s", indent(got), indent(want))
	}
}

func squeeze(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if f := strings.Fields(line); len(f) > 0 {
			b.WriteString(strings.Join(f, " ") + "\n")
		}
	}
	return b.String()
}

func indent(s string) string {
	var b bytes.Buffer
	for line := range strings.Lines(squeeze(s)) {
		b.WriteString("\t" + line)
	}
	return b.String()
}

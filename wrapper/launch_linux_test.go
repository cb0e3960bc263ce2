package wrapper

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/ptlib"
)

// victimVariable makes this test binary, re-executed, write what it was
// started with to the file that the variable names.
const victimVariable = "FEIGN_LAUNCH_VICTIM"

func TestMain(m *testing.M) {
	if name := os.Getenv(victimVariable); name != "" {
		if err := testify(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if slices.Contains(os.Args[1:], "-update") {
		os.Exit(m.Run()) // the document is its owner's to write
	}
	unroot.Main(m)
}

// A testimony is what the victim saw.
type testimony struct {
	Args        []string
	Env         []string
	Dir         string
	Umask       int
	FDs         []string
	Stdin       string
	Personality uint32
	CPUs        int
	Core        unix.Rlimit
}

func testify(name string) error {
	var w testimony
	// First of all, before the runtime or this function opens anything else.
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, fd := range fds {
		link, err := os.Readlink("/proc/self/fd/" + fd.Name())
		if err != nil || strings.HasPrefix(link, "anon_inode:") || strings.HasPrefix(link, "/proc/") {
			continue // the listing's own, and the runtime's
		}
		w.FDs = append(w.FDs, fd.Name())
		if fd.Name() == "0" {
			w.Stdin = link
		}
	}
	w.Args, w.Env = os.Args, os.Environ()
	if w.Dir, err = os.Getwd(); err != nil {
		return err
	}
	w.Umask = unix.Umask(0)
	if w.Personality, err = ptlib.Personality(ptlib.PersonalityQuery); err != nil {
		return err
	}
	w.CPUs = runtime.NumCPU()
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &w.Core); err != nil {
		return err
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o600)
}

// launchVictim launches the plan, lets the child go, and returns its status.
// before is called while the child is stopped before its first instruction.
func launchVictim(t *testing.T, p *Plan, before func(pid int)) (status int, messages []Message, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		var pid int
		if pid, err = launch(p, func(m Message) { messages = append(messages, m) }); err != nil {
			// A child that must not run is gone.
			if _, werr := unix.Wait4(-1, nil, unix.WALL|unix.WNOHANG|unix.WNOTHREAD, nil); werr != unix.ECHILD {
				t.Errorf("a child is left after %v: %v", err, werr)
			}
			return
		}
		var ws unix.WaitStatus
		if _, err = unix.Wait4(pid, &ws, unix.WALL, nil); err != nil {
			return
		}
		if !ws.Stopped() || ws.StopSignal() != unix.SIGTRAP {
			err = fmt.Errorf("not stopped at its exec: %#x", ws)
			return
		}
		if before != nil {
			before(pid)
		}
		if err = unix.PtraceDetach(pid); err != nil {
			return
		}
		_, err = unix.Wait4(pid, &ws, unix.WALL, nil)
		status = ws.ExitStatus()
	}()
	<-done
	return status, messages, err
}

// victimPlan returns a plan that runs the victim, and a function that returns
// its testimony.
func victimPlan(t *testing.T) (*Plan, func() testimony) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "testimony")
	p := &Plan{
		Argv: []string{exe, "one", "two words"}, Env: []string{"A=1", victimVariable + "=" + out}, Dir: dir,
		Umask: UmaskInherit, Stdin: StdinInherit, ASLR: true,
	}
	return p, func() (w testimony) {
		t.Helper()
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
}

// leak opens a descriptor that children inherit.
func leak(t *testing.T) string {
	t.Helper()
	fd, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fmt.Sprint(fd)
}

func TestLaunchControls(t *testing.T) {
	leaked := leak(t)
	umask := unix.Umask(0o037)
	defer unix.Umask(umask)
	p, read := victimPlan(t)
	p.Umask, p.Stdin, p.CloseFDs, p.ASLR, p.CPUs = 0o027, StdinNull, true, false, 1
	p.Rlimits = map[string]Limit{"core": 0}
	status, messages, err := launchVictim(t, p, func(pid int) {
		// The controls are the child's, not this process's.
		if now := unix.Umask(0o037); now != 0o037 {
			t.Errorf("umask of the process is %03o", now)
		}
	})
	if err != nil || status != 0 {
		t.Fatalf("status %d, %v", status, err)
	}
	w := read()
	if !slices.Equal(w.Args, p.Argv) || !slices.Equal(w.Env, p.Env) || w.Dir != p.Dir {
		t.Errorf("args %q env %q dir %q", w.Args, w.Env, w.Dir)
	}
	if w.Umask != 0o027 || w.Stdin != "/dev/null" || w.CPUs != 1 || w.Core.Cur != 0 {
		t.Errorf("umask %03o stdin %s cpus %d core %+v", w.Umask, w.Stdin, w.CPUs, w.Core)
	}
	if slices.Contains(w.FDs, leaked) {
		t.Errorf("descriptor %s is open: %v", leaked, w.FDs)
	}
	// In a sandbox that forbids it there is a warning instead.
	if w.Personality&ptlib.AddrNoRandomize == 0 && len(messages) == 0 {
		t.Errorf("personality %#x and no message", w.Personality)
	}
	if now, err := ptlib.Personality(ptlib.PersonalityQuery); err != nil || now&ptlib.AddrNoRandomize != 0 {
		t.Errorf("this process's personality is %#x, %v", now, err)
	}
}

func TestLaunchInherits(t *testing.T) {
	leaked := leak(t)
	umask := unix.Umask(0o037)
	defer unix.Umask(umask)
	p, read := victimPlan(t)
	status, messages, err := launchVictim(t, p, nil)
	if err != nil || status != 0 || len(messages) != 0 {
		t.Fatalf("status %d, %v, %v", status, messages, err)
	}
	w := read()
	if w.Umask != 0o037 || w.CPUs != runtime.NumCPU() || w.Personality&ptlib.AddrNoRandomize != 0 {
		t.Errorf("umask %03o cpus %d personality %#x", w.Umask, w.CPUs, w.Personality)
	}
	if !slices.Contains(w.FDs, leaked) {
		t.Errorf("descriptor %s is not open: %v", leaked, w.FDs)
	}
}

func TestLaunchFewerCPUs(t *testing.T) {
	p, read := victimPlan(t)
	p.CPUs = 8192
	_, messages, err := launchVictim(t, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := read().CPUs; n != runtime.NumCPU() {
		t.Errorf("%d processors, want %d", n, runtime.NumCPU())
	}
	if len(messages) != 1 || messages[0].Level != LevelWarning {
		t.Errorf("messages %v", messages)
	}
}

func TestLaunchRlimits(t *testing.T) {
	p, read := victimPlan(t)
	for name := range rlimitNumbers {
		if !slices.Contains(RlimitNames, name) {
			t.Errorf("%s is not in RlimitNames", name)
		}
	}
	if len(rlimitNumbers) != len(RlimitNames) {
		t.Errorf("%d numbers, %d names", len(rlimitNumbers), len(RlimitNames))
	}
	p.Rlimits = map[string]Limit{"nofile": Unlimited}
	_, _, err := launchVictim(t, p, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "action.rlimits.nofile: unlimited is above the caller's hard limit, ") {
		t.Errorf("above the hard limit: %v", err)
	}
	p.Rlimits = map[string]Limit{"core": 4096}
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &lim); err != nil || lim.Max < 4096 {
		t.Skipf("hard limit of core files is %d, %v", lim.Max, err)
	}
	if _, _, err := launchVictim(t, p, nil); err != nil {
		t.Fatal(err)
	}
	if core := read().Core; core.Cur != 4096 || core.Max != lim.Max {
		t.Errorf("core %+v", core)
	}
}

func TestLaunchCommand(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("bin/tool", "#!/bin/sh\nexit 11\n", 0o755)
	write("bin/plain", "exit $(($1 + 1))\n", 0o755)
	write("bin/denied", "#!/bin/sh\n", 0o644)
	write("bin/broken", "\x7fELF\x00\x00garbage", 0o755)
	write("bin/nointerp", "#!/no/such/interpreter\n", 0o755)
	write("first/denied2", "", 0o644)
	write("second/denied2", "#!/bin/sh\nexit 12\n", 0o755)
	if err := os.Mkdir(filepath.Join(dir, "bin", "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		argv   []string
		path   string // PATH; "-" is unset
		status int
		err    string // beginning of the error, with DIR for the directory
	}{
		{[]string{"tool"}, "/nowhere:" + dir + "/bin", 11, ""},
		{[]string{"tool"}, "bin", 11, ""},             // relative to the action's directory
		{[]string{"bin/tool"}, "", 11, ""},            // so is a name with a slash
		{[]string{"plain", "4"}, dir + "/bin", 5, ""}, // a script without "#!", as execvp(3)
		{[]string{"denied2"}, "first:second", 12, ""}, // the search goes on
		{[]string{"sh", "-c", "exit 3"}, "-", 3, ""},  // PATH not set: /bin:/usr/bin
		{[]string{"tool"}, "/nowhere", 127, "tool: command not found in PATH /nowhere ("},
		{[]string{"folder"}, "bin", 127, "folder: command not found in PATH bin ("},
		{[]string{"./none"}, "", 127, "./none: no such file or directory (it was looked for from DIR)"},
		{[]string{"bin/tool/x"}, "", 127, "bin/tool/x: not a directory ("},
		{[]string{"denied"}, "bin", 126, "bin/denied: permission denied (chmod +x it, or run it by its interpreter)"},
		{[]string{"bin/folder"}, "", 126, "bin/folder: is a directory"},
		{[]string{"bin/broken"}, "", 126, "bin/broken: exec format error (it is for another processor, or damaged; see file(1))"},
		{[]string{"bin/nointerp"}, "", 127, "bin/nointerp: its interpreter or dynamic loader does not exist (see its first line, or file(1))"},
	} {
		p := &Plan{Argv: tt.argv, Env: []string{"PATH=" + tt.path}, Dir: dir, Umask: UmaskInherit, Stdin: StdinNull, ASLR: true}
		if tt.path == "-" {
			p.Env = nil
		}
		status, _, err := launchVictim(t, p, nil)
		if err != nil {
			status = ErrorStatus(err)
		}
		want := strings.ReplaceAll(tt.err, "DIR", dir)
		if status != tt.status || (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q in PATH %q: status %d, %v; want %d, %s", tt.argv, tt.path, status, err, tt.status, want)
		}
	}
}

func TestLaunchDir(t *testing.T) {
	for dir, want := range map[string]error{"/no/such": unix.ENOENT, "/dev/null": unix.ENOTDIR} {
		_, _, err := launchVictim(t, &Plan{Argv: []string{"true"}, Dir: dir, Umask: UmaskInherit, ASLR: true}, nil)
		if !errors.Is(err, want) || ErrorStatus(err) != StatusOwn {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

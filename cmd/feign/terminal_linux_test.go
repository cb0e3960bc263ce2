package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a pseudo-terminal with an interactive shell, and who types there.
type terminal struct {
	t      *testing.T
	keys   *os.File
	shell  *exec.Cmd
	mu     sync.Mutex
	screen []byte
	seen   int // how much of the screen was expected
}

// bothWays runs a test with feign as the parent of the command, and with the command in the place of feign.
func bothWays(t *testing.T, test func(t *testing.T, run string)) {
	for name, run := range map[string]string{"attached": "feign run ", "detached": "feign run --detach "} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, run)
		})
	}
}

// openTerminal starts a shell with job control on a terminal of its own.
func openTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals: %v", err)
	}
	fd := int(keys.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	line, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	modes, err := unix.IoctlGetTermios(int(line.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	modes.Lflag &^= unix.ECHO // the screen shows what was said, not what was typed
	if err := unix.IoctlSetTermios(int(line.Fd()), unix.TCSETS, modes); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, keys: keys, shell: exec.Command("sh", "-i")}
	x.shell.Dir = t.TempDir()
	x.shell.Env = append(os.Environ(), "PS1=$ ", "ENV=")
	x.shell.Stdin, x.shell.Stdout, x.shell.Stderr = line, line, line
	x.shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.shell.Start(); err != nil {
		t.Fatal(err)
	}
	go x.read()
	t.Cleanup(func() {
		keys.Close() // hangs up
		_ = x.shell.Process.Kill()
		_ = x.shell.Wait()
	})
	return x
}

func (x *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := x.keys.Read(buf)
		x.mu.Lock()
		x.screen = append(x.screen, buf[:n]...)
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// types gives keys to the terminal.
func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// expects waits until the screen shows something new that matches, and returns everything new up to its end.
func (x *terminal) expects(pattern string) string {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		x.mu.Lock()
		fresh := string(x.screen[x.seen:])
		at := re.FindStringIndex(fresh)
		if at != nil {
			x.seen += at[1]
		}
		x.mu.Unlock()
		if at != nil {
			return fresh[:at[1]]
		}
		if time.Now().After(end) {
			x.t.Fatalf("the screen does not show %q; new is %q", pattern, fresh)
		}
	}
}

// untilJob waits until the shell has a job in that state. It looks at its jobs between two commands.
func (x *terminal) untilJob(state string) {
	x.t.Helper()
	for range 1000 {
		x.types("jobs; echo looked\n")
		if strings.Contains(x.expects("looked"), state) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.t.Fatalf("no job is %s", state)
}

// script writes a file of shell commands beside the shell.
func (x *terminal) script(name, text string) {
	x.t.Helper()
	if err := os.WriteFile(filepath.Join(x.shell.Dir, name), []byte(text), 0o644); err != nil {
		x.t.Fatal(err)
	}
}

// ^C and ^\ reach the action, and once: the terminal gives them to feign as well.
func TestTerminalInterrupts(t *testing.T) { bothWays(t, terminalInterrupts) }

func terminalInterrupts(t *testing.T, run string) {
	x := openTerminal(t)
	x.types(run + "sh -c 'trap \"echo int\" INT; trap \"echo quit; exit 4\" QUIT; echo ready; while :; do sleep 0.02; done'; echo status $?\n")
	x.expects("ready")
	for range 3 {
		x.types("\x03")
		x.expects("int")
		time.Sleep(100 * time.Millisecond) // for a second one
	}
	x.types("\x1c")
	if rest := x.expects(`status \d+`); strings.Contains(rest, "int") || strings.Count(rest, "quit") != 1 || !strings.HasSuffix(rest, "status 4") {
		t.Errorf("after ^C and ^\\: %q", rest)
	}
	// Who does not catch it is ended. (A shell whose job ends so forgets the rest of the line.)
	x.types(run + "sh -c 'echo ready; exec sleep 1000'\n")
	x.expects("ready")
	x.types("\x03")
	x.types("echo status $?\n")
	x.expects("status 130")
}

// ^Z stops feign and the action, and the shell's fg lets both go on.
func TestTerminalStops(t *testing.T) { bothWays(t, terminalStops) }

func terminalStops(t *testing.T, run string) {
	x := openTerminal(t)
	// In parentheses they are made by fork(2). A child of vfork(2) that stops before its execve(2) leaves its parent where no
	// signal stops it, and dash, which makes simple commands so, then hangs at ^Z without feign too.
	x.types(run + "sh -c 'echo ready; while :; do (stat -c %F .); (sleep 0.02); done'\n")
	x.expects("ready")
	for range 3 {
		x.expects("directory")
		x.types("\x1a")
		x.expects("Stopped")
		time.Sleep(50 * time.Millisecond)
		x.types("echo quiet\n")
		if said := x.expects("quiet"); strings.Contains(said, "directory") {
			t.Errorf("a stopped action says %q", said)
		}
		x.types("fg\n")
	}
	x.expects("directory")
	x.types("\x03")
	x.types("echo status $?\n")
	x.expects("status 130")
}

// A command that stops itself stops feign, and one fg or bg lets both go on; so does SIGCONT for feign alone.
func TestTerminalCommandStopsItself(t *testing.T) { bothWays(t, terminalCommandStopsItself) }

func terminalCommandStopsItself(t *testing.T, run string) {
	x := openTerminal(t)
	x.script("action", `trap "echo awake" CONT; kill -$1 $$; echo went on; exit 6`)
	went := func(how string) {
		t.Helper()
		if rest := x.expects("status [0-9]+"); strings.Count(rest, "went on") != 1 || strings.Count(rest, "awake") != 1 || !strings.HasSuffix(rest, " 6") {
			t.Errorf("%s: %q", how, rest)
		}
	}
	for _, sig := range []string{"STOP", "TSTP", "TTIN"} {
		x.types(run + "sh action " + sig + "; echo stopped $?\n")
		x.expects(fmt.Sprintf("stopped %d", 128+int(unix.SignalNum("SIG"+sig))))
		x.types("fg; echo status $?\n")
		went(sig + ", fg")
		x.types(run + "sh action " + sig + "\n")
		x.expects("Stopped")
		x.types("bg; wait %1; echo status $?\n")
		went(sig + ", bg")
		x.types(run + "sh action " + sig + " &\n")
		x.untilJob("Stopped")
		x.types("kill -CONT $!\n")
		x.expects("awake[^a]*went on")
		x.untilJob("Done(6)")
	}
}

// What vim does at ^Z: it catches SIGTSTP, tidies up, and stops itself. One ^Z, one fg.
func TestTerminalCommandTidiesUp(t *testing.T) { bothWays(t, terminalCommandTidiesUp) }

func terminalCommandTidiesUp(t *testing.T, run string) {
	x := openTerminal(t)
	// There is no moment in which its child would stop.
	x.script("editor", `
		suspend() { echo tidied; trap - TSTP; kill -TSTP $whom; trap suspend TSTP; echo redrawn; }
		trap '' TSTP; sleep 1000 &
		trap suspend TSTP; trap 'kill $!; exit 3' INT; echo ready; while :; do wait; done`)
	for _, whom := range []string{"$$", "0"} { // some stop themselves, some their whole group
		x.types(run + "sh -c 'whom=" + whom + "; . ./editor'\n")
		x.expects("ready")
		for range 3 {
			x.types("\x1a")
			if said := x.expects("Stopped"); strings.Count(said, "tidied") != 1 {
				t.Errorf("after ^Z: %q", said)
			}
			x.types("fg; echo status $?\n")
			x.expects("redrawn")
		}
		x.types("\x03")
		x.expects("status 3")
	}
}

// ^Z is nothing to a command that ignores it, and so to feign.
func TestTerminalStopIgnored(t *testing.T) { bothWays(t, terminalStopIgnored) }

func terminalStopIgnored(t *testing.T, run string) {
	x := openTerminal(t)
	x.types(run + "sh -c 'trap \"\" TSTP; echo ready; read line; echo \"got $line\"'; echo status $?\n")
	x.expects("ready")
	x.types("\x1a")
	time.Sleep(100 * time.Millisecond)
	x.types("hello\n")
	x.expects("got hello")
	if rest := x.expects("status [0-9]+"); strings.Contains(rest, "Stopped") {
		t.Errorf("%q", rest)
	}
}

// Who stops feign stops the command: kill -TSTP, as the shell's own kill -STOP.
func TestTerminalStopByKill(t *testing.T) { bothWays(t, terminalStopByKill) }

func terminalStopByKill(t *testing.T, run string) {
	x := openTerminal(t)
	x.types(run + "sh -c 'trap \"exit 4\" USR1; echo ready; while :; do sleep 0.02; done' &\n")
	x.expects("ready")
	x.types("kill -TSTP $!\n")
	x.untilJob("Stopped")
	x.types("kill -CONT $!; kill -USR1 $!\n")
	x.untilJob("Done(4)")
}

// The shell's job control: a background job, $! and wait; a job that reads the terminal stops; fg and kill %1.
func TestTerminalJobs(t *testing.T) { bothWays(t, terminalJobs) }

func terminalJobs(t *testing.T, run string) {
	x := openTerminal(t)
	x.types(run + "sh -c 'exit 7' & wait $!; echo status $?\n")
	x.expects("status 7")
	x.types(run + "cat &\n")
	x.untilJob("Stopped")
	x.types("fg\n")
	x.types("hello\n")
	x.expects("hello")
	x.types("\x04")
	x.types("echo status $?\n")
	x.expects("status 0")
	x.types(run + "sh -c 'echo ready; exec sleep 1000' &\n")
	x.expects("ready")
	x.types("kill %1; wait $!; echo status $?\n")
	x.expects("status 143")
}

// An interactive shell as the action has job control of its own.
func TestTerminalShellInside(t *testing.T) { bothWays(t, terminalShellInside) }

func terminalShellInside(t *testing.T, run string) {
	x := openTerminal(t)
	x.types(run + "sh -i; echo status $?\n")
	x.types("echo I am $(id -u)\n")
	x.expects("I am 0")
	x.types("sh -c 'echo napping; exec sleep 1000'; echo ended $?\n")
	x.expects("napping")
	x.types("\x03")
	x.types("sh -c 'kill -STOP $$; echo went on'; echo stopped $?\n")
	x.expects("stopped 1[0-9][0-9]")
	x.types("fg\n")
	x.expects("went on")
	// The inner shell itself stops, and gets the terminal back.
	x.types("kill -STOP $$\n")
	x.expects("Stopped")
	x.types("echo I am $(id -u)\n")
	x.expects(`I am [1-9]`)
	x.types("fg; echo status $?\n")
	x.types("echo I am $(id -u)\n")
	x.expects("I am 0")
	x.types("exit 5\n")
	x.expects("status 5")
}

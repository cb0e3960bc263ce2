package guest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/test/idcall"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

func init() {
	helpers["exec from a thread"] = func() {
		done := make(chan error)
		go func() {
			runtime.LockOSThread()
			raw("setresuid:", idcall.Setresuid, 33, 33, 33)
			done <- syscall.Exec("/usr/bin/id", []string{"id", "-u"}, os.Environ())
		}()
		fmt.Println(<-done)
	}
	helpers["killer"] = func() {
		killed := 0
		for i := range 150 {
			child := exec.Command("./true")
			if err := child.Start(); err != nil {
				fmt.Println(err)
			}
			time.Sleep(time.Duration(i%15) * 100 * time.Microsecond)
			child.Process.Kill()
			if child.Wait() != nil {
				killed++
			}
		}
		fmt.Println("some were killed:", killed > 0)
	}
	helpers["dumpable"] = func() {
		raw("dumpable:", unix.SYS_PRCTL, unix.PR_GET_DUMPABLE)
	}
}

// program copies a program into the directory.
func program(t *testing.T, dir, name, as string) string {
	t.Helper()
	from, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, as)
	if err := os.WriteFile(to, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}

// claim claims something about a file before the action begins.
func (a *action) claim(t *testing.T, path string, edit func(*lies.Claim)) {
	t.Helper()
	if a.config.Lies == nil {
		a.config.Lies = lies.New(lies.Options{})
	}
	st, err := hostStat(unix.AT_FDCWD, path, 0)
	if err != nil {
		t.Fatal(err)
	}
	a.config.Lies.Update(keyOf(&st), identity(&st, true), path, edit)
}

func TestExecSetID(t *testing.T) {
	a := &action{dir: t.TempDir()}
	program(t, a.dir, "id", "id")
	program(t, a.dir, "true", "true")
	wantText(t, a.shell(t, `
		chown 33:44 id true; chmod 6755 id true
		other="setpriv --reuid 55 --regid 66 --clear-groups"
		$other ./id -u; $other ./id -g; $other ./id -ru; $other ./id -rg
		echo no new privileges; $other --no-new-privs ./id -u
		echo without group execution; chmod g-x id; $other ./id -g; chmod g+x id
		echo as root; ./id -u; ./id -ru
		echo a secure program shows nothing:
		LD_SHOW_AUXV=1 ./true; LD_SHOW_AUXV=1 $other ./true | grep -c AT_SECURE
		echo another shows its ids:
		chmod 755 true; LD_SHOW_AUXV=1 $other ./true | grep -E "AT_(E?UID|E?GID|SECURE)" | tail -5
	`), `
		33
		44
		55
		66
		no new privileges
		55
		without group execution
		66
		as root
		33
		0
		a secure program shows nothing:
		1
		another shows its ids:
		AT_UID: 55
		AT_EUID: 55
		AT_GID: 66
		AT_EGID: 66
		AT_SECURE: 0
	`)
}

// A program that drops root's rights gets the filter before its first instruction.
func TestExecDrops(t *testing.T) {
	a := &action{dir: t.TempDir()}
	program(t, a.dir, "cat", "cat")
	wantText(t, a.shell(t, `
		echo open >secret; chmod 600 secret; ./cat secret
		chown 33 cat; chmod 4755 cat; ./cat secret 2>&1; echo $?
		chown 33 secret; ./cat secret
	`), `
		open
		./cat: secret: Permission denied
		1
		open
	`)
}

// setpriv(1) keeps its capabilities until it executes another program, hence env(1).
func TestExecRefusedAfterDrop(t *testing.T) {
	a := &action{dir: t.TempDir()}
	program(t, a.dir, "true", "true")
	wantText(t, a.shell(t, `
		other="setpriv --reuid 55 --regid 66 --clear-groups env"
		chmod 700 true; $other ./true 2>&1; echo $?
		chown 55 true; $other ./true; echo $?
		mkdir d; chmod 700 d; mv true d; $other d/true 2>&1; echo $?
		d/true; echo $?
	`), `
		env: './true': Permission denied
		126
		0
		env: 'd/true': Permission denied
		126
		0
	`)
}

func TestExecFileCapabilities(t *testing.T) {
	a := &action{dir: t.TempDir()}
	cat := program(t, a.dir, "cat", "cat")
	overrides := cred.FileCaps{Permitted: cred.CapsOf(cred.CAP_DAC_OVERRIDE), Effective: true}
	a.claim(t, cat, func(c *lies.Claim) { c.SetXattr(cred.FileCapsName, overrides.Encode()) })
	wantText(t, a.shell(t, `
		other="setpriv --reuid 55 --regid 66 --clear-groups"
		echo open >secret; chmod 600 secret
		$other ./cat secret
		$other ./cat /proc/self/status | grep Cap
		$other --no-new-privs env ./cat secret 2>&1; echo $?
		echo not to be had:
		setpriv --bounding-set -dac_override ./cat secret 2>&1; echo $?
		setpriv --bounding-set -chown ./cat secret
	`), `
		open
		CapInh: 0000000000000000
		CapPrm: 0000000000000002
		CapEff: 0000000000000002
		CapBnd: 000001ffffffffff
		CapAmb: 0000000000000000
		./cat: secret: Permission denied
		1
		not to be had:
		setpriv: failed to execute ./cat: Operation not permitted
		126
		open
	`)
	if len(a.told) > 0 {
		t.Error(a.told)
	}
}

// A damaged attribute makes execve(2) fail; found after it, it ends the process.
func TestExecDamagedCapabilities(t *testing.T) {
	a := &action{dir: t.TempDir()}
	cat := program(t, a.dir, "cat", "cat")
	a.claim(t, cat, func(c *lies.Claim) {
		c.SetXattr(cred.FileCapsName, []byte{1})
		c.SetMode(0o4755)
	})
	got := a.shell(t, `(exec ./cat /dev/null); echo $?`)
	if !strings.HasSuffix(got, "137\n") || len(a.told) != 1 || !strings.Contains(a.told[0], "cannot be given its identity") {
		t.Errorf("%q, told %q", got, a.told)
	}
}

// A program that the caller may execute but not read is closed to the tracer.
func TestExecUnreadable(t *testing.T) {
	a := &action{dir: t.TempDir()}
	needPrograms(t)
	if err := os.Chmod(program(t, a.dir, "id", "id"), 0o111); err != nil {
		t.Fatal(err)
	}
	wantText(t, a.run(t, "/bin/sh", "-c", "./id -u"), "0\n")
	if len(a.told) != 1 || !strings.Contains(a.told[0], "make the program's file readable") {
		t.Errorf("told %q", a.told)
	}
}

// The thread that calls execve(2) takes its identity along, though another thread's id goes on.
func TestExecFromAThread(t *testing.T) {
	needPrograms(t)
	wantText(t, new(action).helper(t, "exec from a thread"), "setresuid: 0\n33\n")
}

func TestExecDumpable(t *testing.T) {
	a := &action{dir: t.TempDir(), env: []string{helperVariable + "=dumpable"}}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program(t, a.dir, self, "self")
	wantText(t, a.shell(t, `
		./self; chown 33 self; chmod 4755 self; ./self; setpriv --reuid 33 --clear-groups ./self
	`), `
		dumpable: 1
		dumpable: 0
		dumpable: 1
	`)
}

// A program is killed while it gets its identity, and a filter: nothing hangs, and nobody hears of it.
func TestExecKilled(t *testing.T) {
	needPrograms(t)
	a := &action{dir: t.TempDir()}
	a.claim(t, program(t, a.dir, "true", "true"), func(c *lies.Claim) {
		c.SetOwner(33, 44)
		c.SetMode(0o6755)
	})
	wantText(t, a.helper(t, "killer"), "some were killed: true")
	if len(a.told) > 0 {
		t.Error(a.told)
	}
}

// Whoever starts the action, programs of the machine are what they are, and the caller's are root's.
func TestProgram(t *testing.T) {
	k, err := New(Config{Lies: lies.New(lies.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	root := k.firstCred()
	for _, path := range []string{"/usr/bin/su", "/usr/bin/passwd"} {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		f, _, err := k.program(root, path)
		if err != nil || f.Mode&unix.S_ISUID == 0 || f.UID != 0 {
			t.Errorf("%s: %+v, %v", path, f, err)
		}
	}
	mine := program(t, t.TempDir(), "true", "true")
	if f, _, err := k.program(root, mine); err != nil || f.UID != 0 || f.GID != 0 || f.Caps != nil {
		t.Errorf("%+v, %v", f, err)
	}
	if _, _, err := k.program(root, mine+"x"); err != unix.ENOENT {
		t.Error(err)
	}
}

package guest

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/test/idcall"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// minusOne and cwd are -1 and AT_FDCWD as arguments.
const (
	minusOne = ^uintptr(0)
	cwd      = minusOne - 99
)

func init() {
	helpers["ids"] = func() {
		runtime.LockOSThread()
		raw("getresuid, bad third pointer:", idcall.Getresuid, at(0), at(4), 8)
		fmt.Println("stored before it:", binary.NativeEndian.Uint32(room[0:]), binary.NativeEndian.Uint32(room[4:]))
		raw("setgroups without memory:", idcall.Setgroups, 2, 8)
		raw("setgroups of too many:", idcall.Setgroups, 65537, at(0))
		raw("setgroups of a negative size:", idcall.Setgroups, minusOne, at(0))
		copy(room[:], []byte{9, 0, 0, 0, 7, 0, 1, 0, 7, 0, 0, 0})
		raw("setgroups of three:", idcall.Setgroups, 3, at(0))
		raw("getgroups asks how many:", idcall.Getgroups, 0, 8)
		raw("getgroups with too little room:", idcall.Getgroups, 2, at(0))
		raw("getgroups with a bad pointer:", idcall.Getgroups, 3, 8)
		raw("getgroups of a negative size:", idcall.Getgroups, minusOne, at(0))
		raw("getgroups:", idcall.Getgroups, 5, at(0))
		fmt.Println("sorted:", binary.NativeEndian.Uint32(room[0:]), binary.NativeEndian.Uint32(room[4:]), binary.NativeEndian.Uint32(room[8:]))
		raw("setuid -1:", idcall.Setuid, minusOne)
		raw("setfsuid:", idcall.Setfsuid, 5)
		raw("setfsuid tells the one before:", idcall.Setfsuid, minusOne)
		raw("setfsuid back:", idcall.Setfsuid, 0)
		raw("setresgid:", idcall.Setresgid, minusOne, 3, 4)
		raw("getegid:", idcall.Getegid)
		raw("setresuid:", idcall.Setresuid, 1, 2, 3)
		raw("getuid:", idcall.Getuid)
		raw("geteuid:", idcall.Geteuid)
		raw("getresuid:", idcall.Getresuid, at(0), at(4), at(8))
		fmt.Println("saved:", binary.NativeEndian.Uint32(room[8:]))
		raw("setuid 0 again:", idcall.Setuid, 0)
		raw("setgroups by another:", idcall.Setgroups, 0, 0)
		other := make(chan bool)
		go func() {
			runtime.LockOSThread()
			raw("another thread is still root:", idcall.Getuid)
			close(other)
		}()
		<-other
	}
	helpers["groups"] = func() {
		groups := make([]int, 300)
		for i := range groups {
			groups[i] = i
		}
		fmt.Println(unix.Setgroups(groups))
		got, err := unix.Getgroups()
		fmt.Println(len(got), got[0], got[299], err)
	}
}

func TestIDs(t *testing.T) {
	wantText(t, new(action).helper(t, "ids"), `
		getresuid, bad third pointer: EFAULT
		stored before it: 0 0
		setgroups without memory: EFAULT
		setgroups of too many: EINVAL
		setgroups of a negative size: EINVAL
		setgroups of three: 0
		getgroups asks how many: 3
		getgroups with too little room: EINVAL
		getgroups with a bad pointer: EFAULT
		getgroups of a negative size: EINVAL
		getgroups: 3
		sorted: 7 9 65543
		setuid -1: EINVAL
		setfsuid: 0
		setfsuid tells the one before: 5
		setfsuid back: 5
		setresgid: 0
		getegid: 3
		setresuid: 0
		getuid: 1
		geteuid: 2
		getresuid: 0
		saved: 3
		setuid 0 again: EPERM
		setgroups by another: EPERM
		another thread is still root: 0
	`)
}

func TestManyGroups(t *testing.T) {
	wantText(t, new(action).helper(t, "groups"), `
		<nil>
		300 0 299 <nil>
	`)
}

// The first identity may be another than root's; it has no capabilities then.
func TestFirstIdentity(t *testing.T) {
	a := &action{config: Config{UID: 33, GID: 44, Groups: []uint32{9, 8}}}
	wantText(t, a.shell(t, `id -u; id -g; id -G; grep CapEff /proc/self/status; setpriv --reuid 0 true 2>&1; echo $?`), `
		33
		44
		44 8 9
		CapEff: 0000000000000000
		setpriv: setresuid failed: Operation not permitted
		127
	`)
}

// port-7: the calls of 16 bits tell 65534 where an id does not fit, and take 65535 as -1.
func Test16Bits(t *testing.T) {
	big := cred.Login(70000, 65535, nil, cred.CAP_CHECKPOINT_RESTORE)
	for _, c := range []struct {
		sys    ptlib.Sys
		h      handler
		result int64
	}{
		{ptlib.SysGetuid, getID((*cred.Cred).UID), 70000},
		{ptlib.SysGetuid16, getID((*cred.Cred).UID), 65534},
		{ptlib.SysGetgid16, getID((*cred.Cred).GID), 65535},
		{ptlib.SysSetfsuid16, setfsuid, 65534},
	} {
		call := &ptlib.Call{Sys: c.sys, Args: [6]uint64{0xffff}}
		c.h(&Kernel{}, &task{cred: big, proc: &process{}, filtered: filteredDropped}, call)
		if call.Result != c.result {
			t.Errorf("%v returns %d, not %d", c.sys, call.Result, c.result)
		}
	}
	call := &ptlib.Call{Sys: ptlib.SysSetuid16, Args: [6]uint64{0xabcdffff}}
	if setuid(&Kernel{}, &task{cred: big, proc: &process{}}, call); call.Errno() != unix.EINVAL {
		t.Errorf("setuid16 of all ones: %v", call.Errno())
	}
}

// old16 makes the calls of 16 bits on i386, without a C library.
const old16 = `
static int call(int nr, long a, long b, long c) {
	int r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return r;
}
static unsigned short ids[4];
static unsigned int wide[4];
static int failures;
static void want(int nr, int got, int expected) {
	if (got != expected) failures = nr;
}
void _start(void) {
	wide[0] = 70000; wide[1] = 5;
	want(206, call(206, 2, (long)wide, 0), 0);         /* setgroups32 */
	want(80, call(80, 4, (long)ids, 0), 2);            /* getgroups */
	want(80, ids[0], 5); want(80, ids[1], 65534);
	ids[0] = 8; ids[1] = 7;
	want(81, call(81, 2, (long)ids, 0), 0);            /* setgroups */
	want(205, call(205, 4, (long)wide, 0), 2);         /* getgroups32 */
	want(205, wide[0], 7); want(205, wide[1], 8);
	ids[0] = 65535;
	want(81, call(81, 1, (long)ids, 0), -22);
	want(170, call(170, 0xffff, 3, 70000), 0);         /* setresgid: -1, 3, 70000 & 0xffff */
	want(171, call(171, (long)ids, (long)(ids + 1), (long)(ids + 2)), 0); /* getresgid */
	want(171, ids[0], 0); want(171, ids[1], 3); want(171, ids[2], 70000 & 0xffff);
	want(208, call(208, 70000, 70001, 70002), 0);      /* setresuid32 */
	want(165, call(165, (long)ids, (long)(ids + 1), (long)(ids + 2)), 0); /* getresuid */
	want(165, ids[0], 65534); want(165, ids[2], 65534);
	want(24, call(24, 0, 0, 0), 65534);                /* getuid */
	want(199, call(199, 0, 0, 0), 70000);              /* getuid32 */
	want(49, call(49, 0, 0, 0), 65534);                /* geteuid */
	want(23, call(23, 0, 0, 0), -1);                   /* setuid */
	call(1, failures, 0, 0);
}`

// port-7: a 32-bit program under a 64-bit kernel.
func TestOldCallsOf386(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "old16.c"), filepath.Join(dir, "old16")
	if err := os.WriteFile(source, []byte(old16), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("gcc", "-m32", "-nostdlib", "-static", "-fno-pic", "-fno-stack-protector", "-o", program, source).CombinedOutput()
	if err != nil {
		t.Skipf("no compiler for i386: %v %s", err, out)
	}
	if exec.Command(program).Run() == nil {
		t.Fatal("the program must fail without root")
	}
	a := &action{}
	if a.run(t, program); a.status.ExitStatus() != 0 || !a.status.Exited() {
		t.Errorf("call %d of i386 gives a wrong answer (wait status %#x)", a.status.ExitStatus(), int(a.status))
	}
}

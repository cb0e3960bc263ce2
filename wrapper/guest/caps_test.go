package guest

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/test/idcall"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// words are the first n words of room, in hexadecimal.
func words(n int) (s string) {
	for i := range n {
		s += fmt.Sprintf(" %x", binary.NativeEndian.Uint32(room[4*i:]))
	}
	return s
}

// header puts a header of capget(2) at the end of room.
const headerAt = 4000

func header(version, pid uint32) uintptr {
	binary.NativeEndian.PutUint32(room[headerAt:], version)
	binary.NativeEndian.PutUint32(room[headerAt+4:], pid)
	return at(headerAt)
}

func init() {
	helpers["caps"] = func() {
		runtime.LockOSThread()
		raw("capget of version 3:", unix.SYS_CAPGET, header(cred.CapVersion3, 0), at(0))
		full := words(2)
		fmt.Println("full:", full == words(2) && full != " 0 0")
		raw("capget of version 1:", unix.SYS_CAPGET, header(cred.CapVersion1, 0), at(0))
		raw("capget of no version:", unix.SYS_CAPGET, header(7, 0), at(0))
		fmt.Printf("preferred: %x\n", binary.NativeEndian.Uint32(room[headerAt:]))
		raw("capget asks for the version:", unix.SYS_CAPGET, header(7, 0), 0)
		raw("capget without header:", unix.SYS_CAPGET, 8, at(0))
		raw("capget with half a header:", unix.SYS_CAPGET, halfMapped(), at(0))
		raw("capget of a negative pid:", unix.SYS_CAPGET, header(cred.CapVersion3, ^uint32(0)), at(0))
		raw("capget without data:", unix.SYS_CAPGET, header(cred.CapVersion3, 0), 8)
		raw("capget of nobody:", unix.SYS_CAPGET, header(cred.CapVersion3, 1<<22), at(0))
		raw("capset of no version:", unix.SYS_CAPSET, header(7, 0), at(0))
		raw("capset of another:", unix.SYS_CAPSET, header(cred.CapVersion3, uint32(os.Getppid())), at(0))
		raw("capset without data:", unix.SYS_CAPSET, header(cred.CapVersion3, 0), 8)
		copy(room[:], make([]byte, 24))
		binary.NativeEndian.PutUint32(room[4:], 1) // permitted: CAP_CHOWN
		raw("capset:", unix.SYS_CAPSET, header(cred.CapVersion3, uint32(unix.Gettid())), at(0))
		binary.NativeEndian.PutUint32(room[4:], 3)
		raw("capset of more:", unix.SYS_CAPSET, header(cred.CapVersion3, 0), at(0))
		raw("capget:", unix.SYS_CAPGET, header(cred.CapVersion3, 0), at(0))
		fmt.Println(words(6))
		tid := uint32(unix.Gettid())
		other := make(chan bool)
		go func() {
			runtime.LockOSThread()
			raw("capget by another thread:", unix.SYS_CAPGET, header(cred.CapVersion3, tid), at(0))
			fmt.Println(words(6))
			close(other)
		}()
		<-other
		raw("now a file of mode 0 is closed:", unix.SYS_FACCESSAT, cwd, text("secret"), unix.R_OK)
	}
	helpers["prctl"] = func() {
		runtime.LockOSThread()
		raw("no_new_privs:", unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		raw("set with a wrong argument:", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0)
		raw("set:", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		raw("no_new_privs:", unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		raw("dumpable:", unix.SYS_PRCTL, unix.PR_GET_DUMPABLE)
		raw("not dumpable any more:", unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0)
		raw("dumpable:", unix.SYS_PRCTL, unix.PR_GET_DUMPABLE)
		raw("dumpable 2:", unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 2)
		raw("dumpable again:", unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1)
		raw("seccomp:", unix.SYS_PRCTL, unix.PR_GET_SECCOMP)
		raw("in the bounding set:", unix.SYS_PRCTL, unix.PR_CAPBSET_READ, unix.CAP_CHOWN)
		raw("dropped from it:", unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, unix.CAP_CHOWN)
		raw("in the bounding set:", unix.SYS_PRCTL, unix.PR_CAPBSET_READ, unix.CAP_CHOWN)
		raw("no such capability:", unix.SYS_PRCTL, unix.PR_CAPBSET_READ, 63)
		raw("keepcaps:", unix.SYS_PRCTL, unix.PR_SET_KEEPCAPS, 1)
		raw("setresuid:", idcall.Setresuid, 33, 33, 33)
		raw("dumpable after that:", unix.SYS_PRCTL, unix.PR_GET_DUMPABLE)
		raw("securebits:", unix.SYS_PRCTL, unix.PR_GET_SECUREBITS)
		raw("the name is the kernel's:", unix.SYS_PRCTL, unix.PR_SET_NAME, text("renamed"))
	}
	helpers["seccomp"] = func() {
		runtime.LockOSThread()
		// One instruction, ret ALLOW, and the program that it is.
		binary.NativeEndian.PutUint16(room[0:], 0x06)
		binary.NativeEndian.PutUint32(room[4:], 0x7fff0000)
		binary.NativeEndian.PutUint16(room[64:], 1)
		binary.NativeEndian.PutUint64(room[64+strconv.IntSize/8:], uint64(at(0)))
		raw("filter of root's:", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, at(64))
		raw("mode:", unix.SYS_PRCTL, unix.PR_GET_SECCOMP)
		raw("setresuid:", idcall.Setresuid, 33, 33, 33)
		raw("filter of another's:", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, at(64))
		raw("the old way:", unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, at(64))
		raw("a question about actions:", unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, at(4))
		raw("no_new_privs:", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		raw("filter of another's:", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, at(64))
		showStatus("thread-self", "Seccomp", "NoNewPrivs")
	}
}

// text is the address of a string.
func text(s string) uintptr {
	copy(room[3000:], s+"\x00")
	return at(3000)
}

// halfMapped is the address of a header whose second half is not there.
func halfMapped() uintptr {
	page := os.Getpagesize()
	b, err := syscall.Mmap(-1, 0, 2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		panic(err)
	}
	binary.NativeEndian.PutUint32(b[page-4:], cred.CapVersion3)
	if err := unix.Mprotect(b[page:], unix.PROT_NONE); err != nil {
		panic(err)
	}
	return address(b) + uintptr(page) - 4
}

func TestCaps(t *testing.T) {
	a := &action{dir: t.TempDir()}
	if err := os.WriteFile(a.dir+"/secret", nil, 0); err != nil {
		t.Fatal(err)
	}
	wantText(t, a.helper(t, "caps"), `
		capget of version 3: 0
		full: true
		capget of version 1: 0
		capget of no version: EINVAL
		preferred: 20080522
		capget asks for the version: 0
		capget without header: EFAULT
		capget with half a header: EFAULT
		capget of a negative pid: EINVAL
		capget without data: EFAULT
		capget of nobody: ESRCH
		capset of no version: EINVAL
		capset of another: EPERM
		capset without data: EFAULT
		capset: 0
		capset of more: EPERM
		capget: 0
		0 1 0 0 0 0
		capget by another thread: 0
		0 1 0 0 0 0
		now a file of mode 0 is closed: EACCES
	`)
}

func TestPrctl(t *testing.T) {
	wantText(t, new(action).helper(t, "prctl"), `
		no_new_privs: 0
		set with a wrong argument: EINVAL
		set: 0
		no_new_privs: 1
		dumpable: 1
		not dumpable any more: 0
		dumpable: 0
		dumpable 2: EINVAL
		dumpable again: 0
		seccomp: 0
		in the bounding set: 1
		dropped from it: 0
		in the bounding set: 0
		no such capability: EINVAL
		keepcaps: 0
		setresuid: 0
		dumpable after that: 0
		securebits: 16
		the name is the kernel's: 0
	`)
}

func TestSeccompOfTheAction(t *testing.T) {
	wantText(t, new(action).helper(t, "seccomp"), `
		filter of root's: 0
		mode: 2
		setresuid: 0
		filter of another's: EACCES
		the old way: EACCES
		a question about actions: 0
		no_new_privs: 0
		filter of another's: 0
		NoNewPrivs: 1
		Seccomp: 2
		Seccomp_filters: 2
	`)
}

package guest

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/oldkernel"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/ptlib/bpf"
)

// port-8: where there is no fchmodat2(2), no PTRACE_GET_SYSCALL_INFO and so on, or not even statx(2), the action sees the
// same. Left out are tests of calls that are missing, and of what is said about filters: here is one more.
func TestOldKernel(t *testing.T) {
	for _, age := range []oldkernel.Age{oldkernel.Linux4_14, oldkernel.Linux4_10} {
		oldkernel.Rerun(t, age, "^(TestHost|TestXattrAt|TestPrctl|TestSeccompOfTheAction|TestProc)$")
	}
}

func init() {
	helpers["without statx"] = func() {
		path := os.Args[1]
		show := func(what string, err error) {
			var st unix.Stat_t
			fmt.Println(what, err, unix.Lstat(path, &st), st.Uid, st.Gid, strconv.FormatUint(uint64(st.Mode), 8))
		}
		show("before:", unix.Chown(path, 33, 44))
		forbid(unix.SYS_STATX, unix.ENOSYS)
		show("remembered:", nil)
		show("chown:", unix.Chown(path, 55, 66))
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		show("open:", err)
		show("fchmod:", unix.Fchmod(fd, 0o6711))
		show("of a link:", unix.Lchown(path, 77, 88))
	}
}

// forbid makes a call fail from now on, as programs do that protect themselves from what they do not use.
func forbid(nr int, errno unix.Errno) {
	allow := bpf.Allow
	insns, err := bpf.Compile([]bpf.ABIRules{{
		Arch:    ptlib.Native().Tracees[0].AuditArch(),
		Rules:   []bpf.Rule{{NR: nr, Action: bpf.Errno(uint16(errno))}},
		HighBit: allow,
	}}, allow)
	if err != nil {
		fmt.Println(err)
		return
	}
	const program = 64
	copy(room[2*program:], bpf.Encode(insns))
	binary.NativeEndian.PutUint16(room[program:], uint16(len(insns)))
	binary.NativeEndian.PutUint64(room[program+strconv.IntSize/8:], uint64(at(2*program)))
	raw("filter:", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, at(program))
}

// A program may have forbidden itself statx(2). What is remembered of files stays remembered.
func TestWithoutStatx(t *testing.T) {
	a := new(action)
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	wantText(t, a.helper(t, "without statx", path), `
		before: <nil> <nil> 33 44 100644
		filter: 0
		remembered: <nil> <nil> 33 44 100644
		chown: <nil> <nil> 55 66 100644
		open: <nil> <nil> 55 66 100644
		fchmod: <nil> <nil> 55 66 106711
		of a link: <nil> <nil> 77 88 100711
	`)
	if len(a.told) > 0 {
		t.Error(a.told)
	}
}

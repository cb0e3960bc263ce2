package bpf

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// nativeArch returns the AUDIT_ARCH_* value of this process.
func nativeArch(t testing.TB) uint32 {
	arch, ok := map[string]uint32{
		"amd64": archX8664, "386": arch386, "arm64": 0xc00000b7, "arm": 0x40000028, "riscv64": 0xc00000f3,
	}[runtime.GOARCH]
	if !ok {
		t.Skip("no AUDIT_ARCH value for " + runtime.GOARCH)
	}
	return arch
}

// A job is what the child does: install the program, make the calls. It answers with the calls' error numbers.
type job struct {
	Prog  []Insn
	Calls []SeccompData
}

const childVariable = "BPF_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

const childHasNoSeccomp = 3

// child runs a job from standard input.
func child() int {
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		os.Stderr.WriteString(err.Error())
		return 2
	}
	if err := install(j.Prog); err != nil {
		os.Stderr.WriteString(err.Error())
		if errors.Is(err, unix.ENOSYS) {
			return childHasNoSeccomp
		}
		return 2
	}
	errnos := make([]unix.Errno, len(j.Calls))
	for i, c := range j.Calls {
		_, _, errnos[i] = unix.RawSyscall6(uintptr(uint32(c.NR)), uintptr(c.Args[0]), uintptr(c.Args[1]), uintptr(c.Args[2]),
			uintptr(c.Args[3]), uintptr(c.Args[4]), uintptr(c.Args[5]))
	}
	if err := json.NewEncoder(os.Stdout).Encode(errnos); err != nil {
		return 2
	}
	return 0
}

// inChild returns the error numbers that the calls had under prog.
func inChild(t *testing.T, prog []Insn, calls []SeccompData) ([]unix.Errno, error) {
	t.Helper()
	in, err := json.Marshal(job{prog, calls})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		stdin.Write(in) // a child that ends early says why by its status
		stdin.Close()
	}()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			if exit.ExitCode() == childHasNoSeccomp {
				t.Skip("this kernel has no seccomp filters")
			}
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, err
	}
	var errnos []unix.Errno
	return errnos, json.Unmarshal(out, &errnos)
}

// unusedNR is the first of some numbers that no architecture uses: the kernel answers ENOSYS to those that pass.
const unusedNR = 2000

// The kernel accepts random programs, and programs as long as can be, and decides as Evaluate does.
func TestKernelAgrees(t *testing.T) {
	arch := nativeArch(t)
	rulesets := [][]Rule{manyRules(450)}
	for i := range rulesets[0] {
		rulesets[0][i].NR += unusedNR
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 6 {
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		var rules []Rule
		for s := source(data); len(s) > 0; {
			tests := s.tests(4)
			action := [...]Action{Errno(7), Allow, Errno(1), Errno(4094), Trace(3)}[s.below(5)]
			rules = append(rules, Rule{NR: unusedNR + s.below(40), When: tests, Action: action})
		}
		rulesets = append(rulesets, rules)
	}
	compared := 0
	for _, rules := range rulesets {
		abis := []ABIRules{{Arch: arch, HighBit: Errno(38), Rules: rules}}
		prog, err := Compile(abis, KillProcess)
		if err != nil {
			t.Fatal(err)
		}
		values := interestingValues(&abis[0])
		var calls []SeccompData
		for i := range 1000 {
			d := SeccompData{NR: int32(rules[i%len(rules)].NR), Arch: arch}
			if rnd.IntN(20) == 0 {
				d.NR++
			}
			for i := range d.Args {
				d.Args[i] = pick(rnd, values)
				if runtime.GOARCH == "386" || runtime.GOARCH == "arm" {
					d.Args[i] &= allBits
				}
			}
			calls = append(calls, d)
		}
		errnos, err := inChild(t, prog, calls)
		if err != nil {
			t.Fatalf("%v\n%s", err, Listing(prog))
		}
		for i, d := range calls {
			if usesIP(rules, d.NR) {
				continue
			}
			action := Evaluate(abis, KillProcess, d)
			want := unix.ENOSYS // allowed, or traced without a tracer
			if action&actionMask == retErrno {
				want = unix.Errno(action.Data())
			}
			compared++
			if errnos[i] != want {
				t.Fatalf("%+v: kernel answers %v, rules %v\n%s", d, errnos[i], action, Listing(prog))
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d calls were compared", compared)
	}
}

// usesIP tells whether a rule for nr tests the instruction pointer, which the caller cannot foresee.
func usesIP(rules []Rule, nr int32) bool {
	for _, r := range rules {
		for _, t := range r.When {
			if int32(r.NR) == nr && t.Arg >= IPLow {
				return true
			}
		}
	}
	return false
}

// Real calls: one passes, one fails with the error of its rule, one is stopped for a tracer that is not there.
func TestKernelRealCalls(t *testing.T) {
	arch := nativeArch(t)
	prog, err := Compile([]ABIRules{{Arch: arch, HighBit: Errno(38), Rules: []Rule{
		{NR: unix.SYS_GETPPID, Action: Errno(uint16(unix.EXDEV))},
		{NR: unix.SYS_GETPGID, When: []Test{word(Arg0, 1)}, Action: Errno(uint16(unix.ELOOP))},
		{NR: unix.SYS_GETSID, Action: Trace(9)},
	}}}, KillProcess)
	if err != nil {
		t.Fatal(err)
	}
	errnos, err := inChild(t, prog, []SeccompData{
		{NR: unix.SYS_GETPID}, {NR: unix.SYS_GETPPID}, {NR: unix.SYS_GETPGID},
		{NR: unix.SYS_GETPGID, Args: [6]uint64{1}}, {NR: unix.SYS_GETSID},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []unix.Errno{0, unix.EXDEV, 0, unix.ELOOP, unix.ENOSYS}
	for i := range want {
		if errnos[i] != want[i] {
			t.Errorf("call %d: %v, want %v", i, errnos[i], want[i])
		}
	}
}

// A call exempted by its address passes; the same call from elsewhere does not.
func TestKernelExemption(t *testing.T) {
	arch := nativeArch(t)
	for _, c := range []struct {
		name string
		size uint64
		base uint64
		want unix.Errno
	}{
		{"the whole lower half", 1 << 63, 0, 0},
		{"elsewhere", 0x1000, 0x10000, unix.EXDEV},
	} {
		prog, err := Compile([]ABIRules{{Arch: arch, HighBit: Errno(38), Exempt: mustIPIn(t, c.base, c.size),
			Rules: []Rule{{NR: unix.SYS_GETPPID, Action: Errno(uint16(unix.EXDEV))}}}}, KillProcess)
		if err != nil {
			t.Fatal(err)
		}
		errnos, err := inChild(t, prog, []SeccompData{{NR: unix.SYS_GETPPID}})
		if err != nil {
			t.Fatal(err)
		}
		if errnos[0] != c.want {
			t.Errorf("%s: %v, want %v", c.name, errnos[0], c.want)
		}
	}
}

// Calls of another architecture than those of the rules get the action for these.
func TestKernelOtherArch(t *testing.T) {
	if nativeArch(t) == 0x40000028 {
		t.Skip("needs an architecture other than arm")
	}
	prog, err := Compile([]ABIRules{{Arch: 0x40000028}}, KillProcess)
	if err != nil {
		t.Fatal(err)
	}
	_, err = inChild(t, prog, []SeccompData{{NR: unix.SYS_GETPID}})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(interface{ Signal() unix.Signal }).Signal() != unix.SIGSYS {
		t.Errorf("child ended with %v, want SIGSYS", err)
	}
}

package cred

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/test/idcall"
)

// What the kernel_*_linux_test.go files share: the state of a thread, read from
// the kernel, and operations that are done on a thread and on a Cred. Everything
// goes by raw calls, because package syscall would change all threads.

// needRoot says why a test is not run. There is nothing to compare without root.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skipf("euid %d: comparing with the kernel needs real root", os.Geteuid())
	}
}

// onThread runs f on a thread of its own, which ends with f and takes its
// credentials along.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked
		f()
	}()
	<-done
}

// lastCap is the kernel's cap_last_cap.
func lastCap() Cap {
	text, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		panic(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		panic(err)
	}
	return Cap(n)
}

func prctl(option int32, args ...uint64) (int, syscall.Errno) {
	all := []any{int(option)}
	for _, arg := range args {
		all = append(all, arg)
	}
	return raw(unix.SYS_PRCTL, all...)
}

// threadState is the credentials of the calling thread.
func threadState(last Cap) State {
	s := State{LastCap: last}
	raw(idcall.Getresuid, &s.UID, &s.EUID, &s.SUID)
	raw(idcall.Getresgid, &s.GID, &s.EGID, &s.SGID)
	fsuid, _ := raw(idcall.Setfsuid, unset)
	fsgid, _ := raw(idcall.Setfsgid, unset)
	s.FSUID, s.FSGID = uint32(fsuid), uint32(fsgid)
	if n, _ := raw(idcall.Getgroups, 0, 0); n > 0 {
		s.Groups = make([]uint32, n)
		raw(idcall.Getgroups, n, &s.Groups[0])
	}
	h, data := capHeader(CapVersion3), make([]byte, 24)
	raw(unix.SYS_CAPGET, &h[0], &data[0])
	sets, _ := ParseCapHeader(h).ParseData(data)
	s.Effective, s.Permitted, s.Inheritable = sets.Effective, sets.Permitted, sets.Inheritable
	for c := range last + 1 {
		if on, _ := prctl(prCapbsetRead, uint64(c)); on == 1 {
			s.Bounding |= CapsOf(c)
		}
		if on, _ := prctl(prCapAmbient, ambientIsSet, uint64(c), 0, 0); on == 1 {
			s.Ambient |= CapsOf(c)
		}
	}
	bits, _ := prctl(prGetSecurebits)
	s.Securebits = uint32(bits)
	nnp, _ := prctl(prGetNoNewPrivs, 0, 0, 0, 0)
	s.NoNewPrivs = nnp == 1
	return s
}

func capHeader(version uint32) (b [CapHeaderSize]byte) {
	for i := range 4 {
		b[i] = byte(version >> (8 * i))
	}
	return b
}

// op is one call that may change credentials.
type op struct {
	Name string
	Args []uint64
}

// kind is the call's name, and for prctl its option.
func (o op) kind() string {
	if o.Name == "prctl" {
		return fmt.Sprint(o.Name, o.Args[0])
	}
	return o.Name
}

// model does the call on credentials.
func (o op) model(c *Cred) (next *Cred, ret int, errno syscall.Errno) {
	id := func(i int) uint32 { return uint32(o.Args[i]) }
	switch o.Name {
	case "setuid":
		next, errno = c.SetUID(id(0))
	case "setgid":
		next, errno = c.SetGID(id(0))
	case "setreuid":
		next, errno = c.SetREUID(id(0), id(1))
	case "setregid":
		next, errno = c.SetREGID(id(0), id(1))
	case "setresuid":
		next, errno = c.SetRESUID(id(0), id(1), id(2))
	case "setresgid":
		next, errno = c.SetRESGID(id(0), id(1), id(2))
	case "setfsuid":
		var old uint32
		next, old = c.SetFSUID(id(0))
		ret = int(old)
	case "setfsgid":
		var old uint32
		next, old = c.SetFSGID(id(0))
		ret = int(old)
	case "setgroups":
		if errno = c.MaySetGroups(int32(o.Args[0])); errno != 0 {
			return c, 0, errno
		}
		next, errno = c.SetGroups(o.groups())
	case "capset":
		h := CapHeader{Version: uint32(o.Args[0])}
		sets := CapSets{Caps(o.Args[1]), Caps(o.Args[2]), Caps(o.Args[3])}
		sets, parsed := h.ParseData(h.EncodeData(sets))
		if !parsed {
			return c, 0, syscall.EINVAL
		}
		next, errno = c.CapSet(sets)
	case "prctl":
		var known bool
		arg := func(i int) uint64 { return uint64(uintptr(o.Args[i])) } // as wide as a register
		next, ret, errno, known = c.Prctl(int32(o.Args[0]), arg(1), arg(2), arg(3), arg(4))
		if !known {
			panic("a prctl that the model does not know: " + fmt.Sprint(o.Args))
		}
	default:
		panic("no such call: " + o.Name)
	}
	return next, ret, errno
}

// native does the call on the calling thread.
func (o op) native() (int, syscall.Errno) {
	numbers := map[string]uintptr{
		"setuid": idcall.Setuid, "setreuid": idcall.Setreuid, "setresuid": idcall.Setresuid,
		"setgid": idcall.Setgid, "setregid": idcall.Setregid, "setresgid": idcall.Setresgid,
		"setfsuid": idcall.Setfsuid, "setfsgid": idcall.Setfsgid,
	}
	switch o.Name {
	case "setgroups":
		groups := append(o.groups(), 0) // never empty
		return raw(idcall.Setgroups, int(int32(o.Args[0])), &groups[0])
	case "capset":
		h := capHeader(uint32(o.Args[0]))
		sets := CapSets{Caps(o.Args[1]), Caps(o.Args[2]), Caps(o.Args[3])}
		data := append(ParseCapHeader(h).EncodeData(sets), 0)
		return raw(unix.SYS_CAPSET, &h[0], &data[0])
	case "prctl":
		return prctl(int32(o.Args[0]), o.Args[1:]...)
	}
	args := make([]any, len(o.Args))
	for i, a := range o.Args {
		args[i] = uint32(a)
	}
	return raw(numbers[o.Name], args...)
}

func (o op) groups() []uint32 {
	var groups []uint32
	for _, g := range o.Args[1:] {
		groups = append(groups, uint32(g))
	}
	return groups
}

// randomOp is a call with arguments that are often, but not always, allowed.
func randomOp(rng *rand.Rand, last Cap) op {
	id := func() uint64 { return []uint64{0, 0, 1, 1, 2, 1000, uint64(unset)}[rng.Intn(7)] }
	caps := func() uint64 {
		switch rng.Intn(5) {
		case 0:
			return 0
		case 1:
			return ^uint64(0)
		case 2:
			return uint64(upTo(last) &^ CapsOf(CAP_SYS_RESOURCE))
		case 3:
			return uint64(CapsOf(CAP_SETUID, CAP_SETGID, CAP_SETPCAP, Cap(rng.Intn(40))))
		}
		return rng.Uint64() & rng.Uint64()
	}
	aCap := func() uint64 {
		if rng.Intn(12) == 0 {
			return []uint64{uint64(last) + 1, 63, 64, 1 << 32}[rng.Intn(4)]
		}
		return []uint64{uint64(CAP_CHOWN), uint64(CAP_SETPCAP), uint64(CAP_SETUID), uint64(rng.Intn(int(last) + 1))}[rng.Intn(4)]
	}
	few := func(often uint64) uint64 { // mostly often, seldom something else
		if rng.Intn(10) == 0 {
			return uint64(rng.Intn(3))
		}
		return often
	}
	switch rng.Intn(18) {
	case 0:
		return op{"setuid", []uint64{id()}}
	case 1:
		return op{"setgid", []uint64{id()}}
	case 2, 3:
		return op{"setreuid", []uint64{id(), id()}}
	case 4:
		return op{"setregid", []uint64{id(), id()}}
	case 5, 6:
		return op{"setresuid", []uint64{id(), id(), id()}}
	case 7:
		return op{"setresgid", []uint64{id(), id(), id()}}
	case 8:
		return op{"setfsuid", []uint64{id()}}
	case 9:
		return op{"setfsgid", []uint64{id()}}
	case 10:
		if rng.Intn(6) == 0 {
			return op{"setgroups", []uint64{[]uint64{uint64(unset), MaxGroups + 1, 1 << 31}[rng.Intn(3)]}}
		}
		o := op{"setgroups", []uint64{uint64(rng.Intn(5))}}
		for range o.Args[0] {
			o.Args = append(o.Args, []uint64{0, 1, 2, 1000, 5, 4294967294, few(7) * uint64(rng.Intn(2))}[rng.Intn(7)])
		}
		if rng.Intn(10) == 0 && len(o.Args) > 1 {
			o.Args[1] = uint64(unset)
		}
		return o
	case 11, 12:
		version := []uint32{CapVersion3, CapVersion3, CapVersion3, CapVersion2, CapVersion1, 7}[rng.Intn(6)]
		p := caps()
		return op{"capset", []uint64{uint64(version), p & caps(), p, caps()}}
	case 13:
		return op{"prctl", []uint64{prSetKeepcaps, few(1), 0, 0, 0}}
	case 14:
		return op{"prctl", []uint64{[]uint64{prCapbsetDrop, prCapbsetRead}[rng.Intn(2)], aCap(), 0, 0, 0}}
	case 15:
		bits := uint64(1) << rng.Intn(13)
		if rng.Intn(3) == 0 {
			bits |= 1 << rng.Intn(12)
		}
		if rng.Intn(4) == 0 {
			bits = 0
		}
		return op{"prctl", []uint64{prSetSecurebits, bits, 0, 0, 0}}
	case 16:
		operation := []uint64{ambientRaise, ambientRaise, ambientLower, ambientIsSet, ambientClearAll, 9}[rng.Intn(6)]
		arg := aCap()
		if operation == ambientClearAll {
			arg = few(0)
		}
		return op{"prctl", []uint64{prCapAmbient, operation, arg, few(0), few(0)}}
	}
	return []op{
		{"prctl", []uint64{prGetKeepcaps, 0, 0, 0, 0}},
		{"prctl", []uint64{prGetSecurebits, 0, 0, 0, 0}},
		{"prctl", []uint64{prGetNoNewPrivs, few(0), 0, 0, few(0)}},
		{"prctl", []uint64{prSetNoNewPrivs, few(1), few(0), 0, 0}},
	}[rng.Intn(4)]
}

// differ compares two states field by field, "" if they are the same.
func differ(kernel, model State) string {
	if len(kernel.Groups) == 0 && len(model.Groups) == 0 {
		kernel.Groups, model.Groups = nil, nil
	}
	if reflect.DeepEqual(kernel, model) {
		return ""
	}
	k, _ := json.Marshal(kernel)
	m, _ := json.Marshal(model)
	return fmt.Sprintf("kernel %s\nmodel  %s", k, m)
}

package ptlib

import (
	"bytes"
	"math"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// stubCode returns what stands at stubBase.
func stubCode() ([]byte, error) { return stubText(), nil }

// The instructions of the stub that the tracer has to know.
var stubPasses, stubStops = stubCalls(stubText())

// stubCalls returns the addresses after the two instructions that enter the kernel.
func stubCalls(code []byte) (passes, stops uint64) {
	insn := []byte{0x0f, 0x05}
	first := bytes.Index(code, insn)
	return stubBase + uint64(first) + syscallInsnSize, stubBase + uint64(bytes.LastIndex(code, insn)) + syscallInsnSize
}

// stubFrame is how far the stub has moved the stack pointer, and where in it is what.
const (
	stubFrame  = 192
	frameBack  = 0
	frameNR    = 16
	frameSaved = 32 // DX, SI, DI, R9
)

// stubEntry returns the way in for a call.
func stubEntry(s Sys) (addr uint64, ok bool) {
	switch s {
	case SysStat, SysLstat, SysFstat:
		return stubBase, true
	case SysNewfstatat:
		return stubBase + 0x20, true
	case SysStatx:
		return stubBase + 0x40, true
	case SysAccess, SysFaccessat, SysFaccessat2,
		SysGetxattr, SysLgetxattr, SysFgetxattr, SysListxattr, SysLlistxattr, SysFlistxattr:
		return stubBase + 0x60, true
	}
	return 0, false
}

// hasShortcut reports whether the stub makes such a call.
func hasShortcut(abi ABI, s Sys) bool {
	_, ok := stubEntry(s)
	return ok && abi == ABIAMD64
}

// shortcutTests hold for the call that passes the filter.
func shortcutTests(abi ABI) []bpf.Test {
	if abi != ABIAMD64 {
		return nil
	}
	tests, err := bpf.IPIn(stubPasses, 1)
	if err != nil {
		panic(err) // every address is aligned to one byte
	}
	return tests
}

// leaveShortcut is for a call that should have passed but that another filter has stopped: it becomes the one that
// stops, and the stub takes its answer as it is.
func (t *Thread) leaveShortcut(info *syscallInfo) {
	if info.ip != stubPasses || !t.space.shortcuts.mapped || t.load() != 0 {
		return
	}
	t.regs.Rip, info.ip = stubStops, stubStops
	t.dirty = true
}

const (
	movSize  = 5 // of `mov $nr, %eax`
	siteSize = 1 + movSize + syscallInsnSize
)

// detour makes the place in the program that makes the call at ip go to the stub. It must be of the kind that a C library is
// made of: the number of the call is put into its register directly before. Then a jump can take the place of that
// instruction, and the one that enters the kernel stays: whoever stands on it, or jumps to it, makes the call as ever.
func (t *Thread) detour(ip uint64) bool {
	return t.isSite(ip, t.call.Number) && t.isText(ip-siteSize, ip) && t.boot(ip, t.call.atEnd) && t.lead(ip, t.call.Number)
}

// isSite reports whether such a call is made before ip in the way of a C library, and outside of the stub.
func (t *Thread) isSite(ip uint64, nr int) bool {
	var site [siteSize]byte // with the byte before
	return ip-stubBase >= stubSize && t.ReadMemory(ip-siteSize, site[:]) == 0 && isSite(site[:], nr)
}

// lead writes a detour for the call at ip, and the jump to it.
func (t *Thread) lead(ip uint64, nr int) bool {
	s := &t.space.shortcuts
	entry, ok := stubEntry(sysOf(ABIAMD64, nr))
	var site [siteSize + 1]byte // with the byte before and the byte after
	if !ok || s.used == detourArea/detourSize || t.ReadMemory(ip-siteSize, site[:]) != 0 {
		return false
	}
	at := s.area + uint64(s.used)*detourSize
	jump, near := displacement(ip-syscallInsnSize, at)
	if !near || !t.poke(at, detourCode(nr, at, ip, entry)) {
		return false
	}
	s.used++
	site[1] = 0xe9 // jmp rel32
	nativeEndian.PutUint32(site[2:], jump)
	return t.pokeText(uintptr(ip-siteSize+1), nativeEndian.Uint64(site[1:])) == 0
}

// foresee gives a new program the shortcut before its first instruction, if it is known to be in need of it. All that is in memory then
// is text and data of its files, private to it.
func (t *Thread) foresee() {
	tr, s := t.tracer, &t.space.shortcuts
	if tr.options.Shortcut == nil || s.program == (fileID{}) || t.load() != 0 || t.regs.abi() != ABIAMD64 {
		return
	}
	s.start = t.regs.instructionPointer()
	h := tr.curious.find(s.program)
	if h == nil || t.confined || tr.noForesight {
		return
	}
	for i := h.n - 1; i >= 0; i-- {
		if !t.isSite(s.start+uint64(h.places[i].ip), h.places[i].nr) {
			h.forget(i)
		}
	}
	if h.n == 0 {
		return
	}
	t.regs.setResult(0) // that of execve(2), which is not over yet
	if !t.boot(s.start+1, false) {
		s.off, tr.noForesight = false, true // at the end of a call there is another way
		return
	}
	for _, p := range h.places[:h.n] {
		t.lead(s.start+uint64(p.ip), p.nr)
	}
}

// detourHint is where the memory for detours is wanted: within the 2 GiB that a jump reaches, and out of the way of what the program
// maps, which the kernel puts below its libraries, and of its heap, which grows from its own end. A program that allocates is
// to find the same room as without a tracer.
func detourHint(ip uint64) uint64 {
	page := ip &^ (pageSize - 1)
	if page > 2<<30 {
		return page - 1<<30
	}
	return page - 1<<20
}

// isSite reports whether code is any byte but a REX prefix, `mov $nr, %eax`, `syscall`.
func isSite(code []byte, nr int) bool {
	return code[0]&0xf0 != 0x40 && code[1] == 0xb8 && nativeEndian.Uint32(code[2:]) == uint32(nr) && code[6] == 0x0f && code[7] == 0x05
}

// displacement is what stands in a jump to at, which ends at from.
func displacement(from, at uint64) (rel uint32, ok bool) {
	d := int64(at - from)
	return uint32(d), d >= math.MinInt32 && d <= math.MaxInt32
}

// detourCode is what stands at the address at: the call's number, where it returns to, and a jump to the entry.
func detourCode(nr int, at, back, entry uint64) []byte {
	code := make([]byte, 0, detourSize)
	code = append(code, 0xb8) // mov $nr, %eax
	code = nativeEndian.AppendUint32(code, uint32(nr))
	rel, _ := displacement(at+12, back)
	code = append(code, 0x48, 0x8d, 0x0d) // lea back(%rip), %rcx
	code = nativeEndian.AppendUint32(code, rel)
	code = append(code, 0x49, 0xbb) // movabs $entry, %r11
	code = nativeEndian.AppendUint64(code, entry)
	code = append(code, 0x41, 0xff, 0xe3) // jmp *%r11
	for len(code) < detourSize {
		code = append(code, 0xcc) // int3
	}
	return code
}

// faultInShortcut mends what a program could not know of: a stack that has no room for the stub, or a stub that it has
// unmapped. The call is made where the program meant to make it. It reports whether the signal was on account of that.
func (t *Thread) faultInShortcut(sig unix.Signal) bool {
	if sig != unix.SIGSEGV && sig != unix.SIGBUS || !t.space.shortcuts.mapped || t.load() != 0 {
		return false
	}
	r := &t.regs
	at := r.Rip - stubBase
	if at >= stubHeader-stubBase {
		return false
	}
	switch {
	case at%0x20 == 0 && at < 0x80: // nothing was done yet
		r.Rip = r.Rcx - syscallInsnSize
	case r.Rip < stubPasses:
		r.Rip, r.Rsp = r.Rcx-syscallInsnSize, r.Rsp+stubFrame
	default:
		return t.unwindStub()
	}
	t.dirty = true
	return true
}

// unwindStub is for a fault after the call: the call is made again.
func (t *Thread) unwindStub() bool {
	var frame [frameSaved + 4*8]byte
	if t.ReadMemory(t.regs.Rsp, frame[:]) != 0 {
		return false
	}
	word := func(at int) uint64 { return nativeEndian.Uint64(frame[at:]) }
	r := &t.regs
	r.Rip, r.Rax, r.Rsp = word(frameBack)-syscallInsnSize, word(frameNR), r.Rsp+stubFrame
	r.Rdx, r.Rsi, r.Rdi, r.R9 = word(frameSaved), word(frameSaved+8), word(frameSaved+16), word(frameSaved+24)
	t.dirty = true
	return true
}

package ptlib

import (
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A script is a program without a runtime, for any ABI: a table of system calls that an interpreter of a few hundred
// bytes (testdata/victim) makes one after the other. The interpreter verifies that every call leaves the registers as
// they were; a call after which they differ, or whose result is not the expected one, is written to standard error,
// and the program exits with status 99. A signal handler that finds odd registers exits with 98.
type script struct {
	abi     ABI
	entries [][8]uint64
	data    []byte
}

//go:embed testdata/victim/*.hex
var victimCode embed.FS

// Where things are in the program.
const (
	scriptBase  = 0x10000000
	scriptCode  = 0x200
	scriptData  = 0x1000
	scriptTable = 0x40000
	scriptSize  = 0x80000 // with room for stacks

	handlerOffset  = 0x1ce
	restorerOffset = 0x289
	countOffset    = 0x290
)

// Entries that are no calls, by their number.
const (
	opJumpIfZero = -1 - iota
	opLoop
	opExpect
	opCopy
	opExpectAt
	opJump
	opAdd
	opInt80
)

func newScript(abi ABI) *script { return &script{abi: abi} }

func (s *script) word() int { return s.abi.PointerBits() / 8 }

func (s *script) entrySize() int { return 8 * s.word() }

// address of an entry, and of one of its words: 0 the number, 1 to 6 arguments, 7 the result.
func (s *script) at(entry, word int) uint64 {
	return uint64(scriptBase + scriptTable + entry*s.entrySize() + word*s.word())
}

func (s *script) add(nr int, args ...uint64) int {
	e := [8]uint64{uint64(int64(nr))}
	copy(e[1:7], args)
	s.entries = append(s.entries, e)
	return len(s.entries) - 1
}

func (s *script) call(sys Sys, args ...uint64) int {
	nr := nrOf(s.abi, sys)
	if nr < 0 {
		panic(fmt.Sprintf("%v has no %v", s.abi, sys))
	}
	return s.add(nr, args...)
}

// want is call with the result that it must have; a negative one is an error number.
func (s *script) want(result int64, sys Sys, args ...uint64) int {
	i := s.call(sys, args...)
	s.add(opExpect, uint64(result))
	return i
}

func (s *script) exit(code int) { s.call(SysExitGroup, uint64(code)) }

// next is the address of the next entry, a target for jumps.
func (s *script) next() uint64 { return s.at(len(s.entries), 0) }

// ifZero runs what body adds only where the last call's result is 0.
func (s *script) ifZero(body func()) {
	jump := s.add(opJumpIfZero)
	over := s.add(opJump)
	s.entries[jump][1] = s.next()
	body()
	s.entries[over][1] = s.next()
}

// times repeats what body adds. It does so once per process: the counter is used up.
func (s *script) times(n int, body func()) {
	top := s.next()
	body()
	s.add(opLoop, top, uint64(n))
}

// pass gives an entry's argument the result of an earlier one.
func (s *script) pass(from, to, arg int) {
	s.entries[to-1] = [8]uint64{s.minus(opCopy), s.at(to, arg), s.at(from, 7)}
}

func (s *script) minus(op int) uint64 { return uint64(int64(op)) }

// callWith is call with an argument that is an earlier entry's result.
func (s *script) callWith(arg, from int, sys Sys, args ...uint64) int {
	s.add(opCopy)
	i := s.call(sys, args...)
	s.pass(from, i, arg+1)
	return i
}

// expectAt checks a word in memory, reduced to mask.
func (s *script) expectAt(addr, value, mask uint64) { s.add(opExpectAt, addr, value, mask) }

// bytes puts data into the program and returns its address.
func (s *script) bytes(b []byte) uint64 {
	for len(s.data)%16 != 0 {
		s.data = append(s.data, 0)
	}
	addr := scriptBase + scriptData + len(s.data)
	s.data = append(s.data, b...)
	return uint64(addr)
}

func (s *script) str(text string) uint64 { return s.bytes(append([]byte(text), 0)) }

func (s *script) space(n int) uint64 { return s.bytes(make([]byte, n)) }

// words puts pointers or longs into the program.
func (s *script) words(v ...uint64) uint64 {
	var b []byte
	for _, v := range v {
		b = s.appendWord(b, v)
	}
	return s.bytes(b)
}

func (s *script) appendWord(b []byte, v uint64) []byte {
	if s.word() == 4 {
		return binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(b, v)
}

// onSignal installs the handler, which checks the registers and counts, on a stack of its own. amd64 only.
func (s *script) onSignal(sig int, flags uint64) {
	const saOnStack, saRestorer = 0x08000000, 0x04000000
	stack := s.words(s.space(32768), 0, 32768)
	s.want(0, SysSigaltstack, stack, 0)
	action := s.words(scriptBase+scriptCode+handlerOffset, flags|saOnStack|saRestorer, scriptBase+scriptCode+restorerOffset, 0)
	s.want(0, SysRtSigaction, uint64(sig), action, 0, 8)
}

// signalCount is the address of the number of signals that the handler was called for.
const signalCount = scriptBase + scriptCode + countOffset

// dump writes the whole table to standard output: see results.
func (s *script) dump() { s.call(SysWrite, 1, s.at(0, 0), dumpSize) }

const dumpSize = 0xd0d0d0d0 // replaced by the table's size

// results takes what dump wrote apart: the results of every entry, for every dump.
func (s *script) results(t *testing.T, out []byte) [][]int64 {
	t.Helper()
	size := len(s.entries) * s.entrySize()
	if len(out)%size != 0 {
		t.Fatalf("%d bytes are no tables of %d", len(out), size)
	}
	var all [][]int64
	for ; len(out) > 0; out = out[size:] {
		var r []int64
		for i := range s.entries {
			at := out[i*s.entrySize()+7*s.word():]
			if s.word() == 4 {
				r = append(r, int64(int32(binary.LittleEndian.Uint32(at))))
			} else {
				r = append(r, int64(binary.LittleEndian.Uint64(at)))
			}
		}
		all = append(all, r)
	}
	return all
}

// write makes the program's file and returns its name.
func (s *script) write(t testing.TB) string {
	t.Helper()
	if len(s.data) > scriptTable-scriptData || len(s.entries)*s.entrySize() > scriptSize-scriptTable {
		t.Fatalf("script is too long: %d entries, %d bytes", len(s.entries), len(s.data))
	}
	image := make([]byte, scriptTable)
	copy(image, s.header())
	copy(image[scriptCode:], s.code(t))
	copy(image[scriptData:], s.data)
	for _, e := range s.entries {
		for _, v := range e {
			if v == dumpSize {
				v = uint64(len(s.entries) * s.entrySize())
			}
			image = s.appendWord(image, v)
		}
	}
	path := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(path, image, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *script) code(t testing.TB) []byte {
	text, err := victimCode.ReadFile("testdata/victim/" + s.abi.String() + ".hex")
	if err != nil {
		t.Fatal(err)
	}
	code, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	// The first instruction that sets the stack pointer has this number in it.
	placeholder := []byte{0x44, 0x33, 0x22, 0x11}
	i := strings.Index(string(code), string(placeholder))
	binary.LittleEndian.PutUint32(code[i:], scriptBase+scriptTable)
	return code
}

// header is that of an ELF executable with one segment, which may be read, written and executed (elf(5)).
func (s *script) header() []byte {
	le := binary.LittleEndian
	wide := s.word() == 8
	class, machine, size, phSize := byte(1), uint16(3), uint16(52), uint16(32)
	if wide {
		class, machine, size, phSize = 2, 62, 64, 56
	}
	b := []byte{0x7f, 'E', 'L', 'F', class, 1, 1, 15: 0}
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, machine)
	b = le.AppendUint32(b, 1)
	b = s.appendWord(b, scriptBase+scriptCode)
	b = s.appendWord(b, uint64(size))
	b = s.appendWord(b, 0)
	b = le.AppendUint32(b, 0)
	for _, v := range []uint16{size, phSize, 1, 0, 0, 0} {
		b = le.AppendUint16(b, v)
	}
	const load, all = 1, 7
	fileSize := uint64(scriptTable + len(s.entries)*s.entrySize())
	b = le.AppendUint32(b, load)
	if wide {
		b = le.AppendUint32(b, all)
	}
	for _, v := range []uint64{0, scriptBase, scriptBase, fileSize, scriptSize} {
		b = s.appendWord(b, v)
	}
	if !wide {
		b = le.AppendUint32(b, all)
	}
	return s.appendWord(b, 0x1000)
}

// eachABI runs a test for the programs of every ABI that this machine can execute.
func eachABI(t *testing.T, f func(t *testing.T, abi ABI)) {
	for _, abi := range tracedABIs {
		t.Run(abi.String(), func(t *testing.T) {
			s := newScript(abi)
			s.exit(0)
			if err := exec.Command(s.write(t)).Run(); err != nil {
				t.Skipf("this kernel does not execute %v programs: %v", abi, err)
			}
			f(t, abi)
		})
	}
}

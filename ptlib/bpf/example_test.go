package bpf_test

import (
	"fmt"
	"log"

	"github.com/feign-build/feign/ptlib/bpf"
)

// chown(2) always stops, openat(2) only if it may create a file.
func Example() {
	const oCreat = 0x40
	rules := []bpf.ABIRules{{
		Arch:    0xc000003e, // AUDIT_ARCH_X86_64
		HighBit: bpf.Errno(38),
		Rules: []bpf.Rule{
			{NR: 92, Action: bpf.Trace(1)},
			{NR: 257, Action: bpf.Trace(2),
				When: []bpf.Test{{Arg: bpf.Arg2, Op: bpf.Equal, Mask: oCreat, Value: oCreat}}},
		},
	}}
	prog, err := bpf.Compile(rules, bpf.KillProcess)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(bpf.Listing(prog))

	call := bpf.SeccompData{NR: 257, Arch: 0xc000003e, Args: [6]uint64{2: oCreat | 1}}
	action, err := bpf.Run(prog, call)
	fmt.Println(action, err)
	// Output:
	//    0  load arch
	//    1  if arch == amd64 goto 3 else 2
	//    2  return kill process
	//    3  load nr
	//    4  if nr >= 257 goto 7 else 5
	//    5  if nr == 92 goto 6 else 14
	//    6  return trace(1)
	//    7  if nr >= 0x40000000 goto 12 else 8
	//    8  if nr >= 258 goto 14 else 9
	//    9  load arg2
	//   10  if arg2 & 0x40 goto 11 else 14
	//   11  return trace(2)
	//   12  if nr >= 0x80000000 goto 14 else 13
	//   13  return errno(38)
	//   14  return allow
	// trace(2) <nil>
}

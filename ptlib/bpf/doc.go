// Package bpf compiles rules about system calls to classic BPF programs for seccomp(2), and can run, verify and print
// such programs without a kernel.
//
// # Promise
//
// For every call, the program that Compile returns has the outcome that Evaluate gives for the rules. The kernel
// accepts every program that Compile returns. Equal rules give equal programs. A call number without rule or range, or
// with none but Allow, is decided before anything but number and architecture was loaded, so that the kernel puts it into
// its constant-allow bitmap and never runs the program for it (kernel/seccomp.c, seccomp_is_const_allow; Linux 5.11).
//
// # In a nutshell
//
//	rules := bpf.ABIRules{
//		Arch:    0xc000003e, // AUDIT_ARCH_X86_64
//		HighBit: bpf.Errno(38),
//		Rules: []bpf.Rule{
//			{NR: 92, Action: bpf.Trace(0)},  // chown: always
//			{NR: 257, Action: bpf.Trace(0),  // openat: only with O_CREAT
//				When: []bpf.Test{{Arg: bpf.Arg2, Op: bpf.Equal, Mask: 0x40, Value: 0x40}}},
//		},
//	}
//	prog, err := bpf.Compile([]bpf.ABIRules{rules}, bpf.KillProcess)
//	fmt.Print(bpf.Listing(prog))
//	install(bpf.Encode(prog)) // an array of struct sock_filter
//
// A program decides by architecture first, then by a binary search for the number, and loads arguments and the
// instruction pointer only where a rule asks for them. The whole is one graph of decisions in which equal parts are one
// node, whether they belong to neighbouring numbers or to different ABIs.
//
// # What a filter can and cannot do
//
// It sees registers, never memory, so no path can be tested. Of several filters on one task the outcome with the
// highest precedence wins: kill, trap, errno, user notification, trace, log, allow (seccomp(2)). All filters of
// one task together may have 32768 instructions, with 4 added for each (MAX_INSNS_PER_PATH), and one program 4096
// (BPF_MAXINSNS).
//
// # Lock order
//
// No locks: the functions share no state, and change nothing that they are given.
package bpf

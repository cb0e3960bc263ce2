package doctor

import "fmt"

// An experiment is about one fact that ptlib takes for granted, or has a substitute for.
type experiment struct {
	key     string // in Facts.Experiments
	name    string // of the finding
	what    string // that works
	fails   State  // if it does not
	instead string
	remedy  string
}

const (
	refuses = "feign run refuses"
	sandbox = "let the sandbox permit it (Docker on kernels before 4.8: --cap-add SYS_PTRACE; elsewhere --security-opt seccomp=PROFILE)"
	outside = "run feign outside of strace, gdb and feign"
	kernel  = "a kernel from 4.14 on, with CONFIG_SECCOMP_FILTER"
)

// experiments are in the order in which they need one another. What they say that feign does instead is what ptlib does.
var experiments = []experiment{
	{"traceme", "ptrace", "a child may be traced", Fatal, refuses, outside + "; else " + sandbox},
	{"execTrap", "ptrace-exec-trap", "a traced child stops at its first exec", Fatal, refuses, sandbox},
	{"seize", "ptrace-seize", "PTRACE_SEIZE with EXITKILL, TRACESECCOMP and the other options", Fatal, refuses, kernel},
	{"sigmask", "ptrace-sigmask", "PTRACE_SETSIGMASK", Fatal, refuses, kernel},
	{"start", "ptrace-start", "a seized child is led to its first instruction", Fatal, refuses, sandbox},
	{"listen", "ptrace-listen", "PTRACE_LISTEN: stopped jobs stay stopped", Loss, "a job that is stopped (^Z) cannot be continued", kernel},
	{"read", "process_vm_readv", "memory of tracees can be read", Fatal, refuses, sandbox},
	{"write", "process_vm_writev", "memory of tracees can be written", Fatal, refuses, sandbox},
	{"words", "ptrace-words", "memory of tracees can be read and written word by word", Fatal, refuses, sandbox},
	{"procMem", "proc-pid-mem", "/proc/PID/mem can be read and written", Note, "nothing: process_vm_readv and process_vm_writev are used", ""},
	{"poke", "ptrace-poke", "code can be lent to a program that has not begun", Fatal, refuses, sandbox},
	{"fork", "trace-fork", "children of fork are traced from the start", Fatal, refuses, kernel},
	{"parentWaits", "trace-parent-waits", "a parent can wait for a child that is traced", Fatal, refuses, kernel},
	{"vfork", "trace-vfork", "children of vfork are traced from the start", Fatal, refuses, kernel},
	{"clone", "trace-clone", "children of clone are traced from the start", Fatal, refuses, kernel},
	{"exec", "trace-exec", "a new program is told of", Fatal, refuses, kernel},
	{"filter", "seccomp-filter", "seccomp filters can be installed", Fatal, refuses, kernel + ", and no sandbox that forbids seccomp(2)"},
	{"specAllow", "seccomp-spec-allow", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", Note, "filters are installed without it: on some processors all of the action runs slower", "a kernel from 4.17 on"},
	{"retErrno", "seccomp-errno", "SECCOMP_RET_ERRNO", Fatal, "calls that must not happen would happen", kernel},
	{"retTrap", "seccomp-trap", "SECCOMP_RET_TRAP reaches the tracer", Note, "it is used inside other filters only", kernel},
	{"retTrace", "seccomp-trace", "SECCOMP_RET_TRACE reaches the tracer", Fatal, refuses, kernel},
	{"entryFirst", "seccomp-order", "a call's entry stop comes before the filters", Note, "the other order is recognised", "a kernel from 4.8 on"},
	{"syscallInfo", "syscall-info", "PTRACE_GET_SYSCALL_INFO", Note, "filters tell the convention of a call, registers the rest: each stop costs two requests more", "a kernel from 5.3 on"},
	{"peekSignals", "peek-signals", "PTRACE_PEEKSIGINFO", Loss, "programs that have seccomp filters of their own with SECCOMP_RET_TRAP may misbehave", kernel},
	{"skip", "skip-call", "a call can be left out and answered", Fatal, "calls that must not happen would happen", kernel},
}

// judgeExperiments tells of each experiment.
func (f *Facts) judgeExperiments(r *Report) {
	for _, e := range experiments {
		a := f.Experiments[e.key]
		switch {
		case !a.Asked:
		case a.OK:
			r.ok(e.name, e.what)
		default:
			state, instead, remedy := e.fails, e.instead, e.remedy
			if e.key == "retTrap" && f.Filters != 0 {
				state, instead = Loss, "what an outer filter forbids stays forbidden in the action"
			}
			if (e.key == "read" || e.key == "write") && f.Experiments["words"].OK {
				state, remedy = Loss, "a kernel with CONFIG_CROSS_MEMORY_ATTACH, or a newer gVisor"
				instead = "PTRACE_PEEKDATA and PTRACE_POKEDATA take its place: slowly, and also where the program itself may not"
			}
			if e.key == "traceme" {
				switch {
				case f.Tracer != "":
					remedy = outside
				case f.Yama > 1:
					remedy = "see yama"
				}
			}
			r.add(Finding{e.name, state, "fails (" + a.Why + "): " + e.what, instead, remedy})
		}
	}
}

// judgePlatform compares what feign was compiled for with what was measured (port-3, port-4). What a difference means is said
// where the experiment itself is judged.
func (f *Facts) judgePlatform(r *Report) {
	var differs []string
	asked := 0
	state, instead, remedy := Note, "see the findings about it", ""
	for _, c := range f.Platform {
		if c.Asked {
			asked++
		}
		if c.Asked && !c.Same {
			differs = append(differs, c.Name+" is "+c.Compiled+", measured "+c.Measured)
			if c.Name == "Tracees" || c.Name == "StateSize" { // there is no experiment that says so
				state, instead, remedy = Fatal, "nothing: registers of the action would be misread", "a feign that was built for this platform"
			}
		}
	}
	switch {
	case len(differs) > 0:
		r.add(Finding{"platform", state, "differs from what feign was compiled for: " + join(differs), instead, remedy})
	case asked < len(f.Platform):
		r.add(Finding{
			"platform", Note, fmt.Sprintf("%d of %d constants were measured; the others need what fails", asked, len(f.Platform)),
			"nothing is known about those", "mend what is named above, and ask again",
		})
	default:
		r.ok("platform", fmt.Sprintf("all %d constants are as feign was compiled for", len(f.Platform)))
	}
}

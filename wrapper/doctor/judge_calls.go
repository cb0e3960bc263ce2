package doctor

// A callKind says how feign meets a call.
type callKind uint8

const (
	// contested calls are caught by SECCOMP_RET_TRAP where there is an outer filter (ptlib.StopContested).
	contested callKind = iota
	// newer calls came with kernels that are not the oldest ones that feign runs on; programs and feign have substitutes.
	newer
)

// A question is a call that Collect makes to see what becomes of it.
type question struct {
	name string // of the finding: "call-" before it
	kind callKind
	what string // for newer: what is done where it is missing
	args []any  // uint64 and string
	sys  string // the call's name, if it is not name
}

const (
	noFD    = ^uint64(0) // a descriptor that is never open
	atCWD   = 0xffffff9c // AT_FDCWD, as an int
	setUID  = 0o4755
	charDev = 0o020600 // S_IFCHR
	null    = 1<<8 | 3 // makedev(1, 3)
	invalid = ^uint64(0)
	attr    = "security.capability"
)

// withoutStatx is what fstatat(2) cannot tell; see ptlib.ABI.Fstatat.
const withoutStatx = "files are looked at with fstatat: it tells no time of birth, nor that chattr has made a file immutable"

// questions are made such that they fail without an effect: the path is empty (ENOENT), the descriptor is not open (EBADF), or
// the flags are invalid (EINVAL). Filters see numbers and flags, and these are those of the calls that sandboxes forbid.
var questions = []question{
	{name: "chmod", kind: contested, args: []any{"", uint64(setUID)}},
	{name: "fchmod", kind: contested, args: []any{noFD, uint64(setUID)}},
	{name: "fchmodat", kind: contested, args: []any{uint64(atCWD), "", uint64(setUID)}},
	{name: "fchmodat2", kind: contested, args: []any{uint64(atCWD), "", uint64(setUID), uint64(0)}},
	{name: "mknod", kind: contested, args: []any{"", uint64(charDev), uint64(null)}},
	{name: "mknodat", kind: contested, args: []any{uint64(atCWD), "", uint64(charDev), uint64(null)}},
	{name: "setxattr", kind: contested, args: []any{"", attr, "value", uint64(5), uint64(0)}},
	{name: "setxattr-user", sys: "setxattr", kind: contested, args: []any{"", "user.feign", "value", uint64(5), uint64(0)}},
	{name: "fsetxattr", kind: contested, args: []any{noFD, attr, "value", uint64(5), uint64(0)}},
	{name: "getxattr", kind: contested, args: []any{"", attr, uint64(0), uint64(0)}},
	{name: "listxattr", kind: contested, args: []any{"", uint64(0), uint64(0)}},
	{name: "removexattr", kind: contested, args: []any{"", attr}},
	{name: "setxattrat", kind: contested, args: []any{noFD, "", uint64(0), attr, uint64(0), uint64(0)}},
	{name: "chown", kind: contested, args: []any{"", uint64(0), uint64(0)}},
	{name: "fchown", kind: contested, args: []any{noFD, uint64(0), uint64(0)}},
	{name: "fchownat", kind: contested, args: []any{uint64(atCWD), "", uint64(0), uint64(0), uint64(0)}},
	{name: "statx", kind: newer, what: withoutStatx, args: []any{noFD, "", invalid, uint64(0), uint64(0)}},
	{name: "clone3", kind: newer, what: "programs use clone, which is traced too", args: []any{uint64(0), uint64(0)}},
	{name: "openat2", kind: newer, what: "programs use openat, which is traced too", args: []any{noFD, "", uint64(0), uint64(0)}},
	{name: "faccessat2", kind: newer, what: "programs use faccessat, which is traced too", args: []any{noFD, "", uint64(0), uint64(0xff00)}},
	{name: "pidfd_open", kind: newer, what: "programs use process ids; feign needs none", args: []any{noFD, uint64(0)}},
	{name: "close_range", kind: newer, what: "feign closes descriptors one by one, by /proc/self/fd", args: []any{uint64(9), uint64(8), uint64(0)}},
}

// judgeContested tells which of the calls that feign emulates an outer filter decides, and whether that can be helped.
func (f *Facts) judgeContested(r *Report) {
	trapped := 0
	for i, q := range questions {
		if q.kind == newer || i >= len(f.Calls) || !f.Calls[i].Made {
			continue
		}
		c := &f.Calls[i]
		found := "an outer filter decides (" + c.Answer + ")"
		switch {
		case c.Trace.OK:
		case q.kind == contested && c.Trap.OK:
			trapped++
			r.add(Finding{"call-" + q.name, Note, found, "caught by SECCOMP_RET_TRAP all the same", ""})
		default:
			instead := "the action gets the outer filter's answer: what it asked for is not remembered"
			if c.Answer == "kill" {
				instead = "the outer filter kills a process of the action that makes this call"
			}
			r.add(Finding{"call-" + q.name, Loss, found, instead, "let the sandbox permit " + c.Name})
		}
	}
	if len(f.Calls) > 0 && f.Filters == 0 && trapped == 0 {
		r.ok("calls", "no outer filter decides about chmod, chown, mknod or extended attributes")
	}
}

// judgeNewer tells of calls that older kernels and older sandboxes do not know.
func (f *Facts) judgeNewer(r *Report) {
	for i, q := range questions {
		if q.kind != newer || i >= len(f.Calls) || !f.Calls[i].Made {
			continue
		}
		c := &f.Calls[i]
		state, instead := Note, q.what
		remedy := "nothing needs to be changed"
		if q.name == "statx" {
			state, remedy = Loss, "a kernel from 4.11 on, and a sandbox that permits statx"
		}
		switch {
		case c.Missing:
			r.add(Finding{"call-" + q.name, state, "missing (ENOSYS): an older kernel, or an outer filter", instead, remedy})
		case c.Answer == "EPERM" || c.Answer == "trap" || c.Answer == "kill":
			r.add(Finding{"call-" + q.name, state, "forbidden by an outer filter (" + c.Answer + ")", instead, remedy})
		default:
			r.ok("call-"+q.name, "there")
		}
	}
}

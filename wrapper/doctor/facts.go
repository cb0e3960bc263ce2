package doctor

// Facts are what [Collect] found out. They are plain data, the same on every system; nothing in them is judged yet.
type Facts struct {
	OS      string // as runtime.GOOS
	Arch    string // as runtime.GOARCH
	Kernel  string // as uname -r
	UID     int    // the effective one
	Sandbox []Sandbox

	Proc        bool   // /proc is mounted
	Tracer      string // who traces this process; "": nobody
	Filters     int    // seccomp filters in force; -1: some
	CanChown    bool   // this process has CAP_CHOWN
	UIDMap      string // /proc/self/uid_map in one line; "": unknown
	MapsOne     bool   // the map has a single id
	Yama        int    // kernel.yama.ptrace_scope; -1: there is no Yama
	UserNS      Answer // unshare(CLONE_NEWUSER)
	NoFile      Limit
	NProc       Limit
	Experiments map[string]Answer // by the names in experiments
	Platform    []Constant
	Calls       []Call
	Dirs        []Dir
}

// A Constant is something that feign was compiled for, beside what was measured.
type Constant struct {
	Name, Compiled, Measured string
	Asked                    bool // false: an earlier experiment failed that this one needs
	Same                     bool
}

// An Answer is the outcome of an experiment.
type Answer struct {
	Asked bool // false: an earlier experiment failed that this one needs
	OK    bool
	Why   string // if not OK
}

// A Limit is a resource limit.
type Limit struct{ Soft, Hard uint64 }

// Unlimited is a Limit's "no limit".
const Unlimited = ^uint64(0)

// A Sandbox is something that this process seems to be in.
type Sandbox struct{ Kind, Evidence string }

// A Call is a system call that was made to see what becomes of it.
type Call struct {
	Name    string
	Made    bool   // false: this architecture lacks it, or no child can be traced
	Answer  string // without filters of feign: the name of the error, "trap" or "kill"
	Trace   Answer // an inner filter's SECCOMP_RET_TRACE is heard
	Trap    Answer // an inner filter's SECCOMP_RET_TRAP is heard
	Missing bool   // the answer is that of a kernel without the call
}

// A Dir is a directory that matters.
type Dir struct {
	Role       string // "cwd", "tmp" or "home"
	Path       string
	FileSystem string
	Error      string // why nothing is known about it; "": it is
	NoExec     bool
	Writable   bool
	Birth      Answer // statx(2) tells the time of birth
	Generation Answer // FS_IOC_GETVERSION
	UserXattr  Answer // user.* extended attributes
	EntryType  Answer // getdents(2) tells types
}

package plugins

// A Ruleset is what a policy wants, as data. It is compiled once, into the tracer's filter, a table of paths and files in
// memory; no policy is called while the action runs, but for paths under a dynamic prefix.
//
// Paths of rules are the action's own, absolute and clean; From, Root.Path and Accounts are paths of the machine. Where several rules
// are about one path that of the longest prefix wins, and of two with the same prefix the stricter one.
//
// Everything else is a field that one rule may set: a second rule for it, of the same policy or of another, is an error. What
// the configuration itself sets (action.env, identity, hermetic) is stronger than a rule.
type Ruleset struct {
	Root     *Root
	Binds    []Bind
	Paths    []PathRule
	Dynamic  []Dynamic
	Files    []File
	Users    []User
	Groups   []Group
	Accounts string // directory whose account files stand for those of /etc, for readers and writers; "" for none
	Owners   []Owner
	Identity Identity
	Env      []Env
	Uname    Uname
	Network  string // "deny" or "loopback"; "" leaves it to the configuration
	Errnos   []Errno
}

// Root is a directory of the machine that is the action's "/".
type Root struct {
	Path   string
	Method string // "auto", "namespace" or "translate"
}

// A Bind is a file or directory of the machine that the action sees at another place.
type Bind struct {
	From, To string
	ReadOnly bool // what would change it fails with EROFS
}

// A PathRule is about a file and, if it is a directory, all below it. A directory that is hidden or denied, and leads to a path
// that another rule lets be seen, can be looked at all the same.
type PathRule struct {
	Prefix  string
	Verdict Verdict
	Errno   string // the name of what Deny answers; "" is EACCES
}

// A Dynamic rule has the policy's Resolve asked about paths at and below Prefix. Default is what holds when it does not answer.
type Dynamic struct {
	Prefix  string
	Default Verdict
}

// A File is a regular file that is nowhere on the disk: feign holds it in memory. It can be read; what would change it fails with EROFS.
// Its directory has to be there.
type File struct {
	Path     string
	Data     []byte
	Mode     uint32 // permissions, 0 to 07777
	UID, GID uint32
}

// A User is a line of passwd(5) and shadow(5).
type User struct {
	Name     string
	UID, GID uint32
	Gecos    string
	Home     string
	Shell    string
	Password string // as crypt(3) makes it; "" is "*": nobody can log in
}

// A Group is a line of group(5).
type Group struct {
	Name    string
	GID     uint32
	Members []string
}

// An Owner gives an owner to the files at and below Prefix that are there when the action begins, are the caller's own, and whose
// owner nothing else (a state, an imported manifest) claims. What the action makes there belongs to whoever makes it.
type Owner struct {
	Prefix   string
	UID, GID uint32
}

// Identity is who the action is when it starts. What is nil is left to the configuration.
type Identity struct {
	UID, GID *uint32
	Groups   []uint32
}

// An Env sets or removes a variable.
type Env struct {
	Name, Value string
	Unset       bool
}

// Uname is what uname(2) answers. What is empty is left to the configuration.
type Uname struct {
	Nodename string
}

// An Errno makes a system call fail without being made. Both are names: "sethostname", "EPERM".
type Errno struct {
	Syscall, Errno string
}

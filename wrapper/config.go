package wrapper

import "github.com/feign-build/feign/archive"

// Config is the configuration of one action: what the TOML file, the flags
// and --set said, over a set of defaults. The fields are the keys of the file;
// docs/CONFIG.md has the table of all of them with their defaults.
//
// Paths are as the user wrote them, relative to the caller's working
// directory. A Config is made by [Defaults], [HermeticDefaults], [LoadConfig]
// or [ParseConfig].
type Config struct {
	Action   Action
	Identity Identity
	State    State
	Manifest Manifest
	Archive  Archive
	Hermetic Hermetic
	Trace    Trace
	Plugins  []Plugin // [[plugin]], in the order of the file

	hermetic bool              // which defaults the rest lies over
	file     *source           // nil without a file
	origin   map[string]string // key -> who set it ("--set", "-m"); "" is the file
}

// Action is the command and what it is started with.
type Action struct {
	Command []string          // empty: $SHELL, else /bin/sh
	Cwd     string            // "" is the caller's working directory
	Env     map[string]string // set whatever the caller has
	EnvPass []string          // names passed from the caller; a trailing * matches the rest
	Umask   Umask
	Stdin   Stdin
	Linger  Linger
	Rlimits map[string]Limit // soft limits by name, see RlimitNames
}

// Identity is who the action is when it starts.
type Identity struct {
	UID, GID uint32
	Groups   []uint32
	Unknown  Unknown
}

// State names the lies that outlive the action.
type State struct {
	Path    string
	Include []string
	Ignore  []string
}

// Manifest says what is written about the tree when the action has ended.
type Manifest struct {
	Path    string   // "" writes none
	Root    string   // "" is the caller's working directory
	Exclude []string // patterns of relative paths that are left out
	Digest  bool     // whether files carry a sha256
	Import  string   // a manifest whose lies the action starts with; "" for none

	Placeholders bool // whether FIFOs and sockets of the tree become empty files at the end
}

// Archive says what is packed from the tree and its manifest.
type Archive struct {
	Path        string        // "" writes none
	Format      string        // "" follows from Path's name
	Epoch       Epoch         // EpochInherit is hermetic.epoch
	Compression int           // level; 0 is the format's own default
	Image       archive.Image // what an OCI image has besides files
}

// Hermetic holds the controls that keep the caller's machine out.
type Hermetic struct {
	Network    Network
	Epoch      Epoch
	Timezone   string // InheritWord passes the caller's TZ as env_pass says
	Locale     string // InheritWord passes the caller's LC_* as env_pass says
	Hostname   string // InheritWord is the machine's name
	CPUs       int    // the first N of the caller's; 0 is all of them
	Inputs     []string
	Undeclared Undeclared
	Audit      string   // file for what was not declared; "" for none
	ASLR       bool     // whether the kernel may randomize address spaces
	CloseFDs   bool     // whether descriptors from 3 on are closed
	Refuse     []string // system calls that fail with ENOSYS or EPERM
}

// Trace says how the tracer works.
type Trace struct {
	Strict  bool // end the action at the first undecided system call
	Threads int  // 0 lets feign choose
	Mode    Mode
}

// Plugin is one [[plugin]] table. Its config is the plugin's own business.
type Plugin struct {
	Name   string
	Path   string // "" for a plugin that is built in
	SHA256 string // of the file at Path, 64 hexadecimal digits
	Config map[string]any

	builtin bool // asked for as "builtin:NAME"
}

// InheritWord, as the value of a key that can be fixed, leaves it as the
// caller has it.
const InheritWord = "inherit"

// Stdin is what the action reads from descriptor 0.
type Stdin string

// The values of action.stdin.
const (
	StdinInherit Stdin = InheritWord
	StdinNull    Stdin = "null"
)

// Linger is what happens to descendants that outlive the command.
type Linger string

// The values of action.linger.
const (
	LingerWait Linger = "wait" // the action ends with the last of them
	LingerKill Linger = "kill" // they are killed when the command ends
)

// Unknown is whose a file without a lie looks when the caller owns it.
type Unknown string

// The values of identity.unknown.
const (
	UnknownRoot Unknown = "root"
	UnknownReal Unknown = "real"
)

// Network is how far the action's sockets reach.
type Network string

// The values of hermetic.network.
const (
	NetworkDeny     Network = "deny"     // Unix sockets only
	NetworkLoopback Network = "loopback" // and internet addresses of this machine
	NetworkAllow    Network = "allow"
)

// Undeclared is what happens at an access outside hermetic.inputs.
type Undeclared string

// The values of hermetic.undeclared.
const (
	UndeclaredAllow  Undeclared = "allow"
	UndeclaredReport Undeclared = "report"
	UndeclaredDeny   Undeclared = "deny"
)

// Mode is the way in which system calls are intercepted.
type Mode string

// The values of trace.mode.
const (
	ModeAuto     Mode = "auto"
	ModeFast     Mode = "fast"
	ModeRedirect Mode = "redirect"
	ModeStops    Mode = "stops"
	ModeSyscall  Mode = "syscall"
)

// defaultEpoch is 1980-01-01T00:00:00Z: the earliest time that a zip file can
// hold, which is why nixpkgs' stdenv uses it too.
const defaultEpoch Epoch = 315532800

// Defaults returns what holds without a file: the whole environment is passed
// and nothing is denied, as fakeroot users expect.
func Defaults() *Config {
	return &Config{
		Action: Action{
			EnvPass: []string{"*"},
			Umask:   UmaskInherit,
			Stdin:   StdinInherit,
			Linger:  LingerWait,
		},
		Identity: Identity{Unknown: UnknownRoot},
		Manifest: Manifest{Digest: true},
		Archive:  Archive{Epoch: EpochInherit},
		Hermetic: Hermetic{
			Network:    NetworkAllow,
			Epoch:      EpochInherit,
			Timezone:   InheritWord,
			Locale:     InheritWord,
			Hostname:   InheritWord,
			Undeclared: UndeclaredAllow,
			ASLR:       true,
		},
		Trace:  Trace{Mode: ModeAuto},
		origin: map[string]string{},
	}
}

// HermeticDefaults returns what a file with an [action] or [hermetic] section
// starts from: nothing of the caller's environment but what is listed.
func HermeticDefaults() *Config {
	c := Defaults()
	c.hermetic = true
	c.Action.EnvPass = nil
	c.Action.Umask = 0o022
	c.Action.Stdin = StdinNull
	// Core dumps are files that a crash on one machine leaves in the tree and
	// on another does not. The other limits stop runaway actions and are the
	// site's business.
	c.Action.Rlimits = map[string]Limit{"core": 0}
	c.Hermetic = Hermetic{
		Network:    NetworkDeny,
		Epoch:      defaultEpoch,
		Timezone:   "UTC",
		Locale:     "C.UTF-8",
		Hostname:   "localhost",
		Undeclared: UndeclaredAllow,
		CloseFDs:   true,
		Refuse:     []string{"bpf", "userfaultfd"},
	}
	return c
}

package guest

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Config says who the action is and what it may not do.
type Config struct {
	Lies *lies.Index // what is claimed about files; shared with whoever writes the manifest

	// Shared is what Kernels with the same Lies have in common besides. nil: there are no others.
	Shared *Shared

	// Caller is the real user whose files the action sees as root's. nil: the one that this process runs as.
	Caller *Caller

	UID, GID uint32   // who the action is at its start
	Groups   []uint32 // its supplementary groups
	// UnknownReal shows files of the calling user that nothing was claimed about as what they are. Otherwise they
	// belong to root.
	UnknownReal bool

	Hostname string  // what uname answers; "" is the machine's
	Network  Network // what sockets may reach
	Refuse   []ptlib.Sys
	// Shortcut says whether programs may be spared the stops of calls that only look (ptlib.Shortcut).
	Shortcut Shortcut
	Strict   bool // end the action at the first call that nobody decided about

	Policy *Policy // what the action is to see in the place of what is there; nil: nothing

	// Outranked tells that this process runs under a seccomp filter of somebody else.
	Outranked bool
	// ChownRefused tells that this filter refuses the calls of chown's family. Few do, and to outrank one costs more than
	// an ordinary stop.
	ChownRefused bool

	// Leave has the Filter stop the calls that end a process, for ptlib.Options.Leaving.
	Leave bool

	// Tell is called for what the user should know, with a line without a newline. It may be nil.
	Tell func(line string)
	// Told is called for each lie, for the verbose log. It may be nil.
	Told func(line string)
	// Event is called for each lie that is told or forgotten, for the log of a state. It may be nil.
	Event func(Event)
}

// Network says what the action's sockets may reach.
type Network uint8

const (
	NetworkAllow    Network = iota // everything
	NetworkLoopback                // this machine
	NetworkDeny                    // only sockets without a network: unix, netlink
)

// Kernel emulates root for one action. It implements ptlib.Handler.
type Kernel struct {
	config  Config
	lies    *lies.Index
	table   [ptlib.NumSys]handler
	further []furtherFilter // what tasks get with credentials that need them
	paths   furtherFilter   // for tasks whose paths are looked at
	passing furtherFilter   // for tasks that receive credentials with messages
	caller  Caller

	memory      memory              // files of the policy
	real        *realRoot           // nil: the action is in the tracer's namespaces
	namespace   vfs.Namespace       // what tasks see that have other files than the host's
	verdicts    *pathTrie[PathRule] // nil: there are none
	answers     map[string]Verdict  // of Policy.Resolve
	reported    map[string]bool     // paths that were told of
	first       *execPlan           // what the action's first program is, see Command
	socketNames socketNames

	shared  *Shared
	fixed   map[lies.Key]lies.Claim // about files in memory that are the policy's
	writes  writes
	sockets sockets

	shortcut *ptlib.Shortcut // nil: none
	unwatch  func()          // ends the index telling the shortcut

	domain  *string // what setdomainname set; nil: the machine's
	pipeDev uint64  // device number of pipes
	procDev uint64  // device number of /proc; 0 if there is none
	stat    ptlib.StatBuffer
	met     met // the file that a stat call is about; here, so that nothing is allocated
	err     error

	withoutStatx bool // there is no statx(2), for the tracer either
}

// Caller is the real user that the action runs as, and who so owns all that it makes.
type Caller struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
}

// A furtherFilter is put into a task when it needs it, and stays with all that descends from it.
type furtherFilter struct {
	bit     uint8 // in task.filtered
	compile func() (*ptlib.Filter, error)
	needed  func(*cred.Cred) bool // with these credentials; nil if they do not matter
}

// newFurther makes a furtherFilter that is compiled when it is first needed: most actions need none.
func newFurther(bit uint8, outranked bool, rules func() []ptlib.Rule, needed func(*cred.Cred) bool) furtherFilter {
	return furtherFilter{bit, sync.OnceValues(func() (*ptlib.Filter, error) {
		return ptlib.NewFilter(rules(), ptlib.FilterOptions{Outranked: outranked})
	}), needed}
}

// handler decides about a call at its entry.
type handler func(k *Kernel, t *task, c *ptlib.Call)

// New makes a Kernel.
func New(config Config) (*Kernel, error) {
	if config.Policy != nil {
		if err := config.Policy.check(); err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
	}
	k := &Kernel{config: config, lies: config.Lies, socketNames: make(socketNames)}
	if k.shared = config.Shared; k.shared == nil {
		k.shared = &Shared{}
	}
	if k.caller = CallerFromOS(); config.Caller != nil {
		k.caller = *config.Caller
	}
	for i := range Table {
		if h := Table[i].handle; h != nil {
			k.table[Table[i].Sys] = h
		}
	}
	k.pipeDev = pipeDevice()
	var st unix.Stat_t
	if unix.Stat("/proc/self", &st) == nil {
		k.procDev = st.Dev
	}
	if err := k.obey(config.Policy); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	if err := k.openShortcut(); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	k.further = []furtherFilter{
		newFurther(filteredDropped, config.Outranked, droppedRules, isLimited),
		newFurther(filteredIDs, true, func() []ptlib.Rule { return tellRules(k.firstCred()) }, hasOtherIDs), // outranked by our own first filter
		newFurther(filteredNodes, config.Outranked, nodeRules, func(*cred.Cred) bool { return k.real != nil && k.lies.AnyNode() }),
	}
	k.passing = newFurther(filteredPassing, config.Outranked, passingRules, nil)
	k.paths = newFurther(filteredPaths, config.Outranked, pathRules, nil)
	return k, nil
}

// Err returns why the Kernel ended the action, nil if it did not.
func (k *Kernel) Err() error { return k.err }

// CallerFromOS is the user that this process runs as.
func CallerFromOS() Caller {
	groups, _ := unix.Getgroups()
	c := Caller{UID: uint32(unix.Geteuid()), GID: uint32(unix.Getegid())}
	for _, g := range groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}

func (k *Kernel) tell(line string) {
	if k.config.Tell != nil {
		k.config.Tell(line)
	}
}

// firstCred is the identity that the action starts with: all capabilities for root, none for anybody else.
func (k *Kernel) firstCred() *cred.Cred {
	return cred.Login(k.config.UID, k.config.GID, k.config.Groups, lastCap())
}

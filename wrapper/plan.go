package wrapper

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/feign-build/feign/archive"
)

// Plan is what one run does: a [Config] resolved for one caller. It is plain
// data; making it reads and changes nothing. Paths are absolute. It must not
// be changed while [Run] uses it.
type Plan struct {
	Hermetic bool // which defaults it came from

	Argv     []string // Argv[0] is looked up in the PATH of Env when it has no slash
	Env      []string // NAME=value, sorted, each name once
	Dir      string   // where the command starts
	Umask    Umask
	Stdin    Stdin
	CloseFDs bool // close descriptors from 3 on
	ASLR     bool
	CPUs     int              // 0: all of the caller's
	Rlimits  map[string]Limit // soft limits by name, see RlimitNames
	Linger   Linger

	Hostname string // what uname answers; "" is the machine's
	Network  Network
	Refuse   []string // names of system calls, sorted; io_uring_setup is always among them

	Identity Identity
	State    StatePlan
	Manifest ManifestPlan
	Archive  ArchivePlan
	Trace    Trace
	Plugins  []PluginPlan // in the order of the configuration
	Audit    string       // file for what the action names and was not declared; "" for none

	exec     string                // host path of what is executed; "": Argv[0], looked up
	enters   bool                  // the command gets namespaces of its own, and enters its root directory there
	base     string                // the caller's directory, which the paths of plugins' configurations start from
	explicit func(key string) bool // whether the configuration itself sets a key
	lines    func() []planLine     // what Explain prints
}

// StatePlan is a [State] with absolute paths.
type StatePlan struct {
	Path    string // "" for none
	Include []string
	Ignore  []string
}

// ManifestPlan is a [Manifest] with absolute paths.
type ManifestPlan struct {
	Path    string // "" writes none
	Root    string
	Exclude []string
	Digest  bool
	Epoch   Epoch  // EpochNone, or the latest time in the manifest; never EpochInherit
	Import  string // "" for none

	Placeholders bool
}

// ArchivePlan is an [Archive] with absolute paths.
type ArchivePlan struct {
	Path        string // "" writes none
	Format      string // never "" when Path is set
	Epoch       Epoch  // EpochNone, or the latest time in the archive; never EpochInherit
	Compression int    // 0 is the format's own
	Image       archive.Image
}

// Caller is what a plan takes from the process that asks for it.
type Caller struct {
	Env []string // as os.Environ has it
	Dir string   // absolute; what relative paths start from
}

// CallerFromOS returns the Caller that this process is.
func CallerFromOS() (Caller, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Caller{}, &Error{What: "no working directory", Hint: "cd to a directory that exists, or use -C", Err: err}
	}
	return Caller{Env: os.Environ(), Dir: dir}, nil
}

// path makes a path of the configuration absolute; "" stays "".
func (c Caller) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// paths is path for each of a list.
func (c Caller) paths(list []string) []string {
	var out []string
	for _, p := range list {
		out = append(out, c.path(p))
	}
	return out
}

// Plan resolves the configuration for a caller. argv, if it is not empty,
// stands for action.command. The error is an [*Error]; among others it says
// what this version cannot do yet.
func (c *Config) Plan(caller Caller, argv []string) (*Plan, error) {
	snapshot := *c // Explain may be asked when c has changed
	c = &snapshot
	if err := c.unavailable(); err != nil {
		return nil, err
	}
	p := &Plan{
		Hermetic: c.hermetic,
		Dir:      caller.Dir,
		Umask:    c.Action.Umask,
		Stdin:    c.Action.Stdin,
		CloseFDs: c.Hermetic.CloseFDs,
		ASLR:     c.Hermetic.ASLR,
		CPUs:     c.Hermetic.CPUs,
		Rlimits:  c.Action.Rlimits,
		Linger:   c.Action.Linger,
		Network:  c.Hermetic.Network,
		Refuse:   refused(c.Hermetic.Refuse),
		Identity: c.Identity,
		Trace:    c.Trace,
	}
	if c.Action.Cwd != "" {
		p.Dir = caller.path(c.Action.Cwd)
	}
	if c.Hermetic.Hostname != InheritWord {
		p.Hostname = c.Hermetic.Hostname
	}
	epoch, err := c.epoch(caller)
	if err != nil {
		return nil, err
	}
	env := c.environment(caller, p.Dir, epoch)
	p.Env = env.list()

	argv, argvWhy := c.argv(caller, argv)
	if argv[0] == "" {
		return nil, &Error{What: "the command's name is empty", Hint: "check the quoting and the variables in it"}
	}
	p.Argv = argv

	p.Audit = caller.path(c.Hermetic.Audit)
	p.State = StatePlan{
		Path:    caller.path(c.State.Path),
		Include: caller.paths(c.State.Include),
		Ignore:  caller.paths(c.State.Ignore),
	}
	p.Manifest = ManifestPlan{
		Path:    caller.path(c.Manifest.Path),
		Root:    caller.path(c.Manifest.Root),
		Exclude: c.Manifest.Exclude,
		Digest:  c.Manifest.Digest,
		Epoch:   epoch.value,
		Import:  caller.path(c.Manifest.Import),

		Placeholders: c.Manifest.Placeholders,
	}
	if err := c.placeable(); err != nil {
		return nil, err
	}
	if p.Manifest.Root == "" {
		p.Manifest.Root = caller.Dir
	}
	p.Archive = ArchivePlan{
		Path:        caller.path(c.Archive.Path),
		Format:      c.Archive.Format,
		Epoch:       c.Archive.Epoch,
		Compression: c.Archive.Compression,
		Image:       c.Archive.Image,
	}
	if p.Archive.Epoch == EpochInherit {
		p.Archive.Epoch = epoch.value
	}
	if p.Archive.Path != "" && p.Archive.Format == "" {
		if p.Archive.Format, err = formatOf(p.Archive.Path); err != nil {
			return nil, err
		}
	}
	if p.Archive.Path != "" && !p.Archive.Image.IsZero() && !archive.IsImage(p.Archive.Format) {
		return nil, &Error{What: c.at("archive.image"), Why: "the archive is a " + p.Archive.Format, Hint: "set archive.format to oci or oci.tar"}
	}
	if p.Plugins, err = c.pluginPlans(caller); err != nil {
		return nil, err
	}
	p.base = caller.Dir
	p.explicit = func(key string) bool {
		if name, ok := strings.CutPrefix(key, "action.env."); ok {
			_, set := c.Action.Env[name]
			return set
		}
		_, set := c.origin[key]
		return set
	}
	p.lines = func() []planLine { return c.explain(p, argvWhy, env, epoch) }
	return p, nil
}

// argv decides what is run, and says who decided.
func (c *Config) argv(caller Caller, argv []string) ([]string, reason) {
	switch {
	case len(argv) > 0:
		return argv, because("command line")
	case len(c.Action.Command) > 0:
		return c.Action.Command, c.why("action.command")
	}
	if shell, ok := lookupEnv(caller.Env, "SHELL"); ok && shell != "" {
		return []string{shell}, because("no command: the caller's SHELL")
	}
	return []string{"/bin/sh"}, because("no command and no SHELL")
}

// placeable says when placeholders cannot be had: a file that becomes another type has to be remembered by something, and
// the lies of a state are about the inode that goes.
func (c *Config) placeable() error {
	switch {
	case !c.Manifest.Placeholders:
		return nil
	case c.Manifest.Path == "":
		return &Error{What: c.at("manifest.placeholders"), Why: "no manifest would say what they stand for", Hint: "set manifest.path"}
	case c.State.Path != "":
		return &Error{What: c.at("manifest.placeholders"), Why: "a state does not follow them", Hint: "leave out one of both"}
	}
	return nil
}

// refused returns what hermetic.refuse names and io_uring_setup, whose
// operations never meet the filter, sorted.
func refused(names []string) []string {
	out := append([]string{"io_uring_setup"}, names...)
	slices.Sort(out)
	return slices.Compact(out)
}

// formatOf returns the format that an archive's name ends in.
func formatOf(path string) (string, error) {
	format, err := archive.FormatOf(path)
	if err != nil {
		return "", &Error{
			What: "archive.path " + path,
			Why:  "its name tells no format",
			Hint: "end it in one of ." + strings.Join(archive.Formats(), " .") + ", or set archive.format",
			Err:  err,
		}
	}
	return format, nil
}

// unavailable says what of the configuration this version does not do. To go
// on without it would be to answer another question than the one asked.
func (c *Config) unavailable() error {
	no := func(key, what string) error {
		return &Error{What: c.at(key), Why: "this version of feign has no " + what, Hint: "leave it out"}
	}
	switch {
	case c.Trace.Threads > 1:
		return no("trace.threads", "tracer of several threads yet")
	case c.Trace.Mode == ModeRedirect || c.Trace.Mode == ModeSyscall:
		return no("trace.mode", fmt.Sprintf("mode %q yet", c.Trace.Mode))
	}
	return nil
}

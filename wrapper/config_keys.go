package wrapper

import (
	"fmt"
	"path"
	"strings"

	"github.com/feign-build/feign/archive"
)

// A key is one key of the configuration. The table of them drives the parser,
// --set, --explain and docs/CONFIG.md.
type key struct {
	section, name string
	kind
	doc string // one sentence fragment for docs/CONFIG.md
}

// String returns the key as --set spells it.
func (k *key) String() string { return k.section + "." + k.name }

// A kind reads and shows the values of a key.
type kind struct {
	want string                              // what a value looks like, for messages
	set  func(c *Config, v any) bool         // false: not such a value, c is spoiled
	get  func(c *Config) any                 // the value as TOML has it
	elem func(c *Config, name string) setter // for tables: how to set one element, else nil
}

type setter func(v any) bool

// sections are the tables of the file, in the order of the documentation.
// [[plugin]] is not among them: its keys repeat.
var sections = []string{"action", "identity", "state", "manifest", "archive", "hermetic", "trace"}

// refusable are the system calls that hermetic.refuse can name: each is an
// entrance to machinery that the tracer does not see into, and programs handle
// its absence. io_uring_setup is not listed because it is always refused.
var refusable = []string{"bpf", "keyctl", "perf_event_open", "ptrace", "userfaultfd"}

// keys is the table of all keys but those of [[plugin]].
var keys = []*key{
	{"action", "command", list(func(c *Config) *[]string { return &c.Action.Command }, notNUL),
		"program and arguments; a command on the command line replaces it; neither: `$SHELL`, else `/bin/sh`"},
	{"action", "cwd", text(func(c *Config) *string { return &c.Action.Cwd }, notNUL),
		"directory in which the command starts; empty: the caller's"},
	{"action", "env", stringTable(func(c *Config) *map[string]string { return &c.Action.Env }),
		"variables that are set; stronger than every other source"},
	{"action", "env_pass", list(func(c *Config) *[]string { return &c.Action.EnvPass }, envPattern),
		"variables that are passed from the caller; `\"LC_*\"` passes all that begin so"},
	{"action", "umask", special(func(c *Config) *Umask { return &c.Action.Umask }, `an octal mask, "000" to "777", or "inherit"`),
		"file mode creation mask of the command"},
	{"action", "stdin", enum(func(c *Config) *Stdin { return &c.Action.Stdin }, StdinInherit, StdinNull),
		"what the command reads: the caller's standard input, or `/dev/null`"},
	{"action", "linger", enum(func(c *Config) *Linger { return &c.Action.Linger }, LingerWait, LingerKill),
		"whether descendants that outlive the command are waited for or killed"},
	{"action", "rlimits", limitTable(func(c *Config) *map[string]Limit { return &c.Action.Rlimits }),
		"soft resource limits by `prlimit(1)` name, in the unit of `setrlimit(2)`, or `\"unlimited\"`; added to the default"},

	{"identity", "uid", id(func(c *Config) *uint32 { return &c.Identity.UID }),
		"user id that the action starts with"},
	{"identity", "gid", id(func(c *Config) *uint32 { return &c.Identity.GID }),
		"group id that the action starts with"},
	{"identity", "groups", ids(func(c *Config) *[]uint32 { return &c.Identity.Groups }),
		"supplementary groups that the action starts with"},
	{"identity", "unknown", enum(func(c *Config) *Unknown { return &c.Identity.Unknown }, UnknownRoot, UnknownReal),
		"whose the caller's own files look as long as nothing is claimed about them"},

	{"state", "path", text(func(c *Config) *string { return &c.State.Path }, notNUL),
		"directory in which the lies outlive the action (STATE.md), made if it is not there; empty: none"},
	{"state", "include", list(func(c *Config) *[]string { return &c.State.Include }, notEmpty),
		"paths whose lies are kept there, with all below; empty: every path"},
	{"state", "ignore", list(func(c *Config) *[]string { return &c.State.Ignore }, notEmpty),
		"paths whose lies are neither kept nor taken from there, with all below; of nested paths the longest decides"},

	{"manifest", "path", text(func(c *Config) *string { return &c.Manifest.Path }, notNUL),
		"file that the manifest is written to, zstd-compressed when it ends in `.zst`; empty: none"},
	{"manifest", "root", text(func(c *Config) *string { return &c.Manifest.Root }, notNUL),
		"tree that the manifest describes; empty: the working directory"},
	{"manifest", "exclude", list(func(c *Config) *[]string { return &c.Manifest.Exclude }, pattern),
		"what is left out, with everything below: patterns (`*`, `?`, `[a-z]`) of names, or of paths from the root if there is a slash in them"},
	{"manifest", "digest", boolean(func(c *Config) *bool { return &c.Manifest.Digest }),
		"whether files carry their sha256"},
	{"manifest", "import", text(func(c *Config) *string { return &c.Manifest.Import }, notNUL),
		"manifest whose lies the action starts with, bound to the root by path"},
	{"manifest", "placeholders", boolean(func(c *Config) *bool { return &c.Manifest.Placeholders }),
		"whether FIFOs and sockets in the tree are replaced by empty files when the manifest has been written, as devices always are: " +
			"for stores and caches that refuse them"},

	{"archive", "path", text(func(c *Config) *string { return &c.Archive.Path }, notNUL),
		"file that the tree is packed into when the command ends with status 0; empty: none"},
	{"archive", "format", text(func(c *Config) *string { return &c.Archive.Format }, oneOf(append([]string{""}, archive.Formats()...)...)),
		"what is written; empty: as the end of `path` says"},
	{"archive", "epoch", special(func(c *Config) *Epoch { return &c.Archive.Epoch }, epochWant),
		"latest time in the archive; `inherit`: `hermetic.epoch`"},
	{"archive", "compression", integer(func(c *Config) *int { return &c.Archive.Compression }, 0, 22),
		"compression level; 0: the format's own"},
	{"archive", "image", image(func(c *Config) *archive.Image { return &c.Archive.Image }),
		"what an OCI image is and runs, as `feign pack --image` has it (ARCHIVES.md)"},

	{"hermetic", "network", enum(func(c *Config) *Network { return &c.Hermetic.Network }, NetworkDeny, NetworkLoopback, NetworkAllow),
		"how far sockets reach: Unix sockets only, this machine, everywhere"},
	{"hermetic", "epoch", special(func(c *Config) *Epoch { return &c.Hermetic.Epoch }, epochWant),
		"`SOURCE_DATE_EPOCH`, and the latest time in the manifest; `inherit`: the caller's `SOURCE_DATE_EPOCH`, if it is set"},
	{"hermetic", "timezone", text(func(c *Config) *string { return &c.Hermetic.Timezone }, notEmpty),
		"`TZ`; `inherit`: as `env_pass` says"},
	{"hermetic", "locale", text(func(c *Config) *string { return &c.Hermetic.Locale }, notEmpty),
		"`LC_ALL`; `inherit`: as `env_pass` says"},
	{"hermetic", "hostname", text(func(c *Config) *string { return &c.Hermetic.Hostname }, hostname),
		"node name that `uname` answers; `inherit`: the machine's"},
	{"hermetic", "cpus", integer(func(c *Config) *int { return &c.Hermetic.CPUs }, 0, 8192),
		"the action runs on, and counts, the first so many of the caller's processors; 0: all"},
	{"hermetic", "inputs", list(func(c *Config) *[]string { return &c.Hermetic.Inputs }, notEmpty),
		"paths that the action may name, with all below: the plugin `inputs` (PLUGINS.md) with these"},
	{"hermetic", "undeclared", enum(func(c *Config) *Undeclared { return &c.Hermetic.Undeclared }, UndeclaredAllow, UndeclaredReport, UndeclaredDeny),
		"what happens at other paths: nothing, a line at the end for each, or ENOENT and a line"},
	{"hermetic", "audit", text(func(c *Config) *string { return &c.Hermetic.Audit }, notNUL),
		"file that the other paths that the action names are written to, a line each (PLUGINS.md); empty: none"},
	{"hermetic", "aslr", boolean(func(c *Config) *bool { return &c.Hermetic.ASLR }),
		"whether the kernel may randomize addresses"},
	{"hermetic", "close_fds", boolean(func(c *Config) *bool { return &c.Hermetic.CloseFDs }),
		"whether inherited descriptors from 3 on are closed"},
	{"hermetic", "refuse", list(func(c *Config) *[]string { return &c.Hermetic.Refuse }, oneOf(refusable...)),
		"system calls that are refused besides `io_uring_setup`: any of `" + strings.Join(refusable, "`, `") + "`"},

	{"trace", "strict", boolean(func(c *Config) *bool { return &c.Trace.Strict }),
		"end the action at the first system call that nobody decided about"},
	{"trace", "threads", integer(func(c *Config) *int { return &c.Trace.Threads }, 0, 1024),
		"threads of the tracer; 0: feign chooses; only 1 in this version"},
	{"trace", "mode", enum(func(c *Config) *Mode { return &c.Trace.Mode }, ModeAuto, ModeFast, ModeRedirect, ModeStops, ModeSyscall),
		"how system calls are intercepted: `stops` stops each that matters; `fast` spares calls of the families of stat(2) and access(2), and getxattr(2) and listxattr(2), the stop where nothing is claimed, and is an error where this machine has no such shortcut; `auto` is `fast` where it can be had. What the action sees is the same"},
}

// pluginKeys are the keys of one [[plugin]] table.
var pluginKeys = []string{"name", "path", "sha256", "config"}

const epochWant = `seconds since 1970, 0 to 253402300799, "none" or "inherit"`

// keyIndex finds a key by section and name.
var keyIndex = func() map[string]*key {
	m := make(map[string]*key, len(keys))
	for _, k := range keys {
		m[k.String()] = k
	}
	return m
}()

// A check says what is expected of a string, and whether s is that.
type check struct {
	want string
	ok   func(s string) bool
}

var (
	notNUL     = check{"a string", func(s string) bool { return !strings.ContainsRune(s, 0) }}
	notEmpty   = check{"a string that is not empty", func(s string) bool { return s != "" && notNUL.ok(s) }}
	envPattern = check{"the name of a variable, or its beginning and *", func(s string) bool {
		name := strings.TrimSuffix(s, "*")
		return s != "" && !strings.ContainsAny(name, "=*\x00")
	}}
	pattern = check{"a pattern of path.Match", func(s string) bool {
		_, err := path.Match(s, "")
		return err == nil && notEmpty.ok(s)
	}}
	// 64 is __NEW_UTS_LEN, what struct new_utsname holds.
	hostname = check{"a name of 1 to 64 bytes", func(s string) bool { return notEmpty.ok(s) && len(s) <= 64 }}
)

func oneOf(words ...string) check {
	return check{quoteWords(words), func(s string) bool {
		for _, w := range words {
			if s == w {
				return true
			}
		}
		return false
	}}
}

// quoteWords returns `"a", "b" or "c"`.
func quoteWords(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", w)
	}
	return b.String()
}

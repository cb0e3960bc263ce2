package wrapper

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/feign-build/feign/archive"
)

// everyKey is a file that sets each key to something else than its defaults.
const everyKey = `
[action]
command  = ["sh", "-c", "true"]
cwd      = "sub"
env      = {A = "1", "B.C" = "two words"}
env_pass = ["PATH", "LC_*"]
umask    = "027"
stdin    = "inherit"
linger   = "kill"
rlimits  = {nofile = 256, stack = "unlimited"}

[identity]
uid     = 33
gid     = 34
groups  = [4, 24]
unknown = "real"

[state]
path    = "state"
include = ["a"]
ignore  = ["b"]

[manifest]
path    = "out.mtree.zst"
root    = "root"
exclude = ["*.tmp"]
digest  = false
import  = "in.mtree"
placeholders = true

[archive]
path        = "out.tar"
format      = "oci.tar"
image       = {architecture = "arm64", config = {User = "33", Cmd = ["/a"], ExposedPorts = {"80/tcp" = {}}}}
epoch       = 12
compression = 9

[hermetic]
network    = "loopback"
epoch      = "none"
timezone   = "Europe/Berlin"
locale     = "C"
hostname   = "builder"
cpus       = 2
inputs     = ["/usr"]
undeclared = "report"
audit = "out.audit"
aslr       = true
close_fds  = false
refuse     = ["keyctl"]

[trace]
strict  = true
threads = 3
mode    = "stops"

[[plugin]]
name = "passwd"
[plugin.config]
users = [{name = "www", uid = 33}]
[[plugin]]
name   = "own"
path   = "./own"
sha256 = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
`

func TestParseConfigEveryKey(t *testing.T) {
	c, err := ParseConfig("feign.toml", []byte(everyKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if _, ok := c.origin[k.String()]; !ok {
			t.Errorf("%s is not in the file of this test", k)
		}
	}
	checks := []struct {
		name      string
		got, want any
	}{
		{"action", c.Action, Action{
			Command: []string{"sh", "-c", "true"}, Cwd: "sub", Env: map[string]string{"A": "1", "B.C": "two words"},
			EnvPass: []string{"PATH", "LC_*"}, Umask: 0o027, Stdin: StdinInherit, Linger: LingerKill,
			Rlimits: map[string]Limit{"core": 0, "nofile": 256, "stack": Unlimited},
		}},
		{"identity", c.Identity, Identity{UID: 33, GID: 34, Groups: []uint32{4, 24}, Unknown: UnknownReal}},
		{"state", c.State, State{Path: "state", Include: []string{"a"}, Ignore: []string{"b"}}},
		{"manifest", c.Manifest, Manifest{Path: "out.mtree.zst", Root: "root", Exclude: []string{"*.tmp"}, Import: "in.mtree", Placeholders: true}},
		{"archive", c.Archive, Archive{Path: "out.tar", Format: "oci.tar", Epoch: 12, Compression: 9, Image: fullImage}},
		{"hermetic", c.Hermetic, Hermetic{
			Network: NetworkLoopback, Epoch: EpochNone, Timezone: "Europe/Berlin", Locale: "C", Hostname: "builder", CPUs: 2,
			Inputs: []string{"/usr"}, Undeclared: UndeclaredReport, Audit: "out.audit", ASLR: true, Refuse: []string{"keyctl"},
		}},
		{"trace", c.Trace, Trace{Strict: true, Threads: 3, Mode: ModeStops}},
		{"plugin 0", c.Plugins[0].Name, "passwd"},
		{"plugin 1", c.Plugins[1], Plugin{
			Name: "own", Path: "./own", SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		}},
	}
	for _, c := range checks {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, c.got, c.want)
		}
	}
	if HermeticDefaults().Action.Rlimits["nofile"] != 0 {
		t.Error("a file changed the defaults' table")
	}
}

// The defaults of design.md: a file with [action] or [hermetic] is hermetic.
func TestWhichDefaults(t *testing.T) {
	for _, tt := range []struct {
		file     string
		hermetic bool
	}{
		{"", false},
		{"[manifest]\npath = \"m\"\n", false},
		{"[action]\n", true},
		{"[hermetic]\n", true},
		{"hermetic = {}\n", true},
		{"action.umask = \"022\"\n", true},
	} {
		c, err := ParseConfig("f", []byte(tt.file))
		if err != nil {
			t.Errorf("%q: %v", tt.file, err)
			continue
		}
		if c.hermetic != tt.hermetic {
			t.Errorf("%q: hermetic = %v", tt.file, c.hermetic)
		}
	}
}

func TestParseConfigErrors(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"[hermetic]\nnetwrok = \"deny\"", `f.toml:2: hermetic.netwrok: unknown key (did you mean "hermetic.network"?)`},
		{"[action]\numask = \"022\"\n\nroot = \"x\"", `f.toml:4: action.root: unknown key (did you mean "manifest.root"?)`},
		{"[trace]\nxyzzyplugh = 1", "f.toml:2: trace.xyzzyplugh: unknown key (the keys of [trace] are strict, threads, mode)"},
		{"# c\n[hermtic]\n", `f.toml:2: hermtic: unknown section (did you mean "hermetic"?)`},
		{"umask = \"022\"\n", `f.toml:1: umask: unknown section (did you mean "action.umask"?)`},
		{"[quux-and-more]\n", "f.toml:1: quux-and-more: unknown section (the sections are action, identity, state, manifest, archive, hermetic, trace and plugin)"},
		{"[Action]\n", `f.toml:1: Action: unknown section (did you mean "action"?)`},
		{"action = 3\n", "f.toml:1: action: want a table, found the integer (write [action])"},
		{"[[action]]\numask = \"022\"\n", "f.toml:1: action: want a table, found an array of tables (write [action])"},
		{"[action]\ncommand = \"make install\"", `f.toml:2: action.command: want an array, each element a string, found the string "make install"`},
		{"[action]\ncommand = [\"a\", 1]", `f.toml:2: action.command: want an array, each element a string, found ["a", 1]`},
		{"[action]\nenv = {A = 1}", "f.toml:2: action.env.A: want a table of strings, found the integer 1"},
		{"[action.env]\nB = \"\"\nA = true", "f.toml:3: action.env.A: want a table of strings, found the boolean true"},
		{"[action]\nenv_pass = [\"A=B\"]", `f.toml:2: action.env_pass: want an array, each element the name of a variable, or its beginning and *, found ["A=B"]`},
		{"[action]\numask = \"0o22\"", `f.toml:2: action.umask: want an octal mask, "000" to "777", or "inherit", found the string "0o22"`},
		{"[action]\numask = 0o1777", `f.toml:2: action.umask: want an octal mask, "000" to "777", or "inherit", found the integer 1023`},
		{"[action]\nstdin = \"none\"", `f.toml:2: action.stdin: want "inherit" or "null", found the string "none"`},
		{"[action]\nrlimits = {coer = 0}", "f.toml:2: action.rlimits.coer: want a table of whole numbers"},
		{"[action]\nrlimits = {core = -1}", "f.toml:2: action.rlimits.core: want a table of whole numbers"},
		{"[identity]\n\nuid = -1", "f.toml:3: identity.uid: want an id, 0 to 4294967294, found the integer -1"},
		{"[identity]\nuid = 4294967295", "want an id"},
		{"[identity]\nuid = 1.5", "f.toml:2: identity.uid: want an id, 0 to 4294967294, found the float 1.5"},
		{"[identity]\ngroups = [1, \"wheel\"]", `f.toml:2: identity.groups: want an array of ids, each 0 to 4294967294, found [1, "wheel"]`},
		{"[hermetic]\nnetwork = \"none\"", `f.toml:2: hermetic.network: want "deny", "loopback" or "allow", found the string "none"`},
		{"[hermetic]\nepoch = -5", `f.toml:2: hermetic.epoch: want seconds since 1970, 0 to 253402300799, "none" or "inherit", found the integer -5`},
		{"[hermetic]\nepoch = 2024-01-01T00:00:00Z", `f.toml:2: hermetic.epoch: want seconds since 1970, 0 to 253402300799, "none" or "inherit", found a date or time`},
		{"[hermetic]\nhostname = \"" + strings.Repeat("x", 65) + "\"", "f.toml:2: hermetic.hostname: want a name of 1 to 64 bytes, found the string"},
		{"[hermetic]\nrefuse = [\"open\"]", `f.toml:2: hermetic.refuse: want an array, each element "bpf", "keyctl", "perf_event_open", "ptrace" or "userfaultfd", found ["open"]`},
		{"[hermetic]\ncpus = 99999", "f.toml:2: hermetic.cpus: want a whole number, 0 to 8192, found the integer 99999"},
		{"[archive.image]\nentrypoint = []", "f.toml:2: archive.image.entrypoint: want a table with architecture"},
		{"[archive.image]\narchitecture = \"\"", "f.toml:2: archive.image.architecture: want a table with"},
		{"[archive.image]\nconfig = {When = 2024-02-29}", "f.toml:2: archive.image.config: want a table with"},
		{"[archive.image]\nconfig = {N = [1, nan]}", "f.toml:2: archive.image.config: want a table with"},
		{"[archive.image]\nconfig = \"x\"", "f.toml:2: archive.image.config: want a table with"},
		{"[[archive.image]]\n", "f.toml:1: archive.image: want a table with"},
		{"[archive]\nformat = \"zip\"", `f.toml:2: archive.format: want "", "tar", `},
		{"[action\n", `f.toml:2: expected '.' or ']' to end table name`},
		{"[action]\na = 1\na = 2", "f.toml:3: Key 'action.a' has already been defined"},
		{"[plugin]\nname = \"passwd\"", "f.toml:1: plugin: want an array of tables, found a table (write [[plugin]])"},
		{"[[plugin]]\npath = \"x\"\nsha256 = \"" + strings.Repeat("0", 64) + "\"", `f.toml:1: plugin: a plugin without a name (add name = "...")`},
		{"[[plugin]]\nname = \"paswd\"", `f.toml:2: plugin.name: no plugin "paswd" is built in (did you mean "passwd"?)`},
		{"[[plugin]]\nname = \"builtin:passwd\"\npath = \"x\"\nsha256 = \"" + strings.Repeat("0", 64) + "\"", "f.toml:3: plugin.path: a program for a plugin that is built in (leave out path, or builtin:)"},
		{"[[plugin]]\nname = \"own\"\npath = \"p\"", `f.toml:3: plugin.path: a program without its digest (add sha256 = "...", as sha256sum prints it)`},
		{"[[plugin]]\nname = \"own\"\nsha256 = \"abc\"", `f.toml:3: plugin.sha256: want 64 hexadecimal digits, found the string "abc"`},
		{"[[plugin]]\nname = \"inputs\"\nconfg = 1", `f.toml:3: plugin.confg: unknown key (did you mean "plugin.config"?)`},
		// The same key stands in three tables: the line is that of the wrong one.
		{"[[plugin]]\nname = \"inputs\"\n[[plugin]]\nname = 7\n[[plugin]]\nname = \"passwd\"\n", "f.toml:4: plugin.name: want a string that is not empty, found the integer 7"},
	} {
		_, err := ParseConfig("f.toml", []byte(tt.file))
		if err == nil {
			t.Errorf("%q: accepted", tt.file)
			continue
		}
		if !strings.HasPrefix(err.Error(), tt.want) && !(tt.want == "want an id" && strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q:\n got %s\nwant %s", tt.file, err, tt.want)
		}
		var e *Error
		if !errors.As(err, &e) || ErrorStatus(err) != StatusOwn {
			t.Errorf("%q: %T, status %d", tt.file, err, ErrorStatus(err))
		}
	}
}

func TestLoadConfig(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "no.toml")
	_, err := LoadConfig(name)
	if err == nil || err.Error() != "cannot read the configuration "+name+": no such file or directory (-c names it)" {
		t.Errorf("no file: %v", err)
	}
	if _, err := LoadConfig(dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("directory: %v", err)
	}
	big := filepath.Join(dir, "big.toml")
	if err := os.WriteFile(big, make([]byte, maxConfigSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadConfig(big); err == nil || !strings.Contains(err.Error(), "more than 4194304 bytes") {
		t.Errorf("too big: %v", err)
	}
}

// --set reaches every key: what a key shows can be set again.
// fullImage is the one of everyKey.
var fullImage = archive.Image{Architecture: "arm64", Config: map[string]any{
	"User": "33", "Cmd": []any{"/a"}, "ExposedPorts": map[string]any{"80/tcp": map[string]any{}},
}}

func TestSetReachesEveryKey(t *testing.T) {
	full, err := ParseConfig("f", []byte(everyKey))
	if err != nil {
		t.Fatal(err)
	}
	c := HermeticDefaults()
	for _, k := range keys {
		if err := c.Set(k.String() + "=" + literal(k.get(full))); err != nil {
			t.Error(err)
		}
		if got, want := literal(k.get(c)), literal(k.get(full)); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
		if why := c.why(k.String()).String(); why != "--set" {
			t.Errorf("%s: set by %q", k, why)
		}
	}
	if err := c.Set(`plugin=[{name = "passwd"}, {name = "inputs"}]`); err != nil || len(c.Plugins) != 2 {
		t.Errorf("plugin: %v, %v", c.Plugins, err)
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		expr string
		key  string
		want string
	}{
		{"hermetic.network=loopback", "hermetic.network", `"loopback"`},
		{"hermetic.network=\"allow\"", "hermetic.network", `"allow"`},
		{"hermetic.hostname=5", "hermetic.hostname", `"5"`},
		{"action.umask=022", "action.umask", `"022"`},
		{"action.umask=0o77", "action.umask", `"077"`},
		{"action.cwd=true", "action.cwd", `"true"`},
		{"action.cwd=", "action.cwd", `""`},
		{"action.cwd=a\nb = 1", "action.cwd", `"a\nb = 1"`},
		{"action.cwd=1\nw = 1", "action.cwd", `"1\nw = 1"`},
		{"action.env.LANG=C", "action.env", `{LANG = "C"}`},
		{"action.env.A.B=3", "action.env", `{"A.B" = "3"}`},
		{"archive.image.architecture=riscv64", "archive.image", `{architecture = "riscv64"}`},
		{"archive.image.config={Volumes = {\"/var\" = {}}, N = [1, 2.5]}", "archive.image", `{config = {N = [1, 2.5], Volumes = {"/var" = {}}}}`},
		{"archive.image={config = {A = [{B = true}]}}", "archive.image", `{config = {A = [{B = true}]}}`},
		{"action.rlimits.core=unlimited", "action.rlimits", `{core = "unlimited"}`},
		{" trace.strict =true", "trace.strict", "true"},
	} {
		c := Defaults()
		if err := c.Set(tt.expr); err != nil {
			t.Error(err)
		} else if got := literal(keyIndex[tt.key].get(c)); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.expr, got, tt.want)
		}
	}
}

func TestSetErrors(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{"hermetic.network", "--set hermetic.network: no value (write --set section.key=value)"},
		{"hermetic.netwrk=deny", `--set hermetic.netwrk: unknown key (did you mean "hermetic.network"?)`},
		{"hermtic.network=deny", `--set hermtic.network: unknown section (did you mean "hermetic.network"?)`},
		{"umask=022", "--set umask: unknown section"},
		{"identity.uid=root", `--set identity.uid: want an id, 0 to 4294967294, found the string "root"`},
		{"hermetic.cpus=-1", "--set hermetic.cpus: want a whole number, 0 to 8192, found the integer -1"},
		{"action.command=make", `--set action.command: want an array, each element a string, found the string "make"`},
		{"action.rlimits.foo=1", "--set action.rlimits.foo: want a table of whole numbers"},
		{"action.umask.x=1", `--set action.umask.x: unknown key (did you mean "action.umask"?)`},
		{"plugin=[{name = 3}]", "--set plugin: plugin.name: want a string that is not empty, found the integer 3"},
	} {
		c := Defaults()
		err := c.Set(tt.expr)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q:\n got %v\nwant %s", tt.expr, err, tt.want)
		}
		if !reflect.DeepEqual(c, Defaults()) {
			t.Errorf("%q changed the configuration", tt.expr)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"network", "epoch", "cpus"}
	for s, want := range map[string]string{
		"netwrok": "network", "Network": "network", "epoc": "epoch", "cpu": "cpus", "completely": "", "": "",
	} {
		if got := nearest(s, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", s, got, want)
		}
	}
	if d := levenshtein("kitten", "sitting"); d != 3 {
		t.Errorf("levenshtein = %d", d)
	}
}

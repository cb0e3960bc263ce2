package wrapper

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/feign-build/feign/plugins"
)

var testCaller = Caller{
	Dir: "/work dir",
	Env: []string{
		"PATH=/caller/bin", "HOME=/home/u", "SHELL=/bin/zsh", "LC_TIME=C", "LC_ALL=de_DE", "TZ=CET", "LANG=de", "X=first", "X=second", "junk", "=odd",
	},
}

func mustParse(t *testing.T, text string, set ...string) *Config {
	t.Helper()
	c, err := ParseConfig("f.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range set {
		if err := c.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func mustPlan(t *testing.T, c *Config, caller Caller, argv ...string) *Plan {
	t.Helper()
	p, err := c.Plan(caller, argv)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanEnvironment(t *testing.T) {
	with := func(c Caller, kv ...string) Caller {
		c.Env = append(kv, c.Env...)
		return c
	}
	for _, tt := range []struct {
		name   string
		file   string
		caller Caller
		want   string
	}{
		{"no file: everything is passed", "", testCaller,
			"HOME=/home/u LANG=de LC_ALL=de_DE LC_TIME=C PATH=/caller/bin SHELL=/bin/zsh TZ=CET X=first"},
		{"hermetic: nothing is passed", "[action]\n", testCaller,
			"HOME=/nonexistent LC_ALL=C.UTF-8 PATH=" + hermeticPath + " SOURCE_DATE_EPOCH=315532800 TMPDIR=/tmp TZ=UTC"},
		{"passed beats the fixed ones, not the controls", "[action]\nenv_pass = [\"PATH\", \"L*\", \"TZ\"]\n", testCaller,
			"HOME=/nonexistent LANG=de LC_ALL=C.UTF-8 LC_TIME=C PATH=/caller/bin SOURCE_DATE_EPOCH=315532800 TMPDIR=/tmp TZ=UTC"},
		{"inherit leaves it to env_pass", "[action]\nenv_pass = [\"TZ\"]\n[hermetic]\ntimezone = \"inherit\"\nlocale = \"inherit\"\nepoch = \"none\"\n", testCaller,
			"HOME=/nonexistent PATH=" + hermeticPath + " TMPDIR=/tmp TZ=CET"},
		{"PWD is true", "[action]\nenv_pass = [\"PWD\"]\ncwd = \"sub\"\n[hermetic]\nepoch = \"none\"\n", with(testCaller, "PWD=/elsewhere"),
			"HOME=/nonexistent LC_ALL=C.UTF-8 PATH=" + hermeticPath + " PWD=/work dir/sub TMPDIR=/tmp TZ=UTC"},
		{"action.env beats everything", "[action.env]\nTZ = \"X\"\nHOME = \"\"\nSOURCE_DATE_EPOCH = \"7\"\n", testCaller,
			"HOME= LC_ALL=C.UTF-8 PATH=" + hermeticPath + " SOURCE_DATE_EPOCH=7 TMPDIR=/tmp TZ=X"},
		{"the caller's epoch", "[hermetic]\nepoch = \"inherit\"\n", with(testCaller, "SOURCE_DATE_EPOCH=99"),
			"HOME=/nonexistent LC_ALL=C.UTF-8 PATH=" + hermeticPath + " SOURCE_DATE_EPOCH=99 TMPDIR=/tmp TZ=UTC"},
		{"none removes a passed epoch", "[action]\nenv_pass = [\"SOURCE*\"]\n[hermetic]\nepoch = \"none\"\n", with(testCaller, "SOURCE_DATE_EPOCH=99"),
			"HOME=/nonexistent LC_ALL=C.UTF-8 PATH=" + hermeticPath + " TMPDIR=/tmp TZ=UTC"},
	} {
		p := mustPlan(t, mustParse(t, tt.file), tt.caller, "true")
		if got := strings.Join(p.Env, " "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestPlanResolves(t *testing.T) {
	c := mustParse(t, everyKey, "plugin=[]", "state.path=", "state.include=[]", "state.ignore=[]",
		"hermetic.inputs=[]", "hermetic.undeclared=allow", "hermetic.audit=", "trace.threads=1")
	p := mustPlan(t, c, testCaller)
	p.lines, p.Env, p.base, p.explicit = nil, nil, "", nil
	want := &Plan{
		Hermetic: true,
		Argv:     []string{"sh", "-c", "true"}, Dir: "/work dir/sub", Umask: 0o027, Stdin: StdinInherit, ASLR: true, CPUs: 2,
		Rlimits: map[string]Limit{"core": 0, "nofile": 256, "stack": Unlimited}, Linger: LingerKill,
		Hostname: "builder", Network: NetworkLoopback, Refuse: []string{"io_uring_setup", "keyctl"},
		Identity: Identity{UID: 33, GID: 34, Groups: []uint32{4, 24}, Unknown: UnknownReal},
		Manifest: ManifestPlan{
			Path: "/work dir/out.mtree.zst", Root: "/work dir/root", Exclude: []string{"*.tmp"}, Epoch: EpochNone, Import: "/work dir/in.mtree",
			Placeholders: true,
		},
		Archive: ArchivePlan{Path: "/work dir/out.tar", Format: "oci.tar", Epoch: 12, Compression: 9, Image: fullImage},
		Trace:   Trace{Strict: true, Threads: 1, Mode: ModeStops},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("\n got %+v\nwant %+v", p, want)
	}
}

// The table of a plugin is JSON in the plan, its program's path absolute; hermetic.undeclared is a plugin too.
func TestPlanPlugins(t *testing.T) {
	c := mustParse(t, `[hermetic]
undeclared = "report"
inputs = ["src"]
[[plugin]]
name = "builtin:passwd"
[plugin.config]
users = [{name = "a", uid = 3}]
[[plugin]]
name = "own"
path = "bin/own"
sha256 = "`+strings.Repeat("0", 64)+`"
`)
	got := mustPlan(t, c, testCaller, "true").Plugins
	want := []PluginPlan{
		{Name: "passwd", Config: []byte(`{"users":[{"name":"a","uid":3}]}`)},
		{Name: "own", Path: "/work dir/bin/own", SHA256: strings.Repeat("0", 64), Config: []byte("{}")},
		{Name: "inputs", Config: []byte(`{"inputs":["src"],"undeclared":"report"}`)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// An audit alone has the inputs reported, quietly; where somebody reports them already it is about those.
func TestPlanAudit(t *testing.T) {
	for text, want := range map[string]string{
		"[hermetic]\naudit = \"f\"":                                `{"inputs":null,"quiet":true,"undeclared":"report"}`,
		"[hermetic]\naudit = \"f\"\nundeclared = \"deny\"":         `{"inputs":null,"undeclared":"deny"}`,
		"[hermetic]\naudit = \"f\"\n[[plugin]]\nname = \"inputs\"": `{}`,
	} {
		p := mustPlan(t, mustParse(t, text), testCaller, "true")
		if len(p.Plugins) != 1 || string(p.Plugins[0].Config) != want || p.Audit != "/work dir/f" {
			t.Errorf("%s: %q, %s", text, p.Audit, p.Plugins)
		}
	}
}

// What the configuration sets itself is stronger than what a policy wants.
func TestPolicyApplies(t *testing.T) {
	id := uint32(7)
	m := &plugins.Merged{Ruleset: plugins.Ruleset{
		Env:      []plugins.Env{{Name: "A", Value: "policy"}, {Name: "B", Value: "policy"}, {Name: "X", Unset: true}},
		Identity: plugins.Identity{UID: &id, GID: &id, Groups: []uint32{9}},
		Uname:    plugins.Uname{Nodename: "policy"}, Network: "deny", Root: &plugins.Root{Path: "/r", Method: "auto"},
	}}
	free := (&policies{merged: m}).apply(mustPlan(t, mustParse(t, ""), testCaller, "true"))
	if env := strings.Join(free.Env, " "); !strings.Contains(env, "A=policy B=policy") || strings.Contains(env, "X=") {
		t.Errorf("environment %s", env)
	}
	if i := free.Identity; i.UID != 7 || i.GID != 7 || len(i.Groups) != 1 || free.Hostname != "policy" || free.Network != NetworkDeny || free.Dir != "/" {
		t.Errorf("%+v", free)
	}
	set := mustPlan(t, mustParse(t, "[action]\ncwd = \"sub\"\nenv = {A = \"own\"}\n[identity]\nuid = 1\ngid = 2\ngroups = [3]\n"+
		"[hermetic]\nhostname = \"own\"\nnetwork = \"allow\"\n"), testCaller, "true")
	kept := (&policies{merged: m}).apply(set)
	if env := strings.Join(kept.Env, " "); !strings.Contains(env, "A=own B=policy") {
		t.Errorf("environment %s", env)
	}
	if i := kept.Identity; i.UID != 1 || i.GID != 2 || i.Groups[0] != 3 || kept.Hostname != "own" || kept.Network != NetworkAllow || kept.Dir != "/work dir/sub" {
		t.Errorf("%+v", kept)
	}
}

func TestPlanDefaults(t *testing.T) {
	p := mustPlan(t, Defaults(), testCaller)
	switch {
	case p.Hermetic, p.Dir != "/work dir", p.Manifest.Root != "/work dir", p.Manifest.Path != "", p.Archive.Path != "":
		t.Errorf("places: %+v", p)
	case p.Umask != UmaskInherit, p.Stdin != StdinInherit, p.CloseFDs, !p.ASLR, p.CPUs != 0, len(p.Rlimits) != 0:
		t.Errorf("launch: %+v", p)
	case p.Hostname != "", p.Network != NetworkAllow, p.Manifest.Epoch != EpochNone, p.Archive.Epoch != EpochNone:
		t.Errorf("controls: %+v", p)
	case !reflect.DeepEqual(p.Refuse, []string{"io_uring_setup"}):
		t.Errorf("refuse: %v", p.Refuse)
	}
}

func TestPlanCommand(t *testing.T) {
	file := "[action]\ncommand = [\"make\", \"all\"]\n"
	noShell := Caller{Dir: "/", Env: []string{"SHELL="}}
	for _, tt := range []struct {
		file   string
		caller Caller
		argv   []string
		want   string
	}{
		{file, testCaller, nil, "make all"},
		{file, testCaller, []string{"sh", "-x"}, "sh -x"},
		{"", testCaller, nil, "/bin/zsh"},
		{"[action]\n", testCaller, nil, "/bin/zsh"},
		{"", noShell, nil, "/bin/sh"},
	} {
		if got := strings.Join(mustPlan(t, mustParse(t, tt.file), tt.caller, tt.argv...).Argv, " "); got != tt.want {
			t.Errorf("%q %q: %s, want %s", tt.file, tt.argv, got, tt.want)
		}
	}
}

func TestPlanArchiveFormat(t *testing.T) {
	for path, want := range map[string]string{
		"a.tar": "tar", "a.tar.gz": "tar.gz", "a.tgz": "tar.gz", "a.tar.zst": "tar.zst", "a.cpio": "cpio",
	} {
		c := mustParse(t, "[hermetic]\nepoch = 5\n", "archive.path="+path)
		if a := mustPlan(t, c, testCaller).Archive; a.Format != want || a.Epoch != 5 {
			t.Errorf("%s: %+v", path, a)
		}
	}
}

func TestPlanErrors(t *testing.T) {
	for _, tt := range []struct {
		file string
		set  []string
		env  string
		argv []string
		want string
	}{
		{file: "[hermetic]\nundeclared = \"deny\"\n[[plugin]]\nname = \"inputs\"\n",
			want: `f.toml:3: plugin: two plugins are called "inputs" (hermetic.undeclared is one called inputs)`},
		{file: "[[plugin]]\nname = \"passwd\"\nconfig = {a = inf}\n", want: `f.toml:1: plugin: the config of "passwd": the number +Inf cannot be handed on`},
		{file: "[trace]\nmode = \"syscall\"\n", want: `f.toml:2: trace.mode: this version of feign has no mode "syscall" yet`},
		{file: "[trace]\nthreads = 2\n", want: "f.toml:2: trace.threads: this version of feign has no tracer of several threads yet"},
		{file: "[trace]\nmode = \"redirect\"\n", want: `f.toml:2: trace.mode: this version of feign has no mode "redirect" yet (leave it out)`},
		{set: []string{"archive.path=x.tar", "archive.image={architecture=\"arm64\"}"}, want: "--set archive.image: the archive is a tar (set archive.format to oci or oci.tar)"},
		{set: []string{"archive.path=x.zip"}, want: "archive.path /x.zip: its name tells no format (end it in one of .tar"},
		{env: "SOURCE_DATE_EPOCH=yesterday", want: "SOURCE_DATE_EPOCH=yesterday: not a number of seconds from 0 to 253402300799 (unset it, or set hermetic.epoch)"},
		{env: "SOURCE_DATE_EPOCH=253402300800", want: "SOURCE_DATE_EPOCH=253402300800: not a number"},
		{argv: []string{"", "x"}, want: "the command's name is empty (check the quoting and the variables in it)"},
	} {
		_, err := mustParse(t, tt.file, tt.set...).Plan(Caller{Dir: "/", Env: []string{tt.env}}, tt.argv)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%+v:\n got %v\nwant %s", tt, err, tt.want)
		}
	}
}

func TestExplain(t *testing.T) {
	c := mustParse(t, `[action]
command = ["make"]
env = {A = "1"}
env_pass = ["X"]
[hermetic]
network = "loopback"
`, "hermetic.cpus=2", "action.env.B=\u0001")
	if err := c.SetFlag("-m", "manifest.path", "out.mtree"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := mustPlan(t, c, testCaller, "make", "a b").Explain(&b); err != nil {
		t.Fatal(err)
	}
	// Padding depends on the longest line; it is not what this is about.
	got := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		got[strings.Join(strings.Fields(line), " ")] = true
	}
	for _, want := range []string{
		`action.command = ["make", "a b"] # command line`,
		`action.cwd = "/work dir" # default`,
		`action.env.A = "1" # f.toml:3`,
		`action.env.B = "\U00000001" # --set`,
		`action.env.X = "first" # the caller's, passed by "X" of action.env_pass`,
		`action.env.TZ = "UTC" # hermetic default`,
		`action.env_pass = ["X"] # f.toml:4`,
		`action.umask = "022" # hermetic default`,
		`action.rlimits = {core = 0} # hermetic default`,
		`manifest.path = "/work dir/out.mtree" # -m`,
		`manifest.root = "/work dir" # default`,
		`hermetic.network = "loopback" # f.toml:6`,
		`hermetic.epoch = 315532800 # hermetic default`,
		`hermetic.cpus = 2 # --set`,
		`hermetic.refuse = ["bpf", "io_uring_setup", "userfaultfd"] # hermetic default`,
	} {
		if !got[want] {
			t.Errorf("no line %s in\n%s", want, b.String())
		}
	}
}

func TestLiteral(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{"a\"b\\c\n\t", `"a\"b\\c\n\t"`},
		{"\x00é\xff", `"\U00000000é\xFF"`},
		{[]any{"a", int64(1)}, `["a", 1]`},
		{map[string]any{"b c": true, "a": "x", "": "y"}, `{"" = "y", a = "x", "b c" = true}`},
	} {
		if got := literal(tt.v); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.v, got, tt.want)
		}
	}
}

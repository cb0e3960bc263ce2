package doctor

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write testdata")

// healthy are the facts of a machine with nothing to say about.
func healthy() *Facts {
	f := &Facts{
		OS: "linux", Arch: "amd64", Kernel: "6.12.1", UID: 1000,
		Proc: true, UIDMap: "0 0 4294967295", Yama: 1,
		UserNS: Answer{Asked: true, OK: true},
		NoFile: Limit{1024, 4096}, NProc: Limit{Unlimited, Unlimited},
		Experiments: map[string]Answer{},
	}
	for _, e := range experiments {
		f.Experiments[e.key] = Answer{Asked: e.key != "words", OK: true} // what is there is not replaced
	}
	for _, name := range []string{"Tracees", "SupportsFork", "SupportsVfork", "StateSize", "Stat, Lstat, Fstat, Fstatat"} {
		f.Platform = append(f.Platform, Constant{Name: name, Compiled: "so", Measured: "so", Asked: true, Same: true})
	}
	for _, q := range questions {
		c := Call{Name: q.name, Made: true, Answer: "EINVAL", Trace: Answer{Asked: true, OK: true}, Trap: Answer{Asked: true, OK: true}}
		if q.kind != newer {
			c.Answer = "ENOENT"
		}
		f.Calls = append(f.Calls, c)
	}
	for _, role := range []string{"cwd", "tmp"} {
		good := Answer{Asked: true, OK: true}
		f.Dirs = append(f.Dirs, Dir{
			Role: role, Path: "/" + role, FileSystem: "ext4", Writable: true, Birth: good, Generation: good, UserXattr: good, EntryType: good,
		})
	}
	return f
}

// refuse makes an outer filter of the facts decide about calls.
func (f *Facts) refuse(answer string, trap bool, names ...string) {
	f.Filters = 1
	for i, q := range questions {
		for _, name := range names {
			if q.name == name {
				c := &f.Calls[i]
				c.Answer, c.Missing = answer, answer == "ENOSYS"
				c.Trace = Answer{Asked: true, Why: "an outer filter comes first"}
				if !trap {
					c.Trap = c.Trace
				}
			}
		}
	}
}

// fail makes an experiment of the facts fail, and those after it that need it not be made.
func (f *Facts) fail(key, why string, rest bool) {
	after := false
	for _, e := range experiments {
		switch {
		case e.key == key:
			f.Experiments[key] = Answer{Asked: true, Why: why}
			after = true
		case after && rest:
			f.Experiments[e.key] = Answer{}
		}
	}
	if rest {
		f.Calls = nil
		for i := range f.Platform[1:] {
			f.Platform[1+i] = Constant{Name: f.Platform[1+i].Name, Compiled: "so"}
		}
	}
}

// differ makes a constant of the facts another than the compiled-in one.
func (f *Facts) differ(name, compiled, measured string) {
	for i := range f.Platform {
		if f.Platform[i].Name == name {
			f.Platform[i] = Constant{Name: name, Compiled: compiled, Measured: measured, Asked: true}
		}
	}
}

// machines are what may be found, each with its level.
var machines = map[string]struct {
	level Level
	facts func() *Facts
}{
	"healthy": {Full, healthy},
	"darwin":  {None, func() *Facts { return &Facts{OS: "darwin", Arch: "arm64", Yama: -1} }},
	"nix": {Full, func() *Facts {
		f := healthy()
		f.Sandbox = []Sandbox{{"Nix build", "$NIX_BUILD_TOP"}}
		f.UIDMap, f.MapsOne = "1000 1000 1", true
		f.refuse("EPERM", true, "chmod", "fchmod", "fchmodat")
		f.refuse("ENOTSUP", true, "setxattr", "setxattr-user", "fsetxattr")
		return f
	}},
	"docker": {Full, func() *Facts {
		f := healthy()
		f.Sandbox = []Sandbox{{"Docker", "/.dockerenv"}, {"Kubernetes", "$KUBERNETES_SERVICE_HOST"}}
		f.UserNS = Answer{Asked: true, Why: "EPERM"}
		f.refuse("ENOSYS", true, "clone3")
		f.Filters = -1
		return f
	}},
	"strict-sandbox": {Losses, func() *Facts {
		f := healthy()
		f.refuse("EPERM", true, "chown")
		f.refuse("kill", false, "mknod")
		f.Filters = 2
		return f
	}},
	"no-trap": {Losses, func() *Facts {
		f := healthy()
		f.fail("retTrap", "no signal", false)
		f.refuse("EPERM", false, "chmod")
		return f
	}},
	"old-gvisor": {Losses, func() *Facts {
		f := healthy()
		f.fail("read", "function not implemented", false)
		f.fail("write", "function not implemented", false)
		f.Experiments["words"] = Answer{Asked: true, OK: true}
		return f
	}},
	// ps-8
	"linux-4.14": {Full, func() *Facts {
		f := healthy()
		f.Kernel, f.Yama, f.Filters = "4.14.0", -1, 0
		f.fail("specAllow", "invalid argument", false)
		f.fail("syscallInfo", "input/output error", false)
		for i, q := range questions {
			switch q.name {
			case "clone3", "openat2", "faccessat2", "pidfd_open", "close_range", "fchmodat2", "setxattrat":
				f.Calls[i].Answer, f.Calls[i].Missing = "ENOSYS", true
			}
		}
		return f
	}},
	"no-statx": {Losses, func() *Facts {
		f := healthy()
		f.refuse("ENOSYS", true, "statx")
		f.differ("Stat, Lstat, Fstat, Fstatat", "statx", "none (function not implemented)")
		return f
	}},
	"another-kernel": {None, func() *Facts {
		f := healthy()
		f.fail("vfork", "no event (0)", false)
		f.differ("SupportsVfork", "true", "false (no event (0))")
		f.differ("StateSize", "216", "224")
		return f
	}},
	"network-disk": {Losses, func() *Facts {
		f := healthy()
		f.UID, f.CanChown = 0, true
		f.Dirs[0].FileSystem = "nfs"
		f.Dirs[0].Birth = Answer{Asked: true, Why: "statx tells none"}
		f.Dirs[0].Generation = Answer{Asked: true, Why: "ENOTTY"}
		f.Dirs[0].UserXattr = Answer{Asked: true, Why: "EOPNOTSUPP"}
		f.Dirs[0].EntryType = Answer{Asked: true, Why: "type 0"}
		f.Dirs[1].NoExec = true
		f.Dirs = append(f.Dirs, Dir{Role: "home", Path: "/nonexistent", Error: "no such file or directory"},
			Dir{Role: "store", Path: "/store", FileSystem: "squashfs"}, Dir{Role: "work", Path: "/cwd", FileSystem: "nfs"})
		f.NoFile, f.NProc = Limit{64, 64}, Limit{32, Unlimited}
		return f
	}},
	"traced": {None, func() *Facts {
		f := healthy()
		f.Tracer = "strace (process 7)"
		f.fail("traceme", "operation not permitted", true)
		return f
	}},
	// frng-12
	"yama-2":     {None, yama(2, false)},
	"yama-3":     {None, yama(3, false)},
	"yama-2-cap": {Full, yama(2, true)},
	"yama-0":     {Full, yama(0, true)},
	"no-seccomp": {None, func() *Facts {
		f := healthy()
		f.fail("filter", "function not implemented", true)
		return f
	}},
	"no-proc": {None, func() *Facts {
		f := healthy()
		f.Proc, f.UIDMap = false, ""
		return f
	}},
}

func yama(scope int, may bool) func() *Facts {
	return func() *Facts {
		f := healthy()
		f.Yama = scope
		if !may {
			f.fail("traceme", "operation not permitted", true)
		}
		return f
	}
}

func TestJudge(t *testing.T) {
	statuses := map[Level]int{Full: 0, Losses: 1, None: 125}
	for name, m := range machines {
		t.Run(name, func(t *testing.T) {
			r := Judge(m.facts())
			if r.Level != m.level || r.Status != statuses[m.level] {
				t.Errorf("level %s, status %d; want %s", r.Level, r.Status, m.level)
			}
			seen := map[string]bool{}
			for _, f := range r.Findings {
				if seen[f.Name] {
					t.Errorf("%s is found twice", f.Name)
				}
				seen[f.Name] = true
				if f.Found == "" || f.State != OK && (f.Instead == "" || f.Remedy == "") {
					t.Errorf("a shortcoming without a consequence or a remedy: %+v", f)
				}
			}
			var table, text bytes.Buffer
			if err := r.WriteTable(&table); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", table.Bytes())
			if err := r.WriteJSON(&text); err != nil {
				t.Fatal(err)
			}
			var back Report
			if err := json.Unmarshal(text.Bytes(), &back); err != nil || len(back.Findings) != len(r.Findings) {
				t.Errorf("JSON does not come back: %v", err)
			}
			if name == "strict-sandbox" {
				golden(t, name+".json", text.Bytes())
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s (go test -update writes it):\n%s", file, got)
	}
}

func TestJoin(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := join(names); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

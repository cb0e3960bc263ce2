package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/feign-build/feign"

// A goPackage is what `go list` tells of one.
type goPackage struct {
	ImportPath string
	Dir        string
	Imports    []string
}

// name is the path within the module.
func (p goPackage) name() string { return inModule(p.ImportPath) }

func inModule(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// goTool runs the go command in the root of the module, with additions to the environment.
func goTool(t *testing.T, env []string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = "../.."
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s go %s: %v\n%s", strings.Join(env, " "), strings.Join(args, " "), err, &stderr)
	}
	return out
}

// packages lists the module's packages as they are on Linux.
func packages(t *testing.T) (list []goPackage) {
	t.Helper()
	out := goTool(t, []string{"GOOS=linux", "GOARCH=amd64"}, "list", "-e", "-json=ImportPath,Dir,Imports", "./...")
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// under reports whether a package is name or below it.
func under(pkg string, names ...string) bool {
	for _, n := range names {
		if pkg == n || strings.HasPrefix(pkg, n+"/") {
			return true
		}
	}
	return false
}

// Who may import whom, within the module. A package that no rule is about may import everything.
var rules = []struct {
	of   func(pkg string) bool
	may  func(imported string) bool
	says string
}{
	{
		func(p string) bool { return under(p, "ptlib") },
		func(i string) bool { return under(i, "ptlib") },
		"ptlib imports nothing of the project",
	}, {
		func(p string) bool { return under(p, "lies") },
		func(i string) bool { return under(i, "lies") },
		"lies knows nothing of how system calls are seen",
	}, {
		func(p string) bool { return under(p, "archive") },
		func(i string) bool { return under(i, "archive", "lies") },
		"archive needs a manifest and a tree",
	}, {
		func(p string) bool { return under(p, "plugins") },
		func(i string) bool { return !under(i, "ptlib", "wrapper", "cmd") },
		"plugins import neither ptlib nor wrapper",
	}, {
		func(p string) bool { return under(p, "wrapper/guest/acl", "wrapper/guest/cred") },
		func(i string) bool { return under(i, "wrapper/guest/acl", "wrapper/guest/cred") },
		"ACLs and credentials are rules without a machine",
	}, {
		func(p string) bool { return under(p, "cmd") },
		func(i string) bool { return !under(i, "ptlib", "wrapper/guest") },
		"cmd parses, calls and prints",
	}, {
		func(p string) bool { return !under(p, "cmd") },
		func(i string) bool { return !under(i, "cmd", "test", "bench") },
		"what a Go program could want is not in cmd",
	},
}

// port-1: the layers of docs/ARCHITECTURE.md.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if !under(path, module) {
				continue
			}
			for _, r := range rules {
				if r.of(p.name()) && !r.may(inModule(path)) {
					t.Errorf("%s imports %s: %s", p.name(), inModule(path), r.says)
				}
			}
		}
	}
}

// port-1: everything but the tracer and its users is for any system; there `feign run` says that it cannot. `make lint` compiles it.
func TestOtherSystems(t *testing.T) {
	for _, system := range []string{"darwin", "windows"} {
		out := goTool(t, []string{"GOOS=" + system, "GOARCH=amd64"}, "list", "-deps", "./archive", "./lies/...", "./wrapper", "./cmd/feign")
		found := 0
		for path := range strings.FieldsSeq(string(out)) {
			if !under(path, module) {
				continue
			}
			found++
			if under(inModule(path), "ptlib", "wrapper/guest") {
				t.Errorf("%s: %s is needed", system, path)
			}
		}
		if found < 5 {
			t.Errorf("%s: only %d packages are needed", system, found)
		}
	}
}

package doctor

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
)

func TestMain(m *testing.M) { unroot.Main(m) }

// port-4: the machine that runs the tests can run actions, and nothing is left behind.
func TestCollect(t *testing.T) {
	t.Chdir(t.TempDir())
	f := Collect()
	r := Judge(f)
	if f.Tracer == "" && r.Level == None {
		var b strings.Builder
		_ = r.WriteTable(&b)
		t.Errorf("no action can be run here:\n%s", b.String())
	}
	if len(f.Experiments) != len(experiments) {
		t.Errorf("%d experiments are measured, %d are judged", len(f.Experiments), len(experiments))
	}
	for _, e := range experiments {
		if _, ok := f.Experiments[e.key]; !ok {
			t.Errorf("%s is not measured", e.key)
		}
	}
	for _, c := range f.Platform {
		if f.Tracer == "" && !c.Same {
			t.Errorf("this kernel is not what feign was compiled for: %+v", c)
		}
	}
	if len(f.Platform) == 0 {
		t.Error("nothing is compared with what feign was compiled for")
	}
	if left, _ := filepath.Glob(".feign*"); left != nil {
		t.Errorf("left behind: %q", left)
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG|unix.WALL, nil); err != unix.ECHILD {
		t.Errorf("children are left: %v", err)
	}
}

// What is said to be caught is what feign emulates.
func TestQuestionsNameCalls(t *testing.T) {
	decisions := map[ptlib.Sys]guest.Decision{}
	for _, row := range guest.Table {
		decisions[row.Sys] = row.Decision
	}
	for _, q := range questions {
		switch d, ok := decisions[q.call()]; {
		case q.call() == ptlib.SysUnknown || !ok:
			t.Errorf("%s: no such call", q.name)
		case q.kind != newer && d != guest.Emulated:
			t.Errorf("%s is not emulated: %v", q.name, d)
		}
	}
}

func TestSandboxes(t *testing.T) {
	for _, c := range []struct {
		name    string
		files   []string
		env     map[string]string
		version string
		want    []string
	}{
		{"none", nil, nil, "#1 SMP", nil},
		{"Docker", []string{".dockerenv"}, map[string]string{"container": "x"}, "", []string{"Docker"}},
		{"podman", []string{"run/.containerenv"}, nil, "", []string{"podman"}},
		{"gVisor in Docker", []string{".dockerenv"}, nil, gVisorVersion, []string{"gVisor", "Docker"}},
		{"Nix", nil, map[string]string{"NIX_BUILD_TOP": "/build"}, "", []string{"Nix build"}},
		{"Bazel", nil, map[string]string{"PWD": "/home/u/.cache/bazel/x/execroot/main"}, "", []string{"Bazel action"}},
		{"nspawn", nil, map[string]string{"container": "systemd-nspawn"}, "", []string{"container"}},
	} {
		root := t.TempDir()
		for _, f := range c.files {
			_ = os.MkdirAll(filepath.Dir(filepath.Join(root, f)), 0o755)
			if err := os.WriteFile(filepath.Join(root, f), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, s := range sandboxes(root, func(name string) string { return c.env[name] }, c.version) {
			got = append(got, s.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEntryType(t *testing.T) {
	entry := func(kind uint8, name string) []byte {
		e := make([]byte, direntName, 32)
		e[direntType] = kind
		e = append(append(e, name...), 0)
		binary.NativeEndian.PutUint16(e[direntSize:], uint16(len(e)))
		return e
	}
	buf := slices.Concat(entry(unix.DT_DIR, "."), entry(unix.DT_UNKNOWN, "odd"), entry(unix.DT_REG, "file"))
	for name, want := range map[string]uint8{".": unix.DT_DIR, "odd": unix.DT_UNKNOWN, "file": unix.DT_REG} {
		if got, ok := entryType(buf, name); !ok || got != want {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	for n := range buf { // cut off anywhere
		if _, ok := entryType(buf[:n], "file"); ok {
			t.Errorf("an entry is found in %d bytes", n)
		}
	}
	if _, ok := entryType(make([]byte, 64), "x"); ok {
		t.Error("an entry of no size")
	}
}

func TestExamineDir(t *testing.T) {
	dir := t.TempDir()
	if d := examineDir("cwd", dir); d.Error != "" || !d.Writable || d.FileSystem == "" || !d.Birth.Asked || !d.EntryType.Asked {
		t.Errorf("%+v", d)
	}
	if d := examineDir("tmp", dir+"/none"); d.Error != "no such file or directory" {
		t.Errorf("%+v", d)
	}
	if d := examineDir("home", ""); d.Error != "not set" {
		t.Errorf("%+v", d)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if d := examineDir("cwd", dir); d.Writable || d.UserXattr.Asked || !d.Birth.Asked {
		t.Errorf("not writable: %+v", d)
	}
	if got := fileSystemName(0xabc); got != "file system of type 0xabc" {
		t.Error(got)
	}
}

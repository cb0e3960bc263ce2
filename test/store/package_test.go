//go:build linux

package store

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// built runs a command in a copy of a directory of testdata, and returns the file that it makes there, or beside it.
func built(t *testing.T, top, from, result string, cmd func(dir string) *exec.Cmd) []byte {
	t.Helper()
	dir := filepath.Join(top, "source")
	root(t, "cp", "-r", from, dir)
	root(t, "chown", "-R", "1500:1500", dir)
	r := finish(cmd(dir))
	if r.status != 0 {
		t.Fatalf("status %d\n%s%s", r.status, r.out, r.messages)
	}
	made, err := os.ReadFile(filepath.Join(dir, result))
	if err != nil {
		t.Fatalf("%v\n%s%s", err, r.out, r.messages)
	}
	return made
}

// asRoot makes a command that real root runs, for the reference.
func asRoot(env string) func(argv ...string) func(dir string) *exec.Cmd {
	return func(argv ...string) func(dir string) *exec.Cmd {
		return func(dir string) *exec.Cmd {
			cmd := asUser(dir, argv...)
			cmd.Env = append(cmd.Env, env)
			cmd.SysProcAttr = nil
			return cmd
		}
	}
}

// Debian's tools and a script like makepkg find feign under the name fakeroot in the PATH, are told nothing else, and make the very
// package that real root makes.
func TestPackages(t *testing.T) {
	const deb = "../feign-hello_1.0_all.deb"
	shell := []string{"sh", "-c", `umask 022; exec "$@"`, "-"}
	reference := built(t, userDir(t), "testdata/hello", deb, asRoot("LC_ALL=C.UTF-8")(append(shell, "dpkg-buildpackage", "-b", "-us", "-uc")...))
	for name, argv := range map[string][]string{
		"dpkg-buildpackage -rfakeroot":     {"dpkg-buildpackage", "-rfakeroot", "-b", "-us", "-uc"},
		"dpkg-buildpackage, as it comes":   {"dpkg-buildpackage", "-b", "-us", "-uc"},
		"debuild":                          {"debuild", "--prepend-path=" + filepath.Dir(feign), "--no-lintian", "-b", "-us", "-uc"},
		"fakeroot debian/rules binary":     {"sh", "-c", "debian/rules build && SOURCE_DATE_EPOCH=1767225600 fakeroot debian/rules binary"},
		"fakeroot -s and -i, in two steps": {"sh", "-c", "debian/rules build && export SOURCE_DATE_EPOCH=1767225600; fakeroot -s ../save debian/rules binary && fakeroot -i ../save dpkg-deb --build debian/tmp .."},
	} {
		t.Run(name, func(t *testing.T) {
			made := built(t, userDir(t), "testdata/hello", deb, func(dir string) *exec.Cmd { return asUser(dir, append(shell, argv...)...) })
			if !bytes.Equal(made, reference) {
				t.Error("the package is another one than real root's")
			}
		})
	}
	t.Run("a script like makepkg", func(t *testing.T) {
		prepare := "mkdir -p pkg/usr/bin; echo hello >pkg/usr/bin/hello; bash ./makepkg.sh -F"
		want := built(t, userDir(t), "testdata/makepkg", "package.tar", asRoot("FAKEROOTKEY=1")("sh", "-c", prepare))
		got := built(t, userDir(t), "testdata/makepkg", "package.tar", func(dir string) *exec.Cmd { return asUser(dir, "./makepkg.sh") })
		if !bytes.Equal(got, want) {
			t.Error("the package is another one than real root's")
		}
	})
}

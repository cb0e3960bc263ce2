//go:build linux

package differential

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A testCase is one program that is run on both sides.
type testCase struct {
	mode   string   // amd64, 386, sh, or a C library
	name   string   // of the case within its mode
	golden string   // the name of its expectation, which modes share
	argv   []string // the program
	needs  []string // tools that must be installed
	kernel string   // the oldest kernel that gives the expected answer
	writes bool     // -update writes the expectation from this mode
}

// collect builds the programs and lists the cases of all the chosen modes.
func (w *workbench) collect(t *testing.T) []testCase {
	var cases []testCase
	for _, arch := range list(*arches) {
		cases = append(cases, w.victimCases(t, arch)...)
	}
	if *withShell {
		cases = append(cases, scriptCases(t)...)
	}
	for _, libc := range list(*libcs) {
		cases = append(cases, w.cCases(t, libc)...)
	}
	seen := map[string]bool{}
	for i := range cases {
		c := &cases[i]
		c.writes = !seen[c.golden]
		seen[c.golden] = true
	}
	return cases
}

// victimCases are the cases of test/victim, built for an architecture.
func (w *workbench) victimCases(t *testing.T, arch string) []testCase {
	program := w.goBuild(t, "victim-"+arch, "../victim", "GOARCH="+arch)
	out, err := exec.Command(program, "-list").Output()
	if err != nil {
		t.Fatalf("%s -list: %v", program, err)
	}
	var cases []testCase
	for line := range strings.Lines(string(out)) {
		field := strings.Split(strings.TrimSpace(line), "\t")
		cases = append(cases, testCase{
			mode: arch, name: field[0], golden: field[0], kernel: undash(field[3]),
			argv: []string{program, field[0]},
		})
	}
	return cases
}

// scriptCases are the scripts. A script is handed over as text, so that its
// path stands in no message, with the functions of scripts/lib before it.
// Comment lines at its start say what it needs:
//
//	# needs: setfacl rsync
//	# kernel: 6.6
func scriptCases(t *testing.T) []testCase {
	files, err := filepath.Glob("scripts/*.sh")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	slices.Sort(files)
	lib, err := os.ReadFile("scripts/lib/lib.sh")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".sh")
		cases = append(cases, testCase{
			mode: "sh", name: name, golden: "sh-" + name,
			argv:   []string{"/bin/sh", "-c", string(lib) + string(text), name},
			needs:  strings.Fields(header(text, "needs")),
			kernel: header(text, "kernel"),
		})
	}
	return cases
}

// compilers are the ways to build a C program: what stands before its source.
var compilers = map[string][]string{
	"glibc":  {"gcc"},
	"static": {"gcc", "-static"},
	"i386":   {"gcc", "-m32"},
	"musl":   {"musl-gcc", "-static"},
}

// cCases are the programs of c/, built with a C library.
func (w *workbench) cCases(t *testing.T, libc string) []testCase {
	compiler, known := compilers[libc]
	if !known {
		t.Fatalf("no C library %q: glibc, static, i386 or musl", libc)
	}
	files, err := filepath.Glob("c/*.c")
	if err != nil || len(files) == 0 {
		t.Fatalf("no C programs: %v", err)
	}
	slices.Sort(files)
	var cases []testCase
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".c")
		program := filepath.Join(w.dir, "bin", libc+"-"+name)
		args := append(slices.Clone(compiler[1:]), "-std=gnu11", "-Wall", "-Werror", "-O1", "-pthread", "-o", program, file)
		if out, err := exec.Command(compiler[0], args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %s: %v\n%s", compiler[0], strings.Join(args, " "), err, out)
		}
		cases = append(cases, testCase{mode: libc, name: name, golden: "c-" + name, argv: []string{program}})
	}
	return cases
}

// header is what stands behind "# key:" in the comment that a script starts with.
func header(text []byte, key string) string {
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		if value, found := strings.CutPrefix(line, "# "+key+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// list splits a flag at its commas; an empty one has no parts.
func list(flag string) []string {
	if flag == "" {
		return nil
	}
	return strings.Split(flag, ",")
}

func undash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

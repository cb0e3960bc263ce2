package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Verdicts are about where a path leads, by whatever name; what is told of is told once, with who touched it first.
func TestVerdicts(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"denied", "hidden", "told", "free"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"to-denied": "denied", "to-hidden": filepath.Join(dir, "hidden")} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	var met []Access
	asked := 0
	a := &action{dir: dir, config: Config{Policy: &Policy{
		Paths: []PathRule{
			{Prefix: filepath.Join(dir, "denied"), Verdict: Deny, Errno: unix.EPERM},
			{Prefix: filepath.Join(dir, "hidden"), Verdict: Hide},
			{Prefix: filepath.Join(dir, "told"), Verdict: Report},
			{Prefix: filepath.Join(dir, "free"), Verdict: Ask},
		},
		Report:  func(a Access) { met = append(met, a) },
		Resolve: func([]string) []Verdict { asked++; return []Verdict{Allow} },
	}}}
	wantText(t, a.shell(t, `
		for f in denied hidden told free to-denied to-hidden; do cat "$f" 2>&1; done | sed 's/^cat: //'
		cat told free; ls; mkdir hidden 2>/dev/null || echo refused`), `
		denied: Operation not permitted
		hidden: No such file or directory
		told
		free
		to-denied: Operation not permitted
		to-hidden: No such file or directory
		told
		free
		denied
		free
		to-denied
		to-hidden
		told
		refused
	`)
	if len(met) != 2 || met[0].Verdict != Deny || met[1].Verdict != Report || met[0].Program != "cat" || met[1].Sys != ptlib.SysOpenat {
		t.Errorf("told of %+v", met)
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// What one system call needs is asked in one question, and nothing twice.
func TestAskedTogether(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(inner, fmt.Sprintf("f%02d", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var questions []int
	seen := map[string]bool{}
	a := &action{dir: dir, config: Config{Policy: &Policy{
		Paths: []PathRule{{Prefix: inner, Verdict: Ask}},
		Resolve: func(paths []string) []Verdict {
			questions = append(questions, len(paths))
			out := make([]Verdict, len(paths))
			for i, p := range paths {
				if seen[p] {
					t.Errorf("asked again about %s", p)
				}
				seen[p] = true
				if p == filepath.Join(inner, "f07") {
					out[i] = Hide
				}
			}
			return out
		},
	}}}
	wantText(t, a.shell(t, `mv -T inner/x inner/y 2>/dev/null; ls inner | wc -l; ls -l inner | grep -c f; cat inner/f07 2>&1; cat inner/f08`), `
		39
		39
		cat: inner/f07: No such file or directory
	`)
	most, total := 0, 0
	for _, n := range questions {
		most, total = max(most, n), total+n
	}
	if most < 38 || total != 43 || len(questions) > 6 {
		t.Errorf("questions about %v paths", questions)
	}
}

package guest

import (
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

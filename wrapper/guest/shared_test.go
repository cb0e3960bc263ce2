package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
)

// together makes Configs of actions that share what they know.
func together() Config { return Config{Lies: lies.New(lies.Options{}), Shared: &Shared{}} }

// A file that two actions had to have wider gets its own mode back with the second of them that ends, whichever that is.
func TestWidenedByTwo(t *testing.T) {
	for _, firstEndsFirst := range []bool{true, false} {
		config, dir := together(), t.TempDir()
		file := filepath.Join(dir, "closed")
		if err := os.WriteFile(file, []byte("old\n"), 0); err != nil {
			t.Fatal(err)
		}
		var kernels []*Kernel
		for _, script := range []string{"cat closed; stat -c %a closed", "echo new >closed; stat -c %a closed"} {
			a := &action{config: config, dir: dir, prepare: func(k *Kernel) { kernels = append(kernels, k) }}
			if out := a.shell(t, script); !strings.HasSuffix(out, "0\n") || strings.Contains(out, "denied") {
				t.Errorf("%q", out)
			}
		}
		if !firstEndsFirst {
			kernels[0], kernels[1] = kernels[1], kernels[0]
		}
		mode := func(want os.FileMode) {
			t.Helper()
			if info, err := os.Stat(file); err != nil || info.Mode() != want {
				t.Errorf("%v, %v; want %v", info.Mode(), err, want)
			}
		}
		mode(0o600)
		kernels[0].Restore()
		mode(0o600)
		kernels[1].Restore()
		mode(0)
		if n := len(config.Shared.widened.files); n != 0 {
			t.Errorf("%d files are left", n)
		}
	}
}

// Of processes that are refused at the same time, all come in, not only the one whose call the mode is widened for.
func TestWidenedAtOnce(t *testing.T) {
	config, dir := together(), t.TempDir()
	const files = 100
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x\n"), 0); err != nil {
			t.Fatal(err)
		}
	}
	a := &action{config: config, dir: dir, prepare: func(k *Kernel) { t.Cleanup(k.Restore) }}
	// Into a pipe: of writers of one file by copy_file_range(2), as cat's is, one may overwrite what another has written.
	out := a.shell(t, "for f in *; do cat $f & cat $f & cat $f & wait; done 2>&1 | cat")
	if out != strings.Repeat("x\n", 3*files) {
		t.Errorf("%d of %d; %q", strings.Count(out, "x\n"), 3*files, strings.ReplaceAll(out, "x\n", ""))
	}
}

// What cannot be had is not asked for without end: what is in the way may be something else than a mode.
func TestWidenedInVain(t *testing.T) {
	var r retry
	one, other := lies.Key{Ino: 1}, lies.Key{Ino: 2}
	for i, want := range []bool{true, true, true, false, false} {
		if got := r.once(one); got != want {
			t.Errorf("refusal %d: again: %t, want %t", i+1, got, want)
		}
	}
	if !r.once(other) || !r.once(one) {
		t.Error("another file is another matter")
	}
}

// What one action claims about a file without a name, another one sees that has the file open: with the shortcut and without.
func TestOrphanOfTwo(t *testing.T) {
	for _, shortcut := range []Shortcut{ShortcutNever, ShortcutCan} {
		config, dir := together(), t.TempDir()
		config.Shortcut = shortcut
		file, err := os.Create(filepath.Join(dir, "f"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		reached := fmt.Sprintf("/proc/$PPID/fd/%d", file.Fd())
		look := "stat -L -c %u:%g " + reached
		ready := &action{config: config, dir: dir}
		for i, step := range []struct{ script, want string }{
			{look, "0:0"},
			{"chown 7:8 f; rm f; " + look, "7:8"},
			{look, "7:8"},
			{"chown 9:10 " + reached, ""},
			{look + "; " + look, "9:10\n9:10"},
		} {
			a := *ready
			a.prepare = func(k *Kernel) { t.Cleanup(func() { k.Close() }) }
			if got := strings.TrimSpace(a.shell(t, step.script)); got != step.want {
				t.Errorf("shortcut %d, action %d: %q, want %q", shortcut, i+1, got, step.want)
			}
		}
	}
}

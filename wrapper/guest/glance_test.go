package guest

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/guest/vfs"
)

func TestIsName(t *testing.T) {
	for path, want := range map[string]bool{"a": true, "...": true, ".a": true, "": false, ".": false, "..": false, "a/b": false, "/a": false, "a/": false} {
		if got := isName([]byte(path)); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

// Whoever looks at a file, it is the one that the kernel would have changed.
func TestGlance(t *testing.T) {
	a := &action{config: together(), dir: t.TempDir()}
	out := a.shell(t, `
		mkdir d d/e; echo >d/f; ln -s f d/l; ln -s nowhere d/m; mkfifo d/p; ln d/f d/g
		chown -R 5:6 d
		stat -c '%u:%g %n' d d/*
		chown 7 d/l                  # the file that it leads to
		chown -h 8 d/m
		cd d; chown 9 .; chown 10 e/..; chown 11 ../d/e
		exec 3<f; chown 12 /proc/self/fd/3
		stat -c '%u:%g %n' . *
		chown 13 nothing m 2>&1`)
	want := "5:6 d\n5:6 d/e\n5:6 d/f\n5:6 d/g\n5:6 d/l\n5:6 d/m\n5:6 d/p\n" +
		"10:6 .\n11:6 e\n12:6 f\n12:6 g\n5:6 l\n8:6 m\n5:6 p\n" +
		"chown: cannot access 'nothing': No such file or directory\nchown: cannot dereference 'm': No such file or directory\n"
	if out != want {
		t.Errorf("%s\nwant:\n%s", out, want)
	}
}

// What a glance tells is what the kernel tells without a tracer, wherever a path leads.
func TestGlanceLeads(t *testing.T) {
	const script = `
		exec 2>&1; rm -rf d w s; top=$PWD
		mkdir d d/e; echo abc >d/e/f; ln -s e/f d/l; ln -s l d/m; ln -s nowhere d/n; ln -s o d/o
		ln -s /proc/self/fd/3 d/p; ln -s /proc/self/exe d/x; ln -s /proc/self d/q; ln -s d/e s
		look() { stat -L -c '%s %h %F %n' "$@"; }
		look d/e/f d/l d/m s/f s/../e/f d/e/f/ d/n d/n/ d/o d/none/f d/e/f/g "" /none/. /proc/none
		look "$(printf %256s)" "d/$(printf %256s)" "$(printf %4096s)"
		stat -c '%F %n' d/m d/p s s/ d/q
		exec 3<d/e/f; look d/p /proc/self/fd/3 3>&-; look d/p
		test "$(stat -L -c %d:%i d/x)" = "$(stat -L -c %d:%i "$(command -v stat)")" && echo itself
		cd d/e; look f ../l .; rm f; look f /proc/self/cwd/../m; mv ../e ../w; look .; look ../w
		test -r ../w && test -x ../w && test ! -e ../none/x && test ! -e ../n && test -w /dev/null && test -e ../x && echo tested
		cd /proc/self; test "$(stat -L -c %d:%i exe)" != "$(stat -L -c %d:%i /proc/$$/exe)" || echo same
		stat -c '%F %n' self exe
		cd "$top/d/w"; rmdir ../w; look . ../w; cat /dev/fd/9; cat 9</dev/null /dev/fd/9 && echo read`
	native := exec.Command("/bin/sh", "-c", script)
	dir := t.TempDir()
	native.Dir = dir
	want, err := native.Output()
	if err != nil {
		t.Fatal(err)
	}
	if out := (&action{config: together(), dir: dir}).shell(t, script); out != string(want) {
		t.Errorf("%s\nwant:\n%s", out, want)
	}
}

// A look is one stop where it was two, and an open for reading too.
func TestGlanceStops(t *testing.T) {
	fd, err := unix.Openat2(unix.AT_FDCWD, "/", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC})
	if err != nil {
		t.Skip("without openat2(2) there are two stops: ", err)
	}
	unix.Close(fd)
	stops := func(script string) uint64 {
		a := &action{config: together(), dir: t.TempDir()}
		a.config.Shortcut = ShortcutNever
		a.shell(t, ": >f; mkdir d; ln -s ../f d/l\n"+script)
		return a.stats.Stops
	}
	const n = 100
	for name, command := range map[string]string{
		"a name": "test -e f", "a path": "test -f ./d/l", "from the root": "test -d /usr/lib", "not there": "test -e none",
		"not there, in a directory": "test -e /usr/none", "readable": "test -r /usr/lib", "may not be written": "test -w /",
		"read": "read a <f",
	} {
		script := func(n int) string {
			return fmt.Sprintf("i=0; while [ $i -lt %d ]; do %s; i=$((i+1)); done; true", n, command)
		}
		if each := float64(stops(script(2*n))-stops(script(n))) / n; each != 1 {
			t.Errorf("%s: %v stops", name, each)
		}
	}
}

// Where paths are translated, what only looks at a file, or for it, is one stop too, the way to it and what it is included.
func TestTranslatedLooksStopOnce(t *testing.T) {
	if !vfs.HasOpenat2() {
		t.Skip("without openat2(2) there are more stops")
	}
	dir := t.TempDir()
	stops := func(call string, n int) uint64 {
		a := &action{config: together(), dir: dir}
		a.config.Shortcut = ShortcutNever
		a.config.Policy = &Policy{Method: RootTranslate, Binds: []Bind{{From: dir, To: "/bound"}}}
		if out := a.helper(t, "look", call, strconv.Itoa(n)); out != "" {
			t.Errorf("%s: %s", call, out)
		}
		return a.stats.Stops
	}
	const n = 100
	for call := range looks {
		// The helper's runtime sends itself signals, which are stops too.
		if each := float64(stops(call, 2*n)-stops(call, n)) / n; math.Abs(each-1) > 0.3 {
			t.Errorf("%s: %v stops", call, each)
		}
	}
}

// looks are calls that only look, and what they come to.
var looks = map[string]func() bool{
	"readlink of a link":      func() bool { return readsLink("/bound/l", 5, nil) },
	"readlink, cut off":       func() bool { _, err := unix.Readlink("/bound/l", make([]byte, 1)); return err == nil },
	"readlink of a file":      func() bool { return readsLink("/bound/f", 0, unix.EINVAL) },
	"readlink of none":        func() bool { return readsLink("/bound/none", 0, unix.ENOENT) },
	"readlink in none":        func() bool { return readsLink("/bound/none/x", 0, unix.ENOENT) },
	"readlink, by a link":     func() bool { return readsLink("/bound/d/l", 5, nil) },
	"stat in none":            func() bool { return unix.Stat("/bound/none/x", new(unix.Stat_t)) == unix.ENOENT },
	"stat by a link, in none": func() bool { return unix.Stat("/bound/d/none/x", new(unix.Stat_t)) == unix.ENOENT },
	"lstat of none":           func() bool { return unix.Lstat("/bound/none", new(unix.Stat_t)) == unix.ENOENT },
	"access in none":          func() bool { return unix.Access("/bound/none/x", unix.R_OK) == unix.ENOENT },
	"open in none": func() bool {
		_, err := unix.Open("/bound/none/x", unix.O_RDONLY, 0)
		return err == unix.ENOENT
	},
}

func readsLink(path string, size int, want error) bool {
	n, err := unix.Readlink(path, make([]byte, 100))
	return err == want && (err != nil || n == size)
}

func init() {
	helpers["look"] = func() {
		n, _ := strconv.Atoi(os.Args[2])
		os.WriteFile("f", nil, 0o600)
		os.Symlink("to it", "l0")
		os.Rename("l0", "l")
		os.Symlink(".", "d")
		for range n {
			if !looks[os.Args[1]]() {
				fmt.Println("is not what is expected")
				return
			}
		}
	}
}

//go:build linux && amd64

package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// fakerootNG returns a fakeroot-ng that the user may execute, in dir.
func fakerootNG(t *testing.T, dir string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "feign-store")
	root(t, "./fakeroot-ng.sh", cache)
	program, err := os.ReadFile(filepath.Join(cache, "fakeroot-ng"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "fakeroot-ng"), program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "fakeroot-ng")
}

// ngLeave waits until fakeroot-ng has saved its state: its daemon stays for three seconds, then renames the file and removes its socket.
func ngLeave(t *testing.T, state string) {
	t.Helper()
	for range 500 {
		if _, err := os.Lstat(state + ".run"); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("fakeroot-ng's daemon does not leave")
}

// ngTree makes a tree, with what fakeroot-ng can do on a kernel that is newer than it: mknod(2) fails there.
const ngTree = `set -e; umask 022; mkdir d; touch f g s; ln -s f l
chown 12:34 f; chgrp 77 f; chown 0:7 d; chown 5:6 s; chmod 4755 s; chown -h 3:4 l; mv g h; chown 9:9 h`

// ngListing prints the tree by lstat(2), which fakeroot-ng knows, and not statx(2), which it does not.
const ngListing = `printf "%s %o %d:%d %x\n", $_, (lstat)[2, 4, 5, 6] for @ARGV`

// What fakeroot-ng has saved is a state, and what a state exports is what fakeroot-ng loads. // frng-4
func TestFakerootNG(t *testing.T) {
	const want = "f 100644 12:77 0\ns 104755 5:6 0\nd 40755 0:7 0\nl 120777 3:4 0\nh 100644 9:9 0\n"
	list := []string{"perl", "-e", ngListing, "f", "s", "d", "l", "h"}
	if _, err := exec.LookPath("perl"); err != nil {
		t.Fatal(err)
	}
	dir := userDir(t)
	ng := fakerootNG(t, dir)
	saved := filepath.Join(dir, "ng")
	if got := must(t, dir, ng, "-p", saved, "sh", "-c", ngTree+"\nexec perl -e '"+ngListing+"' f s d l h"); got != want {
		t.Fatalf("fakeroot-ng itself:\n%s", got)
	}
	ngLeave(t, saved)
	quiet(t, dir, feign, "state", "import", "--format", "fakeroot-ng", "state", saved)
	if got := must(t, dir, append([]string{feign, "run", "-s", "state"}, list...)...); got != want {
		t.Errorf("imported:\n%s", got)
	}

	dir = userDir(t)
	ng, saved = fakerootNG(t, dir), filepath.Join(dir, "ng")
	list = append(list, "null", "loop")
	const more = want + "null 20666 0:0 103\nloop 60660 0:6 7c8\n"
	must(t, dir, feign, "run", "-s", "state", "sh", "-c", ngTree+"\nmknod -m 666 null c 1 3; chown 0:0 null; mknod -m 660 loop b 7 200; chown 0:6 loop")
	quiet(t, dir, feign, "state", "export", "--format", "fakeroot-ng", "-o", saved, "state")
	if got := must(t, dir, append([]string{ng, "-p", saved}, list...)...); got != more {
		t.Errorf("exported:\n%s", got)
	}
	ngLeave(t, saved)
	// And what it has saved of that is the same state again.
	quiet(t, dir, feign, "state", "import", "--format", "fakeroot-ng", "again", saved)
	if got := must(t, dir, append([]string{feign, "run", "-s", "again"}, list...)...); got != more {
		t.Errorf("imported again:\n%s", got)
	}
}

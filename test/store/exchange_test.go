//go:build linux

package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// randomTree is a script that makes a tree with owners, modes, devices and links that only root may make. xattrs adds attributes.
func randomTree(seed uint64, xattrs bool) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	b.WriteString("set -e; umask 022; mkdir tree; cd tree\n")
	dirs := []string{"."}
	for i := range 120 {
		path := fmt.Sprintf("%s/n%d", dirs[rng.IntN(len(dirs))], i)
		link := false
		switch rng.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "mkdir %s\n", path)
			dirs = append(dirs, path)
		case 1:
			fmt.Fprintf(&b, "ln -s target %s\n", path)
			link = true
		case 2:
			fmt.Fprintf(&b, "mknod %s %s %d %d\n", path, []string{"b", "c"}[rng.IntN(2)], rng.IntN(400), rng.IntN(70000))
		case 3:
			fmt.Fprintf(&b, "mkfifo %s\n", path)
		default:
			fmt.Fprintf(&b, "echo %d >%s\n", i, path)
		}
		if rng.IntN(2) == 0 {
			fmt.Fprintf(&b, "chown -h %d:%d %s\n", rng.IntN(70000), rng.IntN(70000), path)
		}
		if !link && rng.IntN(2) == 0 {
			fmt.Fprintf(&b, "chmod %04o %s\n", 0o700|rng.IntN(0o10000), path)
		}
		if xattrs && !link && rng.IntN(6) == 0 {
			fmt.Fprintf(&b, "setfattr -n security.feign -v v%d %s\n", i, path)
		}
	}
	return b.String()
}

// listing is a script that prints all of a tree that randomTree makes.
const listing = `find tree -exec stat -c '%n|%F|%a|%u:%g|%t,%T' {} + | sort`

// attributes is a script that prints the attributes.
const attributes = `getfattr -Rhd -m '^security' tree`

// compare runs a script in two ways, which must print the same.
func compare(t *testing.T, dir, script string, one, other []string) {
	t.Helper()
	sameText(t, quiet(t, dir, append(one, "sh", "-c", script)...), quiet(t, dir, append(other, "sh", "-c", script)...))
}

// sameText compares what is told of a tree.
func sameText(t *testing.T, want, got string) {
	t.Helper()
	if strings.Count(want, "\n") < 100 {
		t.Errorf("the reference is only\n%s", want)
	}
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(wants), len(gots)) {
		if i >= len(wants) || i >= len(gots) || wants[i] != gots[i] {
			t.Errorf("from line %d on:\nwant %q\ngot  %q", i+1, wants[min(i, len(wants)):min(i+8, len(wants))], gots[min(i, len(gots)):min(i+8, len(gots))])
			return
		}
	}
}

// What fakeroot has saved is a state, and what a state exports is what fakeroot loads.
func TestFakeroot(t *testing.T) {
	const fakeroot = "/usr/bin/fakeroot"
	for seed := range uint64(2) {
		dir := userDir(t)
		must(t, dir, fakeroot, "-s", "save", "sh", "-c", randomTree(seed, false))
		quiet(t, dir, feign, "state", "import", "--format", "fakeroot", "state", "save")
		compare(t, dir, listing, []string{fakeroot, "-i", "save"}, []string{feign, "run", "-s", "state"})
		compare(t, dir, listing, []string{fakeroot, "-i", "save"}, []string{"fakeroot", "-i", "save"})

		dir = userDir(t)
		must(t, dir, feign, "run", "-s", "state", "sh", "-c", randomTree(seed, false))
		quiet(t, dir, feign, "state", "export", "--format", "fakeroot", "-o", "save", "state")
		compare(t, dir, listing, []string{feign, "run", "-s", "state"}, []string{fakeroot, "-i", "save"})
	}
}

// pseudo's own database becomes a state, and what a state exports is what pseudo goes on with.
func TestPseudo(t *testing.T) {
	for seed := range uint64(2) {
		dir := userDir(t)
		pseudo := pseudoIn(t, dir)
		quiet(t, dir, append(pseudo, "sh", "-c", randomTree(seed, true))...)
		want := quiet(t, dir, append(pseudo, "sh", "-c", listing+"; "+attributes)...)
		stopPseudo(t, dir)
		quiet(t, dir, feign, "state", "import", "--format", "pseudo", "state", "var/files.db")
		sameText(t, want, must(t, dir, feign, "run", "-s", "state", "sh", "-c", listing+"; "+attributes))

		dir = userDir(t)
		pseudo = pseudoIn(t, dir)
		must(t, dir, feign, "run", "-s", "state", "sh", "-c", randomTree(seed, true))
		want = must(t, dir, feign, "run", "-s", "state", "sh", "-c", listing+"; "+attributes)
		quiet(t, dir, feign, "state", "export", "--format", "pseudo", "-o", "var/files.db", "state")
		// Files that pseudo does not know belong to the user, where with feign they are root's.
		got := quiet(t, dir, append(pseudo, "sh", "-c", listing+"; "+attributes)...)
		sameText(t, want, strings.ReplaceAll(got, fmt.Sprintf("|%d:%d|", user, user), "|0:0|"))
		stopPseudo(t, dir)
	}
}

// pseudoIn returns the words that put a command under a pseudo with a database of its own in dir.
func pseudoIn(t *testing.T, dir string) []string {
	t.Helper()
	must(t, dir, "mkdir", "var")
	t.Cleanup(func() { stopPseudo(t, dir) })
	return []string{"env", "PSEUDO_PREFIX=/usr", "PSEUDO_LOCALSTATEDIR=" + filepath.Join(dir, "var"), "pseudo"}
}

// stopPseudo ends pseudo's server, if there is one, and waits until it has left its database.
func stopPseudo(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "var/pseudo.pid"))
	if err != nil {
		return
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	finish(asUser(dir, "env", "PSEUDO_PREFIX=/usr", "PSEUDO_LOCALSTATEDIR="+filepath.Join(dir, "var"), "pseudo", "-S"))
	for range 500 {
		if pid <= 0 || syscall.Kill(pid, 0) == syscall.ESRCH {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("pseudo's server, process %d, does not end", pid)
}

// quiet runs a command that succeeds, whatever it says on standard error.
func quiet(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	r := finish(asUser(dir, argv...))
	if r.status != 0 {
		t.Fatalf("%s: status %d\n%s", strings.Join(argv, " "), r.status, r.messages)
	}
	return r.out
}

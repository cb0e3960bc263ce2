package vfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// makeTree makes files to walk among, and returns the directory that is the root.
func makeTree(t testing.TB) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(top, "root")
	for _, dir := range []string{"root/a/b/c", "root/d", "outside"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"root/f", "root/a/f", "root/a/b/f", "outside/f"} {
		if err := os.WriteFile(filepath.Join(top, file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		"abs": "/a/b", "rel": "a/b", "up": "../../../f", "escape": "/../../outside", "loop": "loop", "loop2": "/loop3", "loop3": "loop2",
		"a/back": "..", "a/b/top": "/", "a/b/file": "/a/f", "dangling": "/a/none", "slash": "a/b/", "fslash": "f/", "dot": ".",
		"a/b/c/chain": "/abs/top/rel", "d/far": "../abs/c/chain/../..",
	} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// inRoot opens a path as the kernel does under a root directory (openat2(2), RESOLVE_IN_ROOT).
func inRoot(t testing.TB, root, path string, flags uint64) (unix.Stat_t, error) {
	t.Helper()
	dir, err := unix.Open(root, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: unix.RESOLVE_IN_ROOT}
	fd, err := unix.Openat2(dir, path, &how)
	if err == unix.ENOSYS {
		t.Skip("no openat2(2) to compare with")
	}
	return fstat(t, fd, err)
}

// byHost opens the path that a walk has come to.
func byHost(t testing.TB, root, path string, flags uint64) (unix.Stat_t, error) {
	t.Helper()
	n := &Namespace{}
	n.Mount(Mount{To: "/", From: root})
	w := &Walker{Namespace: n, Root: "/", MaxLinks: MaxLinks}
	end := Follow
	if flags&unix.O_NOFOLLOW != 0 {
		end = Self
	}
	r, errno := w.Walk(w.RootPlace(), path, end)
	if errno != 0 {
		return unix.Stat_t{}, errno
	}
	host := r.Host
	if !strings.HasPrefix(host, root) {
		t.Errorf("%q leads to %s, outside of the root", path, host)
	}
	if r.Slash {
		host += "/"
	}
	fd, err := unix.Open(host, unix.O_PATH|unix.O_CLOEXEC|int(flags), 0)
	return fstat(t, fd, err)
}

func fstat(t testing.TB, fd int, err error) (st unix.Stat_t, _ error) {
	if err != nil {
		return st, err
	}
	defer unix.Close(fd)
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	return st, nil
}

func compare(t testing.TB, root, path string) {
	t.Helper()
	for _, flags := range []uint64{0, unix.O_NOFOLLOW} {
		want, wantErr := inRoot(t, root, path, flags)
		got, gotErr := byHost(t, root, path, flags)
		if gotErr != wantErr || got.Ino != want.Ino {
			t.Errorf("%q, flags %#x: inode %d, %v; the kernel says %d, %v", path, flags, got.Ino, gotErr, want.Ino, wantErr)
		}
	}
}

var walks = []string{
	"/", "a", "/a", "/a/b/f", "a/./b/../f", "/../../..", "../a", "abs", "abs/f", "rel/f", "rel/c/../../f", "up", "escape", "escape/f",
	"loop", "loop2", "loop/x", "a/back", "a/back/a/back/f", "a/b/top/a/f", "a/b/file", "a/b/file/", "dangling", "dangling/x", "slash",
	"slash/f", "fslash", "f/", "f/.", "f/..", "none/..", "none", "none/", "dot/dot/dot/a", "d/far", "a/b/c/chain", "a/b/c/chain/", "//a//b//",
	"abs/top/abs/top/abs/f", strings.Repeat("a/../", 300) + "f", strings.Repeat("dot/", 40) + "f", strings.Repeat("dot/", 41) + "f",
	strings.Repeat("x", 255), strings.Repeat("x", 256), "a/" + strings.Repeat("x", 256) + "/..",
}

func TestWalkIsTheKernels(t *testing.T) {
	root := makeTree(t)
	for _, path := range walks {
		compare(t, root, path)
	}
}

func FuzzWalk(f *testing.F) {
	root := makeTree(f)
	for _, path := range walks[:40] {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		// A root directory that moves, or names of the host's own, are not what this is about.
		if path == "" || strings.ContainsRune(path, 0) || len(path) >= unix.PathMax-len(root)-1 {
			return
		}
		compare(t, root, path)
	})
}

func TestWalkBinds(t *testing.T) {
	root := makeTree(t)
	outside := filepath.Join(filepath.Dir(root), "outside")
	n := &Namespace{}
	n.Mount(Mount{To: "/", From: root})
	n.Mount(Mount{To: "/d", From: outside, ReadOnly: true})
	n.Mount(Mount{To: "/a/f", From: outside + "/f"})
	w := &Walker{Namespace: n, Root: "/", MaxLinks: MaxLinks}
	for path, want := range map[string]string{
		"/d/f": outside + "/f", "/d/../f": root + "/f", "/a/f": outside + "/f", "/a/b/file": outside + "/f", "/d": outside, "/d/..": root,
		"/d/../d/none": outside + "/none",
	} {
		r, errno := w.Walk(w.RootPlace(), path, Follow)
		if errno != 0 || r.Host != want || r.Same {
			t.Errorf("%s: %+v, %v; not %s", path, r, errno, want)
		}
		if readOnly := strings.HasPrefix(r.Virtual, "/d"); r.Mount.ReadOnly != readOnly {
			t.Errorf("%s: read-only %t", path, r.Mount.ReadOnly)
		}
	}
	// What the kernel finds by itself is left to it.
	below := Place{"/a/b", root + "/a/b"}
	for path, same := range map[string]bool{"f": true, "../f": false, "../b/f": true, "top/f": false, "../../../f": false, "../back/f": true} {
		if r, errno := w.Walk(below, path, Follow); errno != 0 || r.Same != same {
			t.Errorf("%s: %+v, %v; not %t", path, r, errno, same)
		}
	}
	out := w.PlaceOf(filepath.Dir(root))
	if out.Virtual != "" {
		t.Errorf("the directory above the root is at %s", out.Virtual)
	}
	if r, _ := w.Walk(out, "../root/f", Follow); !r.Same {
		t.Errorf("from outside: %+v", r)
	}
	if r, _ := w.Walk(out, "root/abs/f", Follow); r.Host != root+"/a/b/f" || r.Same {
		t.Errorf("from outside, by an absolute link: %+v", r)
	}
}

func TestNamespaceBothWays(t *testing.T) {
	n := &Namespace{}
	for _, m := range []Mount{{To: "/", From: "/srv/r"}, {To: "/proc", From: "/proc"}, {To: "/home/u", From: "/home/u"}, {To: "/b", From: "/srv/r/a"}} {
		n.Mount(m)
	}
	for virtual, host := range map[string]string{
		"/": "/srv/r", "/proc": "/proc", "/proc/1/fd": "/proc/1/fd", "/process": "/srv/r/process", "/home": "/srv/r/home", "/home/u/x": "/home/u/x",
		"/b/x": "/srv/r/a/x",
	} {
		if got, _ := n.Host(virtual); got != host {
			t.Errorf("%s is at %s, not %s", virtual, got, host)
		}
		if got, ok := n.Virtual(host, "/"); !ok || got != virtual {
			t.Errorf("%s is seen as %q, not %s", host, got, virtual)
		}
	}
	if got, ok := n.Virtual("/etc", "/"); ok {
		t.Errorf("/etc is seen as %s", got)
	}
	if got, ok := n.Virtual("/srv/r/proc", "/"); ok {
		t.Errorf("what is covered is seen as %s", got)
	}
	if found, busy := n.Unmount("/", false); !found || !busy {
		t.Errorf("unmount of the root: found %t, busy %t", found, busy)
	}
	if found, busy := n.Unmount("/b", false); !found || busy {
		t.Errorf("unmount: found %t, busy %t", found, busy)
	}
	if got, _ := n.Virtual("/srv/r/a", "/"); got != "/a" {
		t.Errorf("after the unmount: %s", got)
	}
}

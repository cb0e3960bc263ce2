package acl

import (
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// These tests do everything twice: on a real file, and on a Node.

// TestKernelAgrees runs random sequences of setxattr, removexattr, chmod and
// creation on files of the test's own directory. As root, half of them are done
// by another user, who may lack the ownership or the group.
func TestKernelAgrees(t *testing.T) {
	base := aclDir(t)
	rng := rand.New(rand.NewSource(1))
	steps, refused := 0, 0
	for round := range 150 {
		who := me()
		if os.Geteuid() == 0 && round%2 == 1 {
			who = caller{uid: 1000, groups: []uint32{1000}}
		}
		w := world{t: t, rng: rng, who: who, nodes: map[string]Node{}}
		w.plant(base)
		asCaller(t, who, func() {
			for range 30 {
				w.step()
			}
		})
		steps += w.steps
		refused += w.refused
	}
	if steps < 1000 || refused < 50 {
		t.Errorf("only %d steps, %d refused: the generator tests nothing", steps, refused)
	}
	t.Logf("compared mode and both ACLs after %d operations (%d refused) with the kernel, euid %d", steps, refused, os.Geteuid())
}

// world is some files and what the model says of them.
type world struct {
	t              *testing.T
	rng            *rand.Rand
	who            caller
	paths          []string
	nodes          map[string]Node
	steps, refused int
}

// plant makes a directory with one file of each type.
func (w *world) plant(base string) {
	dir, err := os.MkdirTemp(base, "")
	if err != nil {
		w.t.Fatal(err)
	}
	must(w.t, os.Chmod(dir, 0o777))
	owners := []int{os.Getuid()}
	if os.Geteuid() == 0 {
		owners = []int{0, 1000, 1000}
	}
	groups := []int{os.Getgid()}
	if os.Geteuid() == 0 {
		groups = []int{0, 1000, 3000}
	}
	makeFile := func(p string) error { return os.WriteFile(p, nil, 0o666) }
	makeDir := func(p string) error { return os.Mkdir(p, 0o777) }
	for name, make := range map[string]func(string) error{
		"file": makeFile, "file2": makeFile, "file3": makeFile,
		"dir": makeDir, "dir2": makeDir, "dir3": makeDir,
		"link": func(p string) error { return os.Symlink("file", p) },
		"fifo": func(p string) error { return unix.Mkfifo(p, 0o666) },
	} {
		p := filepath.Join(dir, name)
		must(w.t, make(p))
		must(w.t, os.Lchown(p, owners[w.rng.Intn(len(owners))], groups[w.rng.Intn(len(groups))]))
		if name != "link" {
			must(w.t, unix.Chmod(p, uint32(w.rng.Intn(0o4000))))
		}
		w.paths = append(w.paths, p)
	}
	for _, p := range w.paths {
		w.nodes[p] = realNode(w.t, p)
	}
}

// step does one random operation on both sides and compares.
func (w *world) step() {
	p := w.paths[w.rng.Intn(len(w.paths))]
	kind := Kind(w.rng.Intn(2))
	var want syscall.Errno
	var err error
	what := ""
	n := w.nodes[p]
	switch w.rng.Intn(6) {
	case 0, 1:
		value := randomValue(w.rng)
		what = "setxattr"
		w.nodes[p], want = Set(kind, value, n, w.who)
		err = unix.Lsetxattr(p, kind.Name(), value, w.rng.Intn(3)) // the flags do not matter
	case 2:
		what = "removexattr"
		w.nodes[p], want = Remove(kind, n, w.who)
		err = unix.Lremovexattr(p, kind.Name())
	case 3:
		a, errno := Get(kind, n)
		what, want = "getxattr", errno
		var size int
		size, err = unix.Lgetxattr(p, kind.Name(), nil)
		if err == nil && size != a.Size() {
			w.t.Errorf("%s: getxattr size %d, model %d", p, size, a.Size())
		}
		if want == 0 {
			if _, err := unix.Lgetxattr(p, kind.Name(), make([]byte, 4)); err != unix.ERANGE {
				w.t.Errorf("%s: getxattr into 4 bytes: %v, want ERANGE", p, err)
			}
		}
	case 4:
		if n.Mode&modeType == modeLink || !w.who.OwnerOrCapable(n.UID) {
			return
		}
		mode := uint32(w.rng.Intn(0o1000))
		what = "chmod"
		n.Mode = n.Mode&modeType | mode
		n.Access = n.Access.Chmod(mode)
		w.nodes[p] = n
		err = unix.Chmod(p, mode)
	case 5:
		w.create(p)
		return
	}
	w.steps++
	if want != 0 {
		w.refused++
	}
	if got := errnoOf(err); got != want {
		w.t.Errorf("%s of %s on %v %s by %+v: errno %d, model %d", what, kind.Name(), n, p, w.who, got, want)
	}
	if got := realNode(w.t, p); !sameNode(got, w.nodes[p]) {
		w.t.Errorf("%s on %s: kernel %v, model %v", what, p, got, w.nodes[p])
	}
}

// create makes a file in a directory and compares it with what Create says.
func (w *world) create(dir string) {
	d := w.nodes[dir]
	if d.Mode&modeType != modeDir || d.UID != w.who.uid || d.Mode&0o300 != 0o300 {
		return
	}
	child := filepath.Join(dir, "child")
	mode, umask := uint32(w.rng.Intn(0o1000)), uint32(w.rng.Intn(0o100))
	old := unix.Umask(int(umask))
	var err error
	switch w.rng.Intn(4) {
	case 0:
		mode |= unix.S_IFREG
		var fd int
		if fd, err = unix.Open(child, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, mode&modePerms); err == nil {
			unix.Close(fd)
		}
	case 1:
		mode |= unix.S_IFDIR
		err = unix.Mkdir(child, mode&modePerms)
	case 2:
		mode |= unix.S_IFIFO
		err = unix.Mknod(child, mode, 0)
	case 3:
		mode = unix.S_IFLNK | 0o777
		err = unix.Symlink("file", child)
	}
	unix.Umask(old)
	if err != nil {
		w.t.Errorf("create in %s: %v", dir, err)
		return
	}
	w.steps++
	want := Create(d.Default, mode, umask)
	got := realNode(w.t, child)
	want.UID, want.GID = got.UID, got.GID
	if d.Mode&modeSGID != 0 && mode&modeType == modeDir {
		want.Mode |= modeSGID // fs/inode.c inode_init_owner
	}
	if !sameNode(got, want) {
		w.t.Errorf("create %#o under umask %#o and default %v: kernel %v, model %v", mode, umask, d.Default, got, want)
	}
	must(w.t, os.Remove(child))
}

// randomValue is an ACL in most cases, and something close to one in the others.
func randomValue(rng *rand.Rand) []byte {
	perm := func() Perm { return Perm(rng.Intn(8)) }
	a := ACL{{UserObj, perm(), 0}}
	for range rng.Intn(3) {
		a = append(a, Entry{User, perm(), uint32(rng.Intn(3) * 1000)})
	}
	a = append(a, Entry{GroupObj, perm(), 0})
	for range rng.Intn(3) {
		a = append(a, Entry{Group, perm(), uint32(rng.Intn(3) * 1000)})
	}
	if len(a) > 2 || rng.Intn(4) == 0 {
		a = append(a, Entry{Mask, perm(), 0})
	}
	a = append(a, Entry{Other, perm(), 0})
	value := a.Encode()
	switch rng.Intn(12) {
	case 0:
		return nil
	case 1:
		return value[:rng.Intn(len(value))]
	case 2:
		i, j := rng.Intn(len(a)), rng.Intn(len(a))
		a[i], a[j] = a[j], a[i]
		return a.Encode()
	case 3:
		value[rng.Intn(len(value))] ^= 1 << rng.Intn(8)
		return value
	}
	return value
}

// realNode is what the kernel says of a file.
func realNode(t *testing.T, path string) Node {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Lstat(path, &st))
	n := Node{Mode: st.Mode, UID: st.Uid, GID: st.Gid}
	for kind, a := range map[Kind]*ACL{Access: &n.Access, Default: &n.Default} {
		value := make([]byte, 65536)
		size, err := unix.Lgetxattr(path, kind.Name(), value)
		if err != nil {
			continue
		}
		parsed, errno := Parse(value[:size])
		if errno != 0 || parsed.Valid() != 0 {
			t.Errorf("%s: the kernel returned %x, which the model does not take", path, value[:size])
		}
		*a = parsed
	}
	return n
}

// aclDir is a directory on a file system with ACLs that others may enter.
func aclDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "acl")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	if err := unix.Setxattr(dir, AccessName, FromMode(0o755).Encode(), 0); err != nil {
		t.Skipf("%s has no ACLs to compare with: %v (point TMPDIR at a file system that has)", dir, err)
	}
	return dir
}

// me is this process.
func me() caller {
	groups, _ := os.Getgroups()
	c := caller{uid: uint32(os.Geteuid()), groups: []uint32{uint32(os.Getegid())}}
	for _, g := range groups {
		c.groups = append(c.groups, uint32(g))
	}
	c.fowner, c.fsetid = c.uid == 0, c.uid == 0
	return c
}

// asCaller runs f on a thread of its own that has the caller's ids and a umask
// of its own, and that ends with f.
func asCaller(t *testing.T, who caller, f func()) {
	t.Helper()
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread dies with the goroutine
		err := become(who)
		if err == nil {
			f()
		}
		failed <- err
	}()
	must(t, <-failed)
}

func become(who caller) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	if who.uid == uint32(os.Geteuid()) {
		return nil
	}
	// Raw calls, because package syscall would change every thread. The
	// file system ids and no supplementary groups are all that is needed.
	gid, uid := uintptr(who.groups[0]), uintptr(who.uid)
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); errno != 0 {
		return errno
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); errno != 0 {
		return errno
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); errno != 0 {
		return errno
	}
	return nil
}

func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	errors.As(err, &errno)
	return errno
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

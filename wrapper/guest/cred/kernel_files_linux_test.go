package cred

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// TestKernelAgreesOnFiles lets threads with random credentials do things to
// files with random owners, modes and ACLs, and compares errno and result with
// the model's.
func TestKernelAgreesOnFiles(t *testing.T) {
	needRoot(t)
	rng := rand.New(rand.NewSource(1))
	base := publicDir(t)
	last := lastCap()
	for _, trial := range []struct {
		name string
		run  func(*fileTrial)
	}{
		{"access", (*fileTrial).access},
		{"chown", (*fileTrial).chown},
		{"chmod", (*fileTrial).chmod},
		{"delete", (*fileTrial).delete},
		{"create", (*fileTrial).create},
		{"utimensat", (*fileTrial).utimes},
		{"write", (*fileTrial).write},
		{"setxattr", (*fileTrial).setxattr},
		{"getxattr", (*fileTrial).getxattr},
		{"removexattr", (*fileTrial).removexattr},
	} {
		t.Run(trial.name, func(t *testing.T) {
			done, refused := 0, 0
			for range 400 {
				f := &fileTrial{t: t, rng: rng, dir: filepath.Join(base, "d")}
				f.prepare()
				onThread(func() {
					dropPrivileges(t, rng)
					f.c = New(threadState(last))
					trial.run(f)
				})
				done += f.done
				refused += f.refused
				must(t, os.RemoveAll(f.dir))
				if t.Failed() {
					break
				}
			}
			if done < 50 || refused < 10 {
				t.Errorf("%d done, %d refused: the generator tests nothing", done, refused)
			}
			t.Logf("compared with the kernel: %d done, %d refused", done, refused)
		})
	}
}

// fileTrial is one file in a directory, both random, and who is about to do
// something to it.
type fileTrial struct {
	t         *testing.T
	rng       *rand.Rand
	c         *Cred
	dir, path string
	parent    Inode
	ino       Inode
	def       acl.ACL // of the directory
	fd        int     // the file, opened by root; -1 if it cannot be

	done, refused int
}

// prepare makes the directory and the file, as root.
func (f *fileTrial) prepare() {
	t, rng := f.t, f.rng
	t.Helper()
	f.path, f.fd = filepath.Join(f.dir, "f"), -1
	must(t, os.Mkdir(f.dir, 0o700))
	kind := rng.Intn(8)
	switch kind {
	case 0:
		must(t, os.Mkdir(f.path, 0o700))
	case 1:
		must(t, unix.Mkfifo(f.path, 0o600))
	case 2:
		must(t, os.Symlink("nowhere", f.path))
	default:
		fd, err := unix.Open(f.path, unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
		must(t, err)
		f.fd = fd
		t.Cleanup(func() { unix.Close(fd) })
	}
	for _, path := range []string{f.path, f.dir} {
		must(t, os.Lchown(path, f.id(), f.id()))
		if path == f.path && kind == 2 {
			continue
		}
		if rng.Intn(3) == 0 {
			must(t, unix.Setxattr(path, acl.AccessName, f.randomACL().Encode(), 0))
		}
		if path == f.dir && rng.Intn(3) == 0 {
			must(t, unix.Setxattr(path, acl.DefaultName, f.randomACL().Encode(), 0))
		}
		mode := uint32(rng.Intn(0o1000))
		if rng.Intn(2) == 0 {
			mode |= uint32(rng.Intn(8)) << 9
		}
		if path == f.dir && rng.Intn(3) > 0 {
			mode |= 0o333
		}
		must(t, unix.Chmod(path, mode))
	}
	f.parent, f.def = inodeOf(t, f.dir)
	f.ino, _ = inodeOf(t, f.path)
}

func (f *fileTrial) id() int { return []int{0, 1000, 1000, 2000}[f.rng.Intn(4)] }

func (f *fileTrial) randomACL() acl.ACL {
	perm := func() acl.Perm { return acl.Perm(f.rng.Intn(8)) }
	a := acl.ACL{{Tag: acl.UserObj, Perm: perm()}}
	if f.rng.Intn(2) == 0 {
		a = append(a, acl.Entry{Tag: acl.User, Perm: perm(), ID: 1000})
	}
	a = append(a, acl.Entry{Tag: acl.GroupObj, Perm: perm()})
	for _, gid := range []uint32{1000, 2000} {
		if f.rng.Intn(2) == 0 {
			a = append(a, acl.Entry{Tag: acl.Group, Perm: perm(), ID: gid})
		}
	}
	return append(a, acl.Entry{Tag: acl.Mask, Perm: perm()}, acl.Entry{Tag: acl.Other, Perm: perm()})
}

// dropPrivileges gives the thread random ids and some of the capabilities that
// matter for files.
func dropPrivileges(t *testing.T, rng *rand.Rand) {
	id := func() uint64 { return []uint64{0, 1000, 1000, 1000, 2000}[rng.Intn(5)] }
	ops := []op{{"setgroups", []uint64{0}}}
	if rng.Intn(2) == 0 {
		ops = []op{{"setgroups", []uint64{1, id()}}}
	}
	g, u := id(), id()
	ops = append(ops, op{"setresgid", []uint64{g, g, g}})
	switch rng.Intn(4) {
	case 0: // real and effective ids differ
		ops = append(ops, op{"setresuid", []uint64{id(), u, 0}})
	case 1:
		ops = append(ops, op{"setfsuid", []uint64{u}})
	case 2:
		all := CapsOf(CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_MKNOD, CAP_SETFCAP, CAP_SYS_ADMIN)
		caps := uint64(all) & rng.Uint64()
		ops = append(ops, op{"prctl", []uint64{prSetKeepcaps, 1, 0, 0, 0}},
			op{"setresuid", []uint64{u, u, u}},
			op{"capset", []uint64{uint64(CapVersion3), caps, caps, 0}})
	default:
		ops = append(ops, op{"setresuid", []uint64{u, u, u}})
	}
	for _, o := range ops {
		if _, errno := o.native(); errno != 0 {
			t.Errorf("%v: errno %d", o, errno)
		}
	}
}

// check compares the kernel's answer with the model's.
func (f *fileTrial) check(what string, err error, want syscall.Errno) bool {
	f.t.Helper()
	var got syscall.Errno
	if err != nil && !errors.As(err, &got) {
		f.t.Fatal(err)
	}
	if want == 0 {
		f.done++
	} else {
		f.refused++
	}
	if got != want {
		f.t.Errorf("%s %s: kernel errno %d, model %d", what, f, got, want)
	}
	return got == 0
}

func (f *fileTrial) String() string {
	return fmt.Sprintf("on %v in %v (default %v) by %+v", f.ino, f.parent, f.def, f.c.State())
}

// inside is 0 if the caller may search the directory.
func (f *fileTrial) inside() syscall.Errno { return f.c.Permission(f.parent, acl.Exec) }

// first is the first errno that is one.
func first(errnos ...syscall.Errno) syscall.Errno {
	for _, e := range errnos {
		if e != 0 {
			return e
		}
	}
	return 0
}

func (f *fileTrial) access() {
	if f.ino.is(modeLink) {
		return // would be followed
	}
	want := acl.Perm(f.rng.Intn(8))
	path, _ := unix.BytePtrFromString(f.path)
	at := unix.AT_FDCWD
	_, errno := raw(unix.SYS_FACCESSAT2, at, path, int(want), unix.AT_EACCESS)
	f.check(fmt.Sprint("eaccess ", want), errno, first(f.inside(), f.c.Permission(f.ino, want)))
	_, errno = raw(unix.SYS_FACCESSAT2, at, path, int(want), 0)
	a := f.c.ForAccess()
	f.check(fmt.Sprint("access ", want), errno, first(a.Permission(f.parent, acl.Exec), a.Permission(f.ino, want)))
}

// same compares what became of the file, and whether it kept its capabilities,
// if the caller can see it.
func (f *fileTrial) same(what string, want Inode, capsKept bool) {
	f.t.Helper()
	if f.inside() != 0 {
		return
	}
	got, _ := inodeOf(f.t, f.path)
	if got.Mode != want.Mode || got.UID != want.UID || got.GID != want.GID || !bytes.Equal(got.ACL.Encode(), want.ACL.Encode()) {
		f.t.Errorf("%s %s: kernel %v, model %v", what, f, got, want)
	}
	_, err := unix.Lgetxattr(f.path, FileCapsName, nil)
	if kept := err == nil; kept != capsKept {
		f.t.Errorf("%s %s: security.capability kept: kernel %v, model %v", what, f, kept, capsKept)
	}
}

func (f *fileTrial) chown() {
	had := f.plant(FileCapsName)
	id := func() uint32 { return []uint32{0, 1000, 2000, unset}[f.rng.Intn(4)] }
	uid, gid := id(), id()
	want, dropped, errno := f.c.Chown(f.ino, uid, gid)
	what := fmt.Sprintf("chown %d:%d", int32(uid), int32(gid))
	f.check(what, unix.Lchown(f.path, int(int32(uid)), int(int32(gid))), first(f.inside(), errno))
	f.same(what, want, had && !dropped)
}

func (f *fileTrial) chmod() {
	had := f.plant(FileCapsName)
	mode := uint32(f.rng.Intn(0o10000))
	want, errno := f.c.Chmod(f.ino, mode)
	what := fmt.Sprintf("chmod %#o", mode)
	err := unix.Fchmodat(unix.AT_FDCWD, f.path, mode, unix.AT_SYMLINK_NOFOLLOW)
	f.check(what, err, first(f.inside(), errno))
	f.same(what, want, had)
}

func (f *fileTrial) delete() {
	want := first(f.inside(), f.c.MayDelete(f.parent, f.ino))
	if f.rng.Intn(2) == 0 {
		// A directory that changes its parent needs write permission of
		// its own, so rename within the directory.
		f.check("rename", unix.Rename(f.path, f.path+"2"), want)
		return
	}
	err := unix.Unlink(f.path)
	if f.ino.is(modeDir) {
		err = unix.Rmdir(f.path)
	}
	f.check("delete", err, want)
}

func (f *fileTrial) utimes() {
	if f.ino.is(modeLink) {
		return
	}
	now := f.rng.Intn(2) == 0
	times := []unix.Timespec{{Sec: 1}, {Sec: 1}}
	if now {
		times[0].Nsec, times[1].Nsec = unix.UTIME_NOW, unix.UTIME_NOW
	}
	f.check(fmt.Sprint("utimes, now ", now), unix.UtimesNanoAt(unix.AT_FDCWD, f.path, times, 0),
		first(f.inside(), f.c.MaySetTimes(f.ino, now)))
}

func (f *fileTrial) write() {
	if f.fd < 0 {
		f.refused++ // nothing to write to
		return
	}
	had := f.plant(FileCapsName)
	what := "write"
	if f.rng.Intn(2) == 0 {
		_, err := unix.Write(f.fd, []byte("x"))
		f.check(what, err, 0)
	} else {
		what = "ftruncate"
		f.check(what, unix.Ftruncate(f.fd, 5), 0)
	}
	want, dropped := f.c.Written(f.ino)
	f.same(what, want, had && !dropped)
}

func (f *fileTrial) create() {
	must(f.t, unix.Unshare(unix.CLONE_FS)) // a umask of our own
	umask := uint32(f.rng.Intn(0o1000))
	mode := uint32(f.rng.Intn(0o10000))
	unix.Umask(int(umask))
	path := filepath.Join(f.dir, "new")
	var err error
	var rdev int
	kind := []uint32{modeReg, modeReg, modeDir, modeDir, modeLink, modeFIFO, modeSock, modeChr, modeBlk}[f.rng.Intn(9)]
	switch kind {
	case modeReg:
		var fd int
		if fd, err = unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, mode); err == nil {
			unix.Close(fd)
		}
	case modeDir:
		err = unix.Mkdir(path, mode)
	case modeLink:
		err = unix.Symlink("nowhere", path)
	case modeChr:
		rdev = int(unix.Mkdev(uint32(f.rng.Intn(2)), 0)) // 0:0 is a whiteout
		err = unix.Mknod(path, kind|mode, rdev)
	default:
		err = unix.Mknod(path, kind|mode, 0)
	}
	what := fmt.Sprintf("create %#o with umask %#o", kind|mode, umask)
	if !f.check(what, err, first(f.inside(), f.c.MayMknod(f.parent, kind, uint64(rdev)))) || f.inside() != 0 {
		return
	}
	got, gotDefault := inodeOf(f.t, path)
	want, wantDefault := f.c.Create(f.parent, f.def, kind|mode, umask)
	if got.Mode != want.Mode || got.UID != want.UID || got.GID != want.GID ||
		got.ACL.String() != want.ACL.String() || gotDefault.String() != wantDefault.String() {
		f.t.Errorf("%s %s: kernel %v default %v, model %v default %v", what, f, got, gotDefault, want, wantDefault)
	}
}

// inodeOf is what the kernel says of a file, and its default ACL.
func inodeOf(t *testing.T, path string) (ino Inode, def acl.ACL) {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Lstat(path, &st))
	ino = Inode{Mode: st.Mode, UID: st.Uid, GID: st.Gid}
	for name, a := range map[string]*acl.ACL{acl.AccessName: &ino.ACL, acl.DefaultName: &def} {
		value := make([]byte, 4096)
		if n, err := unix.Lgetxattr(path, name, value); err == nil {
			*a, _ = acl.Parse(value[:n])
		}
	}
	return ino, def
}

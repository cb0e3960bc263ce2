package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// memoryPolicy is a directory with files in memory in it: one in the place of a file of the host, one that only some may read, and a
// program.
func memoryPolicy(t *testing.T) (dir string, p *Policy) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "shown"), []byte("the host's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("shown", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	return dir, &Policy{Files: []MemFile{
		{Path: filepath.Join(dir, "shown"), Data: []byte("in memory\n"), Mode: 0o644, UID: 5, GID: 6},
		{Path: filepath.Join(dir, "secret"), Data: []byte("for one\n"), Mode: 0o400, UID: 7, GID: 8},
		{Path: filepath.Join(dir, "program"), Data: []byte("#!/bin/sh\necho \"ran $0\"\n"), Mode: 0o755},
	}}
}

// card-2: a file in memory is one like any other that cannot be changed.
func TestMemory(t *testing.T) {
	dir, policy := memoryPolicy(t)
	a := &action{dir: dir, config: Config{Policy: policy}}
	wantText(t, a.shell(t, `
		cat shown link secret <shown; cat <link
		ls -n shown | cut -d' ' -f1-5; stat -c '%a %u:%g %h %s %F' shown secret; stat -L -c '%u %F' link
		./program; cp -p secret copy; stat -c '%a %u:%g %s' copy; cat copy; mv copy x
		for what in 'rm -f shown' 'mv shown y' 'mv -T x shown' 'chmod 600 shown' 'chown 1 shown' 'ln shown y' 'ln -P secret y' 'touch secret' 'mkdir shown' 'ln -s x shown' 'readlink shown' 'cat shown/'; do
			$what 2>&1 | sed "s/.*: //;s|^|$what: |"; done
		(echo x >shown) 2>&1 | sed 's/.*: //'; (echo x >>secret) 2>&1 | sed 's/.*: //'
		exec 8<shown; readlink /proc/self/fd/8; cat /proc/self/fd/8; ls`), strings.ReplaceAll(`
		in memory
		in memory
		for one
		in memory
		-rw-r--r-- 1 5 6 10
		644 5:6 1 10 regular file
		400 7:8 1 8 regular file
		5 regular file
		ran ./program
		400 7:8 8
		for one
		rm -f shown: Read-only file system
		mv shown y: Read-only file system
		mv -T x shown: Read-only file system
		chmod 600 shown: Read-only file system
		chown 1 shown: Read-only file system
		ln shown y: Invalid cross-device link
		ln -P secret y: Invalid cross-device link
		touch secret: Read-only file system
		mkdir shown: File exists
		ln -s x shown: File exists
		cat shown/: Not a directory
		Read-only file system
		Read-only file system
		DIR/shown
		in memory
		link
		shown
		x
	`, "DIR", dir))
	if text, err := os.ReadFile(filepath.Join(dir, "shown")); string(text) != "the host's\n" {
		t.Errorf("the host's file is %q, %v", text, err)
	}
}

// Calls that keep a link at the end of a path mean the file.
func TestMemoryItself(t *testing.T) {
	dir, policy := memoryPolicy(t)
	a := &action{dir: dir, config: Config{Policy: policy}}
	wantText(t, a.helper(t, "memory"), `
		lstat 100644 5:6 1
		statx 100644 5:6 1
		open <nil>: in memory
		openat2 <nil>: in memory
		exclusive file exists
		exclusive file exists
		itself read-only file system
		path 100644
		readlink invalid argument
		lgetxattr no data available
		fchmod read-only file system
		fchown read-only file system
		access <nil> read-only file system
		writable read-only file system
	`)
}

func init() {
	helpers["memory"] = func() {
		read := func(fd int, err error) string {
			b := make([]byte, 100)
			n, _ := unix.Read(fd, b)
			return fmt.Sprintf("%v: %s", err, strings.TrimSpace(string(b[:max(n, 0)])))
		}
		var st unix.Stat_t
		fmt.Print("lstat ")
		unix.Lstat("shown", &st)
		fmt.Printf("%o %d:%d %d\n", st.Mode, st.Uid, st.Gid, st.Nlink)
		var stx unix.Statx_t
		if unix.Statx(unix.AT_FDCWD, "shown", unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &stx) == unix.ENOSYS {
			unix.Fstatat(unix.AT_FDCWD, "shown", &st, unix.AT_SYMLINK_NOFOLLOW)
			stx = unix.Statx_t{Mode: uint16(st.Mode), Uid: st.Uid, Gid: st.Gid, Nlink: uint32(st.Nlink)}
		}
		fmt.Printf("statx %o %d:%d %d\n", stx.Mode, stx.Uid, stx.Gid, stx.Nlink)
		fd, err := unix.Open("shown", unix.O_RDONLY|unix.O_NOFOLLOW, 0)
		fmt.Println("open", read(fd, err))
		how := unix.OpenHow{Flags: unix.O_NOFOLLOW, Resolve: unix.RESOLVE_NO_SYMLINKS}
		second, err := unix.Openat2(unix.AT_FDCWD, "shown", &how)
		if err == unix.ENOSYS {
			second, err = unix.Open("shown", unix.O_RDONLY|unix.O_NOFOLLOW, 0)
		}
		fmt.Println("openat2", read(second, err))
		_, err = unix.Open("shown", unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
		fmt.Println("exclusive", err)
		_, err = unix.Open("shown", unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
		fmt.Println("exclusive", err)
		_, err = unix.Open("shown", unix.O_WRONLY|unix.O_NOFOLLOW, 0)
		fmt.Println("itself", err)
		p, _ := unix.Open("shown", unix.O_PATH|unix.O_NOFOLLOW, 0)
		unix.Fstat(p, &st)
		fmt.Printf("path %o\n", st.Mode)
		_, err = unix.Readlink("shown", make([]byte, 10))
		fmt.Println("readlink", err)
		_, err = unix.Lgetxattr("shown", "user.x", make([]byte, 10))
		fmt.Println("lgetxattr", err)
		fmt.Println("fchmod", unix.Fchmod(fd, 0o600))
		fmt.Println("fchown", unix.Fchown(fd, 1, 1))
		fmt.Println("access", unix.Access("shown", unix.R_OK), unix.Access("shown", unix.W_OK))
		_, err = unix.Open("shown", unix.O_RDWR, 0)
		fmt.Println("writable", err)
	}
}

// Who is not root may read what the mode lets be read.
func TestMemoryPermission(t *testing.T) {
	dir, policy := memoryPolicy(t)
	for _, c := range []struct {
		uid  uint32
		want string
	}{
		{7, "in memory\nfor one\nran ./program\n"},
		{9, "in memory\ncat: secret: Permission denied\nran ./program\n"},
	} {
		a := &action{dir: dir, config: Config{Policy: policy, UID: c.uid, GID: 9}}
		wantText(t, a.shell(t, `cat shown secret 2>&1; ./program`), c.want)
	}
}

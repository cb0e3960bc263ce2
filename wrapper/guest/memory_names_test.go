package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// realTempDir is a temporary directory that everybody may enter, by its path without links.
func realTempDir(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ps-7: a writable file in memory, and others beside it, are to the action what files on the disk are: the same program says the same of
// both.
func TestMemoryNames(t *testing.T) {
	disk := realTempDir(t)
	if err := os.WriteFile(filepath.Join(disk, "acc"), []byte("first\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := (&action{dir: disk}).helper(t, "names")
	memory := realTempDir(t)
	if err := os.WriteFile(filepath.Join(memory, "acc-"), []byte("the host's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var left []MemFile
	a := &action{dir: memory, config: Config{Policy: &Policy{Files: []MemFile{
		{Path: filepath.Join(memory, "acc"), Data: []byte("first\n"), Mode: 0o644, Writable: true},
		{Path: filepath.Join(memory, ".#acc"), Writable: true, Absent: true},
	}}}}
	a.after = func(k *Kernel) {
		var err error
		if left, err = k.Left(1 << 10); err != nil {
			t.Error(err)
		}
	}
	if got := a.helper(t, "names"); got != want {
		t.Errorf("in memory:\n%s\non the disk:\n%s", got, want)
	}
	if len(left) != 1 || string(left[0].Data) != "replaced\n" || left[0].Mode != 0o600 || left[0].UID != 0 {
		t.Errorf("left: %+v", left)
	}
	entries, err := os.ReadDir(memory)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "acc- accx other" || err != nil {
		t.Errorf("on the disk is %q, %v", got, err)
	}
}

func init() {
	helpers["names"] = func() {
		const missing = "acc.none"
		unix.Umask(0o027)
		text := func(name string) string {
			b, err := os.ReadFile(name)
			if err != nil {
				return err.(*os.PathError).Err.Error()
			}
			return strings.TrimSpace(string(b))
		}
		look := func(name string) string {
			var st, link unix.Stat_t
			if err := unix.Stat(name, &st); err != nil {
				return err.Error()
			}
			if err := unix.Lstat(name, &link); err != nil || link.Ino != st.Ino {
				return fmt.Sprintf("lstat %v, inode %d, not %d", err, link.Ino, st.Ino)
			}
			return fmt.Sprintf("%o links %d size %d: %s", st.Mode, st.Nlink, st.Size, text(name))
		}
		write := func(name string, flags int, mode uint32, data string) error {
			fd, err := unix.Open(name, flags, mode)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			_, err = unix.Write(fd, []byte(data))
			return err
		}
		say := func(args ...any) { fmt.Println(args...) }
		say("at first:", look("acc"), "|", look("acc-"))
		old, err := unix.Open("acc", unix.O_RDONLY, 0)
		say("open", err)

		// Locks, as lckpwdf(3) and shadow make them.
		say("lock", write("acc.77", unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, "77"), look("acc.77"))
		say("link", unix.Link("acc.77", "acc.lock"), look("acc.lock"))
		say("again", unix.Link("acc.77", "acc.lock"), unix.Link(missing, "acc.x"))
		say("unlink", unix.Unlink("acc.77"), unix.Unlink("acc.77"), look("acc.lock"))
		say("exclusive", write("acc.lock", unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, ""))

		// A new one beside, and renamed over.
		say("made", write("acc+", unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, 0o666, "second\n"), look("acc+"))
		say("no replace", unix.Renameat2(-100, "acc+", -100, "acc", unix.RENAME_NOREPLACE), unix.Renameat2(-100, "acc+", -100, missing, unix.RENAME_EXCHANGE),
			unix.Renameat2(-100, "acc+", -100, "acc", 1<<10))
		say("backup", unix.Link("acc", "acc-"), look("acc-"))
		say("rename", unix.Rename("acc+", "acc"), look("acc"), look("acc-"), look("acc+"))
		say("exchange", unix.Renameat2(-100, "acc", -100, "acc-", unix.RENAME_EXCHANGE), text("acc"), text("acc-"))
		say("back", unix.Renameat2(-100, "acc-", -100, "acc", unix.RENAME_EXCHANGE), text("acc"), text("acc-"))
		say("same", unix.Link("acc", "acc~"), unix.Rename("acc", "acc~"), look("acc"), unix.Unlink("acc~"))
		say("slash", unix.Rename("acc", "acc+/"), unix.Unlink("acc/"), unix.Rmdir("acc"), unix.Rename(missing, "acc"), unix.Unlinkat(-100, "acc", unix.AT_REMOVEDIR))
		b := make([]byte, 10)
		n, err := unix.Read(old, b)
		say("old", string(b[:max(n, 0)]), err)

		// Whatever can be changed of a file.
		say("append", write("acc", unix.O_WRONLY|unix.O_APPEND|unix.O_CREAT, 0o777, "third\n"), look("acc"))
		say("truncate", unix.Truncate("acc", 3), look("acc"))
		say("chmod", unix.Chmod("acc", 0o4640), look("acc"), unix.Lchown("acc", 5, 6), look("acc"), unix.Chown("acc", 0, 0))
		fd, err := unix.Open("acc", unix.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		say("descriptor", err, unix.Fchmod(fd, 0o600), unix.Fchown(fd, 7, 8), look("acc"))
		lock := unix.Flock_t{Type: unix.F_WRLCK}
		say("lock", unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &lock), unix.Fsync(fd), unix.Ftruncate(fd, 0))
		say("set", unix.Lsetxattr("acc", "trusted.x", []byte("y"), 0), unix.Fchown(fd, 0, 0))
		n, err = unix.Getxattr("acc", "trusted.x", b)
		say("get", string(b[:max(n, 0)]), err)
		n, err = unix.Lgetxattr("acc", "trusted.x", b)
		say("get", string(b[:max(n, 0)]), err, unix.Removexattr("acc", "trusted.x"))
		how := unix.OpenHow{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: 0o640, Resolve: unix.RESOLVE_NO_SYMLINKS}
		second, err := unix.Openat2(-100, ".#accRANDOM", &how)
		if err == unix.ENOSYS {
			second, err = unix.Open(".#accRANDOM", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o640)
		}
		_, e := unix.Write(second, []byte("replaced\n"))
		say("openat2", err, e, look(".#accRANDOM"), unix.Fchmod(second, 0o600), unix.Rename(".#accRANDOM", "acc"), look("acc"))
		_, err = unix.Creat("acc.c", 0o604)
		say("creat", err, look("acc.c"), unix.Unlink("acc.c"))
		var times [2]unix.Timespec
		times[0].Sec, times[1].Sec = 7, 8
		var st unix.Stat_t
		say("times", unix.UtimesNanoAt(-100, "acc", times[:], unix.AT_SYMLINK_NOFOLLOW), unix.Stat("acc", &st), st.Mtim.Sec)
		say("access", unix.Access("acc", unix.W_OK), unix.Access("acc.none", unix.F_OK))
		_, err = unix.Readlink("acc", b)
		say("readlink", err)
		var now unix.Stat_t
		say("descriptor", unix.Fstat(fd, &now), now.Nlink, now.Uid, unix.Fstat(old, &now), now.Nlink)
		say("there", unix.Mkdir("acc", 0o755), unix.Symlink("x", "acc"), unix.Mknod("acc", unix.S_IFREG, 0))
		say("cleared", unix.Unlink("acc.lock"), unix.Unlink("acc-"), look("acc"))

		// Names that go on with a letter are others.
		say("other", write("accx", unix.O_CREAT|unix.O_WRONLY, 0o600, "x"), unix.Link("accx", "other"))
	}
}

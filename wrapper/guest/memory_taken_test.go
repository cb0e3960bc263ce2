package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// ps-7: a file on the disk that is renamed over one in memory is seen as after any rename.
func TestMemoryTaken(t *testing.T) {
	disk, memory := realTempDir(t), realTempDir(t)
	if err := os.WriteFile(filepath.Join(disk, "acc"), []byte("first\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := (&action{dir: disk}).helper(t, "taken")
	var left []MemFile
	a := &action{dir: memory, config: Config{Policy: &Policy{Files: []MemFile{
		{Path: filepath.Join(memory, "acc"), Data: []byte("first\n"), Mode: 0o644, Writable: true},
		{Path: filepath.Join(memory, "sedXXXXXX"), Writable: true, Absent: true}, // which is not needed here
	}}}}
	claims := 0
	a.after = func(k *Kernel) {
		var err error
		if left, err = k.Left(1 << 10); err != nil {
			t.Error(err)
		}
		claims = k.lies.Len()
	}
	if got := a.helper(t, "taken"); got != want {
		t.Errorf("in memory:\n%s\non the disk:\n%s", got, want)
	}
	if !strings.Contains(want, "renamed <nil> 100640 3:4 links 1: new") {
		t.Errorf("on the disk:\n%s", want)
	}
	if len(left) != 1 || string(left[0].Data) != "last\n" || left[0].Mode != 0o604 || left[0].UID != 9 {
		t.Errorf("left: %+v", left)
	}
	// What was claimed of the files went with their names; directory is the one claim that stays.
	if entries, err := os.ReadDir(memory); len(entries) != 1 || claims != 1 || err != nil {
		t.Errorf("on the disk are %v, %v; %d claims", entries, err, claims)
	}

	// Where the disk would do as it is told, but memory could not.
	other := realTempDir(t)
	a = &action{dir: other, config: Config{Policy: &Policy{Files: []MemFile{{Path: filepath.Join(other, "acc"), Mode: 0o644, Writable: true}}}}}
	const exdev = "invalid cross-device link"
	if got := a.helper(t, "not-taken"); got != strings.Repeat(exdev+"\n", 5) {
		t.Errorf("not taken:\n%s", got)
	}
}

func init() {
	look := func(name string) string {
		var st unix.Stat_t
		if err := unix.Lstat(name, &st); err != nil {
			return err.Error()
		}
		text, _ := os.ReadFile(name)
		return fmt.Sprintf("%o %d:%d links %d: %s", st.Mode, st.Uid, st.Gid, st.Nlink, strings.TrimSpace(string(text)))
	}
	create := func(name, text string, mode uint32, uid int) int {
		fd, err := unix.Open(name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600)
		if err != nil {
			fmt.Println(name, err)
		}
		unix.Write(fd, []byte(text))
		unix.Fchmod(fd, mode)
		unix.Fchown(fd, uid, uid+1)
		return fd
	}
	helpers["taken"] = func() {
		say := func(args ...any) { fmt.Println(args...) }
		unix.Mkdir("directory", 0o755)
		unix.Chown("directory", 5, 5)

		old, _ := unix.Open("acc", unix.O_RDONLY, 0)
		fd := create("sedAb01cZ", "new\n", 0o640, 3)
		say("attribute", unix.Fsetxattr(fd, "trusted.x", []byte("y"), 0))
		say("slash", unix.Rename("sedAb01cZ/", "acc"), unix.Rename("sedAb01cZ", "acc/"))
		say("no replace", unix.Renameat2(-100, "sedAb01cZ", -100, "acc", unix.RENAME_NOREPLACE), unix.Renameat2(-100, "sedAb01cZ", -100, "acc", 1<<10))
		say("renamed", unix.Rename("sedAb01cZ", "acc"), look("acc"), look("sedAb01cZ"))
		var b [10]byte
		n, err := unix.Getxattr("acc", "trusted.x", b[:])
		say("attribute", n, err)
		n, _ = unix.Read(old, b[:])
		say("who had the old one open", string(b[:n]))

		// The file is the one that it was.
		var st, named unix.Stat_t
		say("the same", unix.Fstat(fd, &st), unix.Stat("acc", &named), st.Ino == named.Ino, st.Dev == named.Dev, st.Nlink)
		unix.Write(fd, []byte("more\n"))
		say("written", look("acc"), unix.Fchmod(fd, 0o600), look("acc"), unix.Chown("acc", 7, 8), look("acc"))
		say("to itself", unix.Rename("acc", "acc"), look("acc"))

		// It has names as others have.
		say("link", unix.Link("acc", "acc-"), look("acc"), unix.Unlink("acc-"), look("acc"))
		say("moved", unix.Rename("acc", "acc~"), look("acc"), look("acc~"))
		unix.Close(create("other", "other\n", 0o400, 0))
		say("to a free name", unix.Rename("other", "acc.x"), look("acc.x"), unix.Rename("acc.x", "acc"), look("acc"), look("other"))
		say("missing", unix.Rename("other", "acc"), unix.Rename("directory/none", "acc"))
		unix.Close(create("directory/f", "last\n", 0o604, 9))
		say("from elsewhere", unix.Rename("directory/f", "acc"), look("acc"), look("directory/f"))
		say("removed", unix.Unlink("acc~"), look("acc~"), unix.Fstat(fd, &st), st.Nlink, st.Uid)

		// Only root can replace root's.
		unix.Close(create("theirs", "x", 0o644, 1000))
		runtime.LockOSThread()
		unix.Setfsuid(1000)
		say("not root", unix.Rename("theirs", "acc"))
		unix.Setfsuid(0)
		say("theirs", look("theirs"), unix.Unlink("theirs"), look("acc"))
	}
	helpers["not-taken"] = func() {
		unix.Close(create("file", "x", 0o644, 0))
		unix.Close(create("two", "x", 0o644, 0))
		unix.Link("two", "names")
		unix.Symlink("x", "link")
		unix.Mkdir("directory", 0o755)
		for _, name := range []string{"two", "link", "directory"} {
			fmt.Println(unix.Rename(name, "acc"))
		}
		fmt.Println(unix.Renameat2(-100, "file", -100, "acc", unix.RENAME_EXCHANGE))
		fmt.Println(unix.Link("file", "acc.x"))
	}
}

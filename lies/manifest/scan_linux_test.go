package manifest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// tree makes files below a new directory: "name/" is a directory, "name -> target" a link, "name => other" a hard link,
// "name: content" a file, "name|" a FIFO. Times are all 1e9 seconds, modes 0644 and 0755.
func tree(t testing.TB, files ...string) string {
	t.Helper()
	root := t.TempDir()
	grow(t, root, files...)
	return root
}

func grow(t testing.TB, root string, files ...string) {
	t.Helper()
	ok := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	for _, f := range files {
		if name, target, is := strings.Cut(f, " -> "); is {
			ok(os.Symlink(target, filepath.Join(root, name)))
		} else if name, other, is := strings.Cut(f, " => "); is {
			ok(os.Link(filepath.Join(root, other), filepath.Join(root, name)))
		} else if name, content, is := strings.Cut(f, ": "); is {
			ok(os.WriteFile(filepath.Join(root, name), []byte(content), 0o644))
			ok(os.Chmod(filepath.Join(root, name), 0o644))
		} else if name, is := strings.CutSuffix(f, "|"); is {
			ok(unix.Mkfifo(filepath.Join(root, name), 0o644))
			ok(os.Chmod(filepath.Join(root, name), 0o644))
		} else {
			ok(os.MkdirAll(filepath.Join(root, f), 0o755))
			ok(os.Chmod(filepath.Join(root, f), 0o755))
		}
	}
	ok(os.Chmod(root, 0o755))
	setTimes(t, root)
}

func setTimes(t testing.TB, root string) {
	t.Helper()
	at := unix.NsecToTimespec(1e18)
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func toRoot(uint32, uint32) (uint32, uint32) { return 0, 0 }

func sum(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

func scan(t testing.TB, root string, opts Options) *Manifest {
	t.Helper()
	m, err := Scan(context.Background(), root, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	return m
}

var sampleTree = []string{
	"etc/", "etc/passwd: root:x:0:0::/root:/bin/sh\nme:x:7:8::/:\nbad name:x:9:9::/:\ntwin:x:7:8::/:\n",
	"etc/group: root:x:0:\nus:x:8:me\n+nis:x:8:\n",
	"a: hello", "a-b/", "a-b/dev: ", "d/", "d/x\xff y: world", "d/pipe|", "d/z => a", "l -> ../no where", "-first: 1",
}

func TestScan(t *testing.T) {
	root := tree(t, sampleTree...)
	claims := func(r Real) (Claim, bool) {
		var c Claim
		switch r.Path {
		case "a-b/dev":
			c.SetType(sIFCHR, lies.Makedev(1, 3))
			c.SetMode(0o666)
		case "a": // and d/z, which is the same inode
			c.SetOwner(7, 8)
			c.SetMode(0o4755)
			c.SetXattr("security.capability", []byte{1, 2})
		case "l":
			c.SetOwner(9, 9)
		}
		return c, !c.Empty()
	}
	at := func(y int) string { return fmt.Sprintf("time=%d.000000000", y) }
	want := head +
		". type=dir mode=0755 uid=0 gid=0 uname=root gname=root " + at(1e9) + "\n" +
		"./-first type=file mode=0644 uid=0 gid=0 uname=root gname=root size=1 " + at(1e9) + " sha256digest=" + sum("1") + "\n" +
		"./a type=file mode=4755 uid=7 gid=8 uname=me gname=us size=5 " + at(1e9) + " nlink=2 inode=1 sha256digest=" + sum("hello") + "\n" +
		"#@ xattr.security.capability=AQI=\n" +
		"./a-b type=dir mode=0755 uid=0 gid=0 uname=root gname=root " + at(1e9) + "\n" +
		"./a-b/dev type=char mode=0666 uid=0 gid=0 uname=root gname=root device=native,1,3 contents=./a-b/dev/. " + at(1e9) + "\n" +
		"./d type=dir mode=0755 uid=0 gid=0 uname=root gname=root " + at(1e9) + "\n" +
		"./d/pipe type=fifo mode=0644 uid=0 gid=0 uname=root gname=root contents=./d/pipe/. " + at(1e9) + "\n" +
		"./d/x\\377\\040y type=file mode=0644 uid=0 gid=0 uname=root gname=root size=5 " + at(1e9) + " sha256digest=" + sum("world") + "\n" +
		"./d/z type=file mode=4755 uid=7 gid=8 uname=me gname=us size=5 " + at(1e9) + " nlink=2 inode=1 sha256digest=" + sum("hello") + "\n" +
		"#@ xattr.security.capability=AQI=\n" +
		"./l type=link mode=0777 uid=9 gid=9 link=../no\\040where " + at(1e9) + "\n"
	opts := Options{Claims: claims, Owner: toRoot, Exclude: []string{"etc"}, Digest: true, NoXattrs: true}
	opts.Exclude = nil
	full := text(t, scan(t, root, opts))
	var without []string // the lines about etc say nothing new
	for line := range strings.Lines(full) {
		if !strings.HasPrefix(line, "./etc") {
			without = append(without, line)
		}
	}
	if got := strings.Join(without, ""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	for _, procs := range []int{1, 8} {
		opts.Workers = procs
		old := runtime.GOMAXPROCS(procs)
		if again := text(t, scan(t, root, opts)); again != full {
			t.Errorf("with %d processors another text:\n%s", procs, again)
		}
		runtime.GOMAXPROCS(old)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if again := text(t, scan(t, link, opts)); again != full {
		t.Errorf("by way of a link another text:\n%s", again)
	}
}

func TestScanExcludes(t *testing.T) {
	root := tree(t, "a: 1", "b/", "b/c: 2", "b/d: 3", "e => a")
	m := scan(t, root, Options{Exclude: []string{"./b/c", "e/", "none"}, NoNames: true})
	var got []string
	for _, e := range m.Entries {
		got = append(got, e.Path)
		if e.Group != 0 || e.Nlink != 1 {
			t.Errorf("%s: group %d of %d, its other link is excluded", e.Path, e.Group, e.Nlink)
		}
	}
	if want := []string{".", "a", "b", "b/d"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := scan(t, root, Options{Exclude: []string{"etc/passwd"}}); m.Entries[0].Uname != "" {
		t.Errorf("uname %q from an excluded file", m.Entries[0].Uname)
	}
}

func TestScanEpoch(t *testing.T) { // card-6
	root := tree(t, "old: 1", "new: 2")
	early := time.Unix(5e8, 7)
	if err := os.Chtimes(filepath.Join(root, "old"), early, early); err != nil {
		t.Fatal(err)
	}
	epoch := time.Unix(1e9-1, 5)
	m := scan(t, root, Options{Epoch: &epoch})
	if got := m.Lookup("old").Time; !got.Equal(early) || got.Location() != time.UTC {
		t.Errorf("old: %v, want %v unchanged", got, early)
	}
	if got := m.Lookup("new").Time; !got.Equal(epoch) {
		t.Errorf("new: %v, want the epoch", got)
	}
}

func TestScanXattrs(t *testing.T) {
	root := tree(t, "f: 1", "d/")
	for name, value := range map[string]string{"user.b": "1", "user.a": "", "user.hidden": "3", "user.replaced": "4"} {
		if err := unix.Setxattr(filepath.Join(root, "f"), name, []byte(value), 0); err != nil {
			t.Skip("the file system has no xattrs: ", err)
		}
	}
	long := strings.Repeat("x", 3000)
	if err := unix.Setxattr(filepath.Join(root, "d"), "user.long", []byte(long), 0); err != nil {
		t.Fatal(err)
	}
	claims := func(r Real) (c Claim, _ bool) {
		if r.Path == "f" {
			c.HideXattr("user.hidden")
			c.SetXattr("user.replaced", []byte("5"))
			c.SetXattr("trusted.x", []byte("6"))
		}
		return c, true
	}
	m := scan(t, root, Options{Claims: claims})
	want := []Xattr{{"trusted.x", []byte("6")}, {"user.a", []byte{}}, {"user.b", []byte("1")}, {"user.replaced", []byte("5")}}
	if got := m.Lookup("f").Xattrs; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := m.Lookup("d").Xattrs; len(got) != 1 || string(got[0].Value) != long {
		t.Errorf("d: %d xattrs", len(got))
	}
	m = scan(t, root, Options{KeepXattr: func(name string) bool { return name == "user.b" }})
	if got := m.Lookup("f").Xattrs; len(got) != 1 {
		t.Errorf("chosen by name: %q", got)
	}
	m = scan(t, root, Options{Claims: claims, NoXattrs: true})
	if got := m.Lookup("f").Xattrs; len(got) != 2 {
		t.Errorf("claimed only: %q", got)
	}
}

func TestScanRefuses(t *testing.T) {
	root := tree(t, "d/", "d/f: 1", "l -> f")
	claim := func(path string, typ uint32) func(Real) (Claim, bool) {
		return func(r Real) (c Claim, _ bool) {
			if r.Path == path {
				c.SetType(typ, 0)
			}
			return c, true
		}
	}
	tests := []struct {
		name, root string
		opts       Options
		want       string
	}{
		{"nothing there", root + "/none", Options{}, "no such file"},
		{"a file", root + "/d/f", Options{}, "not a directory"},
		{"directory claimed as device", root, Options{Claims: claim("d", sIFCHR)}, `"d": is a dir, but claimed to be a char`},
		{"link claimed as FIFO", root, Options{Claims: claim("l", sIFIFO)}, `"l": is a link`},
		{"file claimed as directory", root, Options{Claims: claim("d/f", sIFDIR)}, `"d/f": is a file`},
		{"no type", root, Options{Claims: claim("d/f", 0o030000)}, `"d/f": claimed file type`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Scan(context.Background(), tt.root, tt.opts)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(io.ErrClosedPipe)
	if _, err := Scan(ctx, root, Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("canceled: %v", err)
	}
}

// TestScanChanged changes a file between the moment when it is seen and the moment when it is hashed.
func TestScanChanged(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"content":  func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o644) },
		"time":     func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(5, 5)) },
		"replaced": func(path string) error { return os.Rename(filepath.Dir(path)+"-new/f", path) },
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(tree(t, "root/", "root/f: 1", "root-new/", "root-new/f: 2"), "root")
			claims := func(r Real) (Claim, bool) {
				if r.Path == "f" {
					if err := change(filepath.Join(root, "f")); err != nil {
						t.Error(err)
					}
				}
				return Claim{}, false
			}
			_, err := Scan(context.Background(), root, Options{Digest: true, Claims: claims})
			if err == nil || !strings.Contains(err.Error(), `"f": changed`) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestScanDeep(t *testing.T) {
	root := t.TempDir()
	fd, err := unix.Open(root, unix.O_DIRECTORY|unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("n", 50)
	const depth = 120 // 6,000 bytes, more than PATH_MAX
	for range depth {
		if err := unix.Mkdirat(fd, name, 0o755); err != nil {
			t.Fatal(err)
		}
		next, err := unix.Openat(fd, name, unix.O_DIRECTORY|unix.O_RDONLY, 0)
		unix.Close(fd)
		if err != nil {
			t.Fatal(err)
		}
		fd = next
	}
	unix.Close(fd)
	m := scan(t, root, Options{})
	if len(m.Entries) != depth+1 {
		t.Errorf("%d entries, want %d", len(m.Entries), depth+1)
	}
	if s := text(t, m); len(s) < 6000 {
		t.Error("the deepest path is cut off")
	}
}

// TestWriteInPlace: what is no regular file is not replaced, and a full disk is an error.
func TestWriteInPlace(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		b, _ := os.ReadFile(fifo)
		read <- string(b)
	}()
	if err := sample().WriteFile(fifo); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != sampleText {
		t.Errorf("read from the FIFO: %q", got)
	}
	if err := sample().WriteFile("/dev/full"); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("/dev/full: %v", err)
	}
}

// TestScanUnreadable: files and directories of one's own may have mode 0.
func TestScanUnreadable(t *testing.T) { // frng-1
	if os.Geteuid() == 0 {
		rerunAsUser(t)
		return
	}
	root := tree(t, "d/", "d/f: secret", "d/none/", "f: hidden", "f2 => f", "x/", "x/f: not searched")
	modes := map[string]os.FileMode{"d/none": 0, "d/f": 0o200, "f": 0, "x": 0o600, "d": 0o100, ".": 0}
	t.Cleanup(func() { os.Chmod(root, 0o755); os.Chmod(root+"/d", 0o755); os.Chmod(root+"/x", 0o755) })
	for _, name := range []string{"d/none", "d/f", "f", "x", "d", "."} {
		if err := os.Chmod(filepath.Join(root, name), modes[name]); err != nil {
			t.Fatal(err)
		}
	}
	m := scan(t, root, Options{Digest: true})
	if got := len(m.Entries); got != 8 {
		t.Errorf("%d entries, want 8", got)
	}
	for path, mode := range modes {
		e := m.Lookup(path)
		if e == nil || e.Mode != uint32(mode) || e.Type == TypeFile && !e.HasDigest {
			t.Errorf("%s: %+v, want mode %#o", path, e, mode)
		}
	}
	for _, name := range []string{".", "x", "d", "d/f", "d/none", "f"} { // from above: the outer ones have to be opened
		path := filepath.Join(root, name)
		fi, err := os.Lstat(path)
		if err != nil || fi.Mode().Perm() != modes[name] {
			t.Errorf("%s: afterwards %v, %v", name, fi.Mode(), err)
		}
		if fi.IsDir() {
			os.Chmod(path, 0o755)
		}
	}
	if _, err := Scan(context.Background(), "/root", Options{}); !errors.Is(err, unix.EACCES) {
		t.Errorf("somebody else's directory: %v", err)
	}
}

// rerunAsUser runs the test again in a process of a user without privileges.
func rerunAsUser(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "manifest-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "test")
	if err := errors.Join(os.WriteFile(exe, self, 0o755), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("as another user: %v\n%s", err, out)
	}
}

func BenchmarkScan(b *testing.B) {
	root := b.TempDir()
	for i := range 5000 {
		dir := filepath.Join(root, fmt.Sprintf("d%d", i/100))
		if i%100 == 0 {
			if err := os.Mkdir(dir, 0o755); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("content"), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for _, digest := range []bool{false, true} {
		b.Run(fmt.Sprintf("5000 files, digest %t", digest), func(b *testing.B) {
			for b.Loop() {
				scan(b, root, Options{Digest: digest})
			}
		})
	}
}

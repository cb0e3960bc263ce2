package guest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/wrapper/guest/acl"
)

func init() {
	helpers["xattr-errors"] = func() {
		os.WriteFile("f", nil, 0o644)
		const path, name, value = 0, 100, 400
		put := func(offset int, s string) uintptr { copy(room[offset:], s+"\x00"); return at(offset) }
		f := put(path, "f")
		trusted := put(name, "trusted.a")
		raw("set, bad flags before a bad name:", unix.SYS_SETXATTR, f, 8, 8, 1, 4)
		raw("set, bad name before a bad size:", unix.SYS_SETXATTR, f, 8, 8, 65537, 0)
		raw("set, empty name:", unix.SYS_SETXATTR, f, put(name+50, ""), 8, 65537, 0)
		long := strings.Repeat("n", 256)
		raw("set, long name:", unix.SYS_SETXATTR, f, put(1000, long), 8, 1, 0)
		raw("set, too large before a bad path:", unix.SYS_SETXATTR, 8, trusted, 8, 65537, 0)
		raw("set, bad value before a bad path:", unix.SYS_SETXATTR, 8, trusted, 8, 1, 0)
		raw("set, bad path:", unix.SYS_SETXATTR, 8, trusted, at(value), 1, 0)
		raw("set, no such file:", unix.SYS_SETXATTR, put(50, "none"), trusted, at(value), 1, 0)
		raw("set, no such descriptor:", unix.SYS_FSETXATTR, 99, trusted, at(value), 1, 0)
		raw("set, no namespace:", unix.SYS_SETXATTR, f, put(200, "a"), at(value), 1, 0)
		raw("set, nothing after it:", unix.SYS_SETXATTR, f, put(200, "trusted."), at(value), 1, 0)
		raw("set, of no capability:", unix.SYS_SETXATTR, f, put(200, "security.capability"), at(value), 1, 0)
		raw("replace what is not there:", unix.SYS_SETXATTR, f, trusted, at(value), 1, unix.XATTR_REPLACE)
		raw("create:", unix.SYS_SETXATTR, f, trusted, put(value, "val"), 3, unix.XATTR_CREATE)
		raw("create again:", unix.SYS_SETXATTR, f, trusted, at(value), 3, unix.XATTR_CREATE)
		raw("replace:", unix.SYS_SETXATTR, f, trusted, put(value, "value"), 5, unix.XATTR_REPLACE)
		raw("get the size:", unix.SYS_GETXATTR, f, trusted, 8, 0)
		raw("get into too little:", unix.SYS_GETXATTR, f, trusted, at(500), 4)
		raw("get into nothing:", unix.SYS_GETXATTR, f, trusted, 8, 5)
		raw("get into more:", unix.SYS_GETXATTR, f, trusted, at(500), 70000)
		fmt.Printf("got: %s\n", room[500:505])
		raw("list the size:", unix.SYS_LISTXATTR, f, 8, 0)
		raw("list into too little:", unix.SYS_LISTXATTR, f, at(500), 9)
		raw("list into nothing:", unix.SYS_LISTXATTR, f, 8, 10)
		raw("list:", unix.SYS_LISTXATTR, f, at(500), 10)
		fmt.Printf("listed: %q\n", room[500:510])
		raw("remove what is not there:", unix.SYS_REMOVEXATTR, f, put(200, "trusted.b"))
		raw("remove:", unix.SYS_REMOVEXATTR, f, trusted)
		raw("remove again:", unix.SYS_REMOVEXATTR, f, trusted)
		raw("get what was removed:", unix.SYS_GETXATTR, f, trusted, 8, 0)
		raw("list nothing:", unix.SYS_LISTXATTR, f, 8, 0)
		fd, _ := unix.Open("f", unix.O_PATH, 0)
		raw("set by O_PATH:", unix.SYS_FSETXATTR, uintptr(fd), trusted, at(value), 1, 0)
		raw("remove by O_PATH:", unix.SYS_FREMOVEXATTR, uintptr(fd), trusted)
		os.Symlink("f", "l")
		raw("set of a link:", unix.SYS_LSETXATTR, put(50, "l"), trusted, at(value), 1, 0)
		raw("the file has none:", unix.SYS_GETXATTR, f, trusted, 8, 0)
		raw("the link has:", unix.SYS_LGETXATTR, at(50), trusted, 8, 0)
		raw("user of a link:", unix.SYS_LSETXATTR, at(50), put(200, "user.a"), at(value), 1, 0)
		raw("ACL of a link:", unix.SYS_LGETXATTR, at(50), put(200, acl.AccessName), 8, 0)
	}
	helpers["xattrat"] = func() {
		os.WriteFile("f", nil, 0o644)
		const args = 600
		put := func(offset int, s string) uintptr { copy(room[offset:], s+"\x00"); return at(offset) }
		f, name, value := put(0, "f"), put(100, "trusted.a"), put(400, "value")
		set := func(size, flags uint32) uintptr { return xattrArgsAt(args, uint64(value), size, flags) }
		cwd := ^uintptr(99) // AT_FDCWD
		raw("unknown flags:", unix.SYS_SETXATTRAT, cwd, f, 1, name, set(5, 0), 16)
		raw("short:", unix.SYS_SETXATTRAT, cwd, f, 0, name, set(5, 0), 15)
		raw("long:", unix.SYS_SETXATTRAT, cwd, f, 0, name, set(5, 0), 4097)
		raw("long and empty:", unix.SYS_SETXATTRAT, cwd, f, 0, name, set(5, 0), 24)
		room[args+20] = 1
		raw("long and not empty:", unix.SYS_SETXATTRAT, cwd, f, 0, name, set(5, 0), 24)
		raw("create what is there:", unix.SYS_SETXATTRAT, cwd, f, 0, name, set(5, unix.XATTR_CREATE), 16)
		fd, _ := unix.Open("f", unix.O_RDONLY, 0)
		empty := put(50, "")
		raw("by descriptor:", unix.SYS_SETXATTRAT, uintptr(fd), empty, unix.AT_EMPTY_PATH, name, set(3, unix.XATTR_REPLACE), 16)
		raw("by descriptor without a path:", unix.SYS_SETXATTRAT, uintptr(fd), 0, unix.AT_EMPTY_PATH, name, set(4, 0), 16)
		raw("get with flags:", unix.SYS_GETXATTRAT, cwd, f, 0, name, set(5, 1), 16)
		raw("get:", unix.SYS_GETXATTRAT, cwd, f, 0, name, set(0, 0), 16)
		raw("list:", unix.SYS_LISTXATTRAT, uintptr(fd), empty, unix.AT_EMPTY_PATH, at(500), 100)
		raw("remove:", unix.SYS_REMOVEXATTRAT, uintptr(fd), empty, unix.AT_EMPTY_PATH, name)
		raw("remove again:", unix.SYS_REMOVEXATTRAT, cwd, f, 0, name)
		fd, _ = unix.Open("f", unix.O_PATH, 0)
		raw("by O_PATH:", unix.SYS_SETXATTRAT, uintptr(fd), empty, unix.AT_EMPTY_PATH, name, set(3, 0), 16)
	}
}

// xattrArgsAt puts a struct xattr_args into room.
func xattrArgsAt(offset int, value uint64, size, flags uint32) uintptr {
	b := binary.NativeEndian.AppendUint64(room[offset:offset], value)
	b = binary.NativeEndian.AppendUint32(b, size)
	binary.NativeEndian.AppendUint32(b, flags)
	return at(offset)
}

// What Linux 6.18 says to root, on ext4.
const (
	xattrErrors = `
	set, bad flags before a bad name: EINVAL
	set, bad name before a bad size: EFAULT
	set, empty name: ERANGE
	set, long name: ERANGE
	set, too large before a bad path: E2BIG
	set, bad value before a bad path: EFAULT
	set, bad path: EFAULT
	set, no such file: ENOENT
	set, no such descriptor: EBADF
	set, no namespace: ENOTSUP
	set, nothing after it: EINVAL
	set, of no capability: EINVAL
	replace what is not there: ENODATA
	create: 0
	create again: EEXIST
	replace: 0
	get the size: 5
	get into too little: ERANGE
	get into nothing: EFAULT
	get into more: 5
	got: value
	list the size: 10
	list into too little: ERANGE
	list into nothing: EFAULT
	list: 10
	listed: "trusted.a\x00"
	remove what is not there: ENODATA
	remove: 0
	remove again: ENODATA
	get what was removed: ENODATA
	list nothing: 0
	set by O_PATH: EBADF
	remove by O_PATH: EBADF
	set of a link: 0
	the file has none: ENODATA
	the link has: 1
	user of a link: EPERM
	ACL of a link: ENOTSUP
`
	xattrAt = `
	unknown flags: EINVAL
	short: EINVAL
	long: E2BIG
	long and empty: 0
	long and not empty: E2BIG
	create what is there: EEXIST
	by descriptor: 0
	by descriptor without a path: 0
	get with flags: EINVAL
	get: 4
	list: 10
	remove: 0
	remove again: ENODATA
	by O_PATH: EBADF
`
)

func TestXattrErrors(t *testing.T) {
	wantText(t, new(action).helper(t, "xattr-errors"), xattrErrors)
}

func TestXattrAt(t *testing.T) {
	wantText(t, new(action).helper(t, "xattrat"), xattrAt)
}

// Under a filter that forbids the calls, the answers are the same.
func TestXattrOutranked(t *testing.T) {
	outranked := action{config: Config{Outranked: true}}
	wantText(t, outranked.helper(t, "xattr-errors"), xattrErrors)
	outranked = action{config: Config{Outranked: true}}
	wantText(t, outranked.helper(t, "xattrat"), xattrAt)
}

// User attributes are on disk where that can be, whoever asks; otherwise they are remembered.
func TestUserXattrs(t *testing.T) {
	const script = `touch f; setfattr -n user.a -v 1 f; setfattr -n user.b -v 2 f; setfattr -x user.a f; cp --preserve=xattr f g
		chmod 0 f; getfattr --absolute-names -m- -d f g`
	const want = `
		# file: f
		user.b="2"
		# file: g
		user.b="2"
	`
	for _, outranked := range []bool{false, true} {
		a := &action{config: Config{Outranked: outranked}, dir: t.TempDir()}
		if setUser(a.dir) != nil {
			t.Skip("the file system has no user attributes")
		}
		wantText(t, a.shell(t, script), want)
		var buf [8]byte
		_, err := unix.Getxattr(filepath.Join(a.dir, "g"), "user.b", buf[:])
		if (err == nil) == outranked {
			t.Errorf("outranked: %t; on disk the attribute has error %v", outranked, err)
		}
		if a.config.Lies.AnyXattr() != outranked {
			t.Errorf("outranked: %t; attributes remembered: %t", outranked, a.config.Lies.AnyXattr())
		}
	}
}

func setUser(path string) error { return unix.Setxattr(path, "user.x", []byte("x"), 0) }

// An attribute of the disk that is claimed to be gone is gone, and can be made anew.
func TestHiddenXattr(t *testing.T) {
	a := &action{config: Config{Lies: lies.New(lies.Options{})}, dir: t.TempDir()}
	path := filepath.Join(a.dir, "f")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if setUser(path) != nil {
		t.Skip("the file system has no user attributes")
	}
	key, id, err := hostIdentity(path)
	if err != nil {
		t.Fatal(err)
	}
	claim := lies.Claim{}
	claim.HideXattr("user.x")
	a.config.Lies.Set(lies.Lie{Key: key, Identity: id, Claim: claim, Path: path})
	wantText(t, a.shell(t, `getfattr -m- -d f; setfattr -x user.x f; setfattr -n user.x -v new f; getfattr -m- -d f
		setfattr -x user.x f; getfattr -m- -d f`), `
		setfattr: f: No such attribute
		# file: f
		user.x="new"
	`)
	if n, err := unix.Getxattr(path, "user.x", nil); n != 1 || err != nil {
		t.Errorf("the attribute on disk has length %d, error %v", n, err)
	}
}

// The mode and the access ACL agree, whichever is changed.
func TestACLAndMode(t *testing.T) {
	wantText(t, new(action).shell(t, `umask 22; touch f; setfacl -m u:33:rw,g:44:r f; stat -c %A f; chmod 604 f; getfacl -nc f
		setfacl -m m:r f; stat -c %A f; setfacl -b f; stat -c %A f; getfattr -m- -d f
		mkdir d; setfacl -dm u:33:rwx d; touch d/f; mkdir d/d; getfacl -nc d/f; getfattr -m- d/d`), `
		-rw-rw-r--
		user::rw-
		user:33:rw-	#effective:---
		group::r--	#effective:---
		group:44:r--	#effective:---
		mask::---
		other::r--
		-rw-r--r--
		-rw-r--r--
		user::rw-
		user:33:rwx	#effective:rw-
		group::r-x	#effective:r--
		mask::rw-
		other::r--
		# file: d/d
		system.posix_acl_access
		system.posix_acl_default
	`)
}

// A task that is no longer root sets what the file's owner may set, and sees no trusted attributes.
func TestXattrsOfOthers(t *testing.T) {
	wantText(t, new(action).shell(t, `touch f; setfattr -n trusted.a -v 1 f; setfattr -n security.a -v 1 f; mkdir d; chown 33 d
		setpriv --reuid 33 --clear-groups sh -c '
			setfattr -n trusted.b -v 1 f; setfattr -n security.b -v 1 f; setfattr -n user.b -v 1 f; setfacl -m u:1:r f
			getfattr -m- -d f; setfattr -n user.own -v 1 d; setfacl -m u:1:r d; getfattr -m- d' 2>&1`), `
		setfattr: f: Operation not permitted
		setfattr: f: Operation not permitted
		setfattr: f: Permission denied
		setfacl: f: Operation not permitted
		# file: f
		security.a="1"
		# file: d
		system.posix_acl_access
		user.own
	`)
}

// Where nothing is remembered, asking for attributes makes no further calls in the tracee.
func TestXattrsAreCheap(t *testing.T) {
	idle, asking := new(action), new(action)
	idle.shell(t, "touch f")
	asking.shell(t, "touch f; getfattr -m- -d f; getfattr -n user.a f; getfacl f")
	if asking.stats.Injected != idle.stats.Injected {
		t.Errorf("%d calls were injected, %d without asking", asking.stats.Injected, idle.stats.Injected)
	}
}

func init() {
	helpers["xattr-closed"] = func() {
		buf := make([]byte, 100)
		say := func(n int, err error) { fmt.Printf("%q %v\n", buf[:max(n, 0)], err) }
		say(unix.Getxattr("closed0/f", "user.a", buf))
		say(unix.Lgetxattr("closed1/f", "user.a", buf))
		say(unix.Getxattr("closed2/f", "security.capability", buf))
		say(unix.Lgetxattr("./closed3/f", "system.posix_acl_access", buf))
		say(unix.Listxattr("closed4/f", buf))
		say(unix.Llistxattr("./closed5/f", buf))
		say(unix.Llistxattr("closed5/none", buf))
	}
}

// Neither the mode of a file nor that of its directory keeps root from looking at attributes, whatever the first look is.
func TestXattrInClosedDirectory(t *testing.T) {
	a := &action{dir: t.TempDir()}
	for i := range 6 {
		dir := filepath.Join(a.dir, fmt.Sprintf("closed%d", i))
		f := filepath.Join(dir, "f")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := unix.Setxattr(f, "user.a", []byte("abc"), 0); err != nil {
			t.Skip("no user attributes in the test's directory: ", err)
		}
		if err := errors.Join(os.Chmod(f, 0), os.Chmod(dir, 0)); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o700)
	}
	wantText(t, a.helper(t, "xattr-closed"), `
		"abc" <nil>
		"abc" <nil>
		"" no data available
		"" no data available
		"user.a\x00" <nil>
		"user.a\x00" <nil>
		"" no such file or directory`)
}

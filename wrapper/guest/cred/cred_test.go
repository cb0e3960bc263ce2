package cred

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// These tests need no root and no Linux. What they state was tried on Linux
// 6.18, and the kernel_*_linux_test.go files try it again.

const last Cap = CAP_CHECKPOINT_RESTORE

// user is somebody without privileges.
var user = Login(1000, 1000, []uint32{1000, 20}, last)

// done returns the credentials after a call that must succeed.
func done(t *testing.T) func(*Cred, syscall.Errno) *Cred {
	return func(c *Cred, errno syscall.Errno) *Cred {
		t.Helper()
		if errno != 0 {
			t.Fatalf("errno %d", errno)
		}
		return c
	}
}

func TestLogin(t *testing.T) {
	if s := Root(last).State(); s.Effective != upTo(last) || s.Permitted != upTo(last) ||
		s.Bounding != upTo(last) || s.Inheritable != 0 || s.Ambient != 0 || s.UID != 0 || len(s.Groups) != 0 {
		t.Errorf("root is %+v", s)
	}
	if s := user.State(); s.Permitted != 0 || s.Effective != 0 || s.Bounding != upTo(last) || s.Groups[0] != 20 {
		t.Errorf("a user is %+v", s)
	}
	if got := upTo(63); got != ^Caps(0) {
		t.Errorf("64 capabilities are %x", got)
	}
}

func TestDropIsFinal(t *testing.T) {
	c := done(t)(Root(last).SetRESUID(33, 33, 33))
	if s := c.State(); s.Permitted != 0 || s.Effective != 0 || s.FSUID != 33 {
		t.Errorf("setresuid(33) leaves %+v", s)
	}
	if next, errno := c.SetUID(0); errno != syscall.EPERM || next != c {
		t.Errorf("setuid(0) after a drop: errno %d", errno)
	}
	if _, errno := c.SetGroups(nil); errno != syscall.EPERM {
		t.Errorf("setgroups after a drop: errno %d", errno)
	}
	if _, errno := c.SetUID(unset); errno != syscall.EINVAL {
		t.Errorf("setuid(-1): errno %d, want EINVAL before EPERM", errno)
	}
}

func TestDropAndReturn(t *testing.T) {
	c := done(t)(Root(last).SetRESUID(unset, 33, unset)) // seteuid
	if s := c.State(); s.Permitted != upTo(last) || s.Effective != 0 {
		t.Errorf("seteuid(33) leaves %+v", s)
	}
	c = done(t)(c.SetRESUID(unset, 0, unset))
	if s := c.State(); s.Effective != upTo(last) {
		t.Errorf("seteuid(0) gives back %+v", s)
	}
}

func TestKeepCaps(t *testing.T) {
	c, _, errno, known := Root(last).Prctl(prSetKeepcaps, 1, 0, 0, 0)
	if errno != 0 || !known {
		t.Fatalf("PR_SET_KEEPCAPS: errno %d, known %v", errno, known)
	}
	c = done(t)(c.SetUID(33))
	if s := c.State(); s.Permitted != upTo(last) || s.Effective != 0 {
		t.Errorf("setuid(33) with keepcaps leaves %+v", s)
	}
	c, secure, errno := c.Exec(FileCred{Mode: modeReg | 0o755})
	if errno != 0 || secure || c.State().Permitted != 0 || c.Securebits() != 0 {
		t.Errorf("execve: errno %d, secure %v, %+v", errno, secure, c.State())
	}
}

func TestSetFSUID(t *testing.T) {
	c, old := Root(last).SetFSUID(33)
	if old != 0 || c.Capable(CAP_DAC_OVERRIDE) || !c.Capable(CAP_SYS_ADMIN) {
		t.Errorf("setfsuid(33): previous %d, %+v", old, c.State())
	}
	if same, old := c.SetFSUID(unset); same != c || old != 33 {
		t.Errorf("setfsuid(-1): previous %d", old)
	}
	if c, _ = c.SetFSUID(0); c.State().Effective != upTo(last) {
		t.Errorf("setfsuid(0): %+v", c.State())
	}
}

func TestPrctlLeavesOthersAlone(t *testing.T) {
	const prSetName = 15
	if c, _, errno, known := user.Prctl(prSetName, 1, 0, 0, 0); known || errno != 0 || c != user {
		t.Error("PR_SET_NAME is taken for a call on credentials")
	}
}

func TestExec(t *testing.T) {
	netRaw := CapsOf(CAP_NET_RAW)
	fileCaps := FileCaps{Permitted: netRaw, Effective: true}.Encode()
	withNNP := user.with(func(s *State) { s.NoNewPrivs = true })
	unbound := user.with(func(s *State) { s.Bounding = 0 })
	noRoot := user.with(func(s *State) { s.Securebits = SECBIT_NOROOT })
	ambient := user.with(func(s *State) { s.Permitted, s.Inheritable, s.Ambient = netRaw, netRaw, netRaw })
	for _, x := range []struct {
		name       string
		c          *Cred
		f          FileCred
		euid, egid uint32
		permitted  Caps
		effective  Caps
		secure     bool
		errno      syscall.Errno
	}{
		{"plain", user, FileCred{Mode: 0o755}, 1000, 1000, 0, 0, false, 0},
		{"root", Root(last), FileCred{Mode: 0o755}, 0, 0, upTo(last), upTo(last), false, 0},
		{"set-user-ID root", user, FileCred{Mode: 0o4755}, 0, 1000, upTo(last), upTo(last), true, 0},
		{"set-user-ID", user, FileCred{Mode: 0o4755, UID: 33}, 33, 1000, 0, 0, true, 0},
		{"set-group-ID", user, FileCred{Mode: 0o2755, GID: 42}, 1000, 42, 0, 0, true, 0},
		{"set-group-ID without x", user, FileCred{Mode: 0o2745, GID: 42}, 1000, 1000, 0, 0, false, 0},
		{"nosuid", user, FileCred{Mode: 0o6755, Caps: fileCaps, NoSUID: true}, 1000, 1000, 0, 0, false, 0},
		{"no_new_privs", withNNP, FileCred{Mode: 0o6755, Caps: fileCaps}, 1000, 1000, 0, 0, true, 0},
		{"capabilities", user, FileCred{Mode: 0o755, Caps: fileCaps}, 1000, 1000, netRaw, netRaw, true, 0},
		{"capabilities of another namespace", user, FileCred{Mode: 0o755, Caps: FileCaps{Permitted: netRaw, RootID: 5}.Encode()}, 1000, 1000, 0, 0, false, 0},
		{"capabilities out of bounds", unbound, FileCred{Mode: 0o755, Caps: fileCaps}, 0, 0, 0, 0, false, syscall.EPERM},
		{"capabilities out of bounds, not effective", unbound, FileCred{Mode: 0o755, Caps: FileCaps{Permitted: netRaw}.Encode()}, 1000, 1000, 0, 0, false, 0},
		{"damaged capabilities", user, FileCred{Mode: 0o755, Caps: []byte{}}, 0, 0, 0, 0, false, syscall.EINVAL},
		{"set-user-ID root with capabilities", user, FileCred{Mode: 0o4755, Caps: fileCaps}, 0, 1000, netRaw, netRaw, true, 0},
		{"SECBIT_NOROOT", noRoot, FileCred{Mode: 0o4755}, 0, 1000, 0, 0, true, 0},
		{"ambient", ambient, FileCred{Mode: 0o755}, 1000, 1000, netRaw, netRaw, false, 0},
		{"ambient and set-user-ID", ambient, FileCred{Mode: 0o4755, UID: 33}, 33, 1000, 0, 0, true, 0},
	} {
		next, secure, errno := x.c.Exec(x.f)
		if errno != x.errno {
			t.Errorf("%s: errno %d, want %d", x.name, errno, x.errno)
			continue
		}
		if errno != 0 {
			if next != x.c {
				t.Errorf("%s: failed and changed something", x.name)
			}
			continue
		}
		s := next.State()
		if s.EUID != x.euid || s.EGID != x.egid || s.Permitted != x.permitted || s.Effective != x.effective || secure != x.secure {
			t.Errorf("%s: secure %v, %+v", x.name, secure, s)
		}
		if s.SUID != s.EUID || s.FSUID != s.EUID || s.SGID != s.EGID || s.FSGID != s.EGID || s.UID != x.c.UID() {
			t.Errorf("%s: the ids do not agree: %+v", x.name, s)
		}
	}
}

func TestRootStillNeedsAnXBit(t *testing.T) {
	root := Root(last)
	if errno := root.Permission(Inode{Mode: modeReg, UID: 1}, acl.Read|acl.Write); errno != 0 {
		t.Errorf("root reads a file of mode 0: errno %d", errno)
	}
	if errno := root.Permission(Inode{Mode: modeReg | 0o666}, acl.Exec); errno != syscall.EACCES {
		t.Errorf("root executes a file of mode 0666: errno %d", errno)
	}
	if errno := root.Permission(Inode{Mode: modeDir, UID: 1}, acl.Write|acl.Exec); errno != 0 {
		t.Errorf("root writes a directory of mode 0: errno %d", errno)
	}
}

func TestChownClearsForRootToo(t *testing.T) {
	root := Root(last)
	for _, x := range []struct {
		mode, want uint32
		drop       bool
	}{
		{modeReg | 0o6755, modeReg | 0o755, true},
		{modeReg | 0o2745, modeReg | 0o2745, true}, // not executable by its group
		{modeDir | 0o6755, modeDir | 0o6755, false},
		{modeFIFO | 0o4666, modeFIFO | 0o666, true},
	} {
		ino, drop, errno := root.Chown(Inode{Mode: x.mode}, unset, unset)
		if errno != 0 || ino.Mode != x.want || drop != x.drop {
			t.Errorf("chown of %#o: %#o, drops capabilities %v, errno %d", x.mode, ino.Mode, drop, errno)
		}
	}
}

func TestCheckMknod(t *testing.T) {
	for mode, want := range map[uint32]syscall.Errno{
		0o644: 0, modeReg: 0, modeBlk: 0, modeChr: 0, modeFIFO: 0, modeSock: 0,
		modeDir: syscall.EPERM, modeLink: syscall.EINVAL, 0o150000: syscall.EINVAL,
	} {
		if got := CheckMknod(mode); got != want {
			t.Errorf("mknod %#o: errno %d, want %d", mode, got, want)
		}
	}
}

func TestCapData(t *testing.T) {
	sets := CapSets{Effective: 1<<40 | 1, Permitted: 1<<40 | 3, Inheritable: 1 << 33}
	for version, size := range map[uint32]int{CapVersion1: 12, CapVersion2: 24, CapVersion3: 24} {
		h := ParseCapHeader([8]byte{byte(version), byte(version >> 8), byte(version >> 16), byte(version >> 24), 0xff, 0xff, 0xff, 0xff})
		if h.Version != version || h.PID != -1 {
			t.Errorf("header of version %#x: %+v", version, h)
		}
		data := h.EncodeData(sets)
		got, valid := h.ParseData(data)
		want := sets
		if version == CapVersion1 {
			want = CapSets{Effective: 1, Permitted: 3}
		}
		if len(data) != size || h.DataSize() != size || !valid || got != want {
			t.Errorf("version %#x: %d bytes, %+v", version, len(data), got)
		}
		if _, valid := h.ParseData(data[1:]); valid {
			t.Errorf("version %#x: short data is taken", version)
		}
	}
	if h := (CapHeader{Version: 1}); h.DataSize() != 0 || len(h.EncodeData(sets)) != 0 {
		t.Error("an unknown version has data")
	}
}

func TestReadFileCaps(t *testing.T) {
	v2 := FileCaps{Permitted: 1<<40 | 2, Inheritable: 4, Effective: true}.Encode()
	v3 := FileCaps{Permitted: 8, RootID: 1000}.Encode()
	rootV3 := append(bytes.Clone(v2), 0, 0, 0, 0)
	rootV3[3] = 3
	v1 := []byte{1, 0, 0, 1, 2, 0, 0, 0, 4, 0, 0, 0}
	for _, x := range []struct {
		name         string
		stored, want []byte
		errno        syscall.Errno
	}{
		{"revision 2", v2, v2, 0},
		{"revision 3", v3, v3, 0},
		{"revision 3 of user 0", rootV3, v2, 0},
		{"revision 1", v1, nil, syscall.EINVAL},
		{"empty", nil, nil, syscall.EINVAL},
	} {
		if got, errno := ReadFileCaps(x.stored); errno != x.errno || !bytes.Equal(got, x.want) {
			t.Errorf("%s: %x, errno %d", x.name, got, errno)
		}
	}
	if f, errno := ParseFileCaps(v1); errno != 0 || f != (FileCaps{Permitted: 2, Inheritable: 4, Effective: true}) {
		t.Errorf("revision 1 at execve: %+v, errno %d", f, errno)
	}
}

func TestStatus(t *testing.T) {
	text, err := os.ReadFile("testdata/status")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"Uid:\t1000\t1000\t1000\t1000\n", "Uid:\t0\t33\t0\t33\n",
		"Gid:\t1000\t1000\t1000\t1000\n", "Gid:\t0\t0\t0\t0\n",
		"Groups:\t4 27 1000 \n", "Groups:\t \n",
		"CapPrm:\t0000000000000000\n", "CapPrm:\t000001ffffffffff\n",
		"NoNewPrivs:\t1\n", "NoNewPrivs:\t0\n",
	).Replace(string(text))
	c := done(t)(Root(last).SetRESUID(unset, 33, unset))
	if got := string(c.Status(text)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := string(user.Status([]byte("Uid:\t0"))); got != "Uid:\t0" {
		t.Errorf("half a line became %q", got)
	}
	if got := string(user.Status([]byte("Groups:\t\n"))); got != "Groups:\t20 1000 \n" {
		t.Errorf("groups became %q", got)
	}
}

func TestSharedStateStays(t *testing.T) {
	groups := []uint32{9, 7}
	c := done(t)(Root(last).SetGroups(groups))
	groups[0] = 1
	s := c.State()
	s.Groups[0] = 1
	if !c.InGroup(7) || !c.InEffectiveGroup(9) || c.InGroup(1) {
		t.Errorf("groups were changed from outside: %+v", c.State())
	}
}

// FuzzFileCaps checks that what setxattr takes is what execve and getxattr can
// read.
func FuzzFileCaps(f *testing.F) {
	f.Add(FileCaps{Permitted: 1 << 40, Effective: true}.Encode())
	f.Add(FileCaps{Inheritable: 1, RootID: 7}.Encode())
	f.Add([]byte{})
	root := Root(last)
	f.Fuzz(func(t *testing.T, value []byte) {
		parsed, errno := ParseFileCaps(value)
		if errno == 0 && len(value) != fileCapsSize1 {
			if again, errno := ParseFileCaps(parsed.Encode()); errno != 0 || again != parsed {
				t.Fatalf("%+v became %+v, errno %d", parsed, again, errno)
			}
		}
		stored, errno := root.MaySetXattr(Inode{Mode: modeReg}, FileCapsName, value)
		if errno != 0 || len(value) == 0 {
			return
		}
		if _, errno := ParseFileCaps(stored); errno != 0 {
			t.Fatalf("execve cannot read %x: errno %d", stored, errno)
		}
		read, errno := ReadFileCaps(stored)
		if errno != 0 {
			t.Fatalf("getxattr cannot read %x: errno %d", stored, errno)
		}
		if _, errno := root.MaySetXattr(Inode{Mode: modeReg}, FileCapsName, read); errno != 0 {
			t.Fatalf("what getxattr returned, %x, cannot be set: errno %d", read, errno)
		}
	})
}

// A stop of the tracer pays for each of these.
func TestChecksDoNotAllocate(t *testing.T) {
	ino := Inode{Mode: modeReg | 0o770, GID: 5, ACL: acl.ACL{
		{Tag: acl.UserObj, Perm: 7}, {Tag: acl.User, Perm: 7, ID: 1000}, {Tag: acl.GroupObj, Perm: 7},
		{Tag: acl.Mask, Perm: 7}, {Tag: acl.Other},
	}}
	dir := Inode{Mode: modeDir | 0o2777}
	if n := testing.AllocsPerRun(100, func() {
		user.Permission(ino, acl.Read)
		user.MayDelete(dir, ino)
		user.Chown(ino, unset, unset)
		user.MayGetXattr(ino, "user.x")
		user.Create(dir, nil, modeReg|0o666, 0o22)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

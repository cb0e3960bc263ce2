package acl

import (
	"bytes"
	"syscall"
	"testing"
)

// caller is a Subject made of plain facts.
type caller struct {
	uid            uint32
	groups         []uint32
	fowner, fsetid bool
}

func (c caller) FSUID() uint32 { return c.uid }

func (c caller) InGroup(gid uint32) bool {
	for _, g := range c.groups {
		if g == gid {
			return true
		}
	}
	return false
}

func (c caller) OwnerOrCapable(uid uint32) bool   { return c.fowner || c.uid == uid }
func (c caller) InGroupOrCapable(gid uint32) bool { return c.fsetid || c.InGroup(gid) }

var root = caller{groups: []uint32{0}, fowner: true, fsetid: true}

// full is an ACL with one entry of each tag.
var full = ACL{
	{UserObj, Read | Write, UndefinedID},
	{User, Read | Write | Exec, 1000},
	{GroupObj, Read, UndefinedID},
	{Group, Read | Exec, 2000},
	{Mask, Read | Write, UndefinedID},
	{Other, 0, UndefinedID},
}

// without is a copy of a that lacks entry i.
func without(a ACL, i int) ACL {
	return append(a[:i:i], a[i+1:]...)
}

// with is a copy of a in which entry i is e.
func with(a ACL, i int, e Entry) ACL {
	a = a.clone()
	a[i] = e
	return a
}

func TestValid(t *testing.T) {
	ok, bad := syscall.Errno(0), syscall.EINVAL
	for _, c := range []struct {
		name string
		a    ACL
		want syscall.Errno
	}{
		{"full", full, ok},
		{"minimal", FromMode(0o640), ok},
		{"minimal with mask", ACL{full[0], full[2], full[4], full[5]}, ok},
		{"same user twice", ACL{full[0], full[1], full[1], full[2], full[4], full[5]}, ok},
		{"users not sorted", ACL{full[0], full[1], {User, 0, 5}, full[2], full[4], full[5]}, ok},
		{"none", nil, bad},
		{"no owner", without(full, 0), bad},
		{"no group", without(full, 2), bad},
		{"named entries without mask", without(full, 4), bad},
		{"no other", without(full, 5), bad},
		{"two owners", ACL{full[0], full[0], full[2], full[5]}, bad},
		{"two masks", ACL{full[0], full[2], full[4], full[4], full[5]}, bad},
		{"two others", ACL{full[0], full[2], full[5], full[5]}, bad},
		{"user after group", ACL{full[0], full[2], full[1], full[4], full[5]}, bad},
		{"group before user", ACL{full[0], full[3], full[2], full[4], full[5]}, bad},
		{"mask before group", ACL{full[0], full[4], full[2], full[5]}, bad},
		{"other before mask", ACL{full[0], full[2], full[5], full[4]}, bad},
		{"unknown tag", with(full, 1, Entry{Tag: 3}), bad},
		{"unknown permission", with(full, 1, Entry{User, 8, 1}), bad},
		{"undefined user", with(full, 1, Entry{User, 4, UndefinedID}), bad},
		{"undefined group", with(full, 3, Entry{Group, 4, UndefinedID}), bad},
	} {
		if got := c.a.Valid(); got != c.want {
			t.Errorf("%s: %v: errno %d, want %d", c.name, c.a, got, c.want)
		}
	}
}

func TestMode(t *testing.T) {
	for _, c := range []struct {
		a       ACL
		perms   uint32
		minimal bool
	}{
		{nil, 0, true},
		{FromMode(0o754), 0o754, true},
		{full, 0o660, false},
		{ACL{full[0], full[2], full[4], full[5]}, 0o660, false},
	} {
		if perms, minimal := c.a.Mode(); perms != c.perms || minimal != c.minimal {
			t.Errorf("%v: %#o, %v; want %#o, %v", c.a, perms, minimal, c.perms, c.minimal)
		}
	}
}

func TestString(t *testing.T) {
	const want = "u::rw-,u:1000:rwx,g::r--,g:2000:r-x,m::rw-,o::---"
	if got := full.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPermission(t *testing.T) {
	// The owner is 10, the group 20; full grants 1000 rwx and 2000 r-x
	// under a mask of rw-.
	const denied = syscall.EACCES
	for _, c := range []struct {
		name string
		a    ACL
		who  caller
		want Perm
		err  syscall.Errno
	}{
		{"owner is not masked", with(full, 0, Entry{UserObj, 7, UndefinedID}), caller{uid: 10}, 7, 0},
		{"owner lacks x", full, caller{uid: 10}, Exec, denied},
		{"user", full, caller{uid: 1000}, Read | Write, 0},
		{"user under the mask", full, caller{uid: 1000}, Exec, denied},
		{"user entry before group", full, caller{uid: 1000, groups: []uint32{2000}}, Write, 0},
		{"owning group", full, caller{uid: 1, groups: []uint32{20}}, Read, 0},
		{"owning group lacks w", full, caller{uid: 1, groups: []uint32{20}}, Write, denied},
		{"group", full, caller{uid: 1, groups: []uint32{2000}}, Read, 0},
		{"group under the mask", full, caller{uid: 1, groups: []uint32{2000}}, Read | Exec, denied},
		{"one of two groups must grant all", with(full, 3, Entry{Group, Write, 2000}), caller{uid: 1, groups: []uint32{20, 2000}}, Read | Write, denied},
		{"other", with(full, 5, Entry{Other, Read, UndefinedID}), caller{uid: 1}, Read, 0},
		{"other is not for group members", with(full, 5, Entry{Other, 7, UndefinedID}), caller{uid: 1, groups: []uint32{20}}, Write, denied},
		{"group without mask", FromMode(0o070), caller{uid: 1, groups: []uint32{20}}, 7, 0},
		{"not valid", full[:3], caller{uid: 1}, Read, syscall.EIO},
		{"unknown tag", ACL{{Tag: 3}}, caller{uid: 1}, Read, syscall.EIO},
	} {
		if got := c.a.Permission(10, 20, c.who, c.want); got != c.err {
			t.Errorf("%s: errno %d, want %d", c.name, got, c.err)
		}
	}
}

func TestSet(t *testing.T) {
	file := Node{Mode: 0o102755, UID: 10, GID: 20}
	dir := Node{Mode: 0o042755, UID: 10, GID: 20}
	link := Node{Mode: 0o120777, UID: 10, GID: 20}
	stranger := caller{uid: 1}
	outsider := caller{uid: 10} // owns the file but is not in its group
	named := func(n Node, mode uint32, access, def ACL) Node {
		n.Mode, n.Access, n.Default = mode, access, def
		return n
	}
	for _, c := range []struct {
		name  string
		kind  Kind
		value []byte
		n     Node
		who   caller
		want  Node
		err   syscall.Errno
	}{
		{"access", Access, full.Encode(), file, root, named(file, 0o102660, full, nil), 0},
		{"minimal goes into the mode", Access, FromMode(0o640).Encode(), named(file, 0o100660, full, nil), root, named(file, 0o100640, nil, nil), 0},
		{"set-group-ID is lost outside the group", Access, full.Encode(), file, outsider, named(file, 0o100660, full, nil), 0},
		{"default", Default, full.Encode(), dir, outsider, named(dir, 0o042755, nil, full), 0},
		{"minimal default is kept", Default, FromMode(0o640).Encode(), dir, root, named(dir, 0o042755, nil, FromMode(0o640)), 0},
		{"empty value removes", Access, nil, named(file, 0o100660, full, nil), root, named(file, 0o100660, nil, nil), 0},
		{"header alone removes", Default, full.Encode()[:4], named(dir, 0o040755, full, full), root, named(dir, 0o040755, full, nil), 0},
		{"not the owner", Access, full.Encode(), file, stranger, file, syscall.EPERM},
		{"not the owner, and not valid", Access, full[:2].Encode(), file, stranger, file, syscall.EPERM},
		{"not the owner, and not readable", Access, []byte("x"), file, stranger, file, syscall.EINVAL},
		{"not valid", Access, full[:2].Encode(), file, root, file, syscall.EINVAL},
		{"version", Access, []byte{1, 0, 0, 0, 0}, file, root, file, syscall.EOPNOTSUPP},
		{"default on a file", Default, full.Encode(), file, stranger, file, syscall.EACCES},
		{"default on a file, not valid", Default, full[:2].Encode(), file, root, file, syscall.EACCES},
		{"no default on a file", Default, nil, file, stranger, file, 0},
		{"symbolic link", Access, full.Encode(), link, root, link, syscall.EOPNOTSUPP},
		{"symbolic link, default", Default, full.Encode(), link, root, link, syscall.EOPNOTSUPP},
		{"symbolic link, not readable", Access, []byte("x"), link, root, link, syscall.EINVAL},
	} {
		got, errno := Set(c.kind, c.value, c.n, c.who)
		if errno != c.err || !sameNode(got, c.want) {
			t.Errorf("%s: %v, errno %d; want %v, errno %d", c.name, got, errno, c.want, c.err)
		}
	}
}

func TestGetAndRemove(t *testing.T) {
	n := Node{Mode: 0o040770, Access: full, Default: FromMode(0o700)}
	if a, errno := Get(Access, n); errno != 0 || a.Size() != len(a.Encode()) || a.String() != full.String() {
		t.Errorf("get access: %v, errno %d", a, errno)
	}
	if a, errno := Get(Default, n); errno != 0 || a.String() != "u::rwx,g::---,o::---" {
		t.Errorf("get default: %v, errno %d", a, errno)
	}
	for range 2 { // removing what is not there is no error
		var errno syscall.Errno
		if n, errno = Remove(Access, n, root); errno != 0 || n.Access != nil || n.Mode != 0o040770 {
			t.Errorf("remove: %v, errno %d", n, errno)
		}
	}
	if _, errno := Get(Access, n); errno != syscall.ENODATA {
		t.Errorf("get of none: errno %d, want ENODATA", errno)
	}
	if _, errno := Remove(Default, n, caller{uid: 7}); errno != syscall.EPERM {
		t.Errorf("remove by a stranger: errno %d, want EPERM", errno)
	}
	if _, errno := Get(Access, Node{Mode: 0o120777}); errno != syscall.EOPNOTSUPP {
		t.Errorf("get on a symbolic link: errno %d, want EOPNOTSUPP", errno)
	}
	if Access.Name() != AccessName || Default.Name() != DefaultName {
		t.Error("names do not belong to their kinds")
	}
	if _, ok := KindOf("system.posix_acl"); ok {
		t.Error("system.posix_acl is taken for an ACL")
	}
}

func TestCreateAndChmod(t *testing.T) {
	for _, c := range []struct {
		name        string
		def         ACL
		mode, umask uint32
		want        Node
	}{
		{"umask", nil, 0o106777, 0o22, Node{Mode: 0o106755}},
		{"default in place of the umask", full, 0o100666, 0o77, Node{Mode: 0o100660, Access: full}},
		{"mode narrows", full, 0o100600, 0, Node{Mode: 0o100600, Access: with(full, 4, Entry{Mask, 0, UndefinedID})}},
		{"directory inherits", full, 0o040777, 0, Node{Mode: 0o040660, Access: full, Default: full}},
		{"minimal", FromMode(0o640), 0o040775, 0, Node{Mode: 0o040640, Default: FromMode(0o640)}},
		{"symbolic link", full, 0o120777, 0o77, Node{Mode: 0o120777}},
	} {
		if got := Create(c.def, c.mode, c.umask); !sameNode(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := full.Chmod(0o4751).String(); got != "u::rwx,u:1000:rwx,g::r--,g:2000:r-x,m::r-x,o::--x" {
		t.Errorf("chmod: %v", got)
	}
	if got := FromMode(0).Chmod(0o751).String(); got != "u::rwx,g::r-x,o::--x" {
		t.Errorf("chmod of a minimal ACL: %v", got)
	}
	if ACL(nil).Chmod(0o777) != nil {
		t.Error("chmod made an ACL")
	}
	if full.String() != "u::rw-,u:1000:rwx,g::r--,g:2000:r-x,m::rw-,o::---" {
		t.Error("a shared ACL was changed in place")
	}
}

func sameNode(a, b Node) bool {
	return a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID &&
		bytes.Equal(a.Access.Encode(), b.Access.Encode()) &&
		bytes.Equal(a.Default.Encode(), b.Default.Encode())
}

// FuzzParse checks that any bytes are either refused or are what the kernel
// would store and give back.
func FuzzParse(f *testing.F) {
	f.Add(full.Encode())
	f.Add(FromMode(0o751).Encode())
	f.Add(full.Encode()[:4])
	f.Add([]byte{2, 0, 0, 0, 2, 0, 7, 0, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, value []byte) {
		a, errno := Parse(value)
		if errno != 0 {
			if a != nil {
				t.Fatalf("errno %d with an ACL", errno)
			}
			return
		}
		again := a.Encode()
		if len(again) != a.Size() || a != nil && len(again) != len(value) {
			t.Fatalf("%d bytes became %d, size %d", len(value), len(again), a.Size())
		}
		b, errno := Parse(again)
		if a != nil && (errno != 0 || !bytes.Equal(b.Encode(), again)) {
			t.Fatalf("%v does not survive: %v, errno %d", a, b, errno)
		}
		if a.Valid() != 0 {
			return
		}
		perms, minimal := a.Mode()
		if perms > modePerms {
			t.Fatalf("%v: mode %#o", a, perms)
		}
		if got, _ := a.Chmod(0o753).Mode(); got != 0o753 {
			t.Fatalf("%v: chmod 0753 shows %#o", a, got)
		}
		made := Create(a, 0o100777, 0)
		if made.Mode&modePerms != perms || (made.Access == nil) != minimal {
			t.Fatalf("%v: a new file is %v", a, made)
		}
		if a.Permission(1, 2, caller{uid: 3, groups: []uint32{4}}, Read) == syscall.EIO {
			t.Fatalf("%v: valid, but permission answers EIO", a)
		}
	})
}

package cred

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The part of TestKernelAgreesOnFiles that is about extended attributes.

// xattrNames are names of every namespace and of none.
var xattrNames = []string{
	"user.x", "user.x", "trusted.x", "trusted.x", "security.x", "security.x", FileCapsName, FileCapsName, FileCapsName,
	"system.x", "nowhere.x", "user.", "trusted.", "security.", "user", "",
	"user." + strings.Repeat("n", 250), "user." + strings.Repeat("n", 251),
}

func (f *fileTrial) xattrName() string { return xattrNames[f.rng.Intn(len(xattrNames))] }

func (f *fileTrial) setxattr() {
	name, value := f.xattrName(), []byte("value")
	if name == FileCapsName {
		value = f.randomFileCaps()
	}
	want := first(CheckXattrName(name), f.inside())
	var stored []byte
	if want == 0 {
		stored, want = f.c.MaySetXattr(f.ino, name, value)
	}
	what := fmt.Sprintf("setxattr %s=%x", name, value)
	if !f.check(what, unix.Lsetxattr(f.path, name, value, 0), want) || f.c.MayGetXattr(f.ino, name) != 0 {
		return
	}
	var errno syscall.Errno
	if name == FileCapsName {
		stored, errno = ReadFileCaps(stored)
	}
	buf := make([]byte, 256)
	n, err := unix.Lgetxattr(f.path, name, buf)
	if f.check("getxattr after "+what, err, errno) && !bytes.Equal(buf[:n], stored) {
		f.t.Errorf("%s: the kernel has %x, the model %x", what, buf[:n], stored)
	}
}

func (f *fileTrial) randomFileCaps() []byte {
	caps := FileCaps{Permitted: Caps(f.rng.Uint64()), Inheritable: Caps(f.rng.Uint64()), Effective: f.rng.Intn(2) == 0}
	caps.RootID = []uint32{0, 0, 1000, unset}[f.rng.Intn(4)]
	value := caps.Encode()
	switch f.rng.Intn(8) {
	case 0:
		return nil
	case 1:
		return value[:f.rng.Intn(len(value))]
	case 2:
		value[f.rng.Intn(4)] ^= 1 << f.rng.Intn(8)
	case 3: // a revision 3 of user 0
		value = append(value[:fileCapsSize2], 0, 0, 0, 0)
		value[3] = 3
	}
	return value
}

// plant gives the file an extended attribute as root, and says whether it could.
func (f *fileTrial) plant(name string) (planted bool) {
	value := []byte("value")
	if name == FileCapsName {
		value = FileCaps{}.Encode()
	}
	onThread(func() { planted = unix.Lsetxattr(f.path, name, value, 0) == nil })
	return planted
}

func (f *fileTrial) getxattr() {
	name := f.xattrName()
	planted := f.rng.Intn(4) > 0 && f.plant(name)
	want := first(CheckXattrName(name), f.inside())
	if want == 0 {
		want = f.c.MayGetXattr(f.ino, name)
	}
	if want == 0 && !planted {
		want = syscall.ENODATA
	}
	_, err := unix.Lgetxattr(f.path, name, nil)
	f.check("getxattr "+name, err, want)
	if f.inside() != 0 {
		return
	}
	list := make([]byte, 4096)
	n, err := unix.Llistxattr(f.path, list)
	f.check("listxattr", err, 0)
	listed := name != "" && slices.Contains(strings.Split(string(list[:n]), "\x00"), name)
	if wanted := planted && f.c.ListsXattr(name); listed != wanted {
		f.t.Errorf("listxattr %s: %s listed: kernel %v, model %v", f, name, listed, wanted)
	}
}

func (f *fileTrial) removexattr() {
	name := f.xattrName()
	planted := f.rng.Intn(4) > 0 && f.plant(name)
	want := first(CheckXattrName(name), f.inside())
	if want == 0 {
		want = f.c.MayRemoveXattr(f.ino, name)
	}
	if want == 0 && !planted {
		want = syscall.ENODATA
	}
	f.check("removexattr "+name, unix.Lremovexattr(f.path, name), want)
}

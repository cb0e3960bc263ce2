package wrapper

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
)

// An entry is how the command comes into the action's root directory where the kernel makes it (guest.RootNamespace). What is
// forked is this program itself, which does not begin: it is made to mount and to execute the command from outside.
type entry struct {
	dir  string // where the command starts, as the action sees it
	exec string // the command, from there
}

// selfProgram is executed in the command's place until it has entered its root directory.
const selfProgram = "/proc/self/exe"

// ownNamespaces puts a child into a user namespace that has this process's user and group, and a mount namespace.
func ownNamespaces(attr *syscall.SysProcAttr) {
	same := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
	}
	attr.Cloneflags = unix.CLONE_NEWUSER
	attr.Unshareflags = unix.CLONE_NEWNS // and what it mounts is nobody else's
	attr.UidMappings, attr.GidMappings = same(os.Geteuid()), same(os.Getegid())
	attr.AmbientCaps = []uintptr{unix.CAP_SYS_CHROOT, unix.CAP_SYS_ADMIN}
}

// namespaceRefused tries to make such a child. It asks for a mount and for another root directory: there are machines whose user
// namespaces give no power over either (AppArmor's restriction of them, Landlock). Without mount_setattr(2), before Linux 5.12, what is needed is not
// there either.
var namespaceRefused = sync.OnceValue(func() error {
	if err := unix.MountSetattr(-1, "", 0, &unix.MountAttr{}); err == unix.ENOSYS {
		return errors.New("the kernel has no mount_setattr(2)")
	}
	attr := &syscall.SysProcAttr{Chroot: "/"}
	ownNamespaces(attr)
	refused := childRefused(attr)
	if refused == nil {
		return nil
	}
	attr.Chroot, attr.Unshareflags, attr.AmbientCaps = "", 0, nil
	if err := childRefused(attr); err != nil {
		return fmt.Errorf("no user namespace can be had: %w", err)
	}
	return fmt.Errorf("a user namespace gives no power over mounts and root directories: %w", refused)
})

// chooseRoot tells how the root directory and the binds of policies come about, and for "auto" why not by the kernel; "" if so.
func chooseRoot(m *plugins.Merged) (method guest.RootMethod, why string, err error) {
	want := "auto"
	switch {
	case m.Root != nil:
		want = m.Root.Method
	case len(m.Binds) == 0:
		want = "translate"
	}
	if want == "translate" {
		return guest.RootTranslate, "", nil
	}
	refused := kernelRoot(m)
	switch {
	case refused == nil && want == "auto" && os.Geteuid() == 0:
		refused = errors.New("real root has no power over files of others in a user namespace")
	case refused == nil && want == "auto":
		// A filter that is in force already would come before this one's stops.
		if self, err := readSelf(); err == nil && self.filtered {
			refused = errors.New("a sandbox's filter is in force")
		}
	case refused != nil && want == "namespace":
		return 0, "", &Error{What: "a root directory by the method \"namespace\"", Why: refused.Error(), Hint: "use method = \"auto\""}
	}
	if refused != nil {
		return guest.RootTranslate, refused.Error(), nil
	}
	return guest.RootNamespace, "", nil
}

// kernelRoot tells what keeps the kernel from making the root directory and the binds.
func kernelRoot(m *plugins.Merged) error {
	if len(m.Paths)+len(m.Dynamic)+len(m.Files)+len(m.Users)+len(m.Groups) > 0 || m.Accounts != "" {
		return errors.New("rules about single paths cannot be mounted")
	}
	if err := namespaceRefused(); err != nil {
		return err
	}
	return rootPolicy(m, guest.RootNamespace).CheckMounts()
}

// enter is ptlib.Options.Start for a command that has an entry.
func (r *run) enter(s *ptlib.Start) (string, error) {
	if err := r.kernel.Enter(s, r.entry.dir); err != nil {
		return "", &Error{What: "cannot enter the action's root directory", Err: err}
	}
	return r.entry.exec, nil
}

// start is what the tracer is to call before the command begins; nil: nothing.
func (r *run) start() func(*ptlib.Start) (string, error) {
	if r.kernel.OwnNamespaces() {
		return r.enter
	}
	return nil
}

package guest

import (
	"fmt"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A Policy is what the action is to see in the place of what is there, as data: it is compiled when the Kernel is made, and
// nobody is asked while the action runs, but for paths under a prefix of verdict Ask.
//
// Paths are the action's own, absolute and clean, unless they are said to be the host's. Where several rules are about one
// path, that of the longest prefix wins; of two with the same prefix the stricter one does: Deny before Hide, Ask, Report,
// Allow.
//
// A policy that has a Root, Binds, Paths or Files makes every call with a path stop. One that has none of them costs nothing while
// the action runs.
type Policy struct {
	Root   string     // directory of the host that is the action's "/"; "" is the host's own root directory
	Method RootMethod // how Root and Binds come about
	Binds  []Bind
	Paths  []PathRule
	Files  []MemFile
	Owners []OwnerRule // of files whose owner nobody has claimed
	Errnos []ErrnoRule // calls that fail, whoever makes them

	// Report is called once for each path under a rule of verdict Report or Deny that the action names, on the tracer's
	// thread. It may be nil.
	Report func(Access)
	// Resolve tells the verdicts of paths under a rule of verdict Ask, in their order. It is called on the tracer's thread
	// once for each path, and its answer is kept. The answer Ask counts as Allow.
	Resolve func(paths []string) []Verdict
}

// RootMethod is how an action gets another root directory.
type RootMethod uint8

const (
	// RootTranslate changes the paths in system calls. It needs nothing of the machine.
	RootTranslate RootMethod = iota
	// RootNamespace has the kernel do it: the command is started in a user namespace that has the caller's user and group and no others,
	// with CAP_SYS_CHROOT and CAP_SYS_ADMIN as ambient capabilities, and a mount namespace; [Kernel.Enter] does the rest. What the
	// action itself mounts, and chroot(2), are the kernel's then. It goes with no Paths, Files, or Binds with Names.
	RootNamespace
)

// Mountable reports whether all that the policy says of paths can be had by RootNamespace.
func (p *Policy) Mountable() bool {
	return len(p.Paths)+len(p.Files) == 0 && !slices.ContainsFunc(p.Binds, func(b Bind) bool { return b.Names })
}

// A Bind is a file or directory of the host that the action sees at another place.
type Bind struct {
	From     string // host path
	To       string // where the action sees it
	ReadOnly bool   // what would change it fails with EROFS
	// Names makes the bind stand for other names of the directory too that begin with To's: /etc/passwd for /etc/passwd- and
	// /etc/passwd.lock, which are then files beside From. See vfs.Mount, and MemFile.Writable for templates.
	Names bool
}

// A Verdict is what becomes of a path.
type Verdict uint8

const (
	Allow  Verdict = iota
	Report         // allowed, and told of
	Ask            // Policy.Resolve decides
	Hide           // it is not there: ENOENT, and directories do not list it
	Deny           // refused with the rule's Errno, and told of
)

var verdictNames = [...]string{"allow", "report", "ask", "hide", "deny"}

// String returns the verdict's name in a ruleset.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict %d", v)
}

// A PathRule is about a file and, if it is a directory, all below it. A directory that is hidden or denied, and leads to a
// path that another rule lets be seen, can be looked at all the same: whoever goes there goes through it.
type PathRule struct {
	Prefix  string
	Verdict Verdict
	Errno   unix.Errno // of Deny; 0 is EACCES
}

// A MemFile is a regular file that is nowhere on the disk: it is in the tracer's memory, and ends with the action. It can be read;
// what would change it fails with EROFS, unless it is writable. Its directory must be there, and does not list it if the host has no file of
// the name.
type MemFile struct {
	Path     string
	Data     []byte
	Mode     uint32 // permissions, 0..07777
	UID, GID uint32 // as the action sees them

	// Writable: it can be written to, removed, and replaced by rename(2), and so can other regular files whose names begin with its own and
	// go on with anything but a letter or a digit: all these names are of files in memory. See vfs.Mount for paths that end in
	// vfs.Template; they are left alone where the caller can write in the directory.
	Writable bool
	Absent   bool // it is not there at first; for writable ones
}

// An OwnerRule gives an owner to the caller's files at and below Prefix that are there when the action begins, and whose owner
// nobody has claimed. See ClaimOwners.
type OwnerRule struct {
	Prefix   string
	UID, GID uint32
}

// An ErrnoRule makes a system call fail without being made.
type ErrnoRule struct {
	Sys   ptlib.Sys
	Errno unix.Errno
}

// An Access is a path that a rule is about, as it was met first.
type Access struct {
	Path    string // as the action sees it, without links
	Verdict Verdict
	PID     int    // of the process, in the tracer's pid namespace
	Program string // its name, as ps(1) shows it
	Sys     ptlib.Sys
}

// mounts are the root directory and the binds, in the order of their coming about.
func (p *Policy) mounts() []vfs.Mount {
	var list []vfs.Mount
	if p.Root != "" && p.Root != "/" {
		list = append(list, vfs.Mount{To: "/", From: p.Root})
	}
	for _, b := range p.Binds {
		list = append(list, vfs.Mount{To: b.To, From: b.From, ReadOnly: b.ReadOnly, Names: b.Names})
	}
	return list
}

// check tells what is wrong with a policy.
func (p *Policy) check() error {
	clean := func(what, name string) error {
		if name == "" || name[0] != '/' || path.Clean(name) != name {
			return fmt.Errorf("%s %q: not an absolute, clean path", what, name)
		}
		return nil
	}
	check := func(errs ...error) error {
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	var errs []error
	if p.Root != "" {
		errs = append(errs, clean("root", p.Root))
	}
	for _, b := range p.Binds {
		errs = append(errs, clean("bind from", b.From), clean("bind to", b.To))
	}
	for _, r := range p.Paths {
		errs = append(errs, clean("path rule", r.Prefix))
		if int(r.Verdict) >= len(verdictNames) {
			errs = append(errs, fmt.Errorf("path rule %q: %v is none", r.Prefix, r.Verdict))
		}
		if r.Verdict == Ask && p.Resolve == nil {
			errs = append(errs, fmt.Errorf("path rule %q: nobody to ask", r.Prefix))
		}
	}
	if p.Method == RootNamespace && !p.Mountable() {
		errs = append(errs, fmt.Errorf("root %q: rules about single paths cannot be mounted (use method = \"translate\")", p.Root))
	}
	for _, f := range p.Files {
		errs = append(errs, clean("file", f.Path))
		if f.Mode&^07777 != 0 {
			errs = append(errs, fmt.Errorf("file %q: mode %#o has more than permissions", f.Path, f.Mode))
		}
	}
	for _, o := range p.Owners {
		errs = append(errs, clean("owner rule", o.Prefix))
	}
	for _, r := range p.Errnos {
		if r.Sys == ptlib.SysUnknown || r.Errno == 0 {
			errs = append(errs, fmt.Errorf("errno rule for %v: no call, or no error", r.Sys))
		}
	}
	return check(errs...)
}

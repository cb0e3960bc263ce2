package guest

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// claimedACL is the access ACL that is claimed of a file, nil if none is.
func claimedACL(claim *lies.Claim) acl.ACL {
	x, ok := claim.Xattr(acl.AccessName)
	if !ok || x.Hidden {
		return nil
	}
	a, _ := acl.Parse(x.Value)
	return a
}

// diskACL is the access ACL that a file has on the disk and nothing is claimed of, nil if there is none.
func (k *Kernel) diskACL(c *ptlib.Call, in *inode) acl.ACL {
	if _, claimed := in.claim.Xattr(acl.AccessName); claimed {
		return nil
	}
	value, _ := k.realXattr(c, in, acl.AccessName)
	a, _ := acl.Parse(value)
	return a
}

// setACL claims the access ACL that a change of the mode, or the making of the file, leaves behind. None where none was
// claimed stays no claim: what the disk has is the kernel's to change.
func (in *inode) setACL(a acl.ACL) {
	in.ACL = a
	if a != nil {
		in.claim.SetXattr(acl.AccessName, a.Encode())
		return
	}
	if x, ok := in.claim.Xattr(acl.AccessName); ok && !x.Hidden {
		in.claim.UnclaimXattr(acl.AccessName)
	}
}

// hideXattr claims that an attribute of the namespaces of root is gone. A file of the caller's has only those that the
// action claimed: nobody but root gives it others. So most files that change their owner need no claim of what they
// lack.
func hideXattr(claim *lies.Claim, callers bool, name string) {
	x, claimed := claim.Xattr(name)
	switch {
	case claimed && x.Hidden:
	case callers:
		claim.UnclaimXattr(name)
	default:
		claim.HideXattr(name)
	}
}

// rememberXattr records a change of attributes, which the kernel dates.
func (k *Kernel) rememberXattr(c *ptlib.Call, in *inode) {
	if in.real.Mode&(unix.S_ISUID|unix.S_ISGID) == 0 || in.isDir() {
		k.touch(told, c, in, 0)
	}
	k.remember(c, in)
}

// isCallers reports whether a file is really the calling user's.
func (k *Kernel) isCallers(st *ptlib.Stat) bool { return st.UID == k.caller.UID }

// node is the file in the terms of package acl.
func (in *inode) node() acl.Node {
	return acl.Node{Mode: in.Mode, UID: in.UID, GID: in.GID, Access: in.ACL, Default: claimedDefault(&in.claim)}
}

// plainXattrs reports whether the real attributes of every file are those that the task should see, in all namespaces: nobody but root
// gives a file attributes of security and trusted, and ACLs on disk are the kernel's. Where it does not hold, the answer may
// be another one also for files about which nothing is claimed:
//   - a task that is not root any more is refused user attributes by the mode, is not told of those of trusted, and may be kept from the file
//     (mayReach, cred.MayGetXattr);
//   - files of the policy's in memory have attributes that are claimed without a lie (k.fixed).
//
// While it holds a shortcut makes the calls, and the kernel answers as it would have after a stop. The shortcut is told before a claim
// makes it false (mark); tasks that drop, and those with translated paths, have a filter that stops them (droppedRules, pathRules); under a
// policy of paths or files there is no shortcut, and in a user namespace none of these calls (showsOtherIDs); a call that an outer
// filter contests is trapped, and never led to it. What the kernel refuses with EACCES stops nevertheless: modes keep the caller from
// files, but not root.
func (k *Kernel) plainXattrs(t *task) bool {
	return !k.lies.AnyXattr() && !k.shared.orphans.anyXattr() && len(k.fixed) == 0 && t.filtered&filteredDropped == 0
}

// showsOtherIDs reports whether the kernel changes the ids in the value of an attribute for those who are in a user namespace that lacks them:
// an ACL's (fs/posix_acl.c, vfs_posix_acl_to_xattr), and the one that goes with a file's capabilities, for want of which there is EOVERFLOW
// (security/commoncap.c, cap_inode_getsecurity).
func (k *Kernel) showsOtherIDs(name string) bool {
	if k.real == nil {
		return false
	}
	_, isACL := acl.KindOf(name)
	return isACL || name == cred.FileCapsName
}

// A reached file is open in the tracer (O_PATH), so that the tracer can ask for its real attributes: where a sandbox
// forbids the tracee's own calls, and where the program's buffer is not made for the whole of the answer.
type reached struct{ fd int }

// reach opens the file of in, which the tracee has just named. The path is tried in the tracer first; if that is not the
// same file, the tracee opens it.
func (k *Kernel) reach(c *ptlib.Call, in *inode) (reached, unix.Errno) {
	flags := unix.O_PATH | unix.O_CLOEXEC
	if in.at.flags&unix.AT_SYMLINK_NOFOLLOW != 0 && !in.at.byFD {
		flags |= unix.O_NOFOLLOW
	}
	if path := k.hostPath(c, in.at); path != "" {
		if r, ok := openSame(path, flags, &in.real); ok {
			return r, 0
		}
	}
	if in.at.byFD {
		return reached{-1}, unix.ENOENT
	}
	fd, errno := c.Inject(ptlib.SysOpenat, uint64(uint32(in.at.dirfd)), in.at.path, uint64(flags), 0)
	if errno != 0 {
		return reached{-1}, errno
	}
	defer c.Inject(ptlib.SysClose, uint64(fd))
	if r, ok := openSame(procFD(c.Thread.Tid, int32(fd)), unix.O_PATH|unix.O_CLOEXEC, &in.real); ok {
		return r, 0
	}
	return reached{-1}, unix.ENOENT
}

// openSame opens path, if it is the file of st.
func openSame(path string, flags int, st *ptlib.Stat) (reached, bool) {
	fd, err := unix.Open(path, flags, 0)
	if err != nil {
		return reached{-1}, false
	}
	r := reached{fd}
	var seen unix.Stat_t
	if unix.Fstat(fd, &seen) != nil || seen.Dev != st.Dev || seen.Ino != st.Ino {
		r.close()
		return reached{-1}, false
	}
	return r, true
}

func (r reached) close() {
	if r.fd >= 0 {
		unix.Close(r.fd)
	}
}

// path names the file such that no link is followed but the one that leads to it.
func (r reached) path() string { return procSelfFD + strconv.Itoa(r.fd) }

const procSelfFD = "/proc/self/fd/"

// get returns the value of a real attribute, ok being false where the file has none or nobody may ask.
func (r reached) get(name string) (value []byte, ok bool) {
	if r.fd < 0 {
		return nil, false
	}
	buf := make([]byte, cred.XattrSizeMax)
	n, err := unix.Getxattr(r.path(), name, buf)
	if err != nil {
		return nil, false
	}
	return buf[:n:n], true
}

// names returns the names of the real attributes.
func (r reached) names() []string {
	if r.fd < 0 {
		return nil
	}
	buf := make([]byte, cred.XattrListMax)
	n, err := unix.Listxattr(r.path(), buf)
	if err != nil {
		return nil
	}
	return splitNames(buf[:n])
}

// splitNames takes apart what listxattr(2) answers.
func splitNames(list []byte) []string {
	var names []string
	for i, start := 0, 0; i < len(list); i++ {
		if list[i] == 0 {
			names = append(names, string(list[start:i]))
			start = i + 1
		}
	}
	return names
}

// realXattr is the value of an attribute on disk.
func (k *Kernel) realXattr(c *ptlib.Call, in *inode, name string) (value []byte, ok bool) {
	r, errno := k.reach(c, in)
	if errno != 0 {
		return nil, false
	}
	defer r.close()
	return r.get(name)
}

// xattrNames are the names of the attributes that the task should see of a file.
func (k *Kernel) xattrNames(t *task, c *ptlib.Call, in *inode) []string {
	r, _ := k.reach(c, in)
	defer r.close()
	var names []string
	for _, name := range r.names() {
		if _, claimed := in.claim.Xattr(name); !claimed {
			names = append(names, name)
		}
	}
	for _, x := range in.claim.Xattrs {
		if !x.Hidden && t.cred.ListsXattr(x.Name) {
			names = append(names, x.Name)
		}
	}
	return names
}

// unclaimXattr takes an attribute away: what was claimed, and, by a claim that it is not there, what the disk has.
func (k *Kernel) unclaimXattr(c *ptlib.Call, in *inode, name string) {
	if _, real := k.realXattr(c, in, name); real {
		in.claim.HideXattr(name)
		return
	}
	in.claim.UnclaimXattr(name)
}

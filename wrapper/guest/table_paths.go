package guest

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A pathArg says how a call names a file by a path.
type pathArg struct {
	path  int // the argument that points to it
	dirfd int // the argument that it is relative to; cwdBase: to the working directory
	end   vfs.Ending

	// flags is the argument whose bits change the ending, noFlags if there is none: follow is the bit that makes a link be
	// followed, keep one that makes it be kept.
	flags        int
	follow, keep uint32

	changes bool // the file or its directory is changed: EROFS where a mount is read-only
}

const (
	cwdBase = -1
	noFlags = -1
)

func bare(path int, end vfs.Ending) pathArg {
	return pathArg{path: path, dirfd: cwdBase, end: end, flags: noFlags}
}

func pathAt(dirfd int, end vfs.Ending) pathArg {
	return pathArg{path: dirfd + 1, dirfd: dirfd, end: end, flags: noFlags}
}

// keeping is pathAt for a call with flags of which one keeps a link, AT_SYMLINK_NOFOLLOW mostly.
func keeping(dirfd, flags int, keep uint32) pathArg {
	return pathArg{path: dirfd + 1, dirfd: dirfd, end: vfs.Follow, flags: flags, keep: keep}
}

func (p pathArg) changing() pathArg {
	p.changes = true
	return p
}

const keepLink = unix.AT_SYMLINK_NOFOLLOW

// pathCalls are all calls that name files by paths, and where the paths stand; a test finds what is missing. Where the bits
// that matter are in memory (openat2), translate reads them. Calls that fail for every action are not among them.
var pathCalls = makePathCalls()

func makePathCalls() map[ptlib.Sys][]pathArg {
	m := make(map[ptlib.Sys][]pathArg)
	add := func(args []pathArg, calls ...ptlib.Sys) {
		for _, s := range calls {
			m[s] = args
		}
	}
	one := func(p pathArg) []pathArg { return []pathArg{p} }
	const (
		follow, self, name = vfs.Follow, vfs.Self, vfs.Name
	)
	// Reading.
	add(one(bare(0, follow)), ptlib.SysStat, ptlib.SysStat64, ptlib.SysOldstat, ptlib.SysAccess, ptlib.SysChdir, ptlib.SysChroot,
		ptlib.SysStatfs, ptlib.SysStatfs64, ptlib.SysGetxattr, ptlib.SysListxattr, ptlib.SysUselib)
	add(one(bare(0, self)), ptlib.SysLstat, ptlib.SysLstat64, ptlib.SysOldlstat, ptlib.SysReadlink, ptlib.SysLgetxattr, ptlib.SysLlistxattr)
	add(one(pathAt(0, follow)), ptlib.SysFaccessat)
	add(one(pathAt(0, self)), ptlib.SysReadlinkat)
	add(one(keeping(0, 3, keepLink)), ptlib.SysNewfstatat, ptlib.SysFstatat64, ptlib.SysFaccessat2)
	add(one(keeping(0, 2, keepLink)), ptlib.SysStatx, ptlib.SysOpenTree, ptlib.SysGetxattrat, ptlib.SysListxattrat)
	add(one(keeping(0, 4, keepLink)), ptlib.SysFileGetattr)
	add(one(pathArg{path: 1, dirfd: 0, end: self, flags: 4, follow: unix.AT_SYMLINK_FOLLOW}), ptlib.SysNameToHandleAt)
	add(one(pathArg{path: 1, dirfd: cwdBase, flags: 2, keep: unix.IN_DONT_FOLLOW}), ptlib.SysInotifyAddWatch)
	add(one(pathArg{path: 4, dirfd: 3, flags: 1, keep: unix.FAN_MARK_DONT_FOLLOW}), ptlib.SysFanotifyMark)
	add(one(bare(1, follow)), ptlib.SysQuotactl)

	// Opening: what the flags say of writing is looked at by translate.
	add(one(pathArg{path: 0, dirfd: cwdBase, flags: 1, keep: unix.O_NOFOLLOW}), ptlib.SysOpen)
	add(one(pathArg{path: 1, dirfd: 0, flags: 2, keep: unix.O_NOFOLLOW}), ptlib.SysOpenat)
	add(one(pathAt(0, follow)), ptlib.SysOpenat2)
	add(one(bare(0, follow).changing()), ptlib.SysCreat)
	add(one(bare(0, follow)), ptlib.SysExecve)
	add(one(keeping(0, 4, keepLink)), ptlib.SysExecveat)

	// Changing a file.
	add(one(bare(0, follow).changing()), ptlib.SysChmod, ptlib.SysChown, ptlib.SysChown16, ptlib.SysTruncate, ptlib.SysTruncate64,
		ptlib.SysUtime, ptlib.SysUtimes, ptlib.SysSetxattr, ptlib.SysRemovexattr)
	add(one(bare(0, self).changing()), ptlib.SysLchown, ptlib.SysLchown16, ptlib.SysLsetxattr, ptlib.SysLremovexattr)
	add(one(pathAt(0, follow).changing()), ptlib.SysFchmodat, ptlib.SysFutimesat)
	add(one(keeping(0, 3, keepLink).changing()), ptlib.SysFchmodat2, ptlib.SysUtimensat, ptlib.SysUtimensatTime64)
	add(one(keeping(0, 4, keepLink).changing()), ptlib.SysFchownat, ptlib.SysFileSetattr)
	add(one(keeping(0, 2, keepLink).changing()), ptlib.SysSetxattrat, ptlib.SysRemovexattrat)

	// Changing a directory.
	add(one(bare(0, name).changing()), ptlib.SysMkdir, ptlib.SysMknod, ptlib.SysUnlink, ptlib.SysRmdir)
	add(one(pathAt(0, name).changing()), ptlib.SysMkdirat, ptlib.SysMknodat, ptlib.SysUnlinkat)
	add(one(bare(1, name).changing()), ptlib.SysSymlink)
	add(one(pathAt(1, name).changing()), ptlib.SysSymlinkat)
	add([]pathArg{bare(0, name).changing(), bare(1, name).changing()}, ptlib.SysRename)
	add([]pathArg{pathAt(0, name).changing(), pathAt(2, name).changing()}, ptlib.SysRenameat, ptlib.SysRenameat2)
	add([]pathArg{bare(0, self), bare(1, name).changing()}, ptlib.SysLink)
	add([]pathArg{{path: 1, dirfd: 0, end: self, flags: 4, follow: unix.AT_SYMLINK_FOLLOW}, pathAt(2, name).changing()}, ptlib.SysLinkat)

	// Mounting. The source is a path only where it is bound.
	add(one(bare(1, follow)), ptlib.SysMount)
	add(one(bare(0, follow)), ptlib.SysUmount)
	add(one(pathArg{path: 0, dirfd: cwdBase, flags: 1, keep: unix.UMOUNT_NOFOLLOW}), ptlib.SysUmount2)
	add([]pathArg{bare(0, follow), bare(1, follow)}, ptlib.SysPivotRoot)
	return m
}

// socketCalls name files by the addresses of sockets, or tell such addresses.
var socketCalls = []ptlib.Sys{
	ptlib.SysBind, ptlib.SysConnect, ptlib.SysSendto, ptlib.SysSendmsg, ptlib.SysGetsockname, ptlib.SysGetpeername, ptlib.SysAccept,
	ptlib.SysAccept4, ptlib.SysRecvfrom, ptlib.SysSendmmsg, ptlib.SysRecvmsg, ptlib.SysRecvmmsg, ptlib.SysRecvmmsgTime64,
}

// isSocketCall reports whether translateSocket is for the call.
func isSocketCall(s ptlib.Sys) bool {
	return s == ptlib.SysSocketcall || slices.Contains(socketCalls, s)
}

// pathRules is the filter of processes that see other files than the host's.
func pathRules() []ptlib.Rule {
	var rules []ptlib.Rule
	for _, r := range Table {
		if r.Decision == Refused {
			continue
		}
		if pathCalls[r.Sys] != nil {
			rules = append(rules, ptlib.Rule{Sys: r.Sys})
		}
	}
	for _, s := range append(socketCalls[:len(socketCalls):len(socketCalls)], ptlib.SysGetcwd) {
		rules = append(rules, ptlib.Rule{Sys: s})
	}
	for _, r := range socketcallRules(socketCalls...) {
		r.Sys = ptlib.SysSocketcall
		rules = append(rules, r)
	}
	return rules
}

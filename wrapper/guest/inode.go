package guest

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// An inode is a file as the action sees it: what the disk says, with what was claimed in its place.
type inode struct {
	cred.Inode // as the action sees it
	rdev       uint64

	real  ptlib.Stat
	at    target
	claim lies.Claim // what is claimed; empty if nothing is
	found lies.Claim // what was claimed when the file was looked at
}

func keyOf(st *ptlib.Stat) lies.Key { return lies.Key{Dev: st.Dev, Ino: st.Ino} }

func (in *inode) isDir() bool { return in.Mode&unix.S_IFMT == unix.S_IFDIR }

// identity is what tells a file from a later one with the same inode number. asked says that the file system was asked
// for the time of birth.
func identity(st *ptlib.Stat, asked bool) lies.Identity {
	id := lies.Identity{Type: st.Mode, Btime: lies.Timespec(st.Btime), Ctime: lies.Timespec(st.Ctime)}
	id.NoBtime = asked && id.Btime.IsZero()
	return id
}

// inodeOf makes the view of a file that statx(2) told about.
func (k *Kernel) inodeOf(c *ptlib.Call, st *ptlib.Stat, tg target) *inode {
	in := &inode{real: *st, at: tg, rdev: st.Rdev}
	in.Mode, in.UID, in.GID = st.Mode, k.mapUID(st.UID), k.mapGID(st.UID, st.GID)
	if k.nameless(st) {
		in.claim = k.claimOfNameless(st)
	} else {
		in.claim, _ = k.lies.Lookup(keyOf(st), identity(st, true), met{k, c, tg})
	}
	in.found = in.claim
	if !in.claim.Empty() {
		in.Mode, in.UID, in.GID, in.rdev = applied(&in.claim, in.Mode, in.UID, in.GID, in.rdev)
		in.ACL = claimedACL(&in.claim)
	}
	return in
}

// met tells the path of a file that turned out to be another than the one that a lie was about.
type met struct {
	k  *Kernel
	c  *ptlib.Call
	at target
}

// MetPath implements lies.Met.
func (m met) MetPath() string { return m.k.pathOf(m.c, m.at) }

// applied puts what is claimed in the place of what is.
func applied(claim *lies.Claim, mode, uid, gid uint32, rdev uint64) (uint32, uint32, uint32, uint64) {
	if claim.Has&lies.HasUID != 0 {
		uid = claim.UID
	}
	if claim.Has&lies.HasGID != 0 {
		gid = claim.GID
	}
	if claim.Has&lies.HasType != 0 {
		rdev = claim.Rdev
	}
	return claim.ModeOf(mode), uid, gid, rdev
}

// mapUID is the owner that the action sees of a file about which nothing is claimed.
func (k *Kernel) mapUID(uid uint32) uint32 {
	if uid == k.caller.UID && !k.config.UnknownReal {
		return 0
	}
	return uid
}

// mapGID is mapUID for the group: the groups of the calling user, on the user's own files, are root's.
func (k *Kernel) mapGID(uid, gid uint32) uint32 {
	if uid != k.caller.UID || k.config.UnknownReal {
		return gid
	}
	if gid == k.caller.GID {
		return 0
	}
	for _, g := range k.caller.Groups {
		if g == gid {
			return 0
		}
	}
	return gid
}

// remember records what in claims. Another action with the same state may have changed other things about the file since it was
// looked at, and these stay.
func (k *Kernel) remember(c *ptlib.Call, in *inode) {
	lie := lies.Lie{Key: keyOf(&in.real), Identity: identity(&in.real, true), Claim: in.claim}
	if f := k.memory.byKey[lie.Key]; f != nil {
		k.fixed[lie.Key] = in.claim
		k.claimed(c, in, f.names[0], "remembered in memory")
		return
	}
	if in.claim.Empty() {
		k.shared.orphans.remove(lie.Key)
		k.lies.Merge(lie, in.found)
		return
	}
	lie.Path, lie.Direct = k.pathOf(c, in.at), in.at.direct()
	k.claimed(c, in, lie.Path, "remembered")
	if k.nameless(&in.real) {
		k.shared.orphans.set(lie)
	} else {
		k.lies.Merge(lie, in.found)
	}
}

// claimed tells what a call claims about the file of a path.
func (k *Kernel) claimed(c *ptlib.Call, in *inode, path, result string) {
	if k.config.Event != nil {
		k.happened(c, path, in.looks(), result)
	}
	if k.config.Told != nil {
		k.config.Told(fmt.Sprintf("%v: process %d claims that %s is %06o %d:%d", c.Sys, c.Thread.Tgid, path, in.Mode, in.UID, in.GID))
	}
}

// Owner maps an owner on the disk to the one that the action sees, for the manifest.
func (k *Kernel) Owner(uid, gid uint32) (uint32, uint32) { return k.mapUID(uid), k.mapGID(uid, gid) }

package guest

import (
	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// Shortcut says whether programs are spared the stops of calls that only look at a file. What they see is the same.
type Shortcut uint8

const (
	ShortcutNever Shortcut = iota
	ShortcutCan            // where it can be had, for programs to which it is worth the while
	ShortcutMust           // for all programs; New fails if it cannot be had
)

// patience is how many calls of these kinds cost as much as to be given the shortcut, about.
const patience = 3

// openShortcut makes the shortcut. It tells what stat and access tell of a file about which nothing is claimed, and, while nothing is claimed about
// attributes, what getxattr and listxattr tell of any (plainXattrs) outside of a user namespace: the rest stops.
// Tasks that are not root, and those whose paths are translated, see to that by further filters (droppedRules, tellRules, pathRules).
func (k *Kernel) openShortcut() error {
	if p := k.config.Policy; k.config.Shortcut == ShortcutNever ||
		p != nil && (k.real == nil && (p.Root != "" || len(p.Binds) > 0) || len(p.Paths)+len(p.Files) > 0) {
		return nil // a policy says more about files than their inodes and the index do, and from the first program on
	}
	o := ptlib.ShortcutOptions{UID: k.caller.UID, GID: k.caller.GID, Except: k.procDev}
	if k.config.Shortcut == ShortcutCan {
		o.Patience = patience
	}
	if k.config.UnknownReal {
		o.UID = ^uint32(0)
	}
	if k.real != nil {
		o.UnmappedUID, o.UnmappedGID = k.real.uid, k.real.gid
	}
	s, err := ptlib.NewShortcut(o)
	if err != nil {
		if k.config.Shortcut == ShortcutMust {
			return err
		}
		return nil
	}
	k.shortcut = s
	k.unwatch = k.lies.Watch(func(key lies.Key, attributes bool) { mark(s, key, attributes) })
	k.shared.orphans.mark(k, s)
	if k.real != nil {
		s.MarkAttributes() // some are not what the kernel says (showsOtherIDs)
	}
	return nil
}

// mark has calls about a file stop of which something is claimed, and those about the attributes of all files where the claim is about them.
func mark(s *ptlib.Shortcut, key lies.Key, attributes bool) {
	s.Mark(key.Dev, key.Ino)
	if attributes {
		s.MarkAttributes()
	}
}

// Shortcut returns what the tracer has to know of it, nil if there is none.
func (k *Kernel) Shortcut() *ptlib.Shortcut { return k.shortcut }

// Close gives up what the Kernel holds, after the end of the action.
func (k *Kernel) Close() error {
	k.memory.close()
	if k.shortcut == nil {
		return nil
	}
	k.unwatch()
	k.shared.orphans.unmark(k)
	return k.shortcut.Close()
}

// isShort reports whether a shortcut may answer the call.
func (r *Row) isShort() bool { return r.Subject == "stat" || r.isAccess() || looksAtXattrs(r.Sys) }

func (r *Row) isAccess() bool {
	return r.Sys == ptlib.SysAccess || r.Sys == ptlib.SysFaccessat || r.Sys == ptlib.SysFaccessat2
}

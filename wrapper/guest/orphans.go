package guest

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// orphans keeps what is claimed about files that have no name any more, or not yet: open descriptors still reach them.
// They are not in the index, because their inode numbers may be given to other files at any time, and because nothing
// tells when the last descriptor is closed. Only what is nameless is ever looked up here.
type orphans struct {
	claims map[lies.Key]lies.Lie
	order  []lies.Key // oldest first

	fixed map[lies.Key]lies.Claim // about files in memory that are the policy's: never forgotten
}

// maxOrphans bounds how many are kept. A build that keeps more files open after removing them has none to lose.
const maxOrphans = 4096

// knows reports whether something may be claimed about a file without a name.
func (o *orphans) knows(key lies.Key) bool {
	_, ok := o.fixed[key]
	return ok || len(o.claims) > 0
}

// find returns what is claimed about a file.
func (o *orphans) find(key lies.Key, id lies.Identity) lies.Claim {
	if claim, ok := o.fixed[key]; ok {
		return claim
	}
	lie, _ := o.get(key, id)
	return lie.Claim
}

// get returns the lie about a file. The number may be that of a later file by now, which the time of birth tells.
func (o *orphans) get(key lies.Key, id lies.Identity) (lies.Lie, bool) {
	lie, ok := o.claims[key]
	if !ok || lie.Identity.Btime != id.Btime || lie.Identity.Type&unix.S_IFMT != id.Type&unix.S_IFMT {
		return lies.Lie{}, false
	}
	return lie, true
}

// addOrphan records a lie about a file without a name.
func (k *Kernel) addOrphan(lie lies.Lie) {
	k.orphans.add(lie)
	if k.shortcut != nil {
		k.shortcut.Mark(lie.Key.Dev, lie.Key.Ino)
	}
}

func (o *orphans) add(lie lies.Lie) {
	if o.claims == nil {
		o.claims = make(map[lies.Key]lies.Lie)
	}
	if _, ok := o.claims[lie.Key]; !ok {
		o.order = append(o.order, lie.Key)
	}
	o.claims[lie.Key] = lie
	for len(o.order) > maxOrphans {
		delete(o.claims, o.order[0])
		o.order = o.order[1:]
	}
}

// take removes and returns the lie about a file that has a name from now on.
func (o *orphans) take(key lies.Key, id lies.Identity) (lies.Lie, bool) {
	lie, ok := o.get(key, id)
	o.remove(key)
	return lie, ok
}

func (o *orphans) remove(key lies.Key) {
	if _, ok := o.claims[key]; ok {
		delete(o.claims, key)
		o.order = slices.DeleteFunc(o.order, func(other lies.Key) bool { return other == key })
	}
}

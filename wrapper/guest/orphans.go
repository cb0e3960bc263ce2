package guest

import (
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// orphans keeps what is claimed about files that have no name any more, or not yet: open descriptors still reach them.
// They are not in the index, because their inode numbers may be given to other files at any time, and because nothing
// tells when the last descriptor is closed. Only what is nameless is ever looked up here.
type orphans struct {
	count  atomic.Int64 // of claims, to be asked without the lock
	xattrs atomic.Int64 // of those that are about extended attributes

	mu     sync.Mutex
	claims map[lies.Key]lies.Lie
	order  []lies.Key                  // oldest first
	marks  map[*Kernel]*ptlib.Shortcut // of those that have one
}

// maxOrphans bounds how many are kept. A build that keeps more files open after removing them has none to lose.
const maxOrphans = 4096

// any reports whether there are any.
func (o *orphans) any() bool { return o.count.Load() > 0 }

// anyXattr reports whether there are any about extended attributes.
func (o *orphans) anyXattr() bool { return o.xattrs.Load() > 0 }

// get returns the lie about a file. The number may be that of a later file by now, which the time of birth tells.
func (o *orphans) get(key lies.Key, id lies.Identity) (lies.Lie, bool) {
	if !o.any() {
		return lies.Lie{}, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.find(key, id)
}

// find is get with mu held.
func (o *orphans) find(key lies.Key, id lies.Identity) (lies.Lie, bool) {
	lie, ok := o.claims[key]
	return lie, ok && isSame(lie.Identity, id)
}

func isSame(a, b lies.Identity) bool {
	return a.Btime == b.Btime && a.Type&unix.S_IFMT == b.Type&unix.S_IFMT
}

// knowsOfNameless reports whether something may be claimed about a file without a name.
func (k *Kernel) knowsOfNameless(key lies.Key) bool {
	_, ok := k.fixed[key]
	return ok || k.shared.orphans.any()
}

// claimOfNameless returns what is claimed about a file without a name.
func (k *Kernel) claimOfNameless(st *ptlib.Stat) lies.Claim {
	key, id := keyOf(st), identity(st, true)
	if claim, ok := k.fixed[key]; ok {
		return claim
	}
	// Another action may have removed its last name this very moment, and be about to bring the lie here. The index comes first:
	// what is not there any more is here.
	if !id.Btime.IsZero() {
		if lie, ok := k.lies.Get(key); ok && isSame(lie.Identity, id) {
			return lie.Claim
		}
	}
	lie, _ := k.shared.orphans.get(key, id)
	return lie.Claim
}

// set records a lie about a file without a name.
func (o *orphans) set(lie lies.Lie) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.put(lie)
}

// bereave records the lie about a file that is losing its last name, unless somebody has claimed something since.
func (o *orphans) bereave(lie lies.Lie) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.find(lie.Key, lie.Identity); !ok {
		o.put(lie)
	}
}

func (o *orphans) put(lie lies.Lie) {
	if o.claims == nil {
		o.claims = make(map[lies.Key]lies.Lie)
	}
	if !o.erase(lie.Key) {
		o.order = append(o.order, lie.Key)
	}
	o.claims[lie.Key] = lie
	attributes := len(lie.Claim.Xattrs) > 0
	if attributes {
		o.xattrs.Add(1)
	}
	for len(o.order) > maxOrphans {
		o.erase(o.order[0])
		o.order = o.order[1:]
	}
	o.count.Store(int64(len(o.claims)))
	for _, s := range o.marks {
		mark(s, lie.Key, attributes)
	}
}

// erase takes a claim away, but not its place in the order, and reports whether it was there.
func (o *orphans) erase(key lies.Key) bool {
	old, ok := o.claims[key]
	if len(old.Claim.Xattrs) > 0 {
		o.xattrs.Add(-1)
	}
	delete(o.claims, key)
	return ok
}

// take removes and returns the lie about a file that has a name from now on.
func (o *orphans) take(key lies.Key, id lies.Identity) (lies.Lie, bool) {
	if !o.any() {
		return lies.Lie{}, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	lie, ok := o.find(key, id)
	o.drop(key)
	return lie, ok
}

func (o *orphans) remove(key lies.Key) {
	if !o.any() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(key)
}

func (o *orphans) drop(key lies.Key) {
	if o.erase(key) {
		o.order = slices.DeleteFunc(o.order, func(other lies.Key) bool { return other == key })
		o.count.Store(int64(len(o.claims)))
	}
}

// mark has the shortcut of a Kernel know of every orphan, from now on.
func (o *orphans) mark(k *Kernel, s *ptlib.Shortcut) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.marks == nil {
		o.marks = make(map[*Kernel]*ptlib.Shortcut)
	}
	o.marks[k] = s
	for key, lie := range o.claims {
		mark(s, key, len(lie.Claim.Xattrs) > 0)
	}
}

// unmark ends that.
func (o *orphans) unmark(k *Kernel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.marks, k)
}

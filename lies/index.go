package lies

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
)

// Outcome is the result of a lookup.
type Outcome uint8

// The outcomes of a lookup.
const (
	// None: nothing is claimed about the file.
	None Outcome = iota
	// Found: the Claim holds.
	Found
	// NeedsBtime: the file's ctime has changed since it was seen last, so that its birth time must decide. Look up again
	// with Identity.Btime or Identity.NoBtime set. (A reused inode may be behind it; do not use the Claim, it is empty.)
	NeedsBtime
	// Dropped: a lie was recorded for this inode number, but for another file. It has been forgotten and reported.
	Dropped
)

// Observer is told of every change, in order for each file. Its methods are called with a lock held: they must not
// call the Index, and they should only take notes.
type Observer interface {
	// Changed is called when a lie has been made or changed. A ctime that was merely seen is no change.
	Changed(Lie)
	// Forgotten is called when a lie is gone: forgotten, dropped, or nothing being claimed any more.
	Forgotten(Key)
}

// Options configure an Index. All may be left out.
type Options struct {
	// OnMismatch is called for every lie that is dropped because its inode number was reused. It may be called
	// by several goroutines at once.
	OnMismatch func(Mismatch)
	Observer   Observer
}

const shardBits = 6

// Index finds lies by device and inode number. See the package documentation for goroutines and locks.
type Index struct {
	opts   Options
	dirs   dirTable
	shards [1 << shardBits]shard

	total, suid, setgidDirs, nodes, xattrs atomic.Int64

	watchers atomic.Pointer[[]*watcher]
}

// New returns an empty index.
func New(opts Options) *Index { return &Index{opts: opts} }

// The highest bits of the hash select the shard, the lowest the place within it.
func (ix *Index) shard(h uint64) *shard { return &ix.shards[h>>(64-shardBits)] }

// Len returns the number of lies.
func (ix *Index) Len() int { return int(ix.total.Load()) }

// AnySuid reports whether a claimed mode makes any file set-user-id or set-group-id; directories do not count.
func (ix *Index) AnySuid() bool { return ix.suid.Load() > 0 }

// AnySetgidDir reports whether a claimed mode makes any directory set-group-id, so that new files inherit its group.
func (ix *Index) AnySetgidDir() bool { return ix.setgidDirs.Load() > 0 }

// AnyNode reports whether the type of any file is claimed: device nodes mostly.
func (ix *Index) AnyNode() bool { return ix.nodes.Load() > 0 }

// AnyXattr reports whether anything is claimed about any file's extended attributes.
func (ix *Index) AnyXattr() bool { return ix.xattrs.Load() > 0 }

// Lookup returns what is claimed about the file that has the key, if seen says that it is the file that the lie was
// recorded for. seen needs Type and, where known, Ctime; Btime only when the first lookup answers NeedsBtime. met may
// be nil. Lookup does not allocate.
func (ix *Index) Lookup(key Key, seen Identity, met Met) (Claim, Outcome) {
	if ix.total.Load() == 0 {
		return Claim{}, None
	}
	h := hash(key)
	s := ix.shard(h)
	s.mu.RLock()
	n, ok := s.find(key, h)
	if !ok {
		s.mu.RUnlock()
		return Claim{}, None
	}
	switch v := s.at(n).verify(&seen); v {
	case same:
		c, unmet := s.claim(n), s.at(n).kind&kindUnmet != 0
		s.mu.RUnlock()
		if unmet && met != nil {
			ix.follow(key, h, met)
		}
		return c, Found
	case unsure:
		if !seen.NoBtime {
			s.mu.RUnlock()
			return Claim{}, NeedsBtime
		}
	}
	s.mu.RUnlock()
	return ix.settle(key, h, &seen, met)
}

// settle is the rare end of a lookup: the record has to be changed or dropped.
func (ix *Index) settle(key Key, h uint64, seen *Identity, met Met) (Claim, Outcome) {
	ix.askGeneration(key, seen, met)
	s := ix.shard(h)
	s.mu.Lock()
	n, ok := s.find(key, h)
	if !ok {
		s.mu.Unlock()
		return Claim{}, None
	}
	r := s.at(n)
	v := r.verify(seen)
	if v == unsure && !seen.NoBtime { // changed since the read lock was given back
		s.mu.Unlock()
		return Claim{}, NeedsBtime
	}
	if v.reason() == 0 {
		if v != unsure { // else the file is closed to us, and its type is all there is to compare
			r.see(seen)
		}
		c, unmet := s.claim(n), r.kind&kindUnmet != 0
		s.mu.Unlock()
		if unmet && met != nil {
			ix.follow(key, h, met)
		}
		return c, Found
	}
	m := ix.mismatch(s, n, seen, v.reason())
	ix.drop(s, n, h)
	s.mu.Unlock()
	ix.report(m, met)
	return Claim{}, Dropped
}

// askGeneration completes what is seen of a file that has no birth time, if the lie about it was recorded with a generation.
func (ix *Index) askGeneration(key Key, seen *Identity, met Met) {
	if !seen.NoBtime || seen.Generation != 0 {
		return
	}
	l, ok := ix.Get(key)
	if !ok || l.Generation == 0 {
		return
	}
	if met != nil {
		seen.Generation = generation(met.MetPath(), key, seen.Type)
	}
	if seen.Generation == 0 {
		seen.Generation = generation(l.Path, key, seen.Type)
	}
}

// report tells of a dropped lie, without locks held.
func (ix *Index) report(m Mismatch, met Met) {
	if ix.opts.OnMismatch == nil {
		return
	}
	if met != nil {
		m.Met = met.MetPath()
	}
	ix.opts.OnMismatch(m)
}

func (ix *Index) mismatch(s *shard, n uint32, seen *Identity, reason Reason) Mismatch {
	l := ix.lie(s, n)
	return Mismatch{Key: l.Key, Reason: reason, Recorded: l.Path, Was: l.Identity, Is: *seen, Claim: l.Claim}
}

// metPath is a Met that knows.
type metPath string

func (p metPath) MetPath() string { return string(p) }

// Update changes what is claimed about a file, or begins to claim something. edit gets the present claim, an empty one if
// there is none, and changes it; if it leaves an empty claim, the lie is forgotten. seen is the identity of the file now, as
// for Lookup; give Btime whenever it is known, so that the lie can be told from a later file's. path becomes the
// recorded path unless it is "".
//
// The outcome is Found if there was a lie, None if there was none, and Dropped if one was recorded for another file: it
// is dropped and reported, and edit gets an empty claim. After NeedsBtime nothing has been done, and edit has not
// been called.
func (ix *Index) Update(key Key, seen Identity, path string, edit func(*Claim)) Outcome {
	h := hash(key)
	s := ix.shard(h)
	if seen.NoBtime && seen.Generation == 0 {
		if seen.Generation = generation(path, key, seen.Type); seen.Generation == 0 {
			ix.askGeneration(key, &seen, nil)
		}
	}
	s.mu.Lock()
	var dropped Mismatch
	n, ok := s.find(key, h)
	outcome := None
	var c Claim
	if ok {
		v := s.at(n).verify(&seen)
		switch {
		case v == unsure && !seen.NoBtime:
			s.mu.Unlock()
			return NeedsBtime
		case v.reason() != 0:
			dropped = ix.mismatch(s, n, &seen, v.reason())
			ix.drop(s, n, h)
			ok, outcome = false, Dropped
		default:
			c, outcome = s.claim(n), Found
		}
	}
	edit(&c)
	switch {
	case !c.Empty():
		if !ok {
			n = s.insert(key, h)
		}
		ix.store(s, n, ok, &seen, &c, path)
		ix.changed(s, n, false)
	case ok:
		ix.drop(s, n, h)
	}
	s.mu.Unlock()
	if dropped.Reason != 0 {
		ix.report(dropped, metPath(path))
	}
	return outcome
}

// Set records a lie as it is given, in place of one that there may be for its key. Nothing is compared. The index keeps
// l.Xattrs, which must not be changed any more.
func (ix *Index) Set(l Lie) {
	l.learnGeneration()
	ix.set(&l, true)
}

// Load records a lie that was kept elsewhere, as Set does, and does not tell the Observer: it is from there.
func (ix *Index) Load(l Lie) { ix.set(&l, false) }

func (ix *Index) set(l *Lie, tell bool) {
	if l.Claim.Empty() {
		ix.Forget(l.Key)
		return
	}
	h := hash(l.Key)
	s := ix.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.find(l.Key, h)
	if ok {
		s.at(n).begin()
	} else {
		n = s.insert(l.Key, h)
	}
	ix.store(s, n, ok, &l.Identity, &l.Claim, l.Path)
	if tell {
		s.at(n).kind &^= kindUnmet
		ix.changed(s, n, false)
	} else {
		s.at(n).kind |= kindUnmet
	}
}

// Forget forgets the lie about a file, and reports whether there was one. It is to be called when the last link is
// removed and when a file is replaced.
func (ix *Index) Forget(key Key) bool {
	if ix.total.Load() == 0 {
		return false
	}
	h := hash(key)
	s := ix.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.find(key, h)
	if ok {
		ix.drop(s, n, h)
	}
	return ok
}

// Rename records another path for a file, if anything is claimed about it. For what is below a directory there is RenameDir.
func (ix *Index) Rename(key Key, path string) {
	if ix.total.Load() == 0 {
		return
	}
	h := hash(key)
	s := ix.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.find(key, h); ok {
		ix.setPath(s, s.at(n), path)
		ix.changed(s, n, false)
	}
}

// Get returns the lie recorded for a key, without any verification: for listing and for diagnostics.
func (ix *Index) Get(key Key) (Lie, bool) {
	h := hash(key)
	s := ix.shard(h)
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, ok := s.find(key, h)
	if !ok {
		return Lie{}, false
	}
	return ix.lie(s, n), true
}

// All iterates over the lies in the order of device and inode number. The index may be changed meanwhile: lies that
// are made after the beginning may be left out.
func (ix *Index) All() iter.Seq[Lie] {
	return func(yield func(Lie) bool) {
		for _, key := range ix.keys() {
			if l, ok := ix.Get(key); ok && !yield(l) {
				return
			}
		}
	}
}

func (ix *Index) keys() []Key {
	keys := make([]Key, 0, ix.Len())
	for i := range ix.shards {
		s := &ix.shards[i]
		s.mu.RLock()
		for _, sl := range s.table {
			if sl.n != 0 {
				keys = append(keys, s.at(sl.n-1).key)
			}
		}
		s.mu.RUnlock()
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Dev, b.Dev), cmp.Compare(a.Ino, b.Ino)) })
	return keys
}

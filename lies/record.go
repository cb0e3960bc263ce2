package lies

// claim returns what record n claims.
func (s *shard) claim(n uint32) Claim {
	r := s.at(n)
	c := Claim{Has: r.has, UID: r.uid, GID: r.gid, Mode: r.mode, Rdev: r.rdev}
	if len(s.xattrs) > 0 {
		c.Xattrs = s.xattrs[n]
	}
	return c
}

// lie returns record n in full.
func (ix *Index) lie(s *shard, n uint32) Lie {
	r := s.at(n)
	l := Lie{Key: r.key, Identity: r.identity(), Claim: s.claim(n)}
	l.Path = ix.pathOf(s, n)
	return l
}

// pathOf returns the recorded path of record n, "" if there is none.
func (ix *Index) pathOf(s *shard, n uint32) string {
	r := s.at(n)
	if r.dir == 0 {
		return ""
	}
	return ix.dirs.path(r.dir-1) + string(s.nameOf(r))
}

// store fills record n. old says that the record has been counted already.
func (ix *Index) store(s *shard, n uint32, old bool, seen *Identity, c *Claim, path string) {
	if old {
		ix.count(s, n, -1)
	}
	r := s.at(n)
	r.see(seen)
	r.has, r.uid, r.gid, r.mode, r.rdev = c.Has, c.UID, c.GID, c.Mode, c.Rdev
	if len(c.Xattrs) > 0 {
		if s.xattrs == nil {
			s.xattrs = make(map[uint32][]Xattr)
		}
		s.xattrs[n] = c.Xattrs
	} else {
		delete(s.xattrs, n)
	}
	if path != "" {
		ix.setPath(s, r, path)
	}
	ix.count(s, n, 1)
	ix.watched(r.key, len(c.Xattrs) > 0)
}

// setPath records a path; r.dir is the number of its directory + 1, 0 as long as there is no path.
func (ix *Index) setPath(s *shard, r *record, path string) {
	dir, name := splitPath(path)
	if r.dir != 0 {
		if ix.dirs.path(r.dir-1) == dir && string(s.nameOf(r)) == name {
			return
		}
		ix.dirs.release(r.dir - 1)
	}
	r.dir = ix.dirs.hold(dir) + 1
	s.setName(r, name)
}

// drop forgets record n.
func (ix *Index) drop(s *shard, n uint32, h uint64) {
	ix.count(s, n, -1)
	r := s.at(n)
	key := r.key
	if r.dir != 0 {
		ix.dirs.release(r.dir - 1)
	}
	s.remove(n, h)
	if ix.opts.Observer != nil {
		ix.opts.Observer.Forgotten(key)
	}
}

// changed tells the Observer of record n. direct is Lie.Direct.
func (ix *Index) changed(s *shard, n uint32, direct bool) {
	if ix.opts.Observer != nil {
		l := ix.lie(s, n)
		l.Direct = direct
		ix.opts.Observer.Changed(l)
	}
}

// count adds record n to the counters, or takes it off.
func (ix *Index) count(s *shard, n uint32, by int64) {
	r := s.at(n)
	ix.total.Add(by)
	if len(s.xattrs[n]) > 0 {
		ix.xattrs.Add(by)
	}
	if r.has&HasType != 0 {
		ix.nodes.Add(by)
	}
	if r.has&HasMode == 0 {
		return
	}
	if r.kind&kindType == typeDir>>12 {
		if r.mode&0o2000 != 0 {
			ix.setgidDirs.Add(by)
		}
	} else if r.mode&0o6000 != 0 {
		ix.suid.Add(by)
	}
}

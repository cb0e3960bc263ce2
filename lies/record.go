package lies

// verdict is what comparing a record with a file gives.
type verdict uint8

const (
	same    verdict = iota // the same file, and the record says all that is known
	unsure                 // the birth time must decide
	newer                  // the same file; the record is to be brought up to date by see
	differs                // differs + a Reason: another file
)

// reason returns why the file is another one, 0 if it is not known to be.
func (v verdict) reason() Reason {
	if v < differs {
		return 0
	}
	return Reason(v - differs)
}

// verify compares the file that the record was made for with the one that is seen.
func (r *record) verify(seen *Identity) verdict {
	if r.kind != uint8(seen.Type>>12) {
		return differs + verdict(OtherType)
	}
	btime, ctime := pack(seen.Btime), pack(seen.Ctime)
	switch {
	case btime != 0 && r.btime != 0 && btime != r.btime:
		return differs + verdict(OtherBirth)
	case ctime != 0 && ctime == r.ctime:
		return same
	case btime != 0 && r.btime != 0:
		return newer
	case btime != 0 && r.ctime != 0 && btime > r.ctime:
		return differs + verdict(TooYoung)
	case btime != 0:
		return newer
	case seen.NoBtime && r.btime != 0:
		return differs + verdict(OtherBirth)
	case seen.NoBtime:
		return newer
	}
	return unsure
}

// see takes over what is known about the file now. What is not known now stays as it was.
func (r *record) see(seen *Identity) {
	r.kind = uint8(seen.Type >> 12)
	if t := pack(seen.Btime); t != 0 {
		r.btime = t
	}
	if t := pack(seen.Ctime); t != 0 {
		r.ctime = t
	}
}

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
	l := Lie{
		Key:      r.key,
		Identity: Identity{Type: uint32(r.kind) << 12, Btime: unpack(r.btime), Ctime: unpack(r.ctime)},
		Claim:    s.claim(n),
	}
	if r.dir != 0 {
		l.Path = ix.dirs.path(r.dir-1) + string(s.nameOf(r))
	}
	return l
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

func (ix *Index) changed(s *shard, n uint32) {
	if ix.opts.Observer != nil {
		ix.opts.Observer.Changed(ix.lie(s, n))
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
	if r.kind == typeDir>>12 {
		if r.mode&0o2000 != 0 {
			ix.setgidDirs.Add(by)
		}
	} else if r.mode&0o6000 != 0 {
		ix.suid.Add(by)
	}
}

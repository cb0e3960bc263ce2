package lies

import "sync"

// record is one lie as it is kept: 64 bytes without pointers, so that the garbage collector never looks at a
// million of them. Xattrs, which few files have, are kept apart.
type record struct {
	key          Key
	btime, ctime int64 // see pack; for btime also kindGeneration
	rdev         uint64
	uid, gid     uint32
	mode         uint32
	dir          uint32 // in the Index's dirTable
	name         uint32 // offset in the shard's names
	nameLen      uint16
	has          Has
	kind         uint8 // type of the file on the disk and flags: kindType...
}

// pack makes one number of a time: nanoseconds since 1970, 0 if not known. Times of other centuries wrap around, which
// does not matter: they are only compared with what the same file said before.
func pack(t Timespec) int64 {
	n := t.Sec*1e9 + int64(t.Nsec)
	if n == 0 && !t.IsZero() {
		n = 1
	}
	return n
}

func unpack(n int64) Timespec {
	sec, nsec := n/1e9, n%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return Timespec{Sec: sec, Nsec: uint32(nsec)}
}

const (
	chunkBits = 6
	chunkLen  = 1 << chunkBits
	minTable  = 16
)

// slot is one place of the hash table. The tag, other bits of the hash than those that selected the place, mostly saves
// looking at a record that is another one: at the price of a cache miss, with many lies.
type slot struct {
	tag uint32
	n   uint32 // number of the record + 1, 0 if the place is empty
}

func tagOf(h uint64) uint32 { return uint32(h >> 24) }

// shard is a hash table of records with a lock. A record keeps its number until it is removed.
type shard struct {
	mu     sync.RWMutex
	table  []slot              // open addressing with linear probing; a power of two long
	chunks []*[chunkLen]record // the records by number
	used   uint32              // numbers given out so far, with the free ones
	free   []uint32            // numbers to be used again
	xattrs map[uint32][]Xattr  // by number
	names  []byte              // the last components of recorded paths
	dead   int                 // bytes of names that no record refers to
}

func (s *shard) at(n uint32) *record { return &s.chunks[n>>chunkBits][n%chunkLen] }

func (s *shard) len() int { return int(s.used) - len(s.free) }

// find returns the number of the record for key. h is hash(key).
func (s *shard) find(key Key, h uint64) (n uint32, ok bool) {
	if len(s.table) == 0 {
		return 0, false
	}
	mask := uint64(len(s.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		sl := s.table[i]
		if sl.n == 0 {
			return 0, false
		}
		if sl.tag == tagOf(h) && s.at(sl.n-1).key == key {
			return sl.n - 1, true
		}
	}
}

// insert makes a record for key, which has none yet.
func (s *shard) insert(key Key, h uint64) uint32 {
	if (s.len()+1)*4 > len(s.table)*3 {
		s.grow()
	}
	var n uint32
	if last := len(s.free) - 1; last >= 0 {
		n, s.free = s.free[last], s.free[:last]
	} else {
		n = s.used
		s.used++
		if int(n>>chunkBits) == len(s.chunks) {
			s.chunks = append(s.chunks, new([chunkLen]record))
		}
	}
	*s.at(n) = record{key: key}
	s.place(n, h)
	return n
}

// place enters the number of a record into the table.
func (s *shard) place(n uint32, h uint64) {
	mask := uint64(len(s.table) - 1)
	i := h & mask
	for s.table[i].n != 0 {
		i = (i + 1) & mask
	}
	s.table[i] = slot{tag: tagOf(h), n: n + 1}
}

func (s *shard) grow() {
	old := s.table
	s.table = make([]slot, max(minTable, 2*len(old)))
	for _, sl := range old {
		if sl.n != 0 {
			s.place(sl.n-1, hash(s.at(sl.n-1).key))
		}
	}
}

// remove takes record n, whose key has the hash h, out of the table and frees its number.
func (s *shard) remove(n uint32, h uint64) {
	mask := uint64(len(s.table) - 1)
	hole := h & mask
	for s.table[hole].n != n+1 {
		hole = (hole + 1) & mask
	}
	// Close the gap: an entry further on moves into the hole unless its own place lies behind the hole (Knuth,
	// volume 3, algorithm 6.4R).
	for i := (hole + 1) & mask; s.table[i].n != 0; i = (i + 1) & mask {
		home := hash(s.at(s.table[i].n-1).key) & mask
		if (i-home)&mask >= (i-hole)&mask {
			s.table[hole] = s.table[i]
			hole = i
		}
	}
	s.table[hole] = slot{}
	s.dropName(s.at(n))
	delete(s.xattrs, n)
	*s.at(n) = record{}
	s.free = append(s.free, n)
}

// nameOf returns the last component of the recorded path; valid until names changes.
func (s *shard) nameOf(r *record) []byte { return s.names[r.name:][:r.nameLen] }

// setName records the last component of a path.
func (s *shard) setName(r *record, name string) {
	s.dropName(r)
	r.name, r.nameLen = uint32(len(s.names)), uint16(len(name))
	s.names = append(s.names, name...)
}

// dropName forgets the name of r and, when most of names is garbage, collects it.
func (s *shard) dropName(r *record) {
	s.dead += int(r.nameLen)
	r.nameLen = 0
	if s.dead < 4096 || s.dead < len(s.names)/2 {
		return
	}
	alive := make([]byte, 0, len(s.names)-s.dead)
	for n := range s.used {
		if r := s.at(n); r.nameLen > 0 {
			name := s.nameOf(r)
			r.name = uint32(len(alive))
			alive = append(alive, name...)
		}
	}
	s.names, s.dead = alive, 0
}

// hash mixes device and inode number; inode numbers are dense, and so the table would be if they were taken as they are.
// (The finalizer of splitmix64.)
func hash(k Key) uint64 {
	h := k.Ino + k.Dev*0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

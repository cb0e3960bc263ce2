package lies

import "time"

// The bits of a record's kind.
const (
	kindType       = 0x0f // S_IFMT bits of the file on the disk, >> 12
	kindGeneration = 0x80 // btime is the generation of an inode that has no birth time
	kindUnmet      = 0x40 // loaded, and its path not yet compared with the one that is met
)

// identity is what the record knows of its file.
func (r *record) identity() Identity {
	id := Identity{Type: uint32(r.kind&kindType) << 12, Ctime: unpack(r.ctime)}
	if r.kind&kindGeneration != 0 {
		id.Generation, id.NoBtime = uint32(r.btime), true
	} else {
		id.Btime = unpack(r.btime)
	}
	return id
}

// verdict is what comparing a record with a file gives.
type verdict uint8

const (
	same    verdict = iota // the same file, and the record says all that is known
	unsure                 // the birth time must decide, or the generation where there is none
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
	if r.kind&kindType != uint8(seen.Type>>12)&kindType {
		return differs + verdict(OtherType)
	}
	if r.kind&kindGeneration != 0 {
		return r.verifyGeneration(seen)
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

// verifyGeneration is verify for a record with a generation. A kernel that is newer than the one of the recording may know
// birth times where that knew none.
func (r *record) verifyGeneration(seen *Identity) verdict {
	btime, ctime := pack(seen.Btime), pack(seen.Ctime)
	switch {
	case seen.Generation != 0 && seen.Generation != uint32(r.btime):
		return differs + verdict(OtherGeneration)
	case ctime != 0 && ctime == r.ctime:
		return same
	case seen.Generation != 0:
		return newer
	case btime != 0 && r.ctime != 0 && btime > r.ctime:
		return differs + verdict(TooYoung)
	case btime != 0:
		return newer
	}
	return unsure
}

// begin forgets what was known of the file: a lie takes the record's place.
func (r *record) begin() {
	r.btime, r.ctime = 0, 0
	r.kind &= kindType
}

// see takes over what is known about the file now. What is not known now stays as it was.
func (r *record) see(seen *Identity) {
	r.kind = r.kind&^kindType | uint8(seen.Type>>12)&kindType
	if t := pack(seen.Btime); t != 0 {
		r.btime, r.kind = t, r.kind&^kindGeneration
	} else if seen.Generation != 0 {
		r.btime, r.kind = int64(seen.Generation), r.kind|kindGeneration
	}
	if t := pack(seen.Ctime); t != 0 && (r.kind&kindGeneration == 0 || time.Since(time.Unix(0, t)) > ctimeGrain) {
		r.ctime = t
	}
}

// ctimeGrain is how old a ctime must be to stand for its inode where there are no birth times: such file systems count whole
// seconds (ext4 with inodes of 128 bytes), or two, and a later file of the same second would have the same ctime.
const ctimeGrain = 3 * time.Second

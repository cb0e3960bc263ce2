// Package pages reads the records of an SQLite database page by page, whatever leads to them: what SQLite itself gives up at the
// first damaged page. It follows sqlite.org/fileformat2.html, and knows what feign's databases need: tables with and without
// rowids, pages of 512 to 32768 bytes, UTF-8.
//
// # Promise
//
// Every record in a page that can be understood is told once, as it was last committed, also if it is in the write-ahead log only. What was
// deleted is not, as long as the database tells which pages are free. Any bytes can be read: what makes no sense is passed over.
//
// # Locks
//
// No locks. A File belongs to one goroutine.
package pages

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
)

// A File is a database with its write-ahead log, if it has one.
type File struct {
	db, wal  io.ReaderAt // wal: nil if there is none
	files    []*os.File
	size     int    // of a page, in bytes
	count    uint32 // pages are numbered from 1
	inWAL    map[uint32]int64
	freelist map[uint32]bool // pages that hold nothing any more
	overflow map[uint32]bool // pages that belong to a record which has been read: one each
}

const (
	pageSize    = 4096 // that of databases which do not tell theirs any more
	headerMagic = "SQLite format 3\x00"
	walHeader   = 32
	frameHeader = 24
)

// Open opens the database at path, for reading.
func Open(path string) (*File, error) {
	db, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := db.Stat()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	wal, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		p := newFile(db, info.Size(), nil)
		p.files = []*os.File{db}
		return p, nil
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p := newFile(db, info.Size(), wal)
	p.files = []*os.File{db, wal}
	return p, nil
}

func newFile(db io.ReaderAt, size int64, wal io.ReaderAt) *File {
	p := &File{db: db, wal: wal, size: pageSize, inWAL: map[uint32]int64{}, freelist: map[uint32]bool{}, overflow: map[uint32]bool{}}
	var header [100]byte
	if _, err := p.db.ReadAt(header[:], 0); err == nil && string(header[:16]) == headerMagic {
		if n := int(binary.BigEndian.Uint16(header[16:])); validPageSize(n) {
			p.size = n
		}
	}
	p.count = uint32((size + int64(p.size) - 1) / int64(p.size))
	if p.wal != nil {
		p.readWAL()
	}
	p.readFreelist()
	return p
}

// validPageSize leaves out the largest size, which is spelled otherwise: none of our databases has it.
func validPageSize(n int) bool { return n >= 512 && n <= 32768 && n&(n-1) == 0 }

// Close closes the files.
func (p *File) Close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// read reads the last committed version of a page; one that is cut short or unreadable is zero from there on.
func (p *File) read(n uint32) []byte {
	page := make([]byte, p.size)
	if at, ok := p.inWAL[n]; ok {
		p.wal.ReadAt(page, at)
	} else {
		p.db.ReadAt(page, int64(n-1)*int64(p.size))
	}
	return page
}

// readWAL notes where the last committed version of each page is ("WAL Reset", "Checksum Algorithm" in the document).
func (p *File) readWAL() {
	var h [walHeader]byte
	if _, err := p.wal.ReadAt(h[:], 0); err != nil {
		return
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(h[:]) {
	case 0x377f0682:
	case 0x377f0683:
		order = binary.BigEndian
	default:
		return
	}
	sum := checksum{order: order}
	sum.add(h[:24])
	if size := int(binary.BigEndian.Uint32(h[8:])); size != p.size || !sum.is(h[24:]) {
		return
	}
	frame := make([]byte, frameHeader+p.size)
	pending := map[uint32]int64{}
	for at := int64(walHeader); ; at += int64(len(frame)) {
		if _, err := io.ReadFull(io.NewSectionReader(p.wal, at, int64(len(frame))), frame); err != nil {
			return
		}
		sum.add(frame[:8])
		sum.add(frame[frameHeader:])
		if string(frame[8:16]) != string(h[16:24]) || !sum.is(frame[16:]) {
			return // left from before the log was begun anew, or not written whole
		}
		pending[binary.BigEndian.Uint32(frame)] = at + frameHeader
		if commit := binary.BigEndian.Uint32(frame[4:]); commit > 0 {
			for n, at := range pending {
				p.inWAL[n] = at
			}
			clear(pending)
			p.count = commit
		}
	}
}

// checksum is that of write-ahead logs.
type checksum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (c *checksum) add(data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		c.s0 += c.order.Uint32(data) + c.s1
		c.s1 += c.order.Uint32(data[4:]) + c.s0
	}
}

func (c *checksum) is(want []byte) bool {
	return binary.BigEndian.Uint32(want) == c.s0 && binary.BigEndian.Uint32(want[4:]) == c.s1
}

// readFreelist notes the pages of the freelist, as far as it can be read: they hold what was deleted.
func (p *File) readFreelist() {
	first := p.read(1)
	if string(first[:16]) != headerMagic {
		return
	}
	for n := binary.BigEndian.Uint32(first[32:]); n > 0 && n <= p.count && !p.freelist[n]; {
		p.freelist[n] = true
		trunk := p.read(n)
		leaves := trunk[8:]
		for range min(binary.BigEndian.Uint32(trunk[4:]), uint32(len(leaves)/4)) {
			p.freelist[binary.BigEndian.Uint32(leaves)] = true
			leaves = leaves[4:]
		}
		n = binary.BigEndian.Uint32(trunk)
	}
}

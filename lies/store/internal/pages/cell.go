package pages

import "encoding/binary"

// The types of pages that hold records (sqlite.org/fileformat2.html, "B-tree Pages"). Tables WITHOUT ROWID are kept as indexes,
// whose inner pages hold records too.
const (
	pageInnerIndex = 0x02
	pageLeafIndex  = 0x0a
	pageLeafTable  = 0x0d
)

// A Row is one record.
type Row struct {
	Table bool  // it is one of a table with rowids
	ID    int64 // its rowid
	// Values are nil, int64, string or []byte. A number with a fraction is nil. Bytes are valid during the call only.
	Values []any
}

// EachRow calls do for each record of a database that is in a page which can be understood.
func (p *File) EachRow(do func(Row)) {
	for n := uint32(1); n <= p.count; n++ {
		if p.freelist[n] {
			continue
		}
		page := p.read(n)
		header := 0
		if n == 1 {
			header = 100
		}
		p.eachCell(page, header, do)
	}
}

func (p *File) eachCell(page []byte, header int, do func(Row)) {
	kind := page[header]
	pointers := page[header+8:]
	switch kind {
	case pageInnerIndex:
		pointers = page[header+12:]
	case pageLeafIndex, pageLeafTable:
	default:
		return
	}
	for range min(int(binary.BigEndian.Uint16(page[header+3:])), len(pointers)/2) {
		at := int(binary.BigEndian.Uint16(pointers))
		pointers = pointers[2:]
		if at < header || at >= len(page) {
			continue
		}
		if r, ok := p.cell(page[at:], kind); ok {
			do(r)
		}
	}
}

// cell reads one record; ok is false if it makes no sense.
func (p *File) cell(cell []byte, kind byte) (r Row, ok bool) {
	if kind == pageInnerIndex {
		if len(cell) < 4 {
			return r, false
		}
		cell = cell[4:] // the page of what is before it
	}
	size, cell, ok := varint(cell)
	if !ok || size > maxRecord {
		return r, false
	}
	most := (p.size-12)*64/255 - 23
	if kind == pageLeafTable {
		most = p.size - 35
		var id uint64
		if id, cell, ok = varint(cell); !ok {
			return r, false
		}
		r.ID, r.Table = int64(id), true
	}
	payload, ok := p.payload(cell, int(size), most)
	if !ok {
		return r, false
	}
	r.Values, ok = record(payload)
	return r, ok
}

// maxRecord bounds a record: an attribute has up to 64 KiB, a path 4.
const maxRecord = 1 << 20

// payload puts a record together that may go on in overflow pages ("Cell Payload Overflow Pages").
func (p *File) payload(cell []byte, size, most int) ([]byte, bool) {
	local := size
	if size > most {
		least := (p.size-12)*32/255 - 23
		if local = least + (size-least)%(p.size-4); local > most {
			local = least
		}
	}
	if local == size {
		if len(cell) < size {
			return nil, false
		}
		return cell[:size], true
	}
	if len(cell) < local+4 {
		return nil, false
	}
	out := append(make([]byte, 0, size), cell[:local]...)
	for next := binary.BigEndian.Uint32(cell[local:]); len(out) < size; {
		if next == 0 || next > p.count || p.freelist[next] || p.overflow[next] {
			return nil, false
		}
		p.overflow[next] = true
		page := p.read(next)
		next = binary.BigEndian.Uint32(page)
		out = append(out, page[4:min(len(page), 4+size-len(out))]...)
	}
	return out, true
}

// record takes a record apart ("Record Format").
func record(payload []byte) ([]any, bool) {
	size, types, ok := varint(payload)
	if !ok || size > uint64(len(payload)) || int(size) < len(payload)-len(types) {
		return nil, false
	}
	types, body := payload[len(payload)-len(types):size], payload[size:]
	var out []any
	for len(types) > 0 {
		var kind uint64
		if kind, types, ok = varint(types); !ok {
			return nil, false
		}
		n := valueSize(kind)
		if n > uint64(len(body)) {
			return nil, false
		}
		out = append(out, value(kind, body[:n]))
		body = body[n:]
	}
	return out, true
}

// valueSize is how many bytes a value of a serial type takes.
func valueSize(kind uint64) uint64 {
	switch {
	case kind >= 12:
		return (kind - 12) / 2
	case kind >= 8:
		return 0
	default:
		return [...]uint64{0, 1, 2, 3, 4, 6, 8, 8}[kind]
	}
}

func value(kind uint64, data []byte) any {
	switch {
	case kind == 0 || kind == 7 || kind == 10 || kind == 11:
		return nil
	case kind == 8 || kind == 9:
		return int64(kind - 8)
	case kind >= 12 && kind%2 == 0:
		return data
	case kind >= 12:
		return string(data)
	}
	n := int64(int8(data[0]))
	for _, b := range data[1:] {
		n = n<<8 | int64(b)
	}
	return n
}

// varint reads a number of up to nine bytes, the first ones first.
func varint(data []byte) (n uint64, rest []byte, ok bool) {
	for i, b := range data {
		if i == 8 {
			return n<<8 | uint64(b), data[9:], true
		}
		n = n<<7 | uint64(b&0x7f)
		if b < 0x80 {
			return n, data[i+1:], true
		}
	}
	return 0, nil, false
}

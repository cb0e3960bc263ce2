package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A tarWriter is a tar.Writer that also writes headers with ids above maxID.
//
// archive/tar has ids as int, which is too small for some of them where it has 32 bits. Those stand in a PAX record anyway,
// in decimal. So the header is made with a number of as many digits, which is then overwritten: the bytes are those of a
// feign with 64 bits.
type tarWriter struct {
	*tar.Writer
	out   *divertedWriter
	maxID uint32
}

// placeholder has as many digits as every id that is larger.
const placeholder = math.MaxInt32

func newTarWriter(w io.Writer, maxID uint32) *tarWriter {
	out := &divertedWriter{w: w}
	return &tarWriter{tar.NewWriter(out), out, maxID}
}

// writeHeader is WriteHeader with other ids than h has.
func (t *tarWriter) writeHeader(h *tar.Header, uid, gid uint32) error {
	if uid <= t.maxID && gid <= t.maxID {
		h.Uid, h.Gid = int(uid), int(gid)
		return t.WriteHeader(h)
	}
	large := map[string]uint32{}
	h.Uid, h.Gid = t.id("uid", uid, large), t.id("gid", gid, large)
	// What fills up the content before is not part of the header.
	if err := t.Flush(); err != nil {
		return err
	}
	var b bytes.Buffer
	w := t.out.w
	t.out.w = &b
	err := t.WriteHeader(h)
	t.out.w = w
	if err == nil {
		err = setRecords(b.Bytes(), large)
	}
	if err == nil {
		_, err = w.Write(b.Bytes())
	}
	return err
}

// id returns the number for archive/tar, and remembers the one that it cannot take.
func (t *tarWriter) id(key string, id uint32, large map[string]uint32) int {
	if id <= t.maxID {
		return int(id)
	}
	large[key] = id
	return placeholder
}

// divertedWriter writes to whatever w is at the time.
type divertedWriter struct{ w io.Writer }

func (d *divertedWriter) Write(p []byte) (int, error) { return d.w.Write(p) }

// setRecords overwrites numbers in the PAX records ("LENGTH KEY=VALUE\n", pax(1)) of an extended header.
func setRecords(header []byte, numbers map[string]uint32) error {
	const block = 512
	if len(header) < 2*block || header[156] != tar.TypeXHeader {
		return errors.New("ids that are too large for this processor are not in an extended header")
	}
	size, err := strconv.ParseInt(string(bytes.TrimRight(header[124:136], "\x00 ")), 8, 64)
	if err != nil || size > int64(len(header)-block) {
		return fmt.Errorf("extended header of size %q", header[124:136])
	}
	set := 0
	for records := header[block : block+size]; len(records) > 0; {
		digits, _, ok := bytes.Cut(records, []byte(" "))
		n, err := strconv.Atoi(string(digits))
		if !ok || err != nil || n <= len(digits) || n > len(records) {
			return errors.New("extended header with a record of no length")
		}
		key, value, _ := bytes.Cut(records[len(digits)+1:n-1], []byte("="))
		if number, ok := numbers[string(key)]; ok {
			if copy(value, strconv.FormatUint(uint64(number), 10)) != len(strconv.Itoa(placeholder)) {
				return fmt.Errorf("extended header with %s %q", key, value)
			}
			set++
		}
		records = records[n:]
	}
	if set != len(numbers) {
		return errors.New("extended header without ids")
	}
	return nil
}

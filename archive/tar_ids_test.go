package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// The bytes are the same where archive/tar has ids of 32 bits, whatever stands around them.
func TestTarLargeIDs(t *testing.T) {
	for _, e := range []manifest.Entry{
		{Path: "uid", Type: manifest.TypeFifo, UID: math.MaxInt32 + 1, Time: day},
		{Path: "gid", Type: manifest.TypeFifo, GID: math.MaxUint32, Time: day},
		{Path: "both", Type: manifest.TypeFifo, UID: math.MaxUint32 - 1, GID: math.MaxUint32, Time: day},
		{Path: "last-small", Type: manifest.TypeFifo, UID: math.MaxInt32, GID: math.MaxInt32, Time: day},
		{Path: "decoy", Type: manifest.TypeFifo, UID: math.MaxUint32, GID: math.MaxInt32, Time: day, Xattrs: []manifest.Xattr{
			{Name: "user.decoy", Value: []byte("\n18 uid=2147483647\n18 gid=2147483647\n")},
			{Name: "user.uid=2147483647", Value: bytes.Repeat([]byte("18 uid=2147483647\n"), 100)},
		}},
		{Path: strings.Repeat("long/", 60), Type: manifest.TypeDir, UID: math.MaxUint32, Time: day.Add(1)},
	} {
		var got [2]bytes.Buffer
		for i, maxID := range []uint32{math.MaxInt32, math.MaxUint32} {
			if int(maxID) < 0 {
				continue // here is nothing to compare with
			}
			w := newTarWriter(&got[i], maxID)
			// What fills up a content before is written first.
			must(t, w.WriteHeader(&tar.Header{Name: "f", Size: 3}))
			_, err := io.WriteString(w, "abc")
			must(t, err)
			must(t, w.writeHeader(tarHeader(&item{Entry: &e, time: e.Time}), e.UID, e.GID), w.Close())
		}
		if got[1].Len() > 0 && !bytes.Equal(got[0].Bytes(), got[1].Bytes()) {
			t.Errorf("%.10s: other bytes:\n%q\n%q", e.Path, got[0].Bytes(), got[1].Bytes())
		}
		r := tar.NewReader(&got[0])
		_, err := r.Next()
		must(t, err)
		h, err := r.Next()
		must(t, err)
		if uint32(h.Uid) != e.UID || uint32(h.Gid) != e.GID || h.Name != tarName(&e) {
			t.Errorf("%.10s: read back as %.10s, %d:%d", e.Path, h.Name, h.Uid, h.Gid)
		}
	}
}

func TestSetRecordsRefuses(t *testing.T) {
	header := func(records string) []byte {
		b := make([]byte, 1024+512)
		copy(b[124:], "00000001000\x00")
		b[156] = tar.TypeXHeader
		copy(b[512:], records)
		return b
	}
	for name, b := range map[string][]byte{
		"short":     make([]byte, 512),
		"no header": make([]byte, 1024),
		"no size":   append(make([]byte, 156), append([]byte{tar.TypeXHeader}, make([]byte, 1024)...)...),
		"no record": header(""),
		"no length": header("0 uid=2147483647\n"),
		"too long":  header("999 uid=2147483647\n"),
		"no space":  header("18"),
		"no uid":    header("512 gid=2147483647\n"),
		"a short":   header("9 uid=1\n"),
	} {
		if err := setRecords(b, map[string]uint32{"uid": math.MaxUint32}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	w := newTarWriter(&failAfter{100, errors.New("full")}, math.MaxInt32)
	if err := w.writeHeader(&tar.Header{Name: "f", Format: tar.FormatPAX}, math.MaxUint32, 0); err == nil {
		t.Error("an error of the writer is lost")
	}
}

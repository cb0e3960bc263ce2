package ptlib

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"
)

var allStatLayouts = map[string]*statLayout{
	"statx": &layoutStatx, "stat of amd64": &layoutStatAMD64, "stat of 386": &layoutStat386,
	"stat64 of 386": &layoutStat64On386, "stat64 of arm": &layoutStat64OnARM, "oldstat": &layoutOldStat,
	"generic stat": &layoutStatGeneric,
}

// FuzzStatLayout: what was read from a structure and is written back unchanged changes nothing in it; and a structure that
// is filled from what was read says the same.
func FuzzStatLayout(f *testing.F) {
	f.Add([]byte("stat"), uint32(0), uint32(0), uint32(0o100644))
	f.Add(bytes.Repeat([]byte{0xff}, statMax), uint32(1<<31), uint32(70000), uint32(0o4755))
	f.Fuzz(func(t *testing.T, data []byte, uid, gid, mode uint32) {
		for name, l := range allStatLayouts {
			raw := make([]byte, l.size)
			copy(raw, data)
			var s Stat
			l.decode(raw, &s)
			again := bytes.Clone(raw)
			l.encodeClaims(again, &s)
			if !bytes.Equal(again, raw) {
				t.Errorf("%s: unchanged claims change\n%x to\n%x", name, raw, again)
			}
			if l.mask {
				s.Immutable = false
			}
			fresh := make([]byte, l.size)
			l.encodeAll(fresh, &s)
			var back Stat
			l.decode(fresh, &back)
			if back != s {
				t.Errorf("%s: %+v became %+v", name, s, back)
			}
			s.UID, s.GID, s.Mode = uid, gid, mode&0o177777
			l.encodeClaims(raw, &s)
			l.decode(raw, &back)
			if back.UID != narrowID(l.uid, uid) || back.GID != narrowID(l.gid, gid) || back.Mode != s.Mode {
				t.Errorf("%s: owner %d:%d became %d:%d, mode %o became %o", name, uid, gid, back.UID, back.GID, s.Mode, back.Mode)
			}
		}
	})
}

// narrowID is what a program of 16-bit ids sees of one that is too large (include/linux/highuid.h).
func narrowID(f field, id uint32) uint32 {
	if f.width == 2 && id > 0xffff {
		return overflowID
	}
	return id
}

// No field lies outside its structure or over another.
func TestStatLayouts(t *testing.T) {
	for name, l := range allStatLayouts {
		used := make(map[int]bool)
		fields := []field{l.ino, l.mode, l.nlink, l.uid, l.gid, l.bytes, l.blksize, l.blocks, l.dev, l.rdev}
		for _, tf := range []timeField{l.atime, l.mtime, l.ctime, l.btime} {
			fields = append(fields, tf.sec, tf.nsec)
		}
		if l.devSplit {
			fields = append(fields, field{l.dev.at + 4, 4}, field{l.rdev.at + 4, 4})
		}
		for _, f := range fields {
			for i := range f.width {
				if f.at+i >= l.size || used[f.at+i] {
					t.Errorf("%s: byte %d", name, f.at+i)
				}
				used[f.at+i] = true
			}
		}
	}
}

// The native layout is that of golang.org/x/sys/unix.
func TestStatLayoutIsNative(t *testing.T) {
	var st unix.Stat_t
	if err := unix.Stat("/dev/null", &st); err != nil {
		t.Fatal(err)
	}
	var s Stat
	fstat := SysFstat
	if nrOf(tracedABIs[0], SysFstat64) >= 0 {
		fstat = SysFstat64 // that is what x/sys calls where there are two
	}
	layoutOf(tracedABIs[0], fstat).decode(rawStat(&st), &s)
	if s.Dev != uint64(st.Dev) || s.Ino != st.Ino || s.Mode != st.Mode || s.UID != st.Uid || s.Rdev != uint64(st.Rdev) || s.Mtime.Sec != int64(st.Mtim.Sec) {
		t.Errorf("%+v is not %+v", s, st)
	}
}

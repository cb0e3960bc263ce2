package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/internal/sqlite"
)

// Who claims or asks does not wait for the disk: not while a commit cannot go on, and however much is pending.
func TestNobodyWaits(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	var release []func()
	for _, k := range []*kind{filesKind, logKind} {
		other, err := openFile(filepath.Join(dir, k.file), sqlite.ReadWrite, connectPragmas+"; BEGIN IMMEDIATE") // nobody else can write
		if err != nil {
			t.Fatal(err)
		}
		release = append(release, func() {
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	const many = 5 * batchRecords
	for i := range many {
		l := lie(uint64(i+1), fmt.Sprintf("/some/where/file%06d", i))
		ix.Set(l)
		s.Log(Event{PID: 1, Path: l.Path})
		if c, outcome := ix.Lookup(l.Key, l.Identity, nil); outcome != lies.Found || c.GID != 42 {
			t.Fatalf("%v %+v", outcome, c)
		}
	}
	if got := all(t, dir); len(got) != 0 {
		t.Errorf("%d lies are saved, while nothing can be", len(got))
	}
	for _, f := range release {
		f()
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if got := all(t, dir); len(got) != many {
		t.Errorf("%d lies", len(got))
	}
	closeStore(t, s)
}

// However many lies and events there are, each is put in once: less than a batch has, as many, and more.
func TestBatches(t *testing.T) {
	for _, n := range []int{1, 100, batchRecords - 1, batchRecords, batchRecords + 1, 3*batchRecords + 7} {
		dir := t.TempDir()
		s, ix := open(t, dir, Options{})
		for i := range n {
			l := lie(uint64(i+1), fmt.Sprintf("/file%06d", i))
			for j := range i % 3 {
				l.SetXattr(fmt.Sprintf("user.%d", j), []byte{byte(i), 1})
			}
			ix.Set(l)
			s.Log(Event{PID: i, Path: l.Path})
		}
		closeStore(t, s)
		got := all(t, dir)
		for i, l := range got {
			if l.Path != fmt.Sprintf("/file%06d", i) || len(l.Xattrs) != i%3 || i%3 > 0 && l.Xattrs[0].Value[0] != byte(i) {
				t.Fatalf("%d: %+v", i, l)
			}
		}
		v, err := OpenView(dir)
		if err != nil {
			t.Fatal(err)
		}
		events := 0
		for e, err := range v.Events(context.Background(), 0, EventFilter{}) {
			if err != nil || e.PID != events || e.ID != int64(events+1) {
				t.Fatalf("%d: %+v, %v", events, e, err)
			}
			events++
		}
		v.Close()
		if len(got) != n || events != n {
			t.Errorf("%d lies and %d events, want %d", len(got), events, n)
		}
	}
}

// Attributes that an earlier run has saved go, when later they are not claimed any more.
func TestSavedXattrsGo(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	for i := range uint64(3) {
		l := lie(i, "/a")
		l.SetXattr("user.a", []byte("1"))
		ix.Set(l)
	}
	closeStore(t, s)
	s, ix = open(t, dir, Options{})
	ix.Set(lie(1, "/a"))
	ix.Forget(lie(2, "").Key)
	closeStore(t, s)
	s, ix = open(t, dir, Options{})
	ix.Set(lie(2, "/b")) // what was forgotten does not come back with the number
	closeStore(t, s)
	got := all(t, dir)
	if len(got) != 3 || len(got[0].Xattrs) != 1 || len(got[1].Xattrs) != 0 || len(got[2].Xattrs) != 0 {
		t.Errorf("%+v", got)
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies"
)

// open opens the state in dir and an index that it saves.
func open(t *testing.T, dir string, o Options) (*Store, *lies.Index) {
	t.Helper()
	lock, err := Acquire(dir, "a test")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(lock, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ix := lies.New(lies.Options{Observer: s})
	if _, err := s.Load(context.Background(), ix); err != nil {
		t.Fatal(err)
	}
	return s, ix
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// all returns what a state holds.
func all(t *testing.T, dir string) (list []lies.Lie) {
	t.Helper()
	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for l, err := range v.Lies(context.Background(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

func paths(list []lies.Lie) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Path)
	}
	return strings.Join(out, " ")
}

// lie makes one that has something in every field.
func lie(ino uint64, path string) lies.Lie {
	l := lies.Lie{
		Key:      lies.Key{Dev: 1<<63 + 5, Ino: ino},
		Identity: lies.Identity{Type: 0o100000, Btime: lies.Timespec{Sec: 1700000000, Nsec: 7}, Ctime: lies.Timespec{Sec: -5, Nsec: 3}},
		Path:     path,
	}
	l.SetOwner(0, 42)
	l.SetMode(0o4755)
	l.SetType(0o020000, lies.Makedev(1, 3))
	return l
}

// frng-4, ps-4: device, inode and path are kept, and all that is claimed.
func TestRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state # ?%20")
	full := lie(1<<63+7, "/a/b\xff\n")
	full.SetXattr("security.capability", []byte{1, 0, 2})
	full.SetXattr("user.empty", nil)
	full.HideXattr("user.gone")
	owner := lies.Lie{Key: lies.Key{Dev: 1, Ino: 2}, Identity: lies.Identity{Type: 0o040000}, Path: "/c"}
	owner.Has, owner.UID = lies.HasUID, 1<<32-2
	owner.NoBtime, owner.Generation = true, 1<<32-1

	s, ix := open(t, dir, Options{})
	ix.Set(full)
	ix.Set(owner)
	ix.Set(lie(3, "/d"))
	ix.Forget(lie(3, "").Key)
	closeStore(t, s)

	got := all(t, dir)
	want := []lies.Lie{full, owner}
	for i := range got {
		for j := range got[i].Xattrs {
			if x := &got[i].Xattrs[j]; len(x.Value) == 0 {
				x.Value = nil // as SetXattr has it
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	s, ix = open(t, dir, Options{})
	if c, outcome := ix.Lookup(full.Key, full.Identity, nil); outcome != lies.Found || c.Mode != full.Mode || len(c.Xattrs) != 3 {
		t.Errorf("%v %+v", outcome, c)
	}
	ix.Update(owner.Key, lies.Identity{Type: owner.Type, NoBtime: true}, "", func(c *lies.Claim) { *c = lies.Claim{} })
	closeStore(t, s)
	if got := all(t, dir); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestRenamedXattrsGo(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	l := lie(1, "/a")
	l.SetXattr("user.a", []byte("1"))
	ix.Set(l)
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.UnclaimXattr("user.a")
	l.SetXattr("user.b", []byte("2"))
	ix.Set(l)
	ix.Rename(l.Key, "/b")
	closeStore(t, s)
	got := all(t, dir)
	if len(got) != 1 || got[0].Path != "/b" || len(got[0].Xattrs) != 1 || got[0].Xattrs[0].Name != "user.b" {
		t.Errorf("%+v", got)
	}
}

// A batch is committed by itself, and a view sees it while the state is in use.
func TestBatch(t *testing.T) {
	dir := t.TempDir()
	_, ix := open(t, dir, Options{})
	ix.Set(lie(1, "/a"))
	deadline := time.Now().Add(time.Minute)
	for len(all(t, dir)) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nothing was committed")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Changing what is in scope leaves what is there alone.
func TestScope(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	ix.Set(lie(1, "/src/a"))
	ix.Set(lie(2, "/src/tmp/b"))
	closeStore(t, s)

	s, ix = open(t, dir, Options{Scope: Scope{Ignore: []string{"/src/tmp"}}})
	if ix.Len() != 1 {
		t.Errorf("%d lies are loaded", ix.Len())
	}
	ix.Set(lie(3, "/src/tmp/c"))
	ix.Set(lie(4, "/src/tmpfile"))
	closeStore(t, s)
	if got := paths(all(t, dir)); got != "/src/a /src/tmp/b /src/tmpfile" {
		t.Errorf("%s", got)
	}
}

// A path that a program took by way of links is in scope as the file that it means.
func TestRealPaths(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir, real, alias := filepath.Join(top, "state"), filepath.Join(top, "real"), filepath.Join(top, "alias")
	if err := errors.Join(os.Mkdir(real, 0o700), os.Symlink("real", alias), os.WriteFile(filepath.Join(real, "file"), nil, 0o600),
		os.Symlink("../real/file", filepath.Join(real, "link"))); err != nil {
		t.Fatal(err)
	}
	s, ix := open(t, dir, Options{Scope: Scope{Include: []string{real}}})
	l := lie(0, filepath.Join(alias, "link"))
	if l.Key, l.Identity, err = lies.Identify(filepath.Join(real, "file")); err != nil {
		t.Skip(err)
	}
	ix.Set(l)
	ix.Set(lie(1, alias+"/../alias//gone"))
	ix.Set(lie(2, alias+"/../elsewhere"))
	closeStore(t, s)
	if got, want := paths(all(t, dir)), real+"/file "+real+"/gone"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestScopeKeeps(t *testing.T) {
	for _, tt := range []struct {
		include, ignore string
		path            string
		want            bool
	}{
		{"", "", "/a", true},
		{"", "", "", true},
		{"", "/usr/lib", "/usr/lib", false},
		{"", "/usr/lib", "/usr/lib/x", false},
		{"", "/usr/lib/", "/usr/lib/x", false},
		{"", "/usr/lib", "/usr/lib64/x", true},
		{"", "/", "/a", false},
		{"/", "", "/a", true},
		{"/a", "", "/b", false},
		{"/a", "", "", false},
		{"/a", "/a/b", "/a/b/c", false},
		{"/a /a/b/c", "/a/b", "/a/b/c/d", true},
		{"/a", "/a", "/a/x", false},
	} {
		s := Scope{Include: strings.Fields(tt.include), Ignore: strings.Fields(tt.ignore)}
		if got := s.Keeps(tt.path); got != tt.want {
			t.Errorf("include %q, ignore %q: %q: %v", tt.include, tt.ignore, tt.path, got)
		}
	}
}

// ps-10: events have a database of their own.
func TestEvents(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	at := time.Unix(1700000000, 5)
	s.Log(Event{Time: at, PID: 7, Program: "chown", Syscall: "fchownat", Path: "/a/b", Claim: "100644 0:42", Result: "remembered"})
	s.Log(Event{Severity: Warning, Path: "/ab", Result: "dropped"})
	closeStore(t, s)

	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	read := func(after int64, f EventFilter) (out []Event) {
		for e, err := range v.Events(context.Background(), after, f) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, e)
		}
		return out
	}
	got := read(0, EventFilter{})
	want := Event{ID: 1, Time: at, PID: 7, Program: "chown", Syscall: "fchownat", Path: "/a/b", Claim: "100644 0:42", Result: "remembered"}
	if len(got) != 2 || got[0] != want || got[1].Time.IsZero() {
		t.Errorf("%+v", got)
	}
	if got := read(1, EventFilter{}); len(got) != 1 {
		t.Errorf("after the first: %+v", got)
	}
	if got := read(0, EventFilter{Paths: []string{"/a"}}); len(got) != 1 || got[0].ID != 1 {
		t.Errorf("below /a: %+v", got)
	}
	if got := read(0, EventFilter{Least: Warning}); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("warnings: %+v", got)
	}
}

func TestFollow(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir, Options{})
	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.Log(Event{Result: "0"})
	n := 0
	for e, err := range v.Follow(ctx, 0, EventFilter{}) {
		if err != nil || e.Result != fmt.Sprint(n) {
			t.Fatal(e, err)
		}
		if n++; n == 3 {
			cancel()
		}
		s.Log(Event{Result: fmt.Sprint(n)})
	}
	if n != 3 {
		t.Errorf("%d events", n)
	}
}

// frng-10: one writer; another one is told who that is.
func TestLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	if _, err := Holder(dir); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
	s, _ := open(t, dir, Options{})
	_, err := Acquire(dir, "another")
	want := fmt.Sprintf("state %s: is in use by process %d (a test) (wait for its end, or name another state)", dir, os.Getpid())
	if !errors.Is(err, ErrLocked) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if who, err := Holder(dir); err != nil || who != fmt.Sprintf("process %d (a test)", os.Getpid()) {
		t.Errorf("%q %v", who, err)
	}
	if _, err := Recover(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	closeStore(t, s)
	if who, err := Holder(dir); err != nil || who != "" {
		t.Errorf("%q %v", who, err)
	}
}

func TestInheritLock(t *testing.T) {
	dir := t.TempDir()
	lock, err := Acquire(dir, "the first")
	if err != nil {
		t.Fatal(err)
	}
	heir := InheritLock(dir, lock.File())
	heir.Describe("the second\nline")
	if who, _ := Holder(dir); !strings.Contains(who, "(the second line)") {
		t.Errorf("%q", who)
	}
	if err := heir.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestNoState(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	file := filepath.Join(dir, "file")
	os.Mkdir(other, 0o755)
	os.WriteFile(filepath.Join(other, "letter"), nil, 0o600)
	os.WriteFile(file, nil, 0o600)
	for _, tt := range []struct {
		dir  string
		view error
		lock error
	}{
		{filepath.Join(dir, "none"), ErrNone, nil},
		{filepath.Join(dir, "no", "parent"), ErrNone, os.ErrNotExist},
		{other, ErrForeign, ErrForeign},
		{file, ErrForeign, ErrForeign},
	} {
		if _, err := OpenView(tt.dir); !errors.Is(err, tt.view) {
			t.Errorf("view %s: %v", tt.dir, err)
		}
		l, err := Acquire(tt.dir, "")
		if !errors.Is(err, tt.lock) {
			t.Errorf("acquire %s: %v", tt.dir, err)
		}
		if err == nil {
			l.Release()
		}
	}
	if info, err := os.Stat(other); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v %v", info, err)
	}
}

func TestOthersMayNotLook(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, _ := open(t, dir, Options{})
	closeStore(t, s)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
}

func TestFilter(t *testing.T) {
	device, file := lie(1, "/dev/null"), lie(2, "/a")
	file.Has &^= lies.HasType
	for _, tt := range []struct {
		f            Filter
		device, file bool
	}{
		{Filter{}, true, true},
		{Filter{UIDs: []uint32{0}}, true, true},
		{Filter{UIDs: []uint32{1, 2}}, false, false},
		{Filter{Types: []uint32{0o020000}}, true, false},
		{Filter{Types: []uint32{0o100000}}, false, true},
		{Filter{Paths: []string{"/dev", "/x"}}, true, false},
		{Filter{Paths: []string{"/dev"}, Types: []uint32{0o100000}}, false, false},
	} {
		if d, f := tt.f.Matches(&device), tt.f.Matches(&file); d != tt.device || f != tt.file {
			t.Errorf("%+v: device %v, file %v", tt.f, d, f)
		}
	}
}

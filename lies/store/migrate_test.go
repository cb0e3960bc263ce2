package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/feign-build/feign/lies"
)

// ps-11: testdata/vN is a state as version N of the schema wrote it. Each is read, by readers and by writers, and becomes one of
// this version with all that is in it.
func TestEarlierVersions(t *testing.T) {
	earlier, err := filepath.Glob("testdata/v*")
	if err != nil || len(earlier) != filesKind.newest()-1 {
		t.Fatalf("%d states of earlier versions, %v; a new version needs a state of the one before", len(earlier), err)
	}
	full := lie(1<<63+7, "/a/b\xff\n")
	full.SetXattr("security.capability", []byte{1, 0, 2})
	full.SetXattr("user.empty", nil)
	full.HideXattr("user.gone")
	owner := lies.Lie{Key: lies.Key{Dev: 1, Ino: 2}, Identity: lies.Identity{Type: 0o040000}, Path: "/c"}
	owner.Has, owner.UID = lies.HasUID, 1<<32-2
	want := []lies.Lie{full, owner}
	for _, from := range earlier {
		for _, first := range []string{"a reader", "a writer", "recover"} {
			t.Run(filepath.Base(from)+" "+first, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "state")
				if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
					t.Fatal(err)
				}
				switch first {
				case "a writer":
					s, _ := open(t, dir, Options{})
					closeStore(t, s)
				case "recover":
					if done, err := Recover(dir); err != nil || len(done) != 0 {
						t.Fatal(done, err)
					}
				}
				got := all(t, dir)
				for i := range got {
					for j := range got[i].Xattrs {
						if x := &got[i].Xattrs[j]; len(x.Value) == 0 {
							x.Value = nil
						}
					}
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
				v, err := OpenView(dir)
				if err != nil {
					t.Fatal(err)
				}
				defer v.Close()
				version, err := v.files.version()
				if err != nil || version != filesKind.newest() {
					t.Errorf("version %d, %v", version, err)
				}
				events := 0
				for e, err := range v.Events(context.Background(), 0, EventFilter{}) {
					if events++; err != nil || e.PID != 7 || e.Path != "/c" || e.Syscall != "fchownat" {
						t.Errorf("%+v, %v", e, err)
					}
				}
				if events != 1 {
					t.Errorf("%d events", events)
				}
			})
		}
	}
}

// ps-11: a database of an earlier version becomes one of this version, for readers too.
func TestMigrate(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 3)
	k := *filesKind
	k.migrations = append(append([]string{}, k.migrations...), "CREATE TABLE more (x); INSERT INTO more VALUES (7)")
	d, err := k.openCurrent(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	version, err := d.version()
	if err != nil || version != filesKind.newest()+1 {
		t.Errorf("version %d, %v", version, err)
	}
	if x, err := d.conn.Int("SELECT x FROM more"); err != nil || x != 7 {
		t.Errorf("%d, %v", x, err)
	}
	if _, err := filesKind.open(dir, true); !errors.Is(err, ErrVersion) {
		t.Errorf("the earlier feign: %v", err)
	}
}

// A migration that fails leaves the database as it was.
func TestMigrateFails(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 3)
	k := *filesKind
	k.migrations = append(append([]string{}, k.migrations...), "DELETE FROM files; CREATE TABLE files (x)")
	if _, err := k.open(dir, true); err == nil {
		t.Fatal("no error")
	}
	if got := all(t, dir); len(got) != 3 {
		t.Errorf("%d lies", len(got))
	}
}

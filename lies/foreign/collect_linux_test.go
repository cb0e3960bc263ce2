package foreign

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/feign-build/feign/lies"
)

// Files are found where they were or below the root; what is told of them is what nothing is claimed about.
func TestCollect(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	file := func(name, moved string, has lies.Has) lies.Lie {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o640); err != nil {
			t.Fatal(err)
		}
		key, id, err := lies.Identify(path)
		if err != nil {
			t.Fatal(err)
		}
		if moved != "" {
			if err := os.Rename(path, filepath.Join(dir, moved)); err != nil {
				t.Fatal(err)
			}
		}
		return lies.Lie{Key: key, Identity: id, Path: path, Claim: lies.Claim{Has: has, UID: 7, GID: 8, Mode: 0o755}}
	}
	all := lies.HasUID | lies.HasGID | lies.HasMode
	list := []lies.Lie{file("here", "", lies.HasUID), file("moved", "sub/moved", lies.HasGID), file("whole", "", all), file("part", "", lies.HasUID)}
	os.Remove(filepath.Join(dir, "whole"))
	os.Remove(filepath.Join(dir, "part"))
	entries, missing, err := Collect(context.Background(), list, sub)
	if err != nil || len(entries) != 3 || len(missing) != 1 || filepath.Base(missing[0].Path) != "part" {
		t.Fatalf("%v\n%+v\n%+v", err, entries, missing)
	}
	gid := os.Getgid()
	_, zero := RootOwner(uint32(os.Getuid()), uint32(gid))
	for i, want := range []Entry{
		{Path: filepath.Join(dir, "here"), Mode: 0o100640, UID: 7, GID: zero, Nlink: 1},
		{Path: filepath.Join(sub, "moved"), Mode: 0o100640, UID: 0, GID: 8, Nlink: 1},
		{Path: filepath.Join(dir, "whole"), Mode: 0o100755, UID: 7, GID: 8, Nlink: 1},
	} {
		got := entries[i]
		if got.Path != want.Path || got.Mode != want.Mode || got.UID != want.UID || got.GID != want.GID || got.Nlink != want.Nlink {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestBind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	key, id, err := lies.Identify(path)
	if err != nil {
		t.Fatal(err)
	}
	saved := lies.Timespec{Sec: 1 << 33}
	list, missing := Bind([]Entry{
		{Path: path, Mode: 0o100600},
		{Path: path, Mode: 0o040700},
		{Path: path + "gone", Mode: 0o100600},
		{Dev: 1, Ino: 2, Path: path, Mode: 0o100600},
		{Dev: key.Dev, Ino: key.Ino, Path: path, Mode: 0o100600},
	}, saved)
	if len(list) != 3 || len(missing) != 2 {
		t.Fatalf("%+v %+v", list, missing)
	}
	if list[0].Key != key || list[0].Identity != id || list[1].Key.Ino != 2 || list[1].Ctime != saved || list[2].Identity != id {
		t.Errorf("%+v", list)
	}
}

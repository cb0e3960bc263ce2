package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
)

// ps-9: every lie is compared with the disk by path, type and birth time.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	var list []lies.Lie
	record := func(name string) *lies.Lie {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		key, id, err := lies.Identify(path)
		if err != nil {
			t.Fatal(err)
		}
		l := lies.Lie{Key: key, Identity: id, Path: path}
		l.SetOwner(0, 0)
		list = append(list, l)
		return &list[len(list)-1]
	}
	record("good")
	record("removed")
	os.Remove(filepath.Join(dir, "removed"))
	record("replaced")
	os.WriteFile(filepath.Join(dir, "other"), nil, 0o600)
	os.Rename(filepath.Join(dir, "other"), filepath.Join(dir, "replaced"))
	record("type").Type = 0o040000
	born := record("birth")
	if !born.Btime.IsZero() {
		born.Btime.Sec--
	} else {
		born.Type = 0o040000
	}
	record("file").Path = filepath.Join(dir, "good", "below")
	record("nameless").Path = ""

	want := map[string]Verdict{"good": Good, "removed": Absent, "replaced": Absent, "type": Reused, "birth": Reused, "below": Absent, ".": Absent}
	seen := 0
	err := Verify(context.Background(), list, 3, func(f Finding) {
		seen++
		if v := want[filepath.Base(f.Lie.Path)]; f.Verdict != v || f.Why == "" != (v == Good) || !strings.HasPrefix(f.String(), v.String()+": ") {
			t.Errorf("%s, want %s", f, v)
		}
	})
	if err != nil || seen != len(list) {
		t.Errorf("%d of %d, %v", seen, len(list), err)
	}
}

func TestVerifyEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Verify(ctx, make([]lies.Lie, 10), 2, func(Finding) {}); err == nil {
		t.Error("no error")
	}
}

package pseudo

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
)

// testdata/files.db is what pseudo 1.9.0 wrote, with the paths moved to /build.
func TestRealPseudo(t *testing.T) {
	entries, err := Read("testdata/files.db")
	if err != nil {
		t.Fatal(err)
	}
	want := foreign.Entry{
		Dev: 65024, Ino: 10568031, Path: "/build/a", Mode: 0o100644, UID: 7, GID: 8,
		Xattrs: []lies.Xattr{{Name: "trusted.x", Value: []byte("hello")}},
	}
	if len(entries) != 4 || !reflect.DeepEqual(entries[0], want) {
		t.Errorf("%+v", entries)
	}
	path := filepath.Join(t.TempDir(), "files.db")
	if err := Write(path, entries); err != nil {
		t.Fatal(err)
	}
	again, err := Read(path)
	if err != nil || !reflect.DeepEqual(again, entries) {
		t.Errorf("%v\n%+v", err, again)
	}
	if err := Write(path, entries); err == nil {
		t.Error("an existing database was written")
	}
	for _, bad := range []string{"testdata/none", "pseudo_test.go"} {
		if _, err := Read(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/feign-build/feign/lies"
)

// The path of a file is that of the file itself, whatever directory was looked at before, and whether or not it is there.
func TestResolver(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return top + "/" + name }
	gone := at("gone")
	if err := errors.Join(os.MkdirAll(at("a/b"), 0o700), os.Mkdir(gone, 0o700), os.Symlink("a/b", at("alias")), os.WriteFile(at("a/file"), nil, 0o600),
		os.WriteFile(at("a/b/file"), nil, 0o600), os.Symlink("../file", at("a/b/link"))); err != nil {
		t.Fatal(err)
	}
	told := func(file, path string, direct bool) *lies.Lie {
		l := &lies.Lie{Path: path, Direct: direct}
		if l.Key, l.Identity, err = lies.Identify(file); err != nil {
			t.Fatal(err)
		}
		return l
	}
	var r resolver
	defer r.close()
	for _, tt := range []struct {
		lie  *lies.Lie
		want string
	}{
		{told(at("a/b/file"), at("a/b/file"), false), at("a/b/file")},
		{told(at("a/b/file"), at("alias/file"), false), at("a/b/file")},
		{told(at("a/file"), at("alias/link"), false), at("a/file")},
		{told(at("a/file"), at("a/file"), false), at("a/file")},
		{told(at("a/file"), at("a/b/link"), false), at("a/file")},
		{told(at("a/b/link"), at("alias/link"), false), at("a/b/link")},
		{told(at("a/file"), at("alias/link"), true), at("a/b/link")},  // so it was said
		{told(at("a/b/file"), at("a/b/link"), false), at("a/b/link")}, // it links to another one by now
		{told(at("a/b"), at("alias/"), false), at("a/b")},
		{told(at("a/b"), at("alias/."), true), at("alias")},
		{told(at("a"), at("a/b/.."), false), at("a")},
		{told(at("a/b/file"), at("nowhere/file"), false), at("nowhere/file")},
		{told(at("a/b/file"), "file", false), "file"},
		{told(at("a/b/file"), "", false), ""},
		{told("/", "/", true), "/"},
	} {
		if got := r.file(tt.lie); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.lie.Path, got, tt.want)
		}
	}
	// A directory that is open and has no path any more.
	if got := r.real(gone + "/x"); got != gone+"/x" {
		t.Errorf("%s", got)
	}
	var d directory
	defer d.close()
	d.open(gone)
	os.Remove(gone)
	if d.isLink(gone+"/x", gone+"/x") {
		t.Error("a link that is not there")
	}
}

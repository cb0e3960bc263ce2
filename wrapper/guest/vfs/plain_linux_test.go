package vfs

import (
	"os"
	"path/filepath"
	"testing"
)

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isFile reports whether a path is that of something that is no link.
func isFile(path string) bool {
	st, err := os.Lstat(path)
	return err == nil && st.Mode()&os.ModeSymlink == 0
}

// What a plain path leads to is the same as by going down it, mounts included.
func TestWalkPlainIsWalk(t *testing.T) {
	root := makeTree(t)
	outside := filepath.Join(filepath.Dir(root), "outside")
	namespaces := map[string][]Mount{
		"bare":    {{To: "/", From: root}},
		"mounts":  {{To: "/", From: root}, {To: "/d", From: outside}, {To: "/a/b", From: outside, ReadOnly: true}},
		"same":    {{To: "/", From: root}, {To: "/a", From: root + "/a"}},
		"names":   {{To: "/", From: root}, {To: "/a/b/f", From: outside + "/f", Names: true}},
		"process": {{To: "/", From: root}, {To: "/proc", From: "/proc"}},
	}
	paths := append([]string{
		"/d/f", "/d/none", "/a/b/f", "/a/b/f-", "/a/b/f/", "/a/b/c/f", "/a/f/x", "/rel/f", "/d/", "d", "/proc/self", "/proc/self/exe", "/proc/1/stat", "/proc/1/root",
		"/proc/none", "/f", "/f/x", "none/x", "/none/x", "/a/none/x/", "/a/none/x/y", "/d/none/x", "/rel/none/x",
	}, walks...)
	plain := 0
	for name, mounts := range namespaces {
		n := &Namespace{}
		for _, m := range mounts {
			n.Mount(m)
		}
		for _, from := range []string{"/", "/a"} {
			w := &Walker{Namespace: n, Root: from, Process: 1, Task: 1, MaxLinks: MaxLinks}
			for _, base := range []Place{w.RootPlace(), {Virtual: "/a", Host: root + "/a"}, {Host: root + "/a"}} {
				for _, path := range paths {
					for _, end := range []Ending{Follow, Self, Name} {
						got, ok := w.walkPlain(base, path, end)
						if !ok {
							continue
						}
						plain++
						want, errno := w.walkByNames(base, path, end)
						if got.There && !isFile(got.Path()) || got.Missing && isThere(got.Path()) {
							t.Errorf("%s, root %s: %q from %v, ending %d: %+v is not so", name, from, path, base, end, got)
						}
						if end == Follow && got.Missing != want.Missing {
							t.Errorf("%s, root %s: %q from %v: missing %t; by its names %t", name, from, path, base, got.Missing, want.Missing)
						}
						want.Missing, want.There = got.Missing, got.There
						if got != want || errno != 0 {
							t.Errorf("%s, root %s: %q from %v, ending %d: %+v; by its names %+v, %v", name, from, path, base, end, got, want, errno)
						}
					}
				}
			}
		}
	}
	if plain < 500 && HasOpenat2() {
		t.Errorf("%d walks were plain", plain)
	}
}

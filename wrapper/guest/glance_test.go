package guest

import "testing"

func TestIsName(t *testing.T) {
	for path, want := range map[string]bool{"a": true, "...": true, ".a": true, "": false, ".": false, "..": false, "a/b": false, "/a": false, "a/": false} {
		if got := isName([]byte(path)); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

// Whoever looks at a file, it is the one that the kernel would have changed.
func TestGlance(t *testing.T) {
	a := &action{config: together(), dir: t.TempDir()}
	out := a.shell(t, `
		mkdir d d/e; echo >d/f; ln -s f d/l; ln -s nowhere d/m; mkfifo d/p; ln d/f d/g
		chown -R 5:6 d
		stat -c '%u:%g %n' d d/*
		chown 7 d/l                  # the file that it leads to
		chown -h 8 d/m
		cd d; chown 9 .; chown 10 e/..; chown 11 ../d/e
		exec 3<f; chown 12 /proc/self/fd/3
		stat -c '%u:%g %n' . *
		chown 13 nothing m 2>&1`)
	want := "5:6 d\n5:6 d/e\n5:6 d/f\n5:6 d/g\n5:6 d/l\n5:6 d/m\n5:6 d/p\n" +
		"10:6 .\n11:6 e\n12:6 f\n12:6 g\n5:6 l\n8:6 m\n5:6 p\n" +
		"chown: cannot access 'nothing': No such file or directory\nchown: cannot dereference 'm': No such file or directory\n"
	if out != want {
		t.Errorf("%s\nwant:\n%s", out, want)
	}
}

package guest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Devices have their type in every form of directory listing; the files that stand for others do not.
func TestDirectoryTypes(t *testing.T) {
	const script = `mknod c c 1 3; mknod b b 7 0; mkfifo p; touch f; ln c hard; mkdir d; mv b d
		python3 -c '
import os
for dir in (".", "d"):
	for e in sorted(os.scandir(dir), key=lambda e: e.name):
		print(e.name, e.is_file(follow_symlinks=False), e.is_dir(follow_symlinks=False))'
		find . -type c | sort; find . -type b; find . -type f; rm c hard; touch n m; find . -type c`
	wantText(t, new(action).shell(t, script), `
		c False False
		d False True
		f True False
		hard False False
		p False False
		b False False
		./c
		./hard
		./d/b
		./f
	`)
}

// port-7: the oldest call of 32 bits has its own layout; the C library does not use it any more.
func TestOldDirents386(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "old.c"), filepath.Join(dir, "old")
	if err := os.WriteFile(source, []byte(oldDirents), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("gcc", "-m32", "-nostdlib", "-static", "-fno-pic", "-fno-stack-protector", "-o", program, source).CombinedOutput()
	if err != nil {
		t.Skipf("no compiler for i386: %v %s", err, out)
	}
	a := &action{}
	if a.shell(t, "mkdir d; mknod d/c c 1 3; cd d; exec "+program); a.status.ExitStatus() != 2 {
		t.Errorf("the type is %d, not DT_CHR (wait status %#x)", a.status.ExitStatus(), int(a.status))
	}
}

// oldDirents exits with the type of the one entry of the working directory that is neither of the dots.
const oldDirents = `
static int call(int nr, long a, long b, long c) {
	int r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return r;
}
static char buf[4096];
void _start(void) {
	int fd = call(5, (long)".", 0, 0), n = call(141, fd, (long)buf, sizeof buf);
	for (int at = 0; at < n;) {
		int size = *(unsigned short *)(buf + at + 8);
		if (buf[at + 10] != '.') call(1, buf[at + size - 1], 0, 0);
		at += size;
	}
	call(1, 99, 0, 0);
}`

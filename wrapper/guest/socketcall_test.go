package guest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// oldSockets makes calls about sockets as 32-bit programs do, by way of socketcall(2), and exits with the number of the first
// wrong answer.
const oldSockets = `
typedef unsigned int u32;
static int call(int nr, long a, long b) {
	int r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b) : "memory");
	return r;
}
static int sock(int nr, u32 a, u32 b, u32 c, u32 d, u32 e) {
	u32 args[6] = {a, b, c, d, e, 0};
	return call(102, nr, (long)args);
}
static void want(int nr, int got, int expected) {
	if (got != expected) call(1, nr, 0);
}
static int fds[2];
static struct { int pid; u32 uid, gid; } peer;
static struct { u32 len; int level, type, pid; u32 uid, gid; } sent = {24, 1, 2, 0, 77, 78}, received;
static char data[4];
static struct { char *base; u32 len; } iov = {data, 1};
static struct { u32 name, namelen; void *iov; u32 iovlen; void *control; u32 controllen, flags; }
	out = {0, 0, &iov, 1, &sent, sizeof sent, 0}, in = {0, 0, &iov, 1, &received, sizeof received, 0};
void _start(void) {
	int one = 1, len = sizeof peer, pid = call(20, 0, 0);
	want(1, sock(1, 2, 2, 0, 0, 0), -13);                   /* socket of the Internet: EACCES */
	want(2, sock(8, 1, 2, 0, (u32)fds, 0), 0);               /* socketpair */
	want(3, sock(15, fds[0], 1, 17, (u32)&peer, (u32)&len), 0); /* SO_PEERCRED */
	want(4, peer.uid, 0); want(5, peer.gid, 0); want(6, peer.pid, pid);
	want(7, sock(14, fds[1], 1, 16, (u32)&one, 4), 0);       /* SO_PASSCRED */
	sent.pid = pid;
	want(8, sock(16, fds[0], (u32)&out, 0, 0, 0), 1);        /* sendmsg */
	want(9, sent.uid, 77);
	want(10, sock(17, fds[1], (u32)&in, 0, 0, 0), 1);        /* recvmsg */
	want(11, received.type, 2);
	want(12, received.uid, 77); want(13, received.gid, 78); want(14, received.pid, pid);
	want(15, sock(99, 0, 0, 0, 0, 0), -22);
	call(1, 0, 0);
}`

// port-7: a 32-bit program under a 64-bit kernel.
func TestSocketcall386(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "old.c"), filepath.Join(dir, "old")
	if err := os.WriteFile(source, []byte(oldSockets), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("gcc", "-m32", "-nostdlib", "-static", "-fno-pic", "-fno-stack-protector", "-o", program, source).CombinedOutput()
	if err != nil {
		t.Skipf("no compiler for i386: %v %s", err, out)
	}
	a := &action{config: Config{Network: NetworkDeny}}
	if a.run(t, program); !a.status.Exited() || a.status.ExitStatus() != 0 {
		t.Errorf("answer %d is wrong (wait status %#x)", a.status.ExitStatus(), int(a.status))
	}
}

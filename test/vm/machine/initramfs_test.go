//go:build linux

package machine

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestInitramfs: the kernel has unpacked what an ordinary user packed into the initramfs: what was claimed is real here, and
// devices are the devices. The script in ../run makes them.
func TestInitramfs(t *testing.T) {
	inMachine(t)
	for _, want := range []struct {
		name     string
		mode     uint32
		uid, gid uint32
		rdev     uint64
		nlink    uint64
	}{
		{"null", unix.S_IFCHR | 0o666, 0, 0, unix.Mkdev(1, 3), 1},
		{"zero", unix.S_IFCHR | 0o644, 12, 34, unix.Mkdev(1, 5), 1},
		{"loop", unix.S_IFBLK | 0o660, 0, 6, unix.Mkdev(7, 200), 1},
		{"fifo", unix.S_IFIFO | 0o600, 0, 5, 0, 1},
		{"suid", unix.S_IFREG | 0o4755, 0, 0, 0, 2},
		{"same", unix.S_IFREG | 0o4755, 0, 0, 0, 2},
		{"link", unix.S_IFLNK | 0o777, 12, 34, 0, 1},
		{"shared", unix.S_IFDIR | 0o2775, 0, 8, 0, 2},
	} {
		var st unix.Stat_t
		if err := unix.Lstat("/nodes/"+want.name, &st); err != nil {
			t.Errorf("%s: %v", want.name, err)
			continue
		}
		if st.Mode != want.mode || st.Uid != want.uid || st.Gid != want.gid || st.Rdev != want.rdev || uint64(st.Nlink) != want.nlink {
			t.Errorf("%s: mode %o, owner %d:%d, device %#x, %d links", want.name, st.Mode, st.Uid, st.Gid, st.Rdev, st.Nlink)
		}
	}
	// They are not only called so.
	if err := os.WriteFile("/nodes/null", []byte("gone"), 0); err != nil {
		t.Errorf("null: %v", err)
	}
	zero, err := os.Open("/nodes/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	if n, err := zero.Read([]byte{1, 2, 3, 4}); n != 4 || err != nil {
		t.Errorf("zero: %d bytes, %v", n, err)
	}
}

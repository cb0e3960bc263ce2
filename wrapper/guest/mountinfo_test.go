package guest

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

const someMounts = `22 27 0:21 / /proc rw,nosuid,relatime shared:5 - proc proc rw
24 27 0:6 / /dev rw,relatime master:1 - devtmpfs udev rw,size=1k
25 24 0:23 / /dev/shm rw - tmpfs tmpfs ro,lazytime,size=2k
30 25 0:27 /in /dev/shm rw,noexec - tmpfs tmp\040fs rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,sync,discard
40 27 8:1 /home /srv/a\040b\134\011 rw - xfs  rw
41 27 0:50 / /hidden/x rw - tmpfs under rw
42 27 0:51 / /hidden rw - tmpfs over rw
short line
43 27 0:51 / /gone rw`

func TestMountAt(t *testing.T) {
	all := mountLines([]byte(someMounts))
	if len(all) != 8 {
		t.Fatalf("%d mounts", len(all))
	}
	for path, want := range map[string]int{
		"/": 27, "/usr": 27, "/proc/self": 22, "/process": 27, "/dev/null": 24, "/dev/shm": 30, "/dev/shm/x": 30, "/srv/a b\\\t/c": 40,
		"/hidden/x": 42, // what was mounted there before is covered
	} {
		if m := mountAt(all, path); m.id != want {
			t.Errorf("%s is in %+v, not in %d", path, m, want)
		}
	}
	if m := mountAt(nil, "/"); m.kind != "" {
		t.Errorf("without mounts: %+v", m)
	}
}

// What a task is shown is what it would be shown of such mounts by the kernel.
func TestShownMounts(t *testing.T) {
	k := &Kernel{}
	for _, m := range []vfs.Mount{
		{To: "/", From: "/srv/a b\\\t/root"}, {To: "/dev", From: "/dev"}, {To: "/proc", From: "/proc", ReadOnly: true}, {To: "/bound", From: "/usr/x y"},
		{To: "/dev/shm/none", From: "/dev/shm/some"},
	} {
		k.namespace.Mount(m)
	}
	in := &task{fs: &fsContext{root: "/"}, filtered: filteredPaths}
	in.thread = &ptlib.Thread{Tid: 1, Tgid: 1}
	var info, short string
	for _, m := range k.shownMounts(in, mountLines([]byte(someMounts))) {
		info, short = info+m.info(), short+m.short()
	}
	if want := `100 1 8:1 /home/root / rw - xfs  rw
101 100 0:6 / /dev rw,relatime - devtmpfs udev rw,size=1k
102 101 0:23 / /dev/shm rw - tmpfs tmpfs ro,lazytime,size=2k
103 102 0:27 /in /dev/shm rw,noexec - tmpfs tmp\040fs rw
104 100 0:21 / /proc ro,nosuid,relatime - proc proc rw
105 100 254:0 /usr/x\040y /bound rw,relatime - ext4 /dev/vda rw,sync,discard
106 103 0:27 /in/some /dev/shm/none rw,noexec - tmpfs tmp\040fs rw
`; info != want {
		t.Errorf("mountinfo:\n%s\nwant:\n%s", info, want)
	}
	if want := ` / xfs rw 0 0
udev /dev devtmpfs rw,relatime,size=1k 0 0
tmpfs /dev/shm tmpfs ro,lazytime,size=2k 0 0
tmp\040fs /dev/shm tmpfs rw,noexec 0 0
proc /proc proc ro,nosuid,relatime 0 0
/dev/vda /bound ext4 rw,sync,relatime,discard 0 0
tmp\040fs /dev/shm/none tmpfs rw,noexec 0 0
`; short != want {
		t.Errorf("mounts:\n%s\nwant:\n%s", short, want)
	}
	in.fs.root = "/dev"
	var places []string
	for _, m := range k.shownMounts(in, mountLines([]byte(someMounts))) {
		if m.at != "" {
			places = append(places, m.at)
		}
	}
	if got := len(places); got != 4 || places[0] != "/" || places[1] != "/shm" {
		t.Errorf("from another root directory: %q", places)
	}
}

// The kernel's own text, made again from what was read, is the same.
func TestMountLinesAreTheKernels(t *testing.T) {
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Skip(err)
	}
	short, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Skip(err)
	}
	if again, _ := os.ReadFile("/proc/self/mountinfo"); string(again) != string(info) {
		t.Skip("somebody mounts something at this moment")
	}
	var made string
	for _, m := range mountLines(info) {
		made += m.short()
	}
	if made != string(short) {
		t.Errorf("%s\nthe kernel has\n%s", made, short)
	}
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, "/proc", 0, unix.STATX_MNT_ID, &st); err == nil && st.Mask&unix.STATX_MNT_ID != 0 {
		if m := mountAt(mountLines(info), "/proc"); uint64(m.id) != st.Mnt_id {
			t.Errorf("/proc is in mount %d, not %d", st.Mnt_id, m.id)
		}
	}
}

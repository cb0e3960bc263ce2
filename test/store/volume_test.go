//go:build linux

package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A volume is a file system of its own, which belongs to the user.
type volume struct {
	t       *testing.T
	mount   []string // the command that mounts it
	at      string
	mounted bool
}

// newExt4 makes one in a file; options are mkfs.ext4's.
func newExt4(t *testing.T, options ...string) *volume {
	t.Helper()
	dir := t.TempDir()
	image := filepath.Join(dir, "image")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 96<<20); err != nil {
		t.Fatal(err)
	}
	root(t, append(append([]string{"mkfs.ext4", "-q", "-N", "8192"}, options...), image)...)
	return newVolume(t, "mount", "-o", "loop", image)
}

// newTmpfs makes one in memory.
func newTmpfs(t *testing.T, size string) *volume {
	t.Helper()
	return newVolume(t, "mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs")
}

func newVolume(t *testing.T, mount ...string) *volume {
	t.Helper()
	at, err := os.MkdirTemp("", "feign-store-volume-")
	if err != nil {
		t.Fatal(err)
	}
	v := &volume{t: t, mount: append(mount, at), at: at}
	t.Cleanup(func() {
		if v.mounted {
			exec.Command("umount", at).Run()
		}
		os.Remove(at)
	})
	v.on()
	return v
}

// on mounts the file system.
func (v *volume) on() {
	v.t.Helper()
	root(v.t, v.mount...)
	v.mounted = true
	if err := os.Chown(v.at, user, user); err != nil {
		v.t.Fatal(err)
	}
}

// off unmounts it, when the daemon of a state in it has left.
func (v *volume) off() {
	v.t.Helper()
	for range 500 {
		if exec.Command("umount", v.at).Run() == nil {
			v.mounted = false
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	v.t.Fatal("the volume is still in use")
}

// renew mounts a tmpfs anew: empty, and with the same device number, for which others may be faster.
func (v *volume) renew() {
	v.t.Helper()
	var was, is unix.Stat_t
	if err := unix.Stat(v.at, &was); err != nil {
		v.t.Fatal(err)
	}
	for range 200 {
		v.off()
		v.on()
		if err := unix.Stat(v.at, &is); err != nil {
			v.t.Fatal(err)
		}
		if is.Dev == was.Dev {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	v.t.Fatalf("the device number was %#x, and is %#x after 200 tries", was.Dev, is.Dev)
}

// cut ends all writing to an ext4 at once, as the end of power does: what was written and not synced is lost, and the journal is
// not flushed. Until it is mounted again, every access fails (fs/ext4/ioctl.c, EXT4_GOING_FLAGS_NOLOGFLUSH).
func (v *volume) cut() {
	v.t.Helper()
	const (
		shutdown   = 2<<30 | 4<<16 | 'X'<<8 | 125 // EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32)
		noLogFlush = 2
	)
	dir, err := os.Open(v.at)
	if err != nil {
		v.t.Fatal(err)
	}
	defer dir.Close()
	if err := unix.IoctlSetPointerInt(int(dir.Fd()), shutdown, noLogFlush); err != nil {
		v.t.Fatal("EXT4_IOC_SHUTDOWN: ", err)
	}
}

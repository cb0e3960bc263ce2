package guest

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// isNear reports whether paths lead a task to the files to which they lead the tracer, with the same permission to go there and to look,
// and the same owners. So it is for a command that the tracer has started. One of a daemon's may be in other namespaces, or another user.
// It stays so: what could change it is refused to an action, or done for it without the kernel.
func isNear(tid int) bool {
	task := "/proc/" + strconv.Itoa(tid)
	for _, ns := range []string{"/ns/mnt", "/ns/user"} {
		self, err := os.Readlink("/proc/thread-self" + ns)
		other, errOther := os.Readlink(task + ns)
		if err != nil || errOther != nil || self != other {
			return false
		}
	}
	var self, other unix.Statx_t
	const mask = unix.STATX_INO | unix.STATX_MNT_ID
	if unix.Statx(atFDCWD, "/", 0, mask, &self) != nil || unix.Statx(atFDCWD, task+"/root", 0, mask, &other) != nil ||
		self.Ino != other.Ino || self.Dev_major != other.Dev_major || self.Dev_minor != other.Dev_minor || self.Mnt_id != other.Mnt_id {
		return false
	}
	mine, err := os.ReadFile("/proc/thread-self/status")
	theirs, errTheirs := os.ReadFile(task + "/status")
	if err != nil || errTheirs != nil {
		return false
	}
	for _, key := range []string{"Uid:", "Gid:", "Groups:", "CapEff:"} {
		if !bytes.Equal(line(mine, key), line(theirs, key)) {
			return false
		}
	}
	return true
}

// line is what stands in a text after a key at the beginning of a line.
func line(text []byte, key string) []byte {
	for l := range bytes.Lines(text) {
		if v, ok := bytes.CutPrefix(l, []byte(key)); ok {
			return v
		}
	}
	return nil
}

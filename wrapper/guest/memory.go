package guest

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A policy's files in memory are memfds of the tracer, sealed where they cannot be changed. For the action each is mounted from the
// tracer's /proc/PID/fd: by that path the kernel comes to the file itself. Only a call that keeps a link at the end of its path would mean
// the link of /proc, which is not what the action has named; such calls are made to follow (memory_follow.go). What changes names is done
// by the tracer (memory_names.go).

// memory is the policy's files in memory.
type memory struct {
	files   []MemFile // as the policy has them
	byPath  map[string]*memFile
	byHost  map[string]*memFile
	byKey   map[lies.Key]*memFile
	nowhere string     // a host path; with anything behind it, nothing is there and nothing can be made
	next    int        // no descriptor below it is taken for the next file
	gone    []*memFile // files without names that are kept open for a while
}

// A memFile is a file in memory that is there.
type memFile struct {
	fd       int
	host     string // its path on the host
	key      lies.Key
	identity lies.Identity
	writable bool
	names    []string // virtual paths
}

const (
	// firstMemory is where descriptors of files in memory begin. They are not reused at once: a task may be about to follow a path that
	// was true a moment ago.
	firstMemory = 256
	// maxGone is how many files are kept open for the same reason when their last name is gone.
	maxGone = 16
)

// openMemory makes the files of a policy.
func (k *Kernel) openMemory(files []MemFile) error {
	k.memory = memory{
		files: files, byPath: map[string]*memFile{}, byHost: map[string]*memFile{}, byKey: map[lies.Key]*memFile{},
		nowhere: "/proc/" + strconv.Itoa(unix.Getpid()) + "/fd/none-", next: firstMemory,
	}
	k.fixed = make(map[lies.Key]lies.Claim, len(files))
	for i := range files {
		f := &files[i]
		if f.Writable && !k.isOnDisk(f.Path) {
			k.namespace.Mount(vfs.Mount{To: f.Path, From: k.memory.nowhere, Names: true})
		}
		if f.Absent {
			continue
		}
		if _, errno := k.newMemFile(f); errno != 0 {
			return fmt.Errorf("file %s in memory: %w", f.Path, errno)
		}
	}
	return nil
}

// newMemFile makes a file, and gives it its name.
func (k *Kernel) newMemFile(f *MemFile) (*memFile, unix.Errno) {
	disk := diskMode(unix.S_IFREG, f.Mode)
	var fd int
	var errno unix.Errno
	if f.Writable {
		fd, errno = memfd("feign-file", f.Data, disk|0600, unix.MFD_CLOEXEC)
	} else {
		fd, errno = sealed("feign-file", f.Data, disk|0400)
	}
	if errno != 0 {
		return nil, errno
	}
	st, err := hostStat(fd, "", 0)
	if err != nil {
		unix.Close(fd)
		return nil, err.(unix.Errno)
	}
	var claim lies.Claim
	claim.SetOwner(f.UID, f.GID)
	claim.SetMode(unix.S_IFREG | f.Mode)
	file := k.addMemory(fd, &st, claim, f.Writable)
	k.nameMemory(file, f.Path)
	return file, 0
}

// raise gives a descriptor another number, which was not in use for as long as may be. Where RLIMIT_NOFILE has no room it keeps its own.
func (m *memory) raise(fd int) int {
	for {
		high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, m.next)
		if err == nil {
			unix.Close(fd)
			m.next = high + 1
			return high
		}
		if m.next == firstMemory {
			return fd
		}
		m.next = firstMemory
	}
}

func (m *memory) close() {
	for _, f := range m.byHost {
		unix.Close(f.fd)
	}
	for _, f := range m.gone {
		unix.Close(f.fd)
	}
	*m = memory{}
}

// behind returns the file that a link of /proc leads to, nil if it is none of them.
func (m *memory) behind(link string) *memFile {
	if len(m.byKey) == 0 {
		return nil
	}
	var st unix.Stat_t
	if unix.Stat(link, &st) != nil {
		return nil
	}
	return m.byKey[lies.Key{Dev: st.Dev, Ino: st.Ino}]
}

// changesMemory reports whether a call would change one of the files that cannot be changed by a descriptor of it.
func (k *Kernel) changesMemory(c *ptlib.Call) bool {
	switch c.Sys {
	case ptlib.SysFchown, ptlib.SysFchown16, ptlib.SysFchmod, ptlib.SysFsetxattr, ptlib.SysFremovexattr:
		f := k.memory.behind(procFD(c.Thread.Tid, int32(c.Args[0])))
		return f != nil && !f.writable
	}
	return false
}

// Left returns the policy's writable files as the action has left them, at most limit bytes of each and one more. It is for after the end
// of the action, before Close.
func (k *Kernel) Left(limit int) ([]MemFile, error) {
	var list []MemFile
	for _, was := range k.memory.files {
		f := k.memory.byPath[was.Path]
		if !was.Writable || f == nil {
			continue
		}
		ino, _, errno := k.sight(f.fd)
		var st unix.Stat_t
		if err := unix.Fstat(f.fd, &st); err != nil || errno != 0 {
			return nil, &os.PathError{Op: "stat", Path: was.Path, Err: cmp.Or(err, error(errno))}
		}
		data := make([]byte, min(st.Size, int64(limit)+1))
		n, err := unix.Pread(f.fd, data, 0)
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: was.Path, Err: err}
		}
		if n < len(data) {
			return nil, &os.PathError{Op: "read", Path: was.Path, Err: io.ErrUnexpectedEOF}
		}
		list = append(list, MemFile{Path: was.Path, Data: data, Mode: ino.Mode & 07777, UID: ino.UID, GID: ino.GID, Writable: true})
	}
	return list, nil
}

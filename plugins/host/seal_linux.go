package host

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// sealed is a program in memory that nobody can change.
type sealed struct {
	file   *os.File
	script bool // begins with "#!": its interpreter opens it again
}

// maxProgram is the greatest size of a plugin's program in bytes.
const maxProgram = 512 << 20

// seal copies a program into memory, and hashes what it copied: what is executed then is what has the digest, whatever
// becomes of the path.
func seal(path, digest string) (*sealed, error) {
	in, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &Error{Why: err.Error(), Hint: "plugin.path names the program"}
	}
	defer in.Close()
	if fi, err := in.Stat(); err != nil || !fi.Mode().IsRegular() {
		return nil, &Error{Why: path + " is no regular file"}
	} else if fi.Size() > maxProgram {
		return nil, &Error{Why: fmt.Sprintf("%s is larger than %d MB", path, maxProgram>>20)}
	}
	out, err := memfd()
	if err != nil {
		return nil, fmt.Errorf("no memory file: %w", err)
	}
	s := &sealed{file: out}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(in, maxProgram)); err != nil {
		s.close()
		return nil, err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != digest {
		s.close()
		return nil, &Error{Why: fmt.Sprintf("the sha256 of %s is %s, not %s", path, got, digest), Hint: "plugin.sha256 has to be what sha256sum prints"}
	}
	if _, err := unix.FcntlInt(out.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL); err != nil {
		s.close()
		return nil, fmt.Errorf("the copy cannot be sealed: %w", err)
	}
	head := make([]byte, 2)
	_, err = out.ReadAt(head, 0)
	s.script = err == nil && bytes.Equal(head, []byte("#!"))
	return s, nil
}

// memfd makes a file in memory that may be executed.
func memfd() (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("feign-plugin", flags|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate("feign-plugin", flags)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "memfd_create", Err: err}
	}
	return os.NewFile(uintptr(fd), "plugin"), nil
}

// exec returns the path under which a child with these descriptors executes the program, and its descriptors: the
// interpreter of a script needs one for the script.
func (s *sealed) exec(files []uintptr) (string, []uintptr) {
	fd := s.file.Fd()
	if s.script {
		fd = uintptr(len(files))
		files = append(files, s.file.Fd())
	}
	return "/proc/self/fd/" + strconv.Itoa(int(fd)), files
}

func (s *sealed) close() { s.file.Close() }

package wrapper

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// defaultSearchPath is what execvp(3) searches when PATH is not set (glibc's
// confstr(_CS_PATH)).
const defaultSearchPath = "/bin:/usr/bin"

// checkDir says why the command cannot start in dir.
func checkDir(dir string) error {
	fi, err := os.Stat(dir)
	switch {
	case err != nil:
		return &Error{What: "cannot start in " + dir, Hint: "see action.cwd", Err: errno(err)}
	case !fi.IsDir():
		return &Error{What: "cannot start in " + dir, Hint: "see action.cwd", Err: unix.ENOTDIR}
	}
	return nil
}

// inDir makes a path that counts from dir absolute.
func inDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// findCommand looks the command up as execvp(3) does, in the PATH that the
// action has. A name that is found but may not be executed is status 126, one
// that is not found 127, as POSIX says for the shell.
func findCommand(p *Plan) (string, error) {
	if p.exec != "" {
		return p.exec, nil
	}
	name := p.Argv[0]
	if strings.Contains(name, "/") {
		return name, nil // execve itself says what is wrong with it
	}
	search, ok := lookupEnv(p.Env, "PATH")
	if !ok {
		search = defaultSearchPath
	}
	denied := ""
	for _, dir := range strings.Split(search, ":") {
		if dir == "" {
			dir = "."
		}
		path := dir + "/" + name
		full := inDir(p.Dir, path)
		fi, err := os.Stat(full)
		if err != nil || fi.IsDir() {
			continue
		}
		if unix.Access(full, unix.X_OK) == nil {
			return path, nil
		}
		if denied == "" {
			denied = path
		}
	}
	if denied != "" {
		return "", execError(p, denied, unix.EACCES)
	}
	return "", &Error{
		What:   name,
		Why:    "command not found in PATH " + search,
		Hint:   "it is the action's PATH; see action.env and action.env_pass",
		Status: StatusNotFound,
	}
}

// execError describes why execve refused path.
func execError(p *Plan, path string, err error) error {
	e := &Error{What: path, Err: err, Status: StatusNoExec}
	full := inDir(p.Dir, path)
	fi, statErr := os.Stat(full)
	switch {
	case errors.Is(err, unix.ENOENT) && statErr == nil:
		e.Why = "its interpreter or dynamic loader does not exist"
		e.Hint = "see its first line, or file(1)"
		e.Status = StatusNotFound
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		e.Status = StatusNotFound
		e.Hint = "it was looked for from " + p.Dir
	case errors.Is(err, unix.EACCES) && statErr == nil && fi.IsDir():
		e.Why = "is a directory"
	case errors.Is(err, unix.EACCES) && statErr == nil && fi.Mode()&0o111 == 0:
		e.Hint = "chmod +x it, or run it by its interpreter"
	case errors.Is(err, unix.ENOEXEC):
		e.Hint = "it is for another processor, or damaged; see file(1)"
	case errors.Is(err, unix.E2BIG):
		e.Hint = "pass less in arguments and environment"
	}
	return e
}

// isText tells a script without "#!" from a binary for another machine as
// bash does: by a NUL byte in the beginning.
func isText(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 80)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false
	}
	return bytes.IndexByte(head[:n], 0) < 0
}

// errno strips what the os package wraps around a system call's error.
func errno(err error) error {
	var e unix.Errno
	if errors.As(err, &e) {
		return e
	}
	return err
}

// parseFD reads a name in /proc/self/fd.
func parseFD(name string) (int, bool) {
	fd, err := strconv.Atoi(name)
	return fd, err == nil
}

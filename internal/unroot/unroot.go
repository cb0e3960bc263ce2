// Package unroot lets tests that run as root do their work as an ordinary
// user.
//
// feign is for users without privileges, and root passes tests for the wrong
// reason. [Main] re-executes the whole test binary as uid 1500; [Command]
// starts only one program so, for tests that need root beside it, such as the
// comparison with what real root sees. A test binary that was not started by
// root runs as it is.
//
// # In a nutshell
//
//	func TestMain(m *testing.M) { unroot.Main(m) }
//
// The working directory has to be readable for that uid. Nothing else of
// root's is used: HOME and TMPDIR are fresh directories of its own, removed at
// the end.
//
// # Locks
//
// No locks.
package unroot

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The ids of the ordinary user. No account needs to exist for them.
const (
	UID = 1500
	GID = 1500
)

// Main runs the tests of m as an ordinary user and exits with their status.
// It stands for os.Exit(m.Run()) in TestMain.
func Main(m *testing.M) {
	Reexec()
	os.Exit(m.Run())
}

// A sandbox is the directory that the ordinary user gets.
type sandbox struct {
	dir  string // root's, readable by everybody
	home string // the user's
	tmp  string // the user's
}

// newSandbox makes the directories below the directory for temporary files.
func newSandbox() (*sandbox, error) {
	dir, err := os.MkdirTemp("", "unroot-")
	if err != nil {
		return nil, err
	}
	s := &sandbox{dir: dir, home: filepath.Join(dir, "home"), tmp: filepath.Join(dir, "tmp")}
	if err := s.fill(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return s, nil
}

func (s *sandbox) fill() error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	for _, d := range []string{s.home, s.tmp} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
		if os.Geteuid() != 0 {
			continue
		}
		if err := os.Chown(d, UID, GID); err != nil {
			return err
		}
	}
	return nil
}

// environ returns this process's environment with the user's directories.
func (s *sandbox) environ() []string {
	return append(os.Environ(), "HOME="+s.home, "TMPDIR="+s.tmp, fmt.Sprintf("USER=uid%d", UID), fmt.Sprintf("LOGNAME=uid%d", UID))
}

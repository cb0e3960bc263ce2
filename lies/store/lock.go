package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// lockFile is the file in a state whose flock(2) is the right to write the state. It tells who has it, for messages.
const lockFile = "lock"

// SocketFile is the socket in a state on which its daemon listens.
const SocketFile = "sock"

// A Lock is the right to be the one writer of a state. It belongs to the open file, not to the process: whoever inherits
// File has it too, and it ends when the last of them has closed the file or is dead, however it died.
type Lock struct {
	dir  string
	file *os.File
	left string
}

// lockPatience is how long a lock is waited for that somebody else has. A daemon that leaves gives it back soon after its last
// action has ended.
const lockPatience = 2 * time.Second

// Acquire locks the state in the directory dir. If there is no directory, it is made; if there is one, it must
// be a state, or empty. what says what the caller is about to do, for others that come meanwhile: they wait for two seconds,
// and then get an Error of kind ErrLocked that names it.
func Acquire(dir, what string) (*Lock, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return acquire(dir, what, lockPatience)
}

// TryAcquire is Acquire without any waiting.
func TryAcquire(dir, what string) (*Lock, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return acquire(dir, what, 0)
}

// AwaitAcquire is Acquire, and waits as long as it takes.
func AwaitAcquire(dir, what string) (*Lock, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return acquire(dir, what, -1)
}

// AcquireExisting is Acquire for a state that must be there: else the error is of kind ErrNone.
func AcquireExisting(dir, what string) (*Lock, error) {
	if err := mustExist(dir); err != nil {
		return nil, err
	}
	return acquire(dir, what, lockPatience)
}

// Gate makes the caller the only one that is between looking for a daemon and having one, in the state of the directory dir: it
// waits until nobody else is. Closing the file opens the gate again. It is not the right to write.
func Gate(dir string) (*os.File, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	file, err := os.Open(dir)
	if err == nil {
		if err = flock(file, true); err != nil {
			file.Close()
		}
	}
	if err != nil {
		return nil, &Error{What: "state " + dir, Why: "cannot be locked: " + err.Error(), Err: err}
	}
	return file, nil
}

// acquire waits for the lock up to a time, a negative one meaning without end.
func acquire(dir, what string, patience time.Duration) (*Lock, error) {
	path := filepath.Join(dir, lockFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{What: "state " + dir, Err: err}
	}
	err = flock(file, patience < 0)
	if errors.Is(err, errWouldBlock) && patience > 0 {
		err = flockFor(file, patience)
	}
	if err != nil {
		defer file.Close()
		if errors.Is(err, errWouldBlock) {
			return nil, &Error{
				What: "state " + dir, Kind: ErrLocked, Why: "is in use by " + holder(file),
				Hint: "wait for its end, or name another state",
			}
		}
		return nil, &Error{What: path, Why: "cannot be locked: " + err.Error(), Err: err}
	}
	l := &Lock{dir: dir, file: file}
	if last := holder(file); last != unknownHolder {
		l.left = last
	}
	l.Describe(what)
	return l, nil
}

// flockFor waits for a while. It looks again and again: who slept in flock(2) could not be called off, and would get the lock when
// nobody wants it any more.
func flockFor(file *os.File, patience time.Duration) error {
	const pause = 5 * time.Millisecond
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		err := flock(file, false)
		if !errors.Is(err, errWouldBlock) || time.Now().After(end) {
			return err
		}
	}
}

// Left tells who had the lock before and did not give it back, as a few words: a process that was killed, or a machine that lost
// its power. "" if there is no such.
func (l *Lock) Left() string { return l.left }

// InheritLock makes a Lock of the file of one that another process acquired and handed over.
func InheritLock(dir string, file *os.File) *Lock { return &Lock{dir: dir, file: file} }

// Dir returns the directory of the state.
func (l *Lock) Dir() string { return l.dir }

// File returns the locked file, which stays the Lock's.
func (l *Lock) File() *os.File { return l.file }

// Describe writes who holds the lock now: this process, and what it does. That it cannot be written is no error: it is only
// there to be read by people.
func (l *Lock) Describe(what string) {
	if l.file.Truncate(0) == nil {
		l.file.WriteAt([]byte(fmt.Sprintf("%d %s\n", os.Getpid(), oneLine(what))), 0)
	}
}

// Release gives the lock back, for all who have the file: a process that this one is about to start has it too, up to its exec.
func (l *Lock) Release() error {
	l.file.Truncate(0)
	return errors.Join(unlock(l.file), l.file.Close())
}

// Holder tells who writes a state now, as a few words; "" if nobody does.
func Holder(dir string) (string, error) {
	if err := mustExist(dir); err != nil {
		return "", err
	}
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", &Error{What: "state " + dir, Err: err}
	}
	defer file.Close()
	switch err := flock(file, false); {
	case err == nil:
		return "", nil
	case errors.Is(err, errWouldBlock):
		return holder(file), nil
	default:
		return "", &Error{What: file.Name(), Why: "cannot be locked: " + err.Error(), Err: err}
	}
}

const unknownHolder = "another process"

func holder(file *os.File) string {
	text, _ := io.ReadAll(io.NewSectionReader(file, 0, 4096))
	pid, what, ok := strings.Cut(strings.TrimSpace(string(text)), " ")
	if _, err := strconv.Atoi(pid); err != nil || !ok {
		return unknownHolder // that has just locked it
	}
	return fmt.Sprintf("process %s (%s)", pid, oneLine(what))
}

func oneLine(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

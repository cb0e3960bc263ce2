package guest

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// An Event tells what a system call did to the lies.
type Event struct {
	PID     int
	Program string // its name, as ps(1) shows it
	Syscall string
	Path    string
	Claim   string // what the file looks like now, as a few words; "" if nothing is claimed any more
	Result  string
}

// happened reports an event, if anybody wants to know.
func (k *Kernel) happened(c *ptlib.Call, path, claim, result string) {
	if k.config.Event != nil {
		k.config.Event(Event{
			PID: c.Thread.Tgid, Program: taskOf(c.Thread).programName(), Syscall: c.Sys.String(),
			Path: path, Claim: claim, Result: result,
		})
	}
}

// looks describes what the action sees of a file: its mode as six octal digits, owner and group, and what else there is.
func (in *inode) looks() string {
	var room [48]byte
	b := room[:0]
	for shift := 15; shift >= 0; shift -= 3 {
		b = append(b, '0'+byte(in.Mode>>shift&7))
	}
	b = strconv.AppendUint(append(b, ' '), uint64(in.UID), 10)
	b = strconv.AppendUint(append(b, ':'), uint64(in.GID), 10)
	if kind := in.Mode & unix.S_IFMT; kind == unix.S_IFCHR || kind == unix.S_IFBLK {
		b = fmt.Appendf(b, " device %d:%d", lies.Major(in.rdev), lies.Minor(in.rdev))
	}
	for _, x := range in.claim.Xattrs {
		if x.Hidden {
			b = append(b, " no"...)
		}
		b = append(append(b, ' '), x.Name...)
	}
	return string(b)
}

// programName is the name of the program that the task runs, which is asked for once.
func (t *task) programName() string {
	if t.proc.name == "" {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", t.thread.Tgid))
		if err != nil {
			return "" // it is gone, or closed to the tracer
		}
		t.proc.name = strings.TrimSuffix(string(comm), "\n")
	}
	return t.proc.name
}

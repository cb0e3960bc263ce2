package wrapper

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
)

// An order is what whoever traces an action has to know of it: a run that traces its own action, or a daemon to which it is
// sent. What depends on the place that the action is started from (a sandbox's filters, the kernel's abilities) is found out
// there.
type order struct {
	Argv []string // for messages

	Caller       guest.Caller
	Identity     Identity
	Hostname     string
	Network      Network
	Refuse       []string // names of system calls
	Strict       bool
	Mode         Mode
	Outranked    bool // see guest.Config
	ChownRefused bool
	Policy       *guest.Policy // who is told and asked of it is not sent
	Linger       Linger
	Rlimits      map[string]Limit // those that are yet to be set

	Lies []lies.Lie // that the action starts with, besides the state's

	Verbose bool
	JSON    bool // how messages are written
}

// maxOrder bounds what is read from another process, in bytes.
const maxOrder = 1 << 30

// order makes the order of the run's action.
func (r *run) order() (*order, error) {
	self, err := readSelf()
	if err != nil {
		return nil, err
	}
	if self.tracer != 0 {
		return nil, &Error{
			What: "cannot trace the action",
			Why:  fmt.Sprintf("feign is itself being traced, by %s, and a process has only one tracer", processName(self.tracer)),
			Hint: "run feign outside of strace, gdb and feign",
		}
	}
	p := r.plan
	o := &order{
		Argv: p.Argv, Caller: guest.CallerFromOS(), Identity: p.Identity, Hostname: p.Hostname, Network: p.Network,
		Refuse: slices.Clone(p.Refuse), Strict: p.Trace.Strict, Mode: p.Trace.Mode, Outranked: self.filtered, Linger: p.Linger, Rlimits: p.Rlimits,
		Verbose: r.options.Verbose, JSON: r.options.JSON,
	}
	if o.Policy, err = r.guestPolicy(); err != nil {
		return nil, err
	}
	o.ChownRefused = o.Outranked && chownRefused()
	// Of these the kernel answers what is not about lies. Where it lacks them, the other half is not to be had either.
	for _, sys := range ptlib.Missing(ptlib.SysSetxattrat, ptlib.SysGetxattrat, ptlib.SysListxattrat, ptlib.SysRemovexattrat,
		ptlib.SysFileGetattr, ptlib.SysFileSetattr) {
		o.Refuse = append(o.Refuse, sys.String())
	}
	return o, nil
}

// config makes the configuration of a guest kernel, but for the lies and who is told.
func (o *order) config() (guest.Config, error) {
	c := guest.Config{
		Caller: &o.Caller,
		UID:    o.Identity.UID, GID: o.Identity.GID, Groups: o.Identity.Groups,
		UnknownReal:  o.Identity.Unknown == UnknownReal,
		Hostname:     o.Hostname,
		Strict:       o.Strict,
		Outranked:    o.Outranked,
		ChownRefused: o.ChownRefused,
		Policy:       o.Policy,
	}
	switch o.Mode {
	case ModeAuto:
		c.Shortcut = guest.ShortcutCan
	case ModeFast:
		c.Shortcut = guest.ShortcutMust
	}
	switch o.Network {
	case NetworkDeny:
		c.Network = guest.NetworkDeny
	case NetworkLoopback:
		c.Network = guest.NetworkLoopback
	}
	for _, name := range o.Refuse {
		sys, ok := ptlib.ParseSys(name)
		if !ok {
			return c, &Error{What: "hermetic.refuse", Why: "there is no system call " + quote(name)}
		}
		c.Refuse = append(c.Refuse, sys)
	}
	return c, nil
}

// sendable returns a value as a file without a name, for another process.
func sendable(v any) (*os.File, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("feign", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "what the daemon is told")
	if _, err := file.Write(b.Bytes()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// receiveInto reads what sendable has made, from the beginning of the file.
func receiveInto(v any, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > maxOrder {
		return fmt.Errorf("a file of %d bytes, which is no such thing", info.Size())
	}
	return decode(v, io.NewSectionReader(file, 0, info.Size()))
}

func decode(v any, from io.Reader) error { return gob.NewDecoder(from).Decode(v) }

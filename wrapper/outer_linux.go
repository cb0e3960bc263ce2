package wrapper

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// chownRefused reports whether the seccomp filter around this process refuses the calls of chown's family. It makes some
// that fail for another reason if they reach the kernel.
func chownRefused() bool {
	const none = ^uint64(0) // as a descriptor that is not open, as an id one that is to stay, as a path a bad address
	calls, err := ptlib.Try([]ptlib.ProbeCall{
		{Sys: ptlib.SysFchown, Args: []any{none, none, none}},
		{Sys: ptlib.SysFchownat, Args: []any{none, none, none, none, uint64(0)}},
		{Sys: ptlib.SysChown, Args: []any{none, none, none}},
		{Sys: ptlib.SysLchown, Args: []any{none, none, none}},
	})
	if err != nil {
		return false // the run will say what is wrong with this machine
	}
	for _, c := range calls {
		switch {
		case c.Fate == "none", c.Fate == "kill": // there is no such call, or nothing outranks the filter
		case c.Fate != "", c.Plain != unix.EBADF && c.Plain != unix.EFAULT:
			return true
		}
	}
	return false
}

package ptlib

import "golang.org/x/sys/unix"

// utsField returns the length of one of the strings that uname(2) and its predecessors fill, with the terminating zero
// (include/uapi/linux/utsname.h): struct oldold_utsname has 8 characters, all others 64.
func utsField(sys Sys) int {
	if sys == SysOldolduname {
		return 9
	}
	return 65
}

// WriteNodename replaces the name of the machine, the second string, in the structure that a call of the uname family
// has filled at addr. A name that is too long is cut off, as the kernel does for the oldest call (kernel/sys.c,
// sys_olduname).
func (c *Call) WriteNodename(addr uint64, name string) unix.Errno { return c.writeUts(addr, 1, name) }

// WriteDomainname replaces the name of the domain, the sixth string, which only the newest call of the family tells.
func (c *Call) WriteDomainname(addr uint64, name string) unix.Errno {
	if c.Sys != SysUname {
		return 0
	}
	return c.writeUts(addr, 5, name)
}

func (c *Call) writeUts(addr uint64, index int, name string) unix.Errno {
	n := utsField(c.Sys)
	field := make([]byte, n)
	copy(field[:n-1], name)
	return c.Thread.WriteMemory(addr+uint64(index*n), field)
}

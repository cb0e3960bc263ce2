package ptlib

// Has16BitIDs reports whether user and group ids are 16 bits wide in the arguments and results of the call: the first
// generation of these calls on i386 and arm, kept beside the present one (kernel/uid16.c).
func (s Sys) Has16BitIDs() bool {
	switch s {
	case SysChown16, SysFchown16, SysLchown16,
		SysGetuid16, SysGeteuid16, SysGetgid16, SysGetegid16,
		SysGetresuid16, SysGetresgid16, SysGetgroups16,
		SysSetuid16, SysSetgid16, SysSetreuid16, SysSetregid16, SysSetresuid16, SysSetresgid16,
		SysSetfsuid16, SysSetfsgid16, SysSetgroups16:
		return true
	}
	return false
}

package ptlib

import "golang.org/x/sys/unix"

// PersonalityQuery, given to Personality, leaves the personality as it is.
const PersonalityQuery = 0xffffffff

// AddrNoRandomize is ADDR_NO_RANDOMIZE of include/uapi/linux/personality.h: programs that the thread and its children
// execute from then on have their stack, heap and libraries at the same addresses each time.
const AddrNoRandomize = 0x0040000

// Personality sets the personality (execution domain) of the calling thread, which its children inherit, and returns the
// one before; see personality(2). golang.org/x/sys/unix has no function for it.
func Personality(persona uint32) (old uint32, err error) {
	r, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, uintptr(persona), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return uint32(r), nil
}

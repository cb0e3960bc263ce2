package wrapper

import "golang.org/x/sys/unix"

// personalityQuery asks for the personality without changing it.
const personalityQuery = 0xffffffff

// personality sets the execution domain of the calling thread, which its
// children inherit, and returns the one before (personality(2)).
// golang.org/x/sys has no wrapper for it.
func personality(persona uintptr) (old uintptr, err error) {
	old, _, e := unix.RawSyscall(unix.SYS_PERSONALITY, persona, 0, 0)
	if e != 0 {
		return 0, e
	}
	return old, nil
}

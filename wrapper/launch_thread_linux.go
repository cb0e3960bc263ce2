package wrapper

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// prepareThread sets on the calling thread what a child inherits from it:
// umask, personality and affinity. restore takes it back.
func prepareThread(p *Plan, log func(Message)) (restore func(), err error) {
	var undo []func()
	restore = func() {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}
	if p.Umask != UmaskInherit {
		// The umask is part of the thread's fs_struct, which all threads share
		// until one leaves (clone(2), CLONE_FS). Docker's default filter
		// forbids unshare(2) altogether; then the whole process has the new
		// mask for as long as the fork takes.
		_ = unix.Unshare(unix.CLONE_FS)
		old := unix.Umask(int(p.Umask))
		undo = append(undo, func() { unix.Umask(old) })
	}
	if !p.ASLR {
		old, err := ptlib.Personality(ptlib.PersonalityQuery)
		if err == nil {
			_, err = ptlib.Personality(old | ptlib.AddrNoRandomize)
		}
		if err != nil {
			// Docker's default filter answers EPERM. A build seldom depends on
			// addresses, so this is no reason to stop.
			log(Message{
				Level: LevelWarning,
				What:  "hermetic.aslr: addresses stay random",
				Why:   "personality: " + err.Error(),
				Hint:  "a sandbox around feign forbids it; aslr = true says that you know",
			})
		} else {
			undo = append(undo, func() { _, _ = ptlib.Personality(old) })
		}
	}
	if p.CPUs > 0 {
		old, err := setCPUs(p.CPUs, log)
		if err != nil {
			restore()
			return nil, &Error{What: "hermetic.cpus", Hint: "set it to 0", Err: err}
		}
		undo = append(undo, func() { _ = unix.SchedSetaffinity(0, &old) })
	}
	return restore, nil
}

// setCPUs confines the thread to the first n of its processors and returns
// those that it had.
func setCPUs(n int, log func(Message)) (old unix.CPUSet, err error) {
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		return old, err
	}
	var set unix.CPUSet
	got := 0
	for cpu := 0; got < n && cpu < len(old)*strconv.IntSize; cpu++ {
		if old.IsSet(cpu) {
			set.Set(cpu)
			got++
		}
	}
	if got < n {
		log(Message{
			Level: LevelWarning,
			What:  fmt.Sprintf("hermetic.cpus = %d: the action runs on %d", n, got),
			Why:   "there are no more",
			Hint:  "a result that depends on their number will differ elsewhere",
		})
	}
	return old, unix.SchedSetaffinity(0, &set)
}

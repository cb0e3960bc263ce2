package ptlib

import "golang.org/x/sys/unix"

// A Start is a command that stands before its first instruction and has no filter yet. Options.Start is given one, to prepare what
// the command finds.
type Start struct {
	t    *Thread
	room uint64 // below here nothing of the command's is kept
}

// maxStartArgs bounds what the strings of one call of a Start take.
const maxStartArgs = 4 * pathMax

// PID is the command's process id.
func (s *Start) PID() int { return s.t.Tid }

// Call makes the command make a call, and returns its result or errno. An argument is an int, a uint64, or a string or []byte, of which a
// copy in the command's memory is passed by its address; a string ends with a zero byte there. The call must be one that
// finishes by itself. ENOSYS is also for a call that the command's ABI lacks, E2BIG for more than 16 KiB of strings.
func (s *Start) Call(sys Sys, args ...any) (int64, unix.Errno) {
	if errno := s.t.load(); errno != 0 {
		return 0, errno
	}
	abi, at := s.t.regs.abi(), s.room
	if nrOf(abi, sys) < 0 {
		return 0, unix.ENOSYS
	}
	var values []uint64
	for _, a := range args {
		var raw []byte
		switch a := a.(type) {
		case int:
			values = append(values, uint64(int64(a)))
			continue
		case uint64:
			values = append(values, a)
			continue
		case string:
			raw = append([]byte(a), 0)
		case []byte:
			raw = a
		default:
			return 0, unix.EINVAL
		}
		if at -= uint64(len(raw)+15) &^ 15; s.room-at > maxStartArgs {
			return 0, unix.E2BIG
		}
		if errno := s.t.WriteMemory(at, raw); errno != 0 {
			return 0, errno
		}
		values = append(values, at)
	}
	return s.t.injectSys(abi, sys, values...)
}

// started calls Options.Start, and has the command execute what that says, with its own arguments and environment.
func (t *Thread) started() error {
	start := t.tracer.options.Start
	if start == nil {
		return nil
	}
	if _, err := t.commandABI(); err != nil {
		return err
	}
	path, err := start(&Start{t: t, room: (t.regs.stackPointer() - pageSize) &^ 15})
	if err != nil || path == "" {
		return err
	}
	if errno := t.execute(path); errno != 0 {
		return &StartError{path, errno}
	}
	return nil
}

// A StartError is that of execve(2) for what Options.Start wanted to be executed.
type StartError struct {
	Path string
	Err  unix.Errno
}

// Error returns a line.
func (e *StartError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the errno.
func (e *StartError) Unwrap() error { return e.Err }

// execute makes a command that has not run an instruction execute another program with the same arguments and environment.
// PTRACE_O_TRACEEXEC must be set.
func (t *Thread) execute(path string) unix.Errno {
	if errno := t.load(); errno != 0 {
		return errno
	}
	abi, sp := t.regs.abi(), t.regs.stackPointer()
	width := uint64(wordSize(abi))
	at := (sp - pageSize - uint64(len(path)) - 1) &^ 15
	if errno := t.WriteString(at, path); errno != 0 {
		return errno
	}
	// The stack begins with argc, argv and the environment (System V ABI, 3.4.1).
	var word [8]byte
	if errno := t.ReadMemory(sp, word[:width]); errno != 0 {
		return errno
	}
	argv := sp + width
	envp := argv + (nativeEndian.Uint64(word[:])+1)*width
	program := t.regs
	restore, errno := t.lendInstruction()
	if errno != 0 {
		return errno
	}
	t.block()
	t.ours.aim(t, abi, nrOf(abi, SysExecve), [6]uint64{at, argv, envp})
	errno = t.awaitExec()
	if errno == 0 {
		t.space.release(t.slot)
		t.space, t.slot = newAddressSpace(), 0
		t.known, t.dirty, t.fresh = false, false, true
		return t.leaveExec()
	}
	restore()
	t.regs, t.known, t.dirty = program, true, true
	return errno
}

// awaitExec lets the command run to the stop that tells of its new program, or to the end of an execve(2) that failed.
func (t *Thread) awaitExec() unix.Errno {
	t.phase = phaseReissue
	defer func() { t.phase = phaseFree }()
	for {
		if errno := t.resume(0); errno != 0 {
			return errno
		}
		ch, err := t.tracer.wait() // the command is the only tracee
		if err != nil || !ch.status.Stopped() {
			t.lost = true
			return unix.ESRCH
		}
		t.tracer.stats.Stops++
		t.known, t.dirty = false, false
		switch {
		case eventOf(ch.status) == unix.PTRACE_EVENT_EXEC:
			return 0
		case ch.status.StopSignal() != unix.SIGTRAP|syscallStopBit:
		case t.phase == phaseReissue:
			t.phase = phaseReexit
		default:
			if errno := t.load(); errno != 0 {
				return errno
			}
			if result := t.outcome(); isError(result) {
				return unix.Errno(-result)
			}
			return unix.EIO
		}
	}
}

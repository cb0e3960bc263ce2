package ptlib

import (
	"errors"
	"fmt"
	"os"
)

// memory tries the ways into the child's memory.
func (p *probe) memory(v *victim) {
	at := v.stackBelow()
	word := []byte("feign   ")
	_, errno := vmWrite(v.Tid, uintptr(at), word)
	p.Write = answerErrno(errno)
	got := make([]byte, len(word))
	_, errno = vmRead(v.Tid, uintptr(v.base.instructionPointer()), got)
	p.Read = answerErrno(errno)
	p.ProcMem = answerOf(procMem(v.Tid, int64(at), word))
	if !p.Read.OK() {
		return
	}
	if err := v.prepare(); err != nil {
		p.Poke = answerOf(err)
		return
	}
	r := v.call(SysGetppid)
	p.Poke = answerIf(r.fate == "" && r.result == int64(os.Getpid()), "the call that was put there did not come about")
}

// procMem writes and reads the memory of a process by its file.
func procMem(pid int, at int64, word []byte) error {
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(word, at); err != nil {
		return errors.Unwrap(err)
	}
	if _, err := f.ReadAt(make([]byte, len(word)), at); err != nil {
		return errors.Unwrap(err)
	}
	return nil
}

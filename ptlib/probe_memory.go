package ptlib

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memory tries the ways into the child's memory.
func (p *probe) memory(v *victim) {
	at := v.stackBelow()
	word := []byte("feign   ")
	_, errno := processVM(unix.SYS_PROCESS_VM_WRITEV, v.Tid, uintptr(at), word)
	p.Write = answerErrno(errno)
	got := make([]byte, len(word))
	_, missing := processVM(unix.SYS_PROCESS_VM_READV, v.Tid, uintptr(v.base.instructionPointer()), got)
	p.Read = answerErrno(missing)
	if missing == unix.ENOSYS || errno == unix.ENOSYS {
		p.Words = p.words(v, uintptr(at), word)
	}
	p.ProcMem = answerOf(procMem(v.Tid, int64(at), word))
	if !p.Read.OK() && !p.Words.OK() {
		return
	}
	if err := v.prepare(); err != nil {
		p.Poke = answerOf(err)
		return
	}
	r := v.call(SysGetppid)
	p.Poke = answerIf(r.fate == "" && r.result == int64(os.Getpid()), "the call that was put there did not come about")
}

// words does without process_vm_readv and process_vm_writev.
func (p *probe) words(v *victim, at uintptr, word []byte) Answer {
	if _, errno := poke(v.Tid, at, word); errno != 0 {
		return answerErrno(errno)
	}
	got := make([]byte, len(word))
	_, errno := peek(v.Tid, at, got)
	if errno == 0 && !bytes.Equal(got, word) {
		return answerIf(false, "what is read is not what was written")
	}
	return answerErrno(errno)
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

package ptlib

import (
	"context"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

type idLiar struct {
	Watcher
	exits int
}

func (h *idLiar) Syscall(c *Call) {
	switch c.Sys {
	case SysGetuid, SysGeteuid, SysGetgid, SysGetegid:
		c.Answer(0)
	case SysNewfstatat, SysFstat, SysStatx, SysStat:
		c.Then(func(c *Call) {
			if c.Errno() == 0 {
				var b StatBuffer
				addr := c.Args[2]
				if c.Sys == SysStatx {
					addr = c.Args[4]
				}
				if c.ReadStat(&b, addr) == 0 {
					b.Stat.UID = 4242
					b.Patch()
				}
			}
		})
	}
}
func (h *idLiar) Exit(t *Thread, s unix.WaitStatus) { h.exits++ }

func TestSmoke(t *testing.T) {
	var rules []Rule
	for _, s := range []Sys{SysGetuid, SysGeteuid, SysGetgid, SysGetegid, SysNewfstatat, SysFstat, SysStatx, SysStat} {
		rules = append(rules, Rule{Sys: s})
	}
	f, err := NewFilter(rules, FilterOptions{Base: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &idLiar{}
	tr := New(Options{Filter: f, Handler: h})
	st, err := tr.Run(context.Background(), func() (int, error) {
		return syscall.ForkExec("/bin/sh", []string{"sh", "-c", "id -u; stat -c %u /etc/passwd; (sleep 0.1; echo hi) & wait; for i in 1 2 3; do /bin/true; done; ls -ln /etc/passwd; kill -TERM $$"}, &syscall.ProcAttr{
			Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Ptrace: true}})
	})
	t.Logf("status %#x %v exits %d stats %+v", int(st), err, h.exits, tr.Stats())
}

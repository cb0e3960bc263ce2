package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree is an action of several processes: a pipe, a background job, and a daemon in a session of its own.
const tree = `
sleep 1000 & sleep 1000 | cat & victim daemon sh -c "chown 5:5 made; exec sleep 1000" &
: >made; chown 7:7 made; mknod null c 1 3
echo ready
wait`

// frng-1: the tracer is an ordinary user's process without a capability, its program is no way to one, and it needs no other.
func TestTracerHasNoPrivileges(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("feign")
	if err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(program, &st); err != nil || st.Mode&(unix.S_ISUID|unix.S_ISGID) != 0 {
		t.Errorf("mode %o, %v", st.Mode, err)
	}
	if n, err := unix.Getxattr(program, "security.capability", nil); err == nil {
		t.Errorf("%s has %d bytes of capabilities", program, n)
	}
	r := startFeign(t, "run", "sh", "-c", "echo ready; exec sleep 1000")
	status := statusOf(t, r.Process.Pid)
	id := fmt.Sprintf("%d\t%[1]d\t%[1]d\t%[1]d", os.Getuid())
	if status["Uid"] != id || os.Getuid() == 0 {
		t.Errorf("Uid: %s, want %s", status["Uid"], id)
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
		if strings.Trim(status[set], "0") != "" {
			t.Errorf("%s: %s", set, status[set])
		}
	}
	// Two processes: feign, and the action as its child.
	pids := r.processes()
	if len(pids) != 2 || !slices.Contains(pids, r.Process.Pid) {
		t.Fatalf("processes %v, feign is %d", pids, r.Process.Pid)
	}
	for _, pid := range pids {
		if pid == r.Process.Pid {
			continue
		}
		status, feign := statusOf(t, pid), fmt.Sprint(r.Process.Pid)
		if status["PPid"] != feign || status["Uid"] != id || strings.Trim(status["CapEff"], "0") != "" {
			t.Errorf("the action: parent %s, Uid %s, CapEff %s", status["PPid"], status["Uid"], status["CapEff"])
		}
	}
}

// statusOf reads /proc/PID/status as it is outside of the action.
func statusOf(t *testing.T, pid int) map[string]string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		fields[key] = strings.TrimSpace(value)
	}
	return fields
}

// frng-3: the lies end with the last descendant; of feign no process, file, socket or System V object is left behind.
func TestNothingIsLeftBehind(t *testing.T) {
	before := ownIPC(t)
	r := startFeign(t, "run", "sh", "-c", "echo ready; : >made; chown 7:7 made; mknod null c 1 3; sleep 0.1 & cat /proc/$PPID/comm >/dev/null")
	if status, _ := r.status(); status != 0 {
		t.Errorf("status %d", status)
	}
	r.gone()
	if files, want := r.files(), []string{".", "home", "tmp", "work", "work/made", "work/null"}; !slices.Equal(files, want) {
		t.Errorf("files %q, want %q", files, want)
	}
	if after := ownIPC(t); !slices.Equal(before, after) {
		t.Errorf("System V objects before %q, after %q", before, after)
	}
}

// Who kills feign kills the action, all of it, and nothing is left.
func TestKillLeavesNothing(t *testing.T) {
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := startFeign(t, "run", "-m", "out.mtree.zst", "sh", "-c", tree)
			if n := len(r.processes()); n < 4 {
				t.Errorf("%d processes", n)
			}
			if sockets := socketsOf(r.Process.Pid); len(sockets) > 0 {
				t.Errorf("feign has sockets: %q", sockets)
			}
			r.signal(unix.SIGKILL)
			if status, _ := r.status(); status != -1 {
				t.Errorf("status %d", status)
			}
			r.gone()
			if files, want := r.files(), []string{".", "home", "tmp", "work", "work/made", "work/null"}; !slices.Equal(files, want) {
				t.Errorf("files %q, want %q", files, want)
			}
		})
	}
}

// socketsOf lists the sockets that a process has open.
func socketsOf(pid int) (names []string) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, "socket:") {
			names = append(names, to)
		}
	}
	return names
}

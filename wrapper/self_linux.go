package wrapper

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// selfStatus is what matters of this process's own /proc/self/status (proc_pid_status(5)).
type selfStatus struct {
	tracer   int  // pid of who traces us; 0: nobody
	filtered bool // whether a seccomp filter of somebody else is in force
}

func readSelf() (s selfStatus, err error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return s, &Error{What: "cannot read /proc/self/status", Hint: "feign needs /proc to be mounted", Err: errno(err)}
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch key {
		case "TracerPid":
			s.tracer, _ = strconv.Atoi(value)
		case "Seccomp":
			s.filtered = value == "2" // SECCOMP_MODE_FILTER
		}
	}
	if err := lines.Err(); err != nil {
		return s, &Error{What: "cannot read /proc/self/status", Err: errno(err)}
	}
	return s, nil
}

// processName names a process in a message.
func processName(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("%s (process %d)", strings.TrimSpace(string(name)), pid)
}

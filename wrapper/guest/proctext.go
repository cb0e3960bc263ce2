package guest

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// procTexts tells, for each file of a task in /proc that shows credentials, what the action should read in it.
var procTexts = map[string]func(k *Kernel, t *task, real []byte) []byte{
	"status":    statusText,
	"uid_map":   mapText("uid_map", "         0          0 4294967295\n"),
	"gid_map":   mapText("gid_map", "         0          0 4294967295\n"),
	"setgroups": mapText("setgroups", "allow\n"),
}

// pathTexts tells it for those that show paths, to a task whose paths are looked at.
var pathTexts = map[string]func(k *Kernel, t *task, real []byte) []byte{
	"mounts":    mountsText((*mountLine).short),
	"mountinfo": mountsText((*mountLine).info),
	"maps":      mapsText,
	"smaps":     mapsText,
}

// mapText makes the function for a file about user namespaces: whoever is in the tracer's is in the initial one. In a
// namespace that the action made itself, it sees what it made.
func mapText(name, initial string) func(*Kernel, *task, []byte) []byte {
	return func(k *Kernel, _ *task, real []byte) []byte {
		if k.real != nil {
			return []byte(initial) // no action makes a user namespace
		}
		own, err := os.ReadFile("/proc/self/" + name)
		if err != nil || !bytes.Equal(own, real) {
			return real
		}
		return []byte(initial)
	}
}

// statusText is /proc/PID/status (proc_pid_status(5)) without a trace of the tracer.
func statusText(_ *Kernel, t *task, real []byte) []byte {
	filters, mode, known := ownFilters(t, real)
	var text []byte
	for line := range bytes.Lines(t.cred.Status(real)) {
		switch key, value, _ := bytes.Cut(line, []byte(":\t")); string(key) {
		case "TracerPid":
			line = []byte("TracerPid:\t0\n")
		case "State":
			if bytes.HasPrefix(value, []byte("t ")) {
				line = []byte("State:\tR (running)\n")
			}
		case "Umask":
			if umask, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 8, 32); err == nil {
				line = fmt.Appendf(nil, "Umask:\t%04o\n", umask|uint64(t.fs.umaskHidden))
			}
		case "Seccomp":
			line = fmt.Appendf(nil, "Seccomp:\t%d\n", mode)
		case "Seccomp_filters":
			if known {
				line = fmt.Appendf(nil, "Seccomp_filters:\t%d\n", filters)
			}
		}
		text = append(text, line...)
	}
	return text
}

// ownFilters tells from the text of /proc/PID/status how many of a task's seccomp filters are not ours, and the mode that
// makes (prctl(2), PR_GET_SECCOMP). Before Linux 5.9 the text does not tell.
func ownFilters(t *task, status []byte) (filters uint64, mode int, known bool) {
	const base = 1
	all, known := field(status, "Seccomp_filters:", 10)
	if ours := uint64(base + bits.OnesCount8(t.filtered)); all > ours {
		return all - ours, unix.SECCOMP_MODE_FILTER, known
	}
	return 0, unix.SECCOMP_MODE_DISABLED, known
}

// seccompMode is what PR_GET_SECCOMP answers.
func (t *task) seccompMode() int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(t.thread.Tid) + "/status")
	if err != nil {
		return unix.SECCOMP_MODE_DISABLED
	}
	_, mode, _ := ownFilters(t, status)
	return mode
}

// mapsText is /proc/PID/maps or smaps with files by the paths that the task knows.
func mapsText(k *Kernel, t *task, real []byte) []byte {
	if !t.viewed() {
		return real
	}
	var text []byte
	for line := range bytes.Lines(real) {
		if i := bytes.IndexByte(line, '/'); i >= 0 {
			file := string(bytes.TrimSuffix(line[i:], []byte("\n")))
			if shown := k.shown(t, file); shown != "" {
				line = append(append(bytes.Clone(line[:i]), shown...), '\n')
			}
		}
		text = append(text, line...)
	}
	return text
}

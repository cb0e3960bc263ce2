package doctor

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func (f *Facts) collect() {
	var uts unix.Utsname
	if unix.Uname(&uts) == nil {
		f.Kernel = unix.ByteSliceToString(uts.Release[:])
	}
	f.Sandbox = sandboxes("/", os.Getenv, unix.ByteSliceToString(uts.Version[:]))
	f.readStatus()
	f.UIDMap, f.MapsOne = readUIDMap()
	if scope, err := readNumber("/proc/sys/kernel/yama/ptrace_scope"); err == nil {
		f.Yama = scope
	}
	f.UserNS = mayUnshareUser()
	f.NoFile, f.NProc = limitOf(unix.RLIMIT_NOFILE), limitOf(unix.RLIMIT_NPROC)
	f.probe()
	for _, d := range []struct{ role, path string }{{"cwd", "."}, {"tmp", os.TempDir()}, {"home", os.Getenv("HOME")}} {
		f.Dirs = append(f.Dirs, examineDir(d.role, d.path))
	}
}

// readStatus reads what matters of proc_pid_status(5).
func (f *Facts) readStatus() {
	text, err := os.ReadFile("/proc/self/status")
	f.Proc = err == nil
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "TracerPid":
			if value != "0" {
				f.Tracer = processName(value)
			}
		case "Seccomp":
			if value == "2" && f.Filters == 0 { // SECCOMP_MODE_FILTER
				f.Filters = -1
			}
		case "Seccomp_filters": // since Linux 5.9
			if n, err := strconv.Atoi(value); err == nil && n > 0 {
				f.Filters = n
			}
		case "CapEff":
			caps, _ := strconv.ParseUint(value, 16, 64)
			f.CanChown = caps&(1<<unix.CAP_CHOWN) != 0
		}
	}
}

func processName(pid string) string {
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
}

// readUIDMap returns user_namespaces(7)'s map, and whether it has a single id.
func readUIDMap() (line string, one bool) {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return "", false
	}
	var ranges []string
	for l := range strings.Lines(string(text)) {
		ranges = append(ranges, strings.Join(strings.Fields(l), " "))
	}
	return strings.Join(ranges, "; "), len(ranges) == 1 && strings.HasSuffix(ranges[0], " 1")
}

func readNumber(path string) (int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// mayUnshareUser asks whether a child may have a user namespace of its own. It is made before anything is executed, and no file
// has an empty name: ENOENT tells that it was made.
func mayUnshareUser() Answer {
	pid, err := syscall.ForkExec("", []string{""}, &syscall.ProcAttr{
		Sys: &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER},
	})
	if err == nil { // an empty name was executed
		_, _ = unix.Wait4(pid, nil, 0, nil)
	}
	if err == nil || errors.Is(err, unix.ENOENT) {
		return yes
	}
	return no(err)
}

func limitOf(resource int) Limit {
	var l unix.Rlimit
	if err := unix.Getrlimit(resource, &l); err != nil {
		return Limit{Unlimited, Unlimited}
	}
	return Limit{l.Cur, l.Max}
}

var yes = Answer{Asked: true, OK: true}

// no is the answer that is an error, by the name of its errno.
func no(err error) Answer { return Answer{Asked: true, Why: errnoName(err)} }

func answerOf(err error) Answer {
	if err == nil {
		return yes
	}
	return no(err)
}

// errnoName is the name of an error of the kernel.
func errnoName(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		if name := unix.ErrnoName(errno); name != "" {
			return name
		}
	}
	return err.Error()
}

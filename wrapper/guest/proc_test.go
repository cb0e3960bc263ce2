package guest

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/test/idcall"
)

// showStatus prints lines of /proc/TASK/status whose keys begin with one of those given.
func showStatus(task string, keys ...string) {
	text, err := os.ReadFile("/proc/" + task + "/status")
	if err != nil {
		fmt.Println(err)
	}
	printStatus(text, keys)
}

func printStatus(text []byte, keys []string) {
	for line := range strings.Lines(string(text)) {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(line, key) }) {
			fmt.Print(line)
		}
	}
}

func init() {
	// What reads the files in the ways that libraries have: flags and fstat(2), as here, or none at all.
	helpers["proc"] = func() {
		runtime.LockOSThread()
		showStatus("self", "Uid", "TracerPid", "Seccomp", "NoNewPrivs", "State")
		other, done := make(chan int), make(chan bool)
		go func() {
			runtime.LockOSThread()
			raw("setresuid of a thread:", idcall.Setresuid, 33, 34, 35)
			other <- unix.Gettid()
			<-done
		}()
		tid := <-other
		showStatus("self", "Uid")
		showStatus(fmt.Sprintf("self/task/%d", tid), "Uid")
		showStatus(fmt.Sprint(tid), "Uid")
		done <- true

		fd, _ := unix.Open("/proc/self/status", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		var st unix.Stat_t
		unix.Fstat(fd, &st)
		flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		mode, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		fmt.Println("cloexec:", flags&unix.FD_CLOEXEC, "mode:", mode&unix.O_ACCMODE, st.Uid, st.Gid)
		_, err := unix.Write(fd, []byte("x"))
		fmt.Println("write:", err)

		fd, _ = unix.Open("/proc/self/status", unix.O_RDONLY, 0)
		flags, _ = unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		b := make([]byte, 8192)
		n, _ := unix.Pread(fd, b, 0)
		fmt.Println("cloexec:", flags&unix.FD_CLOEXEC)
		printStatus(b[:n], []string{"Uid"})

		// A descriptor that cannot be read.
		fd, _ = unix.Open("/proc/self/status", unix.O_PATH, 0)
		unix.Fstat(fd, &st)
		mode, _ = unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		fmt.Println("path only:", mode&unix.O_PATH != 0)
		unix.Stat("/proc/self", &st)
		fmt.Println("owner:", st.Uid, st.Gid)
		runtime.UnlockOSThread()
	}
	// The last descriptor that the process may have is in use: nothing can be put in its place.
	helpers["full"] = func() {
		unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 8, Max: 8})
		var fd, last int
		for err := error(nil); err == nil; last = max(last, fd) {
			fd, err = unix.Open("/dev/null", unix.O_RDONLY, 0)
		}
		unix.Close(last)
		fd, err := unix.Open("/proc/self/status", unix.O_RDONLY, 0)
		fmt.Println(fd == last, err)
		n, err := unix.Read(fd, make([]byte, 100))
		fmt.Println(n, err)
	}
}

func TestProc(t *testing.T) {
	a := &action{}
	wantText(t, a.helper(t, "proc"), `
		State: R (running)
		TracerPid: 0
		Uid: 0 0 0 0
		NoNewPrivs: 0
		Seccomp: 0
		Seccomp_filters: 0
		setresuid of a thread: 0
		Uid: 0 0 0 0
		Uid: 33 34 35 34
		Uid: 33 34 35 34
		cloexec: 1 mode: 0 0 0
		write: bad file descriptor
		cloexec: 0
		Uid: 0 0 0 0
		path only: true
		owner: 0 0
	`)
	if len(a.told) > 0 {
		t.Error(a.told)
	}
}

func TestProcOfTheShell(t *testing.T) {
	wantText(t, new(action).shell(t, `
		while read key value; do case $key in Uid:|Umask:) echo $key $value;; esac; done </proc/self/status
		umask 0277; grep Umask /proc/self/status; umask
		cd /proc/self && cat uid_map gid_map setgroups
		cat /proc/$$/status | grep ^Gid
		setpriv --reuid 33 --regid 44 --groups 5,6 -- sh -c '
			grep -E "^(Uid|Gid|Groups|CapEff)" /proc/$$/status
			stat -Lc %u:%g /proc/self /proc/$$/stat
		'
	`), `
		Umask: 0022
		Uid: 0 0 0 0
		Umask: 0277
		0277
		0 0 4294967295
		0 0 4294967295
		allow
		Gid: 0 0 0 0
		Uid: 33 33 33 33
		Gid: 44 44 44 44
		Groups: 5 6
		CapEff: 0000000000000000
		33:44
		33:44
	`)
}

func TestProcWithoutARoomForADescriptor(t *testing.T) {
	a := &action{}
	wantText(t, a.helper(t, "full"), "true <nil>\n100 <nil>\n")
}

func TestProcPath(t *testing.T) {
	c := &ptlib.Call{Thread: &ptlib.Thread{Tid: 12, Tgid: 10}}
	for path, want := range map[string]string{
		"/proc/10/status":             "10 status true",
		"/proc/10":                    "10  true",
		"/proc/10/":                   "10  true",
		"/proc//10/./status":          "10 status true",
		"/proc/10/task/12/status":     "12 status true",
		"/proc/10/task":               "10 task true",
		"/proc/10/task/status":        "0  false",
		"/proc/self/status":           "10 status true",
		"/proc/self/task/12/status":   "12 status true",
		"/proc/thread-self/uid_map":   "12 uid_map true",
		"/proc/10/net/status":         "10 net/status true",
		"/proc/x/status":              "0  false",
		"/proc/":                      "0  false",
		"/proc":                       "0  false",
		"/procession/10/status":       "0  false",
		"10/status":                   "0  false",
		"":                            "0  false",
		"/proc/99999999999999999999/": "0  false",
	} {
		tid, name, ok := procPath(c, path)
		if got := fmt.Sprint(tid, " ", name, " ", ok); got != want {
			t.Errorf("%s: %s, not %s", path, got, want)
		}
	}
}

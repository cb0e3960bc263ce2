package guest

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	helpers["host"] = func() {
		show := func(what string, err error) { fmt.Println(what+":", err) }
		show("mount", unix.Mount("none", "/tmp", "tmpfs", 0, ""))
		show("umount", unix.Unmount("/proc", 0))
		show("umount no mount", unix.Unmount(".", 0))
		show("reboot", unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF))
		show("settimeofday", unix.Settimeofday(&unix.Timeval{Sec: 1}))
		show("unshare files", unix.Unshare(unix.CLONE_FILES))
		show("unshare fs", unix.Unshare(unix.CLONE_FS))
		show("unshare users", unix.Unshare(unix.CLONE_NEWUSER))
		show("unshare mounts", unix.Unshare(unix.CLONE_NEWNS))
		raw("clone users:", unix.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD), 0, 0, 0, 0)
		room[3] = 0x10 // CLONE_NEWUSER
		raw("clone3 users:", unix.SYS_CLONE3, at(0), 88)
		raw("clone3, bad pointer:", unix.SYS_CLONE3, 8, 88)
		raw("io_uring_setup:", unix.SYS_IO_URING_SETUP, 1, at(100))
		raw("sethostname, too long:", unix.SYS_SETHOSTNAME, at(0), 65)
		raw("sethostname, bad pointer:", unix.SYS_SETHOSTNAME, 8, 3)
		show("sethostname", unix.Sethostname([]byte("set")))
		var u unix.Utsname
		show("uname", unix.Uname(&u))
		fmt.Println(unix.ByteSliceToString(u.Nodename[:]), unix.ByteSliceToString(u.Sysname[:]))
		show("chroot /", unix.Chroot("/"))
		show("chroot nowhere", unix.Chroot("/none"))
		show("chroot to a file", unix.Chroot("/proc/self/exe"))

		var before, after unix.Rlimit
		show("getrlimit", unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
		show("setrlimit", unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: before.Max + 10, Max: before.Max + 20}, nil))
		unix.Getrlimit(unix.RLIMIT_NOFILE, &after)
		fmt.Println("as far as may be:", after.Cur == before.Max, after.Max == before.Max)
		show("soft above hard", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 2, Max: 1}))
		raw("SCHED_FIFO:", unix.SYS_SCHED_SETSCHEDULER, 0, 1, fifoParameter())
		show("chroot elsewhere", unix.Chroot("/proc/self"))
		_, err := os.Stat("/proc/self")
		show("what was above", err)
		_, err = os.Stat("/status")
		show("what was there", err)
	}
	helpers["uname"] = func() {
		var u unix.Utsname
		fmt.Println(unix.Uname(&u), unix.ByteSliceToString(u.Nodename[:]))
	}
}

// fifoParameter is a struct sched_param.
func fifoParameter() uintptr {
	room[200] = 1
	return at(200)
}

func TestHost(t *testing.T) {
	a := new(action)
	wantText(t, a.helper(t, "host"), `
		mount: operation not permitted
		umount: operation not permitted
		umount no mount: invalid argument
		reboot: operation not permitted
		settimeofday: operation not permitted
		unshare files: <nil>
		unshare fs: <nil>
		unshare users: operation not permitted
		unshare mounts: operation not permitted
		clone users: EPERM
		clone3 users: EPERM
		clone3, bad pointer: EFAULT
		io_uring_setup: ENOSYS
		sethostname, too long: EINVAL
		sethostname, bad pointer: EFAULT
		sethostname: <nil>
		uname: <nil>
		set Linux
		chroot /: <nil>
		chroot nowhere: no such file or directory
		chroot to a file: not a directory
		getrlimit: <nil>
		setrlimit: <nil>
		as far as may be: true true
		soft above hard: invalid argument
		SCHED_FIFO: 0
		chroot elsewhere: <nil>
		what was above: stat /proc/self: no such file or directory
		what was there: <nil>
	`)
	if len(a.told) != 0 {
		t.Errorf("told: %q", a.told)
	}
}

func TestHostname(t *testing.T) {
	a := &action{config: Config{Hostname: "builder"}}
	wantText(t, a.helper(t, "uname"), "<nil> builder")
}

func TestHostnameIsTheActions(t *testing.T) {
	wantText(t, new(action).shell(t, `hostname one; sh -c "hostname two"; uname -n; setpriv --reuid 33 hostname three 2>/dev/null; uname -n`), "two\ntwo")
}

// A nice value is remembered where the caller may not have it, by thread, and inherited.
func TestNice(t *testing.T) {
	wantText(t, new(action).shell(t, `renice -n 0 -p $$ >/dev/null # wherever the tests began
		nice -n -5 nice; nice -n 5 nice; renice -n -3 -p $$ >/dev/null; nice; nice -n 2 nice
		nice -n -100 nice; setpriv --reuid 1000 nice -n 1 nice; setpriv --reuid 1000 nice -n -2 nice 2>/dev/null`), `
		-5
		5
		-3
		-1
		-20
		-2
		-3
	`)
}

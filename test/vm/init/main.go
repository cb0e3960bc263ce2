//go:build linux

// Command init is the first and only program of the virtual machines of
// test/vm: it mounts what programs expect, runs the suites that /suites names,
// prints one line that counts, and turns the machine off.
//
// A line of /suites is a suite: its name, the user id to run as, its directory,
// and its command line, with variables of the environment in front.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	began := time.Now()
	total := count{}
	if err := mountAll(); err != nil {
		fmt.Println("init:", err)
		total.failed++
	}
	if err := loadModules("/modules"); err != nil {
		fmt.Println("init:", err)
		total.failed++
	}
	fmt.Printf("machine: Linux %s %s, %d processors\n", release(), runtime.GOARCH, runtime.NumCPU())
	suites, err := readSuites("/suites")
	if err != nil {
		fmt.Println("init:", err)
		total.failed++
	}
	for _, s := range suites {
		total.add(s.run())
	}
	fmt.Printf("machine: %v\n", time.Since(began).Round(time.Second))
	fmt.Println(total)
	// The console is slower than the power switch: wait until all of it is out (tcdrain(3)).
	_ = unix.IoctlSetInt(int(os.Stdout.Fd()), unix.TCSBRK, 1)
	time.Sleep(100 * time.Millisecond)
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println("init: power off:", err)
	}
}

// disk is the machine's only one, with an ext4 file system: one that gives birth
// times and holds any attribute.
const disk = "/dev/nvme0n1"

// mountAll mounts the file systems of the kernel, and the disk as /tmp.
func mountAll() error {
	for _, m := range []struct {
		kind, dir, options string
		flags              uintptr
	}{
		{"proc", "/proc", "", 0},
		{"sysfs", "/sys", "", unix.MS_RDONLY},
		{"devtmpfs", "/dev", "mode=0755", 0},
	} {
		if err := mount(m.kind, m.dir, m.kind, m.flags, m.options); err != nil {
			return err
		}
	}
	// As udev does. TOMOYO before Linux 6.7 looks for the program of execveat(2) there (security/tomoyo/domain.c).
	if err := os.Symlink("/proc/self/fd", "/dev/fd"); err != nil {
		return err
	}
	if err := await(disk); err != nil {
		return err
	}
	if err := mount(disk, "/tmp", "ext4", unix.MS_NOATIME, "nobarrier"); err != nil {
		return err
	}
	if err := os.Chmod("/tmp", 0o777|os.ModeSticky); err != nil {
		return err
	}
	return loopback()
}

func mount(source, dir, kind string, flags uintptr, options string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, dir, kind, flags, options); err != nil {
		return fmt.Errorf("mount %s: %w", dir, err)
	}
	return nil
}

// await waits for a device that the kernel is still looking for.
func await(device string) error {
	for range 100 {
		if _, err := os.Stat(device); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("there is no %s", device)
}

// loadModules loads the modules of a directory into the kernel, which has no
// modprobe to ask for them here.
func loadModules(dir string) error {
	files, err := filepath.Glob(dir + "/*.ko")
	if err != nil {
		return err
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil {
			return fmt.Errorf("load %s: %w", file, err)
		}
	}
	return nil
}

// loopback brings up the only network device that there is.
func loopback() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer unix.Close(s)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	ifr.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, ifr); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err.Error()
	}
	return unix.ByteSliceToString(u.Release[:])
}

func readSuites(path string) ([]suite, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var suites []suite
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		s, err := parseSuite(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		suites = append(suites, s)
	}
	return suites, lines.Err()
}

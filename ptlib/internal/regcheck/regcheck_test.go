//go:build linux && (386 || amd64 || arm64 || riscv64)

package regcheck

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Without a tracer the kernel changes nothing but the result.
func TestCall(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	result, changed := Call(unix.SYS_GETPID, [4]uintptr{1, 2, 3, 4})
	if int(result) != os.Getpid() || changed != 0 {
		t.Errorf("getpid = %d, registers %#x changed", result, changed)
	}
}

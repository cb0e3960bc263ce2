//go:build linux

package differential

import (
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/sys/unix"
)

// prepareReadOnly makes a directory that its owner cannot write to either, and goes on as that user.
const prepareReadOnly = `
mkdir ro ro/d; : >ro/f; ln -s f ro/l; chmod 644 ro/f; chmod 755 ro/d
chown -hR "$1:$1" ro
mount --bind ro ro
mount -o remount,bind,ro ro
uid=$1
shift
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"`

// A file system that is mounted read-only refuses every change, of what is only claimed too. frng-2
func TestReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	w := newWorkbench(t)
	victim := w.goBuild(t, "victim-readonly", "../victim")
	play := []string{victim, "-role", "read-only", "ro"}
	run := func(uid int, argv []string) []byte {
		script := []string{"sh", "-euc", prepareReadOnly, "sh", strconv.Itoa(uid)}
		return w.run(t, 0, append(script, argv...), &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS, Setsid: true})
	}
	root := run(0, play)
	for _, mode := range []string{"stops", fastest()} {
		feign := []string{w.feign, "run", "--set", "trace.mode=" + mode, "--"}
		if got := run(feignUID, append(feign, play...)); string(got) != string(root) {
			t.Errorf("feign in mode %s differs:\n%s", mode, diff.Diff("root", root, "feign", got))
		}
	}
}

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

// prepared are cases that find what their user could not make, or made without feign. Each begins in a mount namespace of its own.
var prepared = []struct {
	name    string
	prepare string   // a script of root's, with the user as $1
	argv    []string // what that user runs; "victim" is test/victim
}{
	// A file system that is mounted read-only refuses every change, of what is only claimed too. frng-2
	{"read-only", `
mkdir ro ro/d; : >ro/f; ln -s f ro/l; chmod 644 ro/f; chmod 755 ro/d
chown -hR "$1:$1" ro
mount --bind ro ro
mount -o remount,bind,ro ro`,
		[]string{"victim", "-role", "read-only", "ro"}},

	// An ACL on the disk follows a mode that is only claimed. frng-2
	{"disk-acl", `
for f in f g h; do : >$f; chmod 640 $f; setfacl -m u:33:rw,g:44:r $f; done
mkdir d; setfacl -m u:33:rwx d
chown "$1:$1" f g h d`,
		[]string{"sh", "-c", `
show() { stat -c '%n %a %u' "$@"; getfacl -nc "$@"; }
show f g h d; chmod 007 f; chmod 4750 g; chmod 600 h; chmod 1070 d; show f g h d
chmod 640 f; chmod 755 d; show f d`}},
}

func TestPrepared(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("preparing needs root")
	}
	w := newWorkbench(t)
	victim := w.goBuild(t, "victim-prepared", "../victim")
	for _, c := range prepared {
		t.Run(c.name, func(t *testing.T) {
			if c.argv[0] == "victim" {
				c.argv[0] = victim
			}
			run := func(uid int, argv ...string) []byte {
				script := []string{"sh", "-euc", c.prepare + `
uid=$1
shift
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"`, "sh", strconv.Itoa(uid)}
				return w.run(t, 0, append(append(script, argv...), c.argv...), &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS, Setsid: true})
			}
			root := run(0)
			for _, mode := range []string{"stops", fastest()} {
				if got := run(feignUID, w.feign, "run", "--set", "trace.mode="+mode, "--"); string(got) != string(root) {
					t.Errorf("feign in mode %s differs:\n%s", mode, diff.Diff("root", root, "feign", got))
				}
			}
		})
	}
}

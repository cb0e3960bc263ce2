package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// capability is cap_net_raw=ep, as the kernel keeps it (include/uapi/linux/capability.h, vfs_cap_data).
var capability = []byte{1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

// wanted is what the manifest of act has to say, without what differs from run to run.
const wanted = `./null type=char mode=0600 uid=0 gid=0 device=native,1,3 contents=./null/.
./tool type=file mode=4755 uid=12 gid=34 size=0
#@ xattr.security.capability=AQAAAgAgAAAAAAAAAAAAAAAAAAA=
`

// check does what Nix's builder may not, first without feign and then under it, and writes the manifest to out. What
// is refused without feign must be there with it.
func check(feign, out string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "feign-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	control, tree := filepath.Join(dir, "control"), filepath.Join(dir, "tree")
	for _, d := range []string{control, tree} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	cmd := exec.Command(self, "act")
	cmd.Dir = control
	if cmd.Run() == nil {
		return errors.New("check: nothing is refused without feign, so that nothing can be shown")
	}
	if err := command(nil, feign, "run", "-C", tree, "-m", out, "--set", "action.umask=022", "--", self, "act"); err != nil {
		return err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if got := claims(text); got != wanted {
		return fmt.Errorf("check: the manifest has\n%sbut not\n%s", got, wanted)
	}
	return nil
}

// claims are the lines about files, without times and digests.
func claims(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "./") && !strings.HasPrefix(line, "#@") {
			continue
		}
		var words []string
		for _, w := range strings.Fields(line) {
			if !strings.HasPrefix(w, "time=") && !strings.HasPrefix(w, "sha256digest=") {
				words = append(words, w)
			}
		}
		fmt.Fprintln(&b, strings.Join(words, " "))
	}
	return b.String()
}

// act is the action: it makes what only root may make in the working directory, and looks whether it is there.
func act() error {
	const tool, null, name = "tool", "null", "security.capability"
	if err := os.WriteFile(tool, nil, 0o755); err != nil {
		return err
	}
	steps := []struct {
		what string
		err  error
	}{
		{"chown", syscall.Chown(tool, 12, 34)},
		{"chmod", syscall.Chmod(tool, 0o4755)},
		{"setxattr", syscall.Setxattr(tool, name, capability, 0)},
		{"mknod", syscall.Mknod(null, syscall.S_IFCHR|0o600, 1<<8|3)},
	}
	for _, s := range steps {
		if s.err != nil {
			return fmt.Errorf("act: %s: %w", s.what, s.err)
		}
	}
	var st syscall.Stat_t
	if err := syscall.Stat(tool, &st); err != nil || st.Uid != 12 || st.Gid != 34 || st.Mode != syscall.S_IFREG|0o4755 {
		return fmt.Errorf("act: stat: %v, %d:%d %o", err, st.Uid, st.Gid, st.Mode)
	}
	if err := syscall.Stat(null, &st); err != nil || st.Mode != syscall.S_IFCHR|0o600 || st.Rdev != 1<<8|3 {
		return fmt.Errorf("act: stat: %v, %o %#x", err, st.Mode, st.Rdev)
	}
	value := make([]byte, 64)
	n, err := syscall.Getxattr(tool, name, value)
	if err != nil || !bytes.Equal(value[:n], capability) {
		return fmt.Errorf("act: getxattr: %v, %x", err, value[:max(n, 0)])
	}
	return nil
}

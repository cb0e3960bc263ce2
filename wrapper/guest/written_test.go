package guest

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/guest/cred"
)

func init() {
	helpers["write"] = func() {
		say := func(when string) {
			_, err := unix.Getxattr("f", cred.FileCapsName, nil)
			fmt.Println(when, err == nil)
		}
		for _, then := range []struct {
			name string
			do   func(f int) error
		}{
			{"nothing", func(int) error { return nil }},
			{"writing", func(f int) error { _, err := unix.Write(f, []byte("text")); return err }},
		} {
			f, err := unix.Open("f", unix.O_CREAT|unix.O_WRONLY, 0o755)
			if err == nil {
				err = unix.Close(f)
			}
			if err == nil {
				value := make([]byte, 20)
				value[3] = 2 // VFS_CAP_REVISION_2
				err = unix.Setxattr("f", cred.FileCapsName, value, 0)
			}
			if err == nil {
				f, err = unix.Open("f", unix.O_WRONLY, 0)
			}
			if err == nil {
				say("opened:")
				err = then.do(f)
			}
			say(then.name + ":")
			if err != nil {
				fmt.Println(err)
			}
		}
	}
}

// A file loses its capabilities when it is written to; where the kernel does not tell of that, when it is opened for it.
func TestWritten(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*Kernel)
		want    string
	}{
		"watched":    {func(*Kernel) {}, "opened: true\nnothing: true\nopened: true\nwriting: false\n"},
		"no inotify": {func(k *Kernel) { k.writes.refused = true }, "opened: false\nnothing: false\nopened: false\nwriting: false\n"},
		"no watches": {func(k *Kernel) { k.writes = writes{fd: -1, files: map[int32]unwritten{}} }, "opened: false\nnothing: false\nopened: false\nwriting: false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var told []string
			a := action{prepare: tt.prepare}
			a.config.Told = func(line string) { told = append(told, line) }
			if out := a.helper(t, "write"); out != tt.want {
				t.Errorf("%q, want %q; %q", out, tt.want, told)
			}
		})
	}
}

package chroot

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/feign-build/feign/plugins/plugintest"
)

func TestMain(m *testing.M) {
	plugintest.Serve(Policy{})
	os.Exit(m.Run())
}

// ps-7
func TestPolicy(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "root"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	plugintest.Run(t, Policy{}, []plugintest.Case{
		{Name: "root and binds", Dir: dir,
			Config: `{"root": "root", "binds": [{"from": "/proc", "to": "/proc"}, {"from": "file", "to": "/f", "read_only": true}]}`,
			Want:   []string{"root ./root auto", "bind /proc /proc rw", "bind /f ./file ro"}},
		{Name: "a method", Dir: dir, Config: fmt.Sprintf(`{"root": %q, "method": "translate"}`, dir+"/root/"), Want: []string{"root ./root translate"}},
		{Name: "binds alone", Dir: dir, Config: `{"binds": [{"from": "root", "to": "/mnt"}]}`, Want: []string{"bind /mnt ./root rw"}},
		{Name: "nothing", Dir: dir, Error: "config.root: no root directory and no binds"},
		{Name: "no such root", Dir: dir, Config: `{"root": "other"}`, Error: "other: no such file"},
		{Name: "a file", Dir: dir, Config: `{"root": "file"}`, Error: "is no directory"},
		{Name: "no such bind", Dir: dir, Config: `{"binds": [{"from": "other", "to": "/x"}]}`, Error: "config.binds[0]: "},
		{Name: "half a bind", Dir: dir, Config: `{"binds": [{"from": "root"}]}`, Error: "config.binds[0]: want from and to"},
		{Name: "a method that there is not", Dir: dir, Config: `{"root": "root", "method": "magic"}`, Error: `method "magic" is none of`},
		{Name: "a key that there is not", Dir: dir, Config: `{"rot": "root"}`, Error: `config: unknown key "rot"`},
		{Name: "a number", Dir: dir, Config: `{"root": 1}`, Error: "config.root: want string, found number"},
	})
}

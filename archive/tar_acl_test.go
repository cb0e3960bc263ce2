package archive

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// aclHex is what `setfacl -m u:1000:rx,g:50:r` makes of a file with mode 0644.
const aclHex = "0200000001000600ffffffff02000500e803000004000400ffffffff080004003200000010000500ffffffff20000400ffffffff"

func TestACLText(t *testing.T) {
	for in, want := range map[string]string{
		aclHex:     "user::rw-,user:1000:r-x,group::r--,group:50:r--,mask::r-x,other::r--",
		"02000000": "",
		"0200000001000700ffffffff04000000fffffffF20000100ffffffff": "user::rwx,group::---,other::--x",
		"":                                "",
		"02":                              "",
		"01000000" + aclHex[8:]:           "", // another version
		aclHex[:len(aclHex)-2]:            "", // cut
		"0200000003000700ffffffff":        "", // no such tag
		"0200000001000800ffffffff":        "", // no such permission
		"0200000002000000feffffff":        "user:4294967294:---",
		"02000000" + "0200070000000000ff": "",
	} {
		b, err := hex.DecodeString(in)
		must(t, err)
		if got := aclText(b); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// TestACLByTools has GNU tar and bsdtar unpack a file with an ACL, each where it and the file system can.
func TestACLByTools(t *testing.T) {
	value, err := hex.DecodeString(aclHex)
	must(t, err)
	z := newZoo()
	z.file(manifest.Entry{Path: "f", Mode: 0o654, UID: uint32(os.Getuid()), GID: uint32(os.Getgid()),
		Xattrs: []manifest.Xattr{{Name: "system.posix_acl_access", Value: value}}}, "")
	raw := z.pack(t, z.write(t), Options{Format: "tar"})
	for _, argv := range [][]string{
		{"tar", "--acls", "-xpf", "-"},
		{"tar", "--xattrs", "--xattrs-include=*", "-xpf", "-"},
		{"bsdtar", "--acls", "-xpf", "-"},
	} {
		for _, tool := range []string{argv[0], "setfacl"} {
			if _, err := exec.LookPath(tool); err != nil {
				t.Skip(err)
			}
		}
		dir := t.TempDir()
		probe := filepath.Join(dir, "probe")
		must(t, os.WriteFile(probe, nil, 0o644))
		if err := exec.Command("setfacl", "-m", "u:1000:rx", probe).Run(); err != nil {
			t.Skip("no ACLs here: ", err)
		}
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(raw)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", argv, err, out)
		}
		out, err := exec.Command("getfacl", "-cnE", filepath.Join(dir, "f")).Output()
		want := "user::rw-\nuser:1000:r-x\ngroup::r--\ngroup:50:r--\nmask::r-x\nother::r--\n\n"
		if string(out) != want || err != nil {
			t.Errorf("%v: %s (%v), want %s", argv, out, err, want)
		}
	}
}

//go:build linux

package store

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inode returns the number of the file at path.
func inode(t *testing.T, path string) uint64 {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ino
}

// makeEntries makes n files, or files and directories by turns, that belong to the user, and returns their paths by inode number.
func makeEntries(t *testing.T, dir string, n int, mixed bool) map[uint64]string {
	t.Helper()
	made := map[uint64]string{}
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint("e", i))
		var err error
		if mixed && i%2 == 0 {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, nil, 0o644)
		}
		if err == nil {
			err = os.Lchown(path, user, user)
		}
		if err != nil {
			t.Fatal(err)
		}
		made[inode(t, path)] = path
	}
	return made
}

// owners are what an action sees below a directory, by path.
func owners(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		owner, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[path] = owner
	}
	return out
}

// ps-9: inode numbers that come again outside of an action, by the thousand, files against files and against directories: no lie is
// told about another file, and each that is dropped is one entry of the log, with both paths.
func TestReuseOutside(t *testing.T) {
	fileSystems := []struct {
		name  string
		make  func(t *testing.T) *volume
		renew bool // its numbers come again only when it is mounted anew
	}{
		{"ext4", func(t *testing.T) *volume { return newExt4(t) }, false},
		{"ext4 without birth times", func(t *testing.T) *volume { return newExt4(t, "-I", "128") }, false},
		{"tmpfs", func(t *testing.T) *volume { return newTmpfs(t, "64m") }, true},
	}
	for _, fs := range fileSystems {
		t.Run(fs.name, func(t *testing.T) {
			v := fs.make(t)
			dir := userDir(t)
			state := filepath.Join(dir, "state")
			const n, rounds = 600, 2
			reused := 0
			for round := range rounds {
				if fs.renew {
					v.renew()
				}
				old := filepath.Join(v.at, fmt.Sprint("old", round))
				must(t, dir, "mkdir", old)
				was := makeEntries(t, old, n, round == 1)
				must(t, dir, feign, "run", "-s", state, "sh", "-c", "chown -h 7:7 "+old+"/*")
				if fs.renew {
					v.renew()
				} else if err := os.RemoveAll(old); err != nil {
					t.Fatal(err)
				}
				young := filepath.Join(v.at, fmt.Sprint("young", round))
				must(t, dir, "mkdir", young)
				is := makeEntries(t, young, n, true)

				before := len(warnings(t, dir, state))
				r := finish(asUser(dir, feign, "run", "-s", state, "find", young, "-printf", "%U %p\n"))
				if r.status != 0 {
					t.Fatalf("status %d\n%s", r.status, r.messages)
				}
				for path, owner := range owners(r.out) {
					if owner != "0" {
						t.Errorf("%s belongs to %s: it has another file's lie", path, owner)
					}
				}
				told := map[string]string{} // by the path that was met
				for _, w := range warnings(t, dir, state)[before:] {
					if told[w.Path] != "" {
						t.Errorf("%s: two entries", w.Path)
					}
					told[w.Path] = w.Result
				}
				again := 0
				for ino, path := range is {
					if was[ino] == "" {
						continue
					}
					again++
					if text := told[path]; !strings.Contains(text, fmt.Sprintf("lie about %q dropped", was[ino])) || !strings.Contains(text, fmt.Sprintf("met at %q", path)) {
						t.Errorf("inode %d of %s is that of %s: the log says %q", ino, was[ino], path, text)
					}
				}
				// The directory itself may have got a number too.
				if extra := len(told) - again; extra != 0 && (extra != 1 || told[young] == "") {
					t.Errorf("%d entries of the log for %d numbers", len(told), again)
				}
				if strings.Count(r.messages, "\n") != len(told) {
					t.Errorf("%d entries of the log, and these messages:\n%.2000s", len(told), r.messages)
				}
				reused += again
			}
			t.Logf("%d numbers came again", reused)
			if reused < rounds*n*3/4 {
				t.Errorf("only %d of %d numbers came again", reused, rounds*n)
			}
			if left := must(t, dir, feign, "state", "ls", "--uid", "7", state); reused == rounds*n && left != "" {
				t.Errorf("left over:\n%.1000s", left)
			}
		})
	}
}

func rest(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type warning struct{ Path, Result string }

func warnings(t *testing.T, dir, state string) (out []warning) {
	t.Helper()
	for line := range strings.Lines(must(t, dir, feign, "state", "log", "--json", "--severity", "warning", state)) {
		var w warning
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	return out
}

// reuseInside claims something of a file, removes it, makes others until the number comes again, and looks at that one; a thousand
// times. Every second one is a directory, of which something is claimed too.
const reuseInside = `
my ($again, $made) = (0, 0);
for my $i (1 .. 1000) {
	my $f = "f$i";
	if ($i % 2) { open(my $h, '>', $f) or die; close $h } else { mkdir $f or die }
	chown(7, 7, $f) == 1 or die; chmod(0, $f) if $i % 3 == 0;
	my $ino = (lstat $f)[1];
	(lstat $f)[4] == 7 or die "the claim is not told";
	$i % 2 ? unlink $f : rmdir $f or die;
	for my $j (1 .. 20) {
		my $g = "g$i.$j";
		if ($j % 2) { mkdir $g or die } else { open(my $h, '>', $g) or die; close $h }
		$made++;
		my @st = lstat $g;
		die "$g has the lie of $f: $st[4] " . ($st[2] & 07777) if $st[4] != 0 || ($st[2] & 0700) != ($j % 2 ? 0700 : 0600);
		if ($st[1] == $ino) { $again++; last }
	}
	if ($i % 100 == 0) { for (glob "g*") { -d $_ && !-l $_ ? rmdir $_ : unlink $_ } }
}
print "$again of 1000 in $made\n";
`

func TestReuseInside(t *testing.T) {
	for name, options := range map[string][]string{"ext4": nil, "ext4 without birth times": {"-I", "128"}} {
		t.Run(name, func(t *testing.T) {
			v := newExt4(t, options...)
			state := filepath.Join(userDir(t), "state")
			out := must(t, v.at, feign, "run", "-s", state, "perl", "-e", reuseInside)
			var again int
			if _, err := fmt.Sscanf(out, "%d of 1000", &again); err != nil || again < 900 {
				t.Errorf("%q", out)
			}
			t.Log(strings.TrimSpace(out))
			if left := must(t, v.at, feign, "state", "ls", "--uid", "7", state); left != "" {
				t.Errorf("left over:\n%.1000s", left)
			}
		})
	}
}

// A file that is replaced outside while the action runs.
func TestReuseMeanwhile(t *testing.T) {
	for name, options := range map[string][]string{"ext4": nil, "ext4 without birth times": {"-I", "128"}} {
		t.Run(name, func(t *testing.T) {
			v := newExt4(t, options...)
			dir := userDir(t)
			const n = 500
			files := filepath.Join(v.at, "files")
			must(t, dir, "mkdir", files)
			was := makeEntries(t, files, n, false)
			cmd := asUser(dir, feign, "run", "-s", "state", "sh", "-c", "chown 7:7 "+files+"/*; echo claimed; read x; find "+files+" -printf '%U %p\n'")
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			first := make([]byte, len("claimed\n"))
			if _, err := out.Read(first); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(files); err != nil {
				t.Fatal(err)
			}
			must(t, dir, "mkdir", files)
			again := 0
			for ino := range makeEntries(t, files, n, true) {
				if was[ino] != "" {
					again++
				}
			}
			fmt.Fprintln(in)
			seen := owners(rest(t, out))
			if err := cmd.Wait(); err != nil || len(seen) != n+1 || again < n/2 {
				t.Errorf("%d numbers came again, %d files were seen, %v", again, len(seen), err)
			}
			for path, owner := range seen {
				if owner != "0" {
					t.Errorf("%s belongs to %s", path, owner)
				}
			}
			t.Logf("%d numbers came again", again)
		})
	}
}

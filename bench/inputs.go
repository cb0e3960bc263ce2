//go:build linux

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// statloopSource is C, since fakeroot is blind to a program of Go's.
//
//go:embed c/statloop.c
var statloopSource []byte

// make makes an input in the work directory, under its own name, once.
func (b *bench) make(ctx context.Context, name string) error {
	if b.made[name] {
		return nil
	}
	var err error
	switch kind, arg, _ := strings.Cut(name, ":"); kind {
	case "tree":
		var n int
		files, _, _ := strings.Cut(arg, ":") // what follows tells one such tree from another
		if n, err = strconv.Atoi(files); err == nil {
			err = b.tree(filepath.Join(b.dir, name), n)
		}
	case "statloop":
		err = b.statloop(ctx)
	case "hello":
		err = b.hello(ctx)
	case "configured":
		if err = b.make(ctx, "hello"); err == nil {
			err = b.shell(ctx, "cp -a $W/hello-src $W/configured && cd $W/configured && ./configure -q")
		}
	default:
		err = errors.New("unknown input")
	}
	b.made[name] = err == nil
	return err
}

// tree makes n files of a few hundred bytes, 100 to a directory.
func (b *bench) tree(root string, n int) error {
	if err := b.mkdir(root); err != nil {
		return err
	}
	var dir string
	for i := range n {
		if i%100 == 0 {
			dir = filepath.Join(root, fmt.Sprintf("d%04d", i/100))
			if err := b.mkdir(dir); err != nil {
				return err
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("file%06d.txt", i))
		if err := os.WriteFile(path, []byte(strings.Repeat("feign ", 20+i%40)), 0o644); err != nil {
			return err
		}
		if err := b.adopt(path); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) mkdir(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	return b.adopt(path)
}

func (b *bench) statloop(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(b.dir, "statloop.c"), statloopSource, 0o644); err != nil {
		return err
	}
	return b.shell(ctx, "cc -O2 -o $W/statloop $W/statloop.c")
}

// hello unpacks the Debian source package of GNU hello.
func (b *bench) hello(ctx context.Context) error {
	script, err := filepath.Abs("test/scripts/debsource.sh")
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, script, b.dir, "hello").CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", script, err, lastLine(string(out)))
	}
	return b.shell(ctx, "dpkg-source --no-check -x $W/hello/*.dsc $W/hello-src >/dev/null")
}

// shell runs a script as the ordinary user, in the work directory.
func (b *bench) shell(ctx context.Context, script string) error {
	out, err := b.command(ctx, []string{"sh", "-ec", script}, false).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(string(out)))
	}
	return nil
}

//go:build linux

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
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
	case "text":
		var n int
		if n, err = strconv.Atoi(arg); err == nil {
			err = b.text(filepath.Join(b.dir, name), n)
		}
	case "described":
		if err = b.make(ctx, arg); err == nil {
			err = b.shell(ctx, b.feign+" run -m $W/"+arg+".mtree --root $W/"+arg+" -- true")
		}
	case "statloop":
		err = b.statloop(ctx)
	case "source":
		err = b.source(ctx, arg)
	case "configured":
		if err = b.make(ctx, "source:"+arg); err == nil {
			err = b.shell(ctx, "cp -a $W/"+arg+"-src $W/"+arg+"-configured && cd $W/"+arg+"-configured && ./configure >/dev/null")
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

// source unpacks a Debian source package.
func (b *bench) source(ctx context.Context, name string) error {
	script, err := filepath.Abs("test/scripts/debsource.sh")
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, script, b.dir, name).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", script, err, lastLine(string(out)))
	}
	return b.shell(ctx, "dpkg-source --no-check -x $W/"+name+"/*.dsc $W/"+name+"-src >/dev/null")
}

// shell runs a script as the ordinary user, in the work directory.
func (b *bench) shell(ctx context.Context, script string) error {
	out, err := b.command(ctx, []string{"sh", "-ec", script}, false).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(string(out)))
	}
	return nil
}

// text makes n files of 200 bytes to 20 kB that compress as source code does, 100 to a directory; the same ones every time.
func (b *bench) text(root string, n int) error {
	if err := b.mkdir(root); err != nil {
		return err
	}
	words := strings.Fields("if else return struct const char int static void for while break case goto sizeof unsigned")
	random := rand.New(rand.NewPCG(1, 2))
	var dir string
	for i := range n {
		if i%100 == 0 {
			dir = filepath.Join(root, fmt.Sprintf("d%03d", i/100))
			if err := b.mkdir(dir); err != nil {
				return err
			}
		}
		var content []byte
		for size := []int{200, 1000, 2000, 4000, 8000, 20000}[random.IntN(6)]; len(content) < size; content = append(content, '\n') {
			for range 10 {
				if random.IntN(5) == 0 {
					content = strconv.AppendInt(content, random.Int64N(1_000_000), 10)
				} else {
					content = append(content, words[random.IntN(len(words))]...)
				}
				content = append(content, ' ')
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("f%05d", i))
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
		if err := b.adopt(path); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/feign-build/feign/archive"
	"github.com/feign-build/feign/lies/manifest"
	"github.com/feign-build/feign/wrapper"
)

// statusDiffers is the exit status when a tree or manifest is not what it should be; cmp(1) and diff(1) use the same.
const statusDiffers = 1

// cmdPack makes an archive of a tree as a manifest describes it.
func cmdPack(c *cli, args []string) (int, error) {
	var o archive.Options
	f := c.newFlags("pack")
	from := f.String("m", "", "the `MANIFEST` that describes the tree (- for standard input)")
	root := f.String("C", ".", "the `TREE`")
	out := f.String("o", "", "write the `ARCHIVE` (- for standard output)")
	f.StringVar(&o.Format, "format", "", "`"+strings.Join(archive.Formats(), "|")+"` (default: as the archive's name ends)")
	f.Func("epoch", "set later times to `N` seconds after 1970", func(s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return errors.New("not a number of seconds")
		}
		o.Epoch = time.Unix(n, 0)
		return nil
	})
	image := f.String("image", "", "take architecture and config of an OCI image from the JSON `FILE`")
	f.BoolVar(&o.Check, "check", false, "read the archive back before it gets its name")
	f.BoolVar(&o.Strict, "strict", false, "what the format cannot carry is an error")
	f.BoolVar(&o.Follow, "follow", false, "read files through symbolic links, as in a Bazel sandbox")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	switch {
	case f.NArg() > 0:
		return 0, usageError(fmt.Sprintf("pack: unexpected argument %q", f.Arg(0)), "feign help pack")
	case *from == "":
		return 0, usageError("pack: no manifest", "-m MANIFEST, as feign run -m writes it")
	case *out == "":
		return 0, usageError("pack: no archive to write", "-o OUT")
	case *out == "-" && o.Format == "":
		return 0, usageError("pack: no format for standard output", "--format "+strings.Join(archive.Formats(), "|"))
	case *out == "-" && o.Check:
		return 0, usageError("pack: standard output cannot be read back", "-o OUT, or no --check")
	}
	collectLate()
	m, err := c.readManifest(*from)
	if err != nil {
		return 0, err
	}
	if *image != "" {
		if o.Image, err = readImage(*image); err != nil {
			return 0, err
		}
	}
	line := c.newProgressLine()
	if line != nil {
		o.Progress = line.show
	}
	o.Lost = func(l archive.Loss) {
		line.clear()
		c.message(wrapper.Message{Level: wrapper.LevelWarning, What: "pack: " + l.String()})
	}

	ctx, interrupted := untilSignal()
	if *out == "-" {
		err = archive.Write(ctx, c.stdout, m, *root, o)
	} else {
		err = archive.WriteFile(ctx, *out, m, *root, o)
	}
	line.clear()
	if sig := interrupted(); sig != 0 && err != nil {
		return 128 + int(sig), fmt.Errorf("pack: ended by %s (nothing is left of %s)", sig, *out)
	}
	var changed *archive.ChangedError
	if errors.As(err, &changed) {
		return statusDiffers, err
	}
	return 0, err
}

// readImage reads what an OCI image has besides files.
func readImage(path string) (archive.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return archive.Image{}, fmt.Errorf("pack: %w", err)
	}
	defer f.Close()
	image, err := archive.ParseImage(f)
	if err != nil {
		return image, fmt.Errorf("%s: %w", path, err)
	}
	return image, nil
}

// untilSignal returns a context that a signal ends, so that what is half written gets removed. The function that it returns
// as well gives signals their meaning back and returns the one that came, 0 if none did.
func untilSignal() (context.Context, func() syscall.Signal) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan syscall.Signal, 1)
	go func() {
		defer close(got)
		select {
		case s := <-signals:
			got <- s.(syscall.Signal)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() syscall.Signal {
		signal.Stop(signals)
		cancel()
		return <-got
	}
}

// readManifest reads a manifest from a file, or from standard input if path is "-".
func (c *cli) readManifest(path string) (*manifest.Manifest, error) {
	if path != "-" {
		return manifest.ReadFile(path)
	}
	m, err := manifest.Read(c.stdin)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return m, nil
}

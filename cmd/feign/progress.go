package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/feign-build/feign/archive"
)

const (
	progressAfter = time.Second // what takes less needs no company
	progressEvery = 200 * time.Millisecond
)

// A progressLine tells on a terminal how far an archive is, in one line that is written over and goes away.
type progressLine struct {
	w     io.Writer
	start time.Time
	last  time.Time // of the line that shows; zero if there is none
}

// newProgressLine returns nil, which says nothing, where standard error is no terminal or is read by a program.
func (c *cli) newProgressLine() *progressLine {
	f, ok := c.stderr.(*os.File)
	if !ok || c.jsonLog || os.Getenv("TERM") == "dumb" {
		return nil
	}
	if fi, err := f.Stat(); err != nil || fi.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &progressLine{w: f, start: time.Now()}
}

// show writes the line, if it is time.
func (p *progressLine) show(a archive.Progress) {
	now := time.Now()
	if p == nil || now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	fmt.Fprintf(p.w, "\r%s\x1b[K", progressText(a, now.Sub(p.start))) // CSI K erases what is right of the cursor
}

// clear takes the line away, before a message and at the end.
func (p *progressLine) clear() {
	if p != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.last = time.Time{}
	}
}

func progressText(a archive.Progress, took time.Duration) string {
	const mega = 1e6
	return fmt.Sprintf("feign: pack: %d of %d files, %.1f of %.1f MB, %.1f MB/s", a.Files, a.AllFiles,
		float64(a.Bytes)/mega, float64(a.AllBytes)/mega, float64(a.Bytes)/mega/took.Seconds())
}

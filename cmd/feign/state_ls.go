package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
)

// stateLs lists the lies of a state.
func stateLs(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	filter := addFilter(f)
	asJSON := f.Bool("json", false, "print each as a JSON object on a line")
	return func(c *cli, dir string, args []string) (_ int, err error) {
		if filter.Paths, err = absolute(args); err != nil {
			return 0, err
		}
		v, err := store.OpenView(dir)
		if err != nil {
			return 0, err
		}
		defer v.Close()
		return 0, printEach(c, v.Lies(context.Background(), *filter), false, func(l *lies.Lie) any {
			if *asJSON {
				return jsonLieOf(l)
			}
			return lieLine(l)
		})
	}
}

// printEach prints what a state has, each on a line: a string as it is, anything else as JSON. With atOnce each is to be
// seen before the next one is there.
func printEach[T any](c *cli, all iter.Seq2[T, error], atOnce bool, shape func(*T) any) error {
	out := bufio.NewWriter(c.stdout)
	for v, err := range all {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		switch shown := shape(&v).(type) {
		case string:
			_, err = fmt.Fprintln(out, shown)
		default:
			err = writeJSON(out, shown)
		}
		if err == nil && atOnce {
			err = out.Flush()
		}
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeJSON(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return err
}

// lieLine shows a lie: type, mode, owner, device, path, attributes. A dash stands for what is not claimed.
func lieLine(l *lies.Lie) string {
	var b strings.Builder
	b.WriteString(typeLetter(l.ModeOf(l.Type)))
	if l.Has&lies.HasMode != 0 {
		fmt.Fprintf(&b, " %04o ", l.Mode&0o7777)
	} else {
		b.WriteString(" - ")
	}
	b.WriteString(idOrDash(l.Has&lies.HasUID != 0, l.UID) + ":" + idOrDash(l.Has&lies.HasGID != 0, l.GID))
	if l.Has&lies.HasType != 0 && l.Rdev != 0 {
		fmt.Fprintf(&b, " %d,%d", lies.Major(l.Rdev), lies.Minor(l.Rdev))
	}
	path := l.Path
	if path == "" {
		path = fmt.Sprintf("(device %d:%d, inode %d)", lies.Major(l.Dev), lies.Minor(l.Dev), l.Ino)
	}
	b.WriteString(" " + shown(path))
	for _, x := range l.Xattrs {
		if x.Hidden {
			b.WriteString(" no " + shown(x.Name))
		} else {
			fmt.Fprintf(&b, " %s=0x%x", shown(x.Name), x.Value)
		}
	}
	return b.String()
}

func idOrDash(claimed bool, id uint32) string {
	if !claimed {
		return "-"
	}
	return fmt.Sprint(id)
}

// jsonLie is a lie for machines. What is not claimed is absent.
type jsonLie struct {
	Path  string `json:"path"`
	Dev   uint64 `json:"dev"`
	Ino   uint64 `json:"ino"`
	Type  string `json:"type"` // as find -type has it
	Btime string `json:"btime,omitempty"`

	UID    *uint32     `json:"uid,omitempty"`
	GID    *uint32     `json:"gid,omitempty"`
	Mode   string      `json:"mode,omitempty"` // octal
	Major  *uint32     `json:"major,omitempty"`
	Minor  *uint32     `json:"minor,omitempty"`
	Xattrs []jsonXattr `json:"xattrs,omitempty"`
}

type jsonXattr struct {
	Name   string `json:"name"`
	Value  []byte `json:"value,omitempty"` // base64
	Hidden bool   `json:"hidden,omitempty"`
}

func jsonLieOf(l *lies.Lie) jsonLie {
	j := jsonLie{Path: l.Path, Dev: l.Dev, Ino: l.Ino, Type: typeLetter(l.ModeOf(l.Type))}
	if !l.Btime.IsZero() {
		j.Btime = l.Btime.String()
	}
	if l.Has&lies.HasUID != 0 {
		j.UID = &l.UID
	}
	if l.Has&lies.HasGID != 0 {
		j.GID = &l.GID
	}
	if l.Has&lies.HasMode != 0 {
		j.Mode = fmt.Sprintf("%04o", l.Mode&0o7777)
	}
	if l.Has&lies.HasType != 0 {
		major, minor := lies.Major(l.Rdev), lies.Minor(l.Rdev)
		j.Major, j.Minor = &major, &minor
	}
	for _, x := range l.Xattrs {
		j.Xattrs = append(j.Xattrs, jsonXattr{x.Name, x.Value, x.Hidden})
	}
	return j
}

//go:build linux

package main

import (
	"fmt"
)

// The small name space that all steps are about.
var (
	dirNames  = []string{"a", "a", "b", "a/c", "b/d"}
	fileNames = []string{"f", "f", "g", "a/f", "a/f", "a/g", "b/f", "b/g", "a/c/f"}
	linkNames = []string{"l", "l", "a/l"}
	oddNames  = []string{"l/f", "a/l/f", "a/../f", "a/c/../g", ".", "a/.", "none/f", "f/", "a/", "l/", "f/x", ""}
)

const (
	keptFirst = 100 // the number of the first descriptor that is kept open
	keptSlots = 4
)

// slot prints a kept descriptor: its number is no accident.
func slot(f fd) string {
	if f == cwd {
		return "cwd"
	}
	return fmt.Sprint(int(f))
}

func (d *dice) kept() fd { return fd(keptFirst + d.below(keptSlots)) }

// path is any name, most often one that may be a file.
func (d *dice) path() string {
	switch n := d.below(20); {
	case n < 9:
		return one(d, fileNames...)
	case n < 14:
		return one(d, dirNames...)
	case n < 16:
		return one(d, linkNames...)
	case n < 17:
		return "v"
	case n < 18:
		return procFd(d.kept())
	}
	return one(d, oddNames...)
}

// named is a path that may be removed and made: not one of /proc.
func (d *dice) named() string {
	switch n := d.below(20); {
	case n < 11:
		return one(d, fileNames...)
	case n < 15:
		return one(d, dirNames...)
	case n < 18:
		return one(d, linkNames...)
	}
	return one(d, oddNames...)
}

// at is where a path begins.
func (d *dice) at() fd {
	if d.once(6) {
		return d.kept()
	}
	return cwd
}

func (d *dice) uid() int64 { return one[int64](d, -1, 0, 0, 1000, 1000, 1001) }
func (d *dice) gid() int64 { return one[int64](d, -1, 0, 0, 2000, 2000, 2001) }

// mode is a mode of a file or directory, any bits.
func (d *dice) mode() octal {
	switch d.below(4) {
	case 0:
		return one[octal](d, 0, 0444, 0555, 0700, 0711, 0222, 0111)
	case 1:
		return one[octal](d, 0644, 0755, 0777, 0666) | octal(d.below(8))<<9
	}
	return octal(d.next() & 07777)
}

// plain is a mode without set-id bits.
func (d *dice) plain() octal { return d.mode() &^ 06000 }

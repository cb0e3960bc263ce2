//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// say prints one line.
func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// must ends the case when its preparation fails: that is a difference, too.
func must(err error, what string) {
	if err != nil {
		say("victim: %s: %s", what, errno(err))
		os.Exit(1)
	}
}

// errno is the kernel's name of an error.
func errno(err error) string {
	e, ok := err.(unix.Errno)
	switch {
	case err == nil || ok && e == 0:
		return "ok"
	case ok && unix.ErrnoName(e) != "":
		return unix.ErrnoName(e)
	}
	return err.Error()
}

// outcome is the result of a call as it is printed: a number or an error.
func outcome(n int, e unix.Errno) string {
	if e != 0 {
		return errno(e)
	}
	return fmt.Sprint(n)
}

// try makes the call nr and prints it with its outcome, as strace does:
//
//	fchownat(cwd, "f", 1, 2, 0x100) = 0
func try(name string, nr uintptr, args ...any) (int, unix.Errno) {
	n, e := call(nr, args...)
	say("%s(%s) = %s", name, list(args), outcome(n, e))
	return n, e
}

func list(args []any) string {
	text := make([]string, len(args))
	for i, arg := range args {
		text[i] = show(arg)
	}
	return strings.Join(text, ", ")
}

// show prints an argument. Numbers that differ from run to run are left out.
func show(arg any) string {
	switch v := arg.(type) {
	case nil:
		return "null"
	case octal:
		return fmt.Sprintf("%#o", uint32(v))
	case hex:
		return fmt.Sprintf("%#x", uint64(v))
	case openFlags:
		return v.String()
	case fd:
		if v == cwd {
			return "cwd"
		}
		return "fd"
	case ptr:
		return "ptr"
	case []byte:
		return fmt.Sprintf("buf[%d]", len(v))
	case string:
		return quote(v)
	}
	return fmt.Sprint(arg)
}

// quote prints a string, a long one by its start and length.
func quote(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%q...%d", s[:8], len(s))
	}
	return fmt.Sprintf("%q", s)
}

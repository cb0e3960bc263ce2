package main

import (
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
)

func init() { scriptCommands["reused"] = reused }

// reused is the command `reused STATE DIRECTORY FILE` of scripts: the state is told of a directory, now gone, whose inode
// number the file has.
func reused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: reused STATE DIRECTORY FILE")
	}
	key, id, err := lies.Identify(ts.MkAbs(args[2]))
	ts.Check(err)
	id.Type = unix.S_IFDIR
	lie := lies.Lie{Key: key, Identity: id, Path: store.RealPath(ts.MkAbs(args[1]))}
	lie.SetOwner(7, 8)
	lock, err := store.Acquire(ts.MkAbs(args[0]), "a test")
	ts.Check(err)
	st, err := store.Open(lock, store.Options{})
	ts.Check(err)
	st.Changed(lie)
	ts.Check(st.Close())
}

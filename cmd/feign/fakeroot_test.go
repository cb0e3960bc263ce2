package main

import (
	"slices"
	"strings"
	"testing"
)

// Options as getopt(1) takes them for fakeroot: joined, cut short, with = or the next argument, up to the first that is none.
func TestParseFakeroot(t *testing.T) {
	for _, tt := range []struct {
		args    string
		want    fakerootOptions
		command string
		fails   bool
	}{
		{args: ""},
		{args: "make install", command: "make install"},
		{args: "-- -u", command: "-u"},
		{args: "-", command: "-"},
		{args: "-us out make -k", want: fakerootOptions{unknownIsReal: true, save: "out"}, command: "make -k"},
		{args: "-iin -sout", want: fakerootOptions{load: "in", save: "out"}},
		{args: "-i a -i b", want: fakerootOptions{load: "b"}},
		{args: "--unk --fd 5 --lib=x --faked f id", want: fakerootOptions{unknownIsReal: true}, command: "id"},
		{args: "--version", want: fakerootOptions{version: true}},
		{args: "-h", want: fakerootOptions{help: true}},
		{args: "--f x", fails: true}, // faked or fd-base
		{args: "--help=me", fails: true},
		{args: "--none", fails: true},
		{args: "-s", fails: true},
		{args: "-ux", fails: true},
	} {
		o, command, err := parseFakeroot(strings.Fields(tt.args))
		if (err != nil) != tt.fails {
			t.Errorf("%q: %v", tt.args, err)
		} else if err == nil && (o != tt.want || !slices.Equal(command, strings.Fields(tt.command))) {
			t.Errorf("%q: %+v %q", tt.args, o, command)
		}
	}
}

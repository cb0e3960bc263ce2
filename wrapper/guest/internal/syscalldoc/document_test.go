package main

import (
	"bytes"
	"os"
	"testing"
)

const path = "../../../../docs/SYSCALLS.md"

func TestDocumentIsFresh(t *testing.T) {
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := document()
	if bytes.Equal(have, want) {
		return
	}
	haveLines, wantLines := bytes.Split(have, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(haveLines), len(wantLines)) {
		if !bytes.Equal(haveLines[i], wantLines[i]) {
			t.Fatalf("docs/SYSCALLS.md is not what the table says (run go generate ./wrapper/guest): line %d is\n%s\nnot\n%s",
				i+1, haveLines[i], wantLines[i])
		}
	}
	t.Fatalf("docs/SYSCALLS.md has %d lines, the table makes %d (run go generate ./wrapper/guest)", len(haveLines), len(wantLines))
}

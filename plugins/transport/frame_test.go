package transport

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestFrame(t *testing.T) {
	for _, message := range []string{"", "x", strings.Repeat("y", 70000)} {
		got, err := readFrame(bytes.NewReader(frame([]byte(message))))
		if err != nil || string(got) != message {
			t.Errorf("%d bytes: %d, %v", len(message), len(got), err)
		}
	}
	for in, want := range map[string]string{
		"\x01\x00\x00\x00\x00":          "compressed",
		"\x00\xff\x00\x00\x00":          "more than 33554432",
		"\x00\x00\x00\x00\x05abc":       io.ErrUnexpectedEOF.Error(),
		"\x00\x00":                      io.ErrUnexpectedEOF.Error(),
		"":                              "EOF",
		"\x00\x00\x00\x00\x01a\x00\x00": "more than one message",
	} {
		if _, err := readFrame(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x01a"))
	f.Add([]byte("\x00\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		message, err := readFrame(bytes.NewReader(b))
		if err == nil && !bytes.Equal(frame(message), b) {
			t.Errorf("%q is not the frame of %q", b, message)
		}
	})
}

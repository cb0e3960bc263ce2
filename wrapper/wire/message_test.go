package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// all is one message of each type.
var all = []Message{
	&Refused{What: "state", Why: "no", Hint: "wait", Status: 126}, &Stop{}, &Stopping{}, &Ready{},
	&Reserve{PIDNamespace: 1 << 40, UserNamespace: 4026531837, Scope: "\x00\xff"}, &Reserved{PID: 77},
	&Attach{PID: 5, TID: 6, Given: true}, &Attach{PID: 5, TID: 5, Stay: true}, &Attached{}, &Signal{Number: 15},
	&Ended{Stats: [6]uint64{1, 2, 3, 4, 5, 6}, Lies: 7, Failure: "disk full", Killed: true}, &Resolve{}, &Resolved{},
}

func bytesOf(t testing.TB, m Message) []byte {
	t.Helper()
	b, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	for _, m := range all {
		if got, err := Parse(bytesOf(t, m)); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%+v, %v; want %+v", got, err, m)
		}
	}
}

// ps-13: what peers of other versions say is refused by their version, but for what is the same in all versions.
func TestVersions(t *testing.T) {
	for _, m := range all {
		for _, version := range []uint16{0, Version - 1, Version + 1, 0xffff} {
			b := bytesOf(t, m)
			binary.LittleEndian.PutUint16(b[4:], version)
			got, err := Parse(b)
			var other *VersionError
			switch m.(type) {
			case *Refused, *Stop, *Stopping, *Ready:
				if err != nil || !reflect.DeepEqual(got, m) {
					t.Errorf("version %d: %T: %+v, %v", version, m, got, err)
				}
			default:
				if !errors.As(err, &other) || other.Version != int(version) {
					t.Errorf("version %d: %T: %+v, %v", version, m, got, err)
				}
			}
		}
	}
}

// The bytes of what is the same in all versions never change.
func TestFrozen(t *testing.T) {
	for _, tt := range []struct {
		m    Message
		want string
	}{
		{&Refused{What: "a", Why: "bc", Hint: "", Status: 125}, "fgnd\x01\x00\x01\x00\x01a\x02bc\x00\x7d"},
		{&Stop{}, "fgnd\x01\x00\x02\x00"},
		{&Stopping{}, "fgnd\x01\x00\x03\x00"},
		{&Ready{}, "fgnd\x01\x00\x04\x00"},
	} {
		if got := bytesOf(t, tt.m); string(got) != tt.want {
			t.Errorf("%T: %q, want %q", tt.m, got, tt.want)
		}
	}
}

func TestMalformed(t *testing.T) {
	reserved := bytesOf(t, &Reserved{PID: 1})
	attach := bytesOf(t, &Attach{PID: 1, TID: 1})
	for name, tt := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":             {nil, ErrForeign},
		"another language":  {[]byte("GET / HTTP/1.1\r\n\r\n"), ErrForeign},
		"cut in the head":   {reserved[:7], ErrForeign},
		"too long":          {append(bytes.Clone(reserved), make([]byte, MaxSize)...), ErrForeign},
		"no such type":      {[]byte("fgnd\x01\x00\x63\x00"), ErrMalformed},
		"type 0":            {[]byte("fgnd\x01\x00\x00\x00"), ErrMalformed},
		"cut":               {reserved[:8], ErrMalformed},
		"something follows": {append(bytes.Clone(reserved), 0), ErrMalformed},
		"a long number":     {append(bytes.Clone(reserved[:8]), 0x81, 0x00), ErrMalformed},
		"neither yes or no": {append(bytes.Clone(attach[:len(attach)-1]), 2), ErrMalformed},
		"a length beyond":   {append(bytesOf(t, &Stop{})[:6:6], 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f), ErrMalformed},
	} {
		if m, err := Parse(tt.b); !errors.Is(err, tt.want) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestTooLong(t *testing.T) {
	if _, err := Marshal(&Refused{Why: strings.Repeat("x", MaxSize)}); err == nil {
		t.Error("no error")
	}
}

// Whatever comes is parsed to what has the same bytes again, or refused.
func FuzzParse(f *testing.F) {
	for _, m := range all {
		f.Add(bytesOf(f, m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		copy(again[4:6], b[4:6]) // the version of what is the same in all
		if !bytes.Equal(again, b) {
			t.Errorf("%x, then %x", b, again)
		}
	})
}

package ptlib

import (
	"testing"

	"golang.org/x/sys/unix"
)

// appendControl appends one piece of control data (cmsg(3)).
func appendControl(b []byte, abi ABI, level, kind uint32, data []byte) []byte {
	w := wordSize(abi)
	size := uint64(w + 8 + len(data))
	if w == 4 {
		b = nativeEndian.AppendUint32(b, uint32(size))
	} else {
		b = nativeEndian.AppendUint64(b, size)
	}
	b = nativeEndian.AppendUint32(b, level)
	b = nativeEndian.AppendUint32(b, kind)
	b = append(b, data...)
	for len(b)%w != 0 {
		b = append(b, 0)
	}
	return b
}

func TestFindCredentials(t *testing.T) {
	for _, abi := range []ABI{ABIAMD64, ABI386} {
		c := &Call{ABI: abi}
		want := Credentials{PID: -7, UID: 33, GID: ^uint32(0)}
		rights := appendControl(nil, abi, unix.SOL_SOCKET, unix.SCM_RIGHTS, make([]byte, 12))
		both := appendControl(rights, abi, unix.SOL_SOCKET, unix.SCM_CREDENTIALS, want.Append(nil))
		at := c.FindCredentials(both)
		if at < 0 || ParseCredentials(both[at:]) != want {
			t.Errorf("%v: credentials after descriptors: found at %d", abi, at)
		}
		if at := c.FindCredentials(both[:len(both)-8]); at >= 0 {
			t.Errorf("%v: credentials that are cut off: found at %d", abi, at)
		}
		for name, control := range map[string][]byte{
			"none":          nil,
			"descriptors":   rights,
			"other level":   appendControl(nil, abi, unix.SOL_IP, unix.SCM_CREDENTIALS, want.Append(nil)),
			"too short":     appendControl(nil, abi, unix.SOL_SOCKET, unix.SCM_CREDENTIALS, make([]byte, 8)),
			"length of 0":   make([]byte, 64),
			"length of all": {255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		} {
			if at := c.FindCredentials(control); at >= 0 {
				t.Errorf("%v: %s: found at %d", abi, name, at)
			}
		}
	}
}

// FuzzFindCredentials: what is found lies within the data.
func FuzzFindCredentials(f *testing.F) {
	f.Add(appendControl(nil, ABIAMD64, unix.SOL_SOCKET, unix.SCM_CREDENTIALS, make([]byte, 12)), false)
	f.Add(appendControl(nil, ABI386, unix.SOL_SOCKET, unix.SCM_CREDENTIALS, make([]byte, 12)), true)
	f.Fuzz(func(t *testing.T, control []byte, narrow bool) {
		c := &Call{ABI: ABIAMD64}
		if narrow {
			c.ABI = ABI386
		}
		if at := c.FindCredentials(control); at >= 0 {
			ParseCredentials(control[at:])
		}
	})
}

func TestParseSocketAddress(t *testing.T) {
	for name, c := range map[string]struct {
		raw   []byte
		errno unix.Errno
		ip    string
		path  string
	}{
		"v4":             {[]byte{2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 0, "127.0.0.1", ""},
		"v4, short":      {[]byte{2, 0, 0, 80, 127, 0, 0}, unix.EINVAL, "", ""},
		"v6":             {[]byte{10, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, 0, "::1", ""},
		"v6, short":      {[]byte{10, 0, 0, 80, 0, 0, 0, 0}, unix.EINVAL, "", ""},
		"unix":           {[]byte("\x01\x00path\x00rest"), 0, "", "path"},
		"unix, no end":   {[]byte("\x01\x00path"), 0, "", "path"},
		"unix, abstract": {[]byte("\x01\x00\x00name"), 0, "", ""},
		"unix, none":     {[]byte{1, 0}, 0, "", ""},
		"unspecified":    {[]byte{0, 0}, 0, "", ""},
	} {
		a, errno := parseSocketAddress(c.raw)
		ip := ""
		if a.IP.IsValid() {
			ip = a.IP.String()
		}
		if errno != c.errno || ip != c.ip || string(a.Path) != c.path {
			t.Errorf("%s: IP %q, path %q, error %v", name, ip, a.Path, errno)
		}
	}
}

func TestSocketCallNumbers(t *testing.T) {
	for s, want := range map[Sys]uint32{SysSocket: 1, SysConnect: 3, SysGetsockopt: 15, SysSendmmsg: 20} {
		if nr, ok := SocketCall(s); !ok || nr != want {
			t.Errorf("%v: %d, %t", s, nr, ok)
		}
	}
	if nr, ok := SocketCall(SysRead); ok {
		t.Errorf("read: %d", nr)
	}
}

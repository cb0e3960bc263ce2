package manifest

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// FuzzRead: no input makes the reader panic or hang; what it accepts is canonical and survives a round trip, plain and
// compressed.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sampleText))
	f.Add([]byte(head + root))
	f.Add([]byte(head + root + "./a" + file + "#@ xattr.user.a=AA==\n"))
	var z bytes.Buffer
	if err := sample().WriteZstd(&z); err != nil {
		f.Fatal(err)
	}
	f.Add(z.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadLimited(bytes.NewReader(data), Limits{Text: 1 << 20, Entries: 1 << 12, Window: 1 << 20})
		if err != nil {
			return
		}
		s := text(t, m)
		if !bytes.HasPrefix(data, zstdMagic) && s != string(data) {
			t.Fatalf("read %q, wrote %q", data, s)
		}
		back, err := Read(strings.NewReader(s))
		if err != nil || !reflect.DeepEqual(m, back) {
			t.Fatalf("read back differs, error %v", err)
		}
	})
}

// FuzzEscape: every string survives, and only one spelling of it is accepted.
func FuzzEscape(f *testing.F) {
	f.Add("plain")
	f.Add("a b\\040\xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		escaped := string(appendEscaped(nil, s))
		if back, err := unescape(escaped); err != nil || back != s {
			t.Fatalf("%q: escaped %q, back %q, error %v", s, escaped, back, err)
		}
		if other, err := unescape(s); err == nil && string(appendEscaped(nil, other)) != s {
			t.Fatalf("%q is taken for %q, which is written otherwise", s, other)
		}
	})
}

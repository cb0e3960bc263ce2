package ptlib

import "testing"

func TestMapsLine(t *testing.T) {
	for _, tt := range []struct {
		line       string
		first, end uint64
		program    bool
	}{
		{"7f35c4c28000-7f35c4d7d000 r-xp 00028000 fe:00 1837   /usr/lib/libc.so.6\n", 0x7f35c4c28000, 0x7f35c4d7d000, true},
		{"00400000-00401000 r-xp 00000000 00:1f 9\n", 0x400000, 0x401000, true},
		{"7f35c4c00000-7f35c4c28000 r--p 00000000 fe:00 1837   /usr/lib/libc.so.6\n", 0x7f35c4c00000, 0x7f35c4c28000, false},
		{"7f35c4c28000-7f35c4d7d000 r-xs 00028000 fe:00 1837   /usr/lib/libc.so.6\n", 0x7f35c4c28000, 0x7f35c4d7d000, false},
		{"7f35c4c28000-7f35c4d7d000 rwxp 00028000 fe:00 1837   /usr/lib/libc.so.6\n", 0x7f35c4c28000, 0x7f35c4d7d000, false},
		{"7ffd1c5d6000-7ffd1c5d8000 r-xp 00000000 00:00 0      [vdso]\n", 0x7ffd1c5d6000, 0x7ffd1c5d8000, false},
		{"7f35c4c28000-7f35c4d7d000 r-xp\n", 0x7f35c4c28000, 0x7f35c4d7d000, false},
		{"7f35c4c28000\n", 0, 0, false},
		{"\n", 0, 0, false},
	} {
		first, end, rest := mapped([]byte(tt.line))
		if first != tt.first || end != tt.end || isProgram(rest) != tt.program {
			t.Errorf("%q: %#x %#x %v", tt.line, first, end, isProgram(rest))
		}
	}
}

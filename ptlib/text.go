package ptlib

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// isText reports whether the memory is code of a file, private to the process: what stands there is the program as it was
// built. Code that a program has written may be moved by it, or be others' too.
func (t *Thread) isText(from, to uint64) bool {
	name := "/proc/" + strconv.Itoa(t.Tgid) + "/maps"
	maps, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(maps)
	var q procmapQuery
	switch q.ask(maps, from) {
	case 0:
		return to <= q.end && q.flags == procmapReadable|procmapExecutable && q.inode != 0
	case unix.ENOENT:
		return false
	}
	return isTextByLines(name, from, to)
}

// isTextByLines is isText where the kernel cannot be asked about one address (before 6.11, gVisor).
func isTextByLines(name string, from, to uint64) bool {
	maps, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	for line := range bytes.Lines(maps) {
		first, end, rest := mapped(line)
		if from >= first && to <= end {
			return isProgram(rest)
		}
	}
	return false
}

// mapped reads the addresses of a line of proc_pid_maps(5), "first-end rest".
func mapped(line []byte) (first, end uint64, rest []byte) {
	first, rest = hexNumber(line)
	if len(rest) == 0 || rest[0] != '-' {
		return 0, 0, nil
	}
	end, rest = hexNumber(rest[1:])
	return first, end, rest
}

// isProgram looks at the rest of such a line, " r-xp offset device inode name": anonymous memory has no inode.
func isProgram(rest []byte) bool {
	const mode = " r-xp "
	if !bytes.HasPrefix(rest, []byte(mode)) {
		return false
	}
	_, rest = hexNumber(rest[len(mode):])
	_, rest, _ = bytes.Cut(bytes.TrimPrefix(rest, []byte(" ")), []byte(" "))
	return len(rest) > 0 && rest[0] >= '1' && rest[0] <= '9'
}

func hexNumber(b []byte) (n uint64, rest []byte) {
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return n, b[i:]
		}
	}
	return n, nil
}

package manifest

import (
	"bytes"
	"math"
)

// The files of a tree that name its owners.
const (
	passwdPath = "etc/passwd"
	groupPath  = "etc/group"
)

// maxNames is the greatest length of such a file in bytes.
const maxNames = 16 << 20

// names are the names of owners, as the tree itself has them.
type names struct {
	users, groups map[uint32]string
}

// apply fills in the names of the owners of entries: the tree's own, or else those of the caller.
func (n *names) apply(entries []Entry, users, groups map[uint32]string) {
	for i := range entries {
		e := &entries[i]
		e.Uname, e.Gname = n.users[e.UID], n.groups[e.GID]
		if name := users[e.UID]; e.Uname == "" && checkName(name) == nil {
			e.Uname = name
		}
		if name := groups[e.GID]; e.Gname == "" && checkName(name) == nil {
			e.Gname = name
		}
	}
}

// parseNames reads passwd(5) or group(5): the name is the first field, the number the third. As in getpwuid(3) the first
// line with a number counts; lines that make no sense are left out, as are names that need escapes.
func parseNames(text []byte) map[uint32]string {
	ids := map[uint32]string{}
	for line := range bytes.Lines(text) {
		fields := bytes.Split(bytes.TrimSuffix(line, []byte("\n")), []byte(":"))
		if len(fields) < 4 || len(fields[0]) == 0 || fields[0][0] == '+' || fields[0][0] == '-' {
			continue
		}
		id, err := decimal(string(fields[2]), math.MaxUint32)
		if err != nil || checkName(string(fields[0])) != nil {
			continue
		}
		if _, ok := ids[uint32(id)]; !ok {
			ids[uint32(id)] = string(fields[0])
		}
	}
	return ids
}

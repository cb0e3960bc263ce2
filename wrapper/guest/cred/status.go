package cred

import (
	"bytes"
	"strconv"
)

// Status rewrites the text of /proc/PID/status, or a part of it made of whole
// lines, so that the lines on credentials say what these credentials are; all
// other lines stay as they are (fs/proc/array.c task_state, task_cap,
// task_seccomp). The text itself is not changed.
func (c *Cred) Status(text []byte) []byte {
	out := make([]byte, 0, len(text)+64)
	for line := range bytes.Lines(text) {
		key, _, found := bytes.Cut(line, []byte(":"))
		if !found || !bytes.HasSuffix(line, []byte("\n")) {
			out = append(out, line...)
			continue
		}
		before := len(out)
		out = append(out, line[:len(key)+1]...)
		out = append(out, '\t')
		if out, found = c.appendStatus(out, string(key)); found {
			out = append(out, '\n')
		} else {
			out = append(out[:before], line...)
		}
	}
	return out
}

// appendStatus appends what stands after "key:\t"; false for keys that are none
// of ours.
func (c *Cred) appendStatus(out []byte, key string) ([]byte, bool) {
	s := &c.s
	switch key {
	case "Uid":
		return appendIDs(out, "\t", s.UID, s.EUID, s.SUID, s.FSUID), true
	case "Gid":
		return appendIDs(out, "\t", s.GID, s.EGID, s.SGID, s.FSGID), true
	case "Groups": // ends in a blank, also without groups
		return append(appendIDs(out, " ", s.Groups...), ' '), true
	case "CapInh":
		return appendCaps(out, s.Inheritable), true
	case "CapPrm":
		return appendCaps(out, s.Permitted), true
	case "CapEff":
		return appendCaps(out, s.Effective), true
	case "CapBnd":
		return appendCaps(out, s.Bounding), true
	case "CapAmb":
		return appendCaps(out, s.Ambient), true
	case "NoNewPrivs":
		return strconv.AppendInt(out, int64(number(s.NoNewPrivs)), 10), true
	}
	return out, false
}

func appendIDs(out []byte, separator string, ids ...uint32) []byte {
	for i, id := range ids {
		if i > 0 {
			out = append(out, separator...)
		}
		out = strconv.AppendUint(out, uint64(id), 10)
	}
	return out
}

// appendCaps appends sixteen hexadecimal digits.
func appendCaps(out []byte, s Caps) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		out = append(out, "0123456789abcdef"[s>>shift&15])
	}
	return out
}

package lies

import (
	"fmt"
	"time"
)

// Reason says by what a reused inode number was recognized.
type Reason uint8

// The reasons why a lie is dropped.
const (
	// OtherType: the file on the disk is of another type.
	OtherType Reason = iota + 1
	// OtherBirth: the file was born at another time, or its file system now knows no birth times.
	OtherBirth
	// TooYoung: the file was born after the lie was recorded; the lie was recorded without a birth time.
	TooYoung
	// OtherGeneration: the inode has been given to another file since; its file system knows no birth times.
	OtherGeneration
)

// Met tells the path of the file that is being looked up. It is asked only in order to report a mismatch.
type Met interface{ MetPath() string }

// Mismatch reports that a lie was dropped because its inode number belongs to another file now.
type Mismatch struct {
	Key
	Reason   Reason
	Recorded string   // the path that the lie was recorded for, "" if not known
	Met      string   // the path that was met, "" if not known
	Was, Is  Identity // of the recorded file (as known) and of the file that was met
	Claim    Claim    // what was claimed
}

// String returns one line for a person: both paths, the ids, the reason, and what to do.
func (m Mismatch) String() string {
	var why string
	switch m.Reason {
	case OtherType:
		why = fmt.Sprintf("type was %s, is %s", typeName(m.Was.Type), typeName(m.Is.Type))
	case OtherBirth:
		why = fmt.Sprintf("born %s, recorded %s", m.Is.Btime, m.Was.Btime)
	case TooYoung:
		why = fmt.Sprintf("born %s, after the lie was recorded (%s)", m.Is.Btime, m.Was.Ctime)
	case OtherGeneration:
		why = fmt.Sprintf("generation %d of the inode, recorded %d", m.Is.Generation, m.Was.Generation)
	}
	return fmt.Sprintf("lie about %s dropped: its inode (device %d:%d, inode %d) is now another file, met at %s: %s "+
		"(remove and replace files within the action, so that their lies go with them)",
		orUnknown(m.Recorded), Major(m.Dev), Minor(m.Dev), m.Ino, orUnknown(m.Met), why)
}

func orUnknown(path string) string {
	if path == "" {
		return "an unknown path"
	}
	return fmt.Sprintf("%q", path)
}

// String returns the time in UTC, or "unknown".
func (t Timespec) String() string {
	if t.IsZero() {
		return "unknown"
	}
	return time.Unix(t.Sec, int64(t.Nsec)).UTC().Format(time.RFC3339Nano)
}

func typeName(mode uint32) string {
	names := map[uint32]string{
		0o140000: "socket", 0o120000: "symbolic link", 0o100000: "file", 0o060000: "block device",
		0o040000: "directory", 0o020000: "character device", 0o010000: "fifo",
	}
	if name, ok := names[mode&typeMask]; ok {
		return name
	}
	return fmt.Sprintf("%#o", mode&typeMask)
}

// Compare returns why a file is not the one that the lie was recorded for, 0 if it may be. seen is the file that has the
// lie's device and inode number now, with its birth time or generation, as Identify tells it.
func (l *Lie) Compare(seen Identity) Reason {
	var r record
	r.see(&l.Identity)
	return r.verify(&seen).reason()
}

// String returns a few words: what the file is not.
func (r Reason) String() string {
	switch r {
	case OtherType:
		return "it is of another type"
	case OtherBirth:
		return "it was born at another time"
	case TooYoung:
		return "it was born after the lie was recorded"
	case OtherGeneration:
		return "it is of another generation of its inode"
	}
	return "it is the same file"
}

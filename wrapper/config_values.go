package wrapper

import (
	"fmt"
	"strconv"
	"time"
)

// Epoch is a time in seconds since 1970-01-01T00:00:00Z, or one of the two
// words below.
type Epoch int64

// The words that an [Epoch] can be.
const (
	EpochNone    Epoch = -1 // "none": times are left as they are
	EpochInherit Epoch = -2 // "inherit": as the next outer place says
)

// maxEpoch is the last second of the year 9999, the end of what mtree readers
// and RFC 3339 can say.
const maxEpoch Epoch = 253402300799

// Umask is a file mode creation mask, 0 to 0o777, or UmaskInherit.
type Umask int32

// UmaskInherit ("inherit") leaves the caller's mask.
const UmaskInherit Umask = -1

// Limit is a resource limit in the resource's own unit (setrlimit(2)).
type Limit uint64

// Unlimited ("unlimited") is RLIM_INFINITY.
const Unlimited = ^Limit(0)

// Time returns the epoch as a time, and the zero Time for the words.
func (e Epoch) Time() time.Time {
	if e < 0 {
		return time.Time{}
	}
	return time.Unix(int64(e), 0).UTC()
}

func (e Epoch) toml() any {
	switch e {
	case EpochNone:
		return "none"
	case EpochInherit:
		return InheritWord
	}
	return int64(e)
}

func (e *Epoch) fromTOML(v any) bool {
	switch v := v.(type) {
	case int64:
		*e = Epoch(v)
		return v >= 0 && Epoch(v) <= maxEpoch
	case string:
		switch v {
		case "none":
			*e = EpochNone
			return true
		case InheritWord:
			*e = EpochInherit
			return true
		}
	}
	return false
}

func (u Umask) toml() any {
	if u == UmaskInherit {
		return InheritWord
	}
	return fmt.Sprintf("%03o", int32(u))
}

// fromTOML takes an octal string, as umask(1) does, or an integer, which TOML
// can write in octal (0o022).
func (u *Umask) fromTOML(v any) bool {
	switch v := v.(type) {
	case int64:
		*u = Umask(v)
		return v >= 0 && v <= 0o777
	case string:
		if v == InheritWord {
			*u = UmaskInherit
			return true
		}
		n, err := strconv.ParseUint(v, 8, 32)
		*u = Umask(n)
		return err == nil && n <= 0o777
	}
	return false
}

func (l Limit) toml() any {
	if l == Unlimited {
		return "unlimited"
	}
	return int64(l)
}

func (l *Limit) fromTOML(v any) bool {
	switch v := v.(type) {
	case int64:
		*l = Limit(v)
		return v >= 0
	case string:
		*l = Unlimited
		return v == "unlimited"
	}
	return false
}
